"""No key in any log: every record of every test is formatted and looked through."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

OURS = ("bot", "cogs", "migrations", "sandbox")
"""Loggers that are heard from DEBUG on; the libraries' from the level that they are at."""


class LogWatch(logging.Handler):
    """Notes each record that holds one of the secrets, its traceback included; the secret itself is not repeated."""

    def __init__(self, secrets: frozenset[str]) -> None:
        super().__init__()
        self.secrets = secrets
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        written = self.format(record)
        if any(secret in written for secret in self.secrets):
            self.found.append(f"{record.name}, {record.levelname}, {record.filename}:{record.lineno}")


@contextmanager
def watched(secrets: frozenset[str]) -> Iterator[LogWatch]:
    """Watch all logs. Raises ``AssertionError`` at the end where a secret was written to one."""
    watch = LogWatch(secrets)
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in OURS}
    root.addHandler(watch)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        yield watch
    finally:
        root.removeHandler(watch)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
    if watch.found:
        raise AssertionError(f"a key was written to the log by {'; '.join(watch.found)}")
