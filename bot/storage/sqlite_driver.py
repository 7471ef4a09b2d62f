"""aiosqlite with one visit to its thread for each statement.

aiosqlite passes every call of a cursor (make it, execute, fetch, close) to the connection's thread and waits for the
answer; under SQLAlchemy that is four passes for a query and nine for a write, each costing more than SQLite's own work.
Here a statement is made, executed and fetched in one pass, and a rollback without a transaction in none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self

import aiosqlite

BUSY_TIMEOUT_S = 10.0
"""How long a writer waits for the writer of another process before "database is locked"."""


class StatementCursor:
    """What SQLAlchemy asks of an asyncio cursor; results are whole in memory after ``execute``."""

    __slots__ = ("_connection", "_rows", "arraysize", "description", "lastrowid", "rowcount")

    def __init__(self, connection: StatementConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.arraysize = 1
        self.description: Any = None
        self.lastrowid: int | None = None
        self.rowcount = -1

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> Self:
        """Run one statement and fetch all its rows."""
        await self._connection.in_thread(partial(self._run, operation, parameters))
        return self

    async def executemany(self, operation: str, parameters: Iterable[Sequence[Any]]) -> Self:
        """Run one statement for each set of parameters."""
        await self._connection.in_thread(partial(self._run_many, operation, parameters))
        return self

    def _run(self, operation: str, parameters: Sequence[Any], connection: sqlite3.Connection) -> None:
        cursor = connection.execute(operation, parameters)
        try:
            self._rows = cursor.fetchall() if cursor.description else []
            self.description = cursor.description
            self.lastrowid = cursor.lastrowid
            self.rowcount = cursor.rowcount
        finally:
            cursor.close()

    def _run_many(self, operation: str, parameters: Iterable[Sequence[Any]], connection: sqlite3.Connection) -> None:
        cursor = connection.executemany(operation, parameters)
        self.rowcount = cursor.rowcount
        cursor.close()

    async def fetchall(self) -> list[Any]:
        """Hand over the rows that are left."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Let go of the rows; the database's cursor is closed since the statement ended."""
        self._rows = []


class StatementConnection(aiosqlite.Connection):
    """A connection whose cursors are ``StatementCursor``."""

    def cursor(self) -> StatementCursor:  # type: ignore[override]  # the part of a cursor that SQLAlchemy uses
        """Make a cursor, without a visit to the thread."""
        return StatementCursor(self)

    async def in_thread(self, function: Callable[[sqlite3.Connection], None]) -> None:
        """Call ``function`` in the connection's thread; a cancelled wait leaves it running to its end there."""
        await self._execute(function, self._conn)  # type: ignore[no-untyped-call]  # aiosqlite leaves it untyped

    async def commit(self) -> None:
        """Commit, where there is a transaction."""
        if self.in_transaction:
            await super().commit()

    async def rollback(self) -> None:
        """Roll back, where there is a transaction."""
        if self.in_transaction:
            await super().rollback()

    def let_process_end(self) -> None:
        """Keep a process that ends without closing the connection from waiting for its thread."""
        self._thread.daemon = True


def connect(database: str, *, foreign_keys: bool = True, **options: Any) -> StatementConnection:
    """Make a connection to await: transactions begin only where said, WAL, foreign keys checked.

    ``synchronous`` NORMAL in WAL mode: a commit survives the process's end at any moment; a loss of power may take the
    last ones, never the database (SQLite's documentation, "PRAGMA synchronous").
    """

    def open_connection() -> sqlite3.Connection:
        connection: sqlite3.Connection = sqlite3.connect(
            database, timeout=BUSY_TIMEOUT_S, isolation_level=None, **options
        )
        try:
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"foreign_keys={int(foreign_keys)}"):
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    connection = StatementConnection(open_connection, iter_chunk_size=64)
    connection.let_process_end()
    return connection
