"""Databases that go away in the middle of a turn, at a statement that a test chooses."""

from __future__ import annotations

import re
import sqlite3
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bot.storage.database.engine import Database
from tests.contract.postgres import TemporaryPostgres

MOST_PAGES = 1_000_000

STEPS = {
    "the beginning": ("", 0),
    "the turn": (r"INSERT INTO turns\b", 1),
    "the question": (r"INSERT INTO messages", 1),
    "the context": (r"\W*(SELECT|WITH)\b.*\bFROM messages", 1),
    "a checkpoint": (r"UPDATE turns SET", 1),
    "the picture": (r"INSERT INTO drawings", 1),
    "the end": (r"SELECT turn_versions\.turn_id, turn_versions\.number, turn_versions\.created_at\s", 1),
    "the answer": (r"INSERT INTO messages", 2),
    "the picture's message": (r"INSERT INTO drawings", 2),
    "the turn's last state": (r"UPDATE turns SET .*CASE", 1),
    "the version": (r"INSERT INTO turn_versions", 1),
    "the usage": (r"INSERT INTO usage", 1),
    "the commit": ("COMMIT", 0),
}
"""The steps of a turn: how the statement begins that takes it, and which one of its kind that is; else see ``at``."""


class Outage(ABC):
    """A database that is away from a statement on, until a test ends that."""

    def __init__(self, database: Database) -> None:
        self._engine = database._engine.sync_engine
        self._step = ("", 0)
        self._seen = 0
        self._close_begun = False
        self.begun = False
        event.listen(self._engine, "before_cursor_execute", self._before)
        event.listen(self._engine, "commit", self._before_commit)

    def at(self, step: str) -> None:
        """Choose the step."""
        self._step, self._seen = STEPS[step], 0
        if step == "the beginning":
            self.begin()

    def _before(
        self, connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
    ) -> None:
        del cursor, parameters, context, executemany
        pattern, number = self._step
        self._close_begun = self._close_begun or re.match(STEPS["the end"][0], statement) is not None
        if not self.begun and pattern and number and re.match(pattern, statement, re.DOTALL):
            self._seen += 1
            if self._seen == number:
                self.begin()
        self.look(connection)

    def _before_commit(self, connection: Any) -> None:
        if not self.begun and self._step == STEPS["the commit"] and self._close_begun:
            self.begin()
        self.look(connection)

    def begin(self) -> None:
        """Let it go away."""
        self.begun = True

    @abstractmethod
    def look(self, connection: Any) -> None:
        """Act before each statement."""

    @abstractmethod
    def end(self) -> None:
        """Let it come back."""


class Locked(Outage):
    """SQLite while another process writes for a long time: from the first moment at which it can begin to."""

    def __init__(self, database: Database, path: Path) -> None:
        super().__init__(database)
        self._other = sqlite3.connect(path, isolation_level=None, timeout=0)
        self._holds = False

    def look(self, connection: Any) -> None:
        if self.begun and not self._holds:
            try:
                self._other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return  # the bot is writing: after that
            self._holds = True

    def end(self) -> None:
        self.begun, self._step = False, ("", 0)
        if self._holds:
            self._other.execute("ROLLBACK")
        self._holds = False


class Full(Outage):
    """SQLite on a disk without room: the file can't grow any more."""

    def look(self, connection: Any) -> None:
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA max_page_count={1 if self.begun else MOST_PAGES}")
        cursor.close()

    def end(self) -> None:
        self.begun, self._step = False, ("", 0)


class Stopped(Outage):
    """PostgreSQL's server, which crashes and is started again."""

    def __init__(self, database: Database, server: TemporaryPostgres) -> None:
        super().__init__(database)
        self._server = server

    def begin(self) -> None:
        super().begin()
        self._server.halt()

    def look(self, connection: Any) -> None:
        return

    def end(self) -> None:
        self._step = ("", 0)
        if self.begun:
            self._server.resume()
        self.begun = False
