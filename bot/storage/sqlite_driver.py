"""aiosqlite with one visit to its thread for each statement.

aiosqlite passes every call of a cursor (make it, execute, fetch, close) to the connection's thread and waits for the
answer; under SQLAlchemy that is four passes for a query and nine for a write, each costing more than SQLite's own work.
Here a statement is made, executed and fetched in one pass, and a rollback without a transaction in none.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self
from weakref import WeakSet

import aiosqlite


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

    async def wait_closed(self) -> None:
        """Wait until the thread of a connection that was told to stop has ended, and with it all that it reports."""
        if not self._running:
            await asyncio.to_thread(self._thread.join)


class SqliteConnector:
    """Makes connections to one file: transactions begin only where said, WAL, foreign keys checked.

    ``synchronous`` NORMAL in WAL mode: a commit survives the process's end at any moment; a loss of power may take the
    last ones, never the database (SQLite's documentation, "PRAGMA synchronous"). ``busy_timeout_s`` is how long a
    writer waits for the writer of another process before "database is locked".
    """

    def __init__(self, *, busy_timeout_s: float, foreign_keys: bool) -> None:
        self._busy_timeout_s = busy_timeout_s
        self._foreign_keys = foreign_keys
        self._connections: WeakSet[StatementConnection] = WeakSet()

    async def __call__(self, database: str, **options: Any) -> StatementConnection:
        """Connect; ``options`` are those of ``sqlite3.connect`` that SQLAlchemy reads from the URL."""
        connection = StatementConnection(partial(self._open, database, options), iter_chunk_size=64)
        connection.let_process_end()
        self._connections.add(connection)
        try:
            await connection
        except BaseException:
            await connection.wait_closed()
            raise
        return connection

    async def wait_closed(self) -> None:
        """Wait for the connections that were closed without waiting: a cancelled statement ends in its thread."""
        for connection in list(self._connections):
            await connection.wait_closed()

    def _open(self, database: str, options: dict[str, Any]) -> sqlite3.Connection:
        connection: sqlite3.Connection = sqlite3.connect(
            database, timeout=self._busy_timeout_s, isolation_level=None, **options
        )
        try:
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"foreign_keys={int(self._foreign_keys)}"):
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection
