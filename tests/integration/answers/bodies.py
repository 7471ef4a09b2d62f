"""The corpora of error bodies as scripts: those of the reports, and those of servers elsewhere."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import ErrorKind
from tests.integration.answers.case import Endpoint, Way
from tests.integration.answers.server import Script
from tests.integration.answers.writing import ROLE, body, ch, events, fu

FOLDER = Path(__file__).parents[2] / "unit" / "providers" / "http"
FILES = ("errors.toml", "errors_elsewhere.toml")
FIELDS = re.compile(
    r"field|param|argument|propert|schema|unknown|unrecogni|unexpected|extra|additional|参数|字段", re.IGNORECASE
)
"""Words of a refusal that may be about what is asked for beside the question: usage figures."""
LENGTH = re.compile(r"\bmax_(completion_)?tokens\b")
KEYS = re.compile(r'"\w+"\s*:')


@dataclass(frozen=True, kw_only=True)
class ErrorBody:
    """One case of a corpus; ``calls`` is how often a plain chat asks, ``billed`` what may be a picture that is paid."""

    name: str
    entry: dict[str, Any]
    kinds: tuple[ErrorKind, ...]
    calls: int
    billed: int
    retry_after_s: float | None
    window: int | None
    prompt: int | None

    def __str__(self) -> str:
        return self.name

    def of(self, endpoint: Endpoint) -> bool:
        """Whether it is a body of this endpoint."""
        return bool(self.entry.get("endpoint", endpoint.value) == endpoint.value)

    def script(self, endpoint: Endpoint) -> Script:
        """Write the answer."""
        entry = self.entry
        if entry.get("where", "http") == "stream":
            return events(b": PING\n\n", fu("") if endpoint is Endpoint.FU else ch(ROLE), entry["body"])
        headers = [f"Retry-After: {self.retry_after_s}"] if self.retry_after_s is not None else []
        status, content_type = entry.get("status", 200), entry.get("type", "application/json")
        return body(entry["body"], status=status, content_type=content_type, headers=headers)

    def counts(self, way: Way, endpoint: Endpoint) -> frozenset[int]:
        """Say how many calls are right at the start of a talk with a model that has answered nothing yet.

        Fusion makes a picture in the same call, wherever one is wanted.
        """
        if way is Way.DRAW or endpoint is Endpoint.FU:
            return frozenset({self.billed})
        return frozenset({self.calls + self._leaves_out(kind) for kind in self.kinds})

    def counts_later(self, way: Way, endpoint: Endpoint) -> frozenset[int]:
        """Say how many calls are right at any time: a conversation that is too long loses some of its history.

        Once a window is known, the answer's length is asked for, and left out where it is refused.
        """
        counts = self.counts(way, endpoint)
        if way is Way.DRAW:
            return counts
        shorter = ErrorKind.TOO_LONG in self.kinds
        without = ErrorKind.REFUSED_PARAMETER in self.kinds and LENGTH.search(self.entry["body"]) is not None
        return counts | {self.calls} | ({self.calls + 1} if shorter or without else set())

    def _leaves_out(self, kind: ErrorKind) -> bool:
        """Whether chat completions are asked once more without what may have been refused."""
        if kind is ErrorKind.INVALID_REQUEST:
            status, said = self.entry.get("status", 200), KEYS.sub("", self.entry["body"])
            return status == 422 or (status == 400 and FIELDS.search(said) is not None)
        return kind is ErrorKind.REFUSED_PARAMETER and self.entry.get("parameter") in (
            "stream_options",
            "include_usage",
        )


def read(entry: dict[str, Any]) -> ErrorBody:
    """Read a case as a file has it."""
    kinds = entry["kind"] if isinstance(entry["kind"], list) else [entry["kind"]]
    return ErrorBody(
        name=entry["name"],
        entry=entry,
        kinds=tuple(ErrorKind(kind) for kind in kinds if kind),
        calls=entry["calls"],
        billed=entry.get("billed", entry["calls"]),
        retry_after_s=entry.get("retry_after"),
        window=entry.get("window"),
        prompt=entry.get("prompt"),
    )


def corpus() -> list[ErrorBody]:
    """Read all bodies that report an error, of all files that are there."""
    found: list[ErrorBody] = []
    for name in FILES:
        path = FOLDER / name
        if path.exists():
            found += map(read, tomllib.loads(path.read_text(encoding="utf-8"))["case"])
    return [each for each in found if each.kinds]
