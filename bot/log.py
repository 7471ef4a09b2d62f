"""Logging: lines for people or JSON for machines, the turn's id on each, secrets on none."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

turn_id: ContextVar[int | None] = ContextVar("turn_id", default=None)
"""The turn that the current task works on; on every log line of it."""

MASK = "[secret]"

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""What somebody else's words in a log could end a line with, move a terminal's cursor, or turn a text around."""
_UNSEEN_IN_LINES = re.compile(f"(?!\n){_UNSEEN.pattern}")


class Redactor:
    """Takes known secrets out of a text. The last line of defence: no caller logs a secret in the first place."""

    def __init__(self, secrets: Iterable[str]) -> None:
        # Short texts are no secrets and would blot out ordinary words. Longest first: one may hold another.
        self._secrets = sorted({secret for secret in secrets if len(secret) >= 6}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code > 0xFF else f"\\x{code:02x}"


class _TextFormatter(logging.Formatter):
    def __init__(self, redact: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s%(turn)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z")
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        current = turn_id.get()
        record.turn = f" [turn {current}]" if current is not None else ""
        return self._redact(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # the library's name
        """Write a record's own line: one line, whatever others' words it quotes."""
        return _UNSEEN.sub(_escaped, super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802  # the library's name
        """Write a traceback, its lines behind a bar: what an error quotes can't pass for a line of the log."""
        lines = _UNSEEN_IN_LINES.sub(_escaped, super().formatException(ei)).split("\n")
        return "\n".join(f"  | {line}" for line in lines)


class _JsonFormatter(logging.Formatter):
    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        current = turn_id.get()
        if current is not None:
            line["turn"] = str(current)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        # JSON itself writes what is below a space as an escape; these are read back alike.
        return self._redact(_UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(line, ensure_ascii=False)))


def configure(*, level: str, form: str, secrets: Iterable[str]) -> None:
    """Send the log to standard error in the form ``text`` or ``json``; ``secrets`` are masked wherever they occur."""
    redact = Redactor(secrets)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter(redact) if form == "json" else _TextFormatter(redact))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # The libraries' own chatter: DEBUG there would hold message texts.
    for name in ("discord", "aiosqlite", "asyncio", "PIL"):
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLevelName(level)))
    for name in ("discord.gateway", "discord.client", "alembic", "sqlalchemy", "aiohttp.access"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
