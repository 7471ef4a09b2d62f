"""The corpora of error bodies as scripts: those of the reports, and those of servers elsewhere."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import ErrorKind
from tests.integration.answers.server import Script
from tests.integration.answers.writing import body, events

FOLDER = Path(__file__).parents[2] / "unit" / "providers" / "http"
FILES = ("errors.toml", "errors_elsewhere.toml")
TAKES_ONE_MORE = frozenset({ErrorKind.INVALID_REQUEST, ErrorKind.REFUSED_PARAMETER, ErrorKind.TOO_LONG})
"""Kinds at which a chat may be asked once more in another way: without a field, or with less of the conversation."""


@dataclass(frozen=True, kw_only=True)
class ErrorBody:
    """One line of a corpus; ``calls`` is how often a plain chat asks, ``draw_calls`` what may be billed."""

    name: str
    script: Script
    kinds: tuple[ErrorKind, ...]
    calls: int
    draw_calls: int | None
    retry_after_s: float | None
    window: int | None
    prompt: int | None

    def __str__(self) -> str:
        return self.name


def read(entry: dict[str, Any]) -> ErrorBody:
    """Read an entry as a file has it."""
    kinds = entry["kind"] if isinstance(entry["kind"], list) else [entry["kind"]]
    return ErrorBody(
        name=entry["name"],
        script=_script(entry),
        kinds=tuple(ErrorKind(kind) for kind in kinds),
        calls=entry["calls"],
        draw_calls=entry.get("draw_calls"),
        retry_after_s=entry.get("retry_after"),
        window=entry.get("window"),
        prompt=entry.get("prompt"),
    )


def _script(entry: dict[str, Any]) -> Script:
    if entry.get("where", "http") == "stream":
        return events(entry["body"])
    headers = [f"Retry-After: {entry['retry_after']}"] if "retry_after" in entry else []
    return body(
        entry["body"], status=entry["status"], content_type=entry.get("type", "application/json"), headers=headers
    )


def corpus() -> list[ErrorBody]:
    """Read all bodies of all files that are there."""
    found = []
    for name in FILES:
        path = FOLDER / name
        if path.exists():
            found += [read(entry) for entry in tomllib.loads(path.read_text(encoding="utf-8"))["error"]]
    return found
