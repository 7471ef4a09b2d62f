"""The log of the requests that bots make: in memory, bounded, and as JSON lines in a file.

Neither headers nor interaction answers are kept, so no `Authorization` value ever gets in.
"""

from __future__ import annotations

import itertools
import json
from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TextIO

KEPT: Final = 20_000
KEPT_BYTES: Final = 64 * 1024**2
"""Bound on the bodies in memory together, by their length as JSON text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedFile:
    """A file of a multipart request; its size in bytes."""

    name: str
    filename: str
    content_type: str | None
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """One request. `n` counts from 1 in the order of answers; `at` is when it came in Unix seconds, `ms` how long the
    answer took in milliseconds.

    `path` is as sent, with its query. `body` is the JSON, of a multipart request its `payload_json`. `status` 0 means
    that the connection was dropped. `bucket`, `limit`, `remaining` and `reset_after_s` (seconds from the answer on) are
    None where Discord counts no bucket. `fault`: it met a fault that was made on demand.
    """

    n: int
    at: float
    method: str
    path: str
    body: Any
    files: tuple[LoggedFile, ...]
    status: int
    bucket: str | None
    remaining: int | None
    ms: float
    limit: int | None = None
    reset_after_s: float | None = None
    fault: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the object of `GET /control/log` and of a line of the file."""
        return {
            "n": self.n,
            "at": self.at,
            "method": self.method,
            "path": self.path,
            "body": self.body,
            "files": [asdict(file) for file in self.files],
            "status": self.status,
            "bucket": self.bucket,
            "remaining": self.remaining,
            "ms": self.ms,
            "limit": self.limit,
            "reset_after_s": self.reset_after_s,
            "fault": self.fault,
        }


class RequestLog:
    """The latest requests, oldest first; each is written to the file, if there is one, as it comes in."""

    def __init__(self, path: Path | None = None, *, kept: int = KEPT, kept_bytes: int = KEPT_BYTES) -> None:
        self._path = path
        self._file: TextIO | None = None
        self._kept: deque[LoggedRequest] = deque()
        self._sizes: deque[int] = deque()
        self._bytes = 0
        self._limit = kept
        self._limit_bytes = kept_bytes
        self._next = 1
        self._listeners: list[Callable[[LoggedRequest], None]] = []

    def listen(self, listener: Callable[[LoggedRequest], None]) -> None:
        """Have `listener` called with each request that is added; it must neither block nor raise. Listeners stay."""
        self._listeners.append(listener)

    def open(self) -> None:
        """Open the file, if one was named; it is appended to. Raises OSError."""
        if self._path is not None and self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("a", encoding="utf-8", buffering=1)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def add(
        self,
        *,
        at: float,
        method: str,
        path: str,
        body: Any,
        files: tuple[LoggedFile, ...],
        status: int,
        bucket: str | None,
        remaining: int | None,
        ms: float,
        body_bytes: int,
        limit: int | None = None,
        reset_after_s: float | None = None,
        fault: bool = False,
    ) -> None:
        """Keep a request that was answered; it gets the next number. `body_bytes` is how large `body` was."""
        request = LoggedRequest(
            n=self._next,
            at=at,
            method=method,
            path=path,
            body=body,
            files=files,
            status=status,
            bucket=bucket,
            remaining=remaining,
            ms=ms,
            limit=limit,
            reset_after_s=reset_after_s,
            fault=fault,
        )
        self._next += 1
        self._keep(request, body_bytes)
        if self._file is not None:
            # ASCII only: a JSON body may hold lone surrogates, which UTF-8 has no form for.
            self._file.write(json.dumps(request.as_json(), separators=(",", ":")) + "\n")
        for listener in self._listeners:
            listener(request)

    def _keep(self, request: LoggedRequest, size: int) -> None:
        self._kept.append(request)
        self._sizes.append(size)
        self._bytes += size
        while len(self._kept) > self._limit or (self._bytes > self._limit_bytes and len(self._kept) > 1):
            self._kept.popleft()
            self._bytes -= self._sizes.popleft()

    def clear(self) -> None:
        """Forget the requests in memory; numbers go on."""
        self._kept.clear()
        self._sizes.clear()
        self._bytes = 0

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """The requests in memory."""
        return tuple(self._kept)

    def since(self, after: int) -> list[LoggedRequest]:
        """Return the requests in memory whose number is greater than `after`, oldest first."""
        if not self._kept:
            return []
        skip = max(0, after + 1 - self._kept[0].n)
        return list(itertools.islice(self._kept, skip, None))

    @property
    def last(self) -> int:
        """The number of the latest request, 0 before the first."""
        return self._next - 1
