"""What the endpoint was asked: a bounded log, and waiting for its next entry."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.endpoint.serving.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from multidict import CIMultiDictProxy

    from sandbox.endpoint.script.replies import Target

_SECRET_HEADERS = frozenset({"authorization", "cookie"})
_SECRET_FIELDS = frozenset({"mh_key"})


class RecordedRequest(NamedTuple):
    """One request of a client: its path, its headers (case-insensitive) and its body.

    The body is the parsed JSON, or the text of it where it was no JSON. It is typed as Any because tests look
    into it by key.
    """

    path: str
    headers: CIMultiDictProxy[str]
    body: Any


@dataclass(slots=True, kw_only=True, eq=False)
class Entry:
    """One request and what became of it; times in seconds of the log's clock.

    `outcome`: "open", then "complete", "refused", "scripted", "truncated", "reset" or "disconnected" (the client
    went before the end).
    """

    n: int
    kind: Target
    at: float
    request: RecordedRequest
    status: int = 0
    outcome: str = "open"
    drawing: bool = False
    events: int = 0
    first_byte_at: float | None = None
    ended_at: float | None = None
    progress: Progress = field(default_factory=Progress)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def as_json(self) -> dict[str, object]:
        """Return the entry for the control route: no key of any kind in it."""
        return {
            "n": self.n,
            "kind": self.kind,
            "at": self.at,
            "path": self.request.path,
            "headers": {
                name: "(hidden)" if name.lower() in _SECRET_HEADERS else value
                for name, value in self.request.headers.items()
            },
            "body": _masked(self.request.body),
            "status": self.status,
            "outcome": self.outcome,
            "drawing": self.drawing,
            "events": self.events,
            "first_byte_s": None if self.first_byte_at is None else round(self.first_byte_at - self.at, 4),
            "seconds": None if self.ended_at is None else round(self.ended_at - self.at, 4),
        }


def _masked(body: object) -> object:
    if isinstance(body, dict):
        return {key: "(hidden)" if key in _SECRET_FIELDS else value for key, value in body.items()}
    return body


class RequestLog:
    """The last requests, numbered from 1."""

    def __init__(self, capacity: int, clock: Callable[[], float]) -> None:
        self._entries: deque[Entry] = deque(maxlen=capacity)
        self._clock = clock
        self._count = 0
        self._grown = asyncio.Event()
        self._listeners: list[Callable[[Entry], None]] = []

    def listen(self, listener: Callable[[Entry], None]) -> None:
        """Have `listener` called when a request is opened, with each event of its answer, and when it is closed.

        It must neither block nor raise. Listeners stay.
        """
        self._listeners.append(listener)

    def _tell(self, entry: Entry) -> None:
        for listener in self._listeners:
            listener(entry)

    @property
    def count(self) -> int:
        """How many requests there were since the start (or the last `clear`)."""
        return self._count

    def open(self, kind: Target, request: RecordedRequest) -> Entry:
        """Note a request as it arrives."""
        self._count += 1
        entry = Entry(n=self._count, kind=kind, at=self._clock(), request=request)
        self._entries.append(entry)
        self._grown.set()
        self._grown = asyncio.Event()
        self._tell(entry)
        return entry

    def draw(self, entry: Entry) -> None:
        """Note that a request is answered by a drawing."""
        entry.drawing = True
        self._tell(entry)

    def event(self, entry: Entry, data: bytes = b"") -> None:
        """Count one event (or whole body) sent, and read from `data` what it brings."""
        entry.events += 1
        now = self._clock()
        if entry.first_byte_at is None:
            entry.first_byte_at = now
        entry.progress.feed(data, now)
        self._tell(entry)

    def close(self, entry: Entry, outcome: str) -> None:
        """Note how a request ended; the first word stands."""
        if not entry.done.is_set():
            entry.outcome = outcome
            entry.ended_at = self._clock()
            entry.progress.finish_line()
            entry.done.set()
            self._tell(entry)

    def entries(self, after: int = 0) -> list[Entry]:
        """Return the entries kept whose number is above `after`, oldest first."""
        return [entry for entry in self._entries if entry.n > after]

    def clear(self) -> None:
        """Forget everything and count from 1 again."""
        self._entries.clear()
        self._count = 0

    async def wait_for(self, n: int) -> Entry:
        """Wait until the n-th request (from 1) has arrived. Raises LookupError if it was dropped since."""
        while self._count < n:
            await self._grown.wait()
        for entry in self._entries:
            if entry.n == n:
                return entry
        raise LookupError(f"request {n} is no longer kept")
