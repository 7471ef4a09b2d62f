"""The database: one engine, its pool, reading and writing."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import Executable, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import StorageError
from bot.storage.database.address import SQLITE, database_files, parse_url, prepare_files
from bot.storage.database.sqlite import SqliteConnections
from bot.storage.database.translation import translated

logger = logging.getLogger(__name__)

R = TypeVar("R")

SQLITE_CONNECTIONS = 4
"""One writes, the others read meanwhile; more only cost memory, since Python runs one of them at a time."""
POSTGRESQL_CONNECTIONS = 10
"""Two processes and a user with psql stay well below PostgreSQL's default of 100."""
POOL_TIMEOUT_S = 30.0
CONNECT_TIMEOUT_S = 10.0
COMMAND_TIMEOUT_S = 30.0
BUSY_TIMEOUT_S = 10.0
"""How long SQLite waits for a writer in another process."""
MIGRATION_TIMEOUT_S = 600.0
"""The same two for migrations, which may rewrite large tables or wait for another process that does."""
WIPE_AFTER_S = 5.0
"""How long deleted text may stay in SQLite's write-ahead log: many deletes at once are wiped together."""
WIPE_WAIT_S = 0.2
"""How long wiping waits for those who read."""


_SIGN_OF_LIFE = text(
    "INSERT INTO revisions (name, number) VALUES ('health', 1) "
    "ON CONFLICT (name) DO UPDATE SET number = revisions.number + 1"
)
"""A write that does change something: SQLite leaves a page alone that would come out the same."""


class Database:
    """Connections to one database. Lazy: the first operation connects. Raises only ``StorageError``."""

    def __init__(self, engine: AsyncEngine, connections: SqliteConnections | None) -> None:
        self._engine = engine
        self._connections = connections
        self._busy_timeout_s = BUSY_TIMEOUT_S if connections is None else connections.busy_timeout_s
        self._is_sqlite = engine.dialect.name == "sqlite"
        # SQLite has one writer at a time. Waiting here is in order and ends at once; SQLite's own wait polls with
        # growing pauses, in no order, which fifty turns at once would feel.
        self._writer = asyncio.Lock()
        self._readers = asyncio.Semaphore(SQLITE_CONNECTIONS - 1)
        self._line = asyncio.Lock()
        """Held by the one of the usual writers who is next; an urgent one does not stand in line."""
        self._failed_at = 0.0
        """When a writer last failed, by ``time.monotonic``."""
        self._leaving = False
        # Also what the last process took away and had no time to wipe.
        self._traces = asyncio.Event()
        self._traces.set()
        self._under_way: set[asyncio.Task[Any]] = set()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite; else it is PostgreSQL."""
        return self._is_sqlite

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.dispose()

    @asynccontextmanager
    async def read(self, operation: str) -> AsyncIterator[AsyncConnection]:
        """Lend a connection for reading. ``operation`` completes "could not …" and holds no values."""
        with translated(operation):
            async with self._reading(), self._engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[None]:
        """Hold the place of a reader: on SQLite one connection is left to the writer, however many read."""
        if not self._is_sqlite:
            yield
            return
        try:
            async with asyncio.timeout(POOL_TIMEOUT_S):
                await self._readers.acquire()
        except TimeoutError as error:
            raise PoolTimeoutError("every connection was busy") from error
        try:
            yield
        finally:
            self._readers.release()

    async def visit(self, operation: str, work: Callable[[AsyncConnection], Awaitable[R]]) -> R:
        """Do ``work``, which only reads; as with ``transaction``, a caller that is cancelled waits for its end.

        For what is read on behalf of several, which goes on where nobody waits for it any more: ``dispose`` does.
        """

        async def run() -> R:
            async with self.read(operation) as connection:
                return await work(connection)

        return await self._to_the_end(run())

    @asynccontextmanager
    async def write(self, operation: str, *, urgent: bool = False) -> AsyncIterator[AsyncConnection]:
        """Lend a connection inside a transaction: committed at the end, rolled back where anything is raised.

        For what is never cancelled; whatever may be goes through ``transaction``.
        """
        with translated(operation):
            if not self._is_sqlite:
                async with self._engine.begin() as connection:
                    yield connection
                return
            async with self._one_writer(operation, urgent=urgent) as connection:
                # IMMEDIATE: a transaction that reads first and then wants to write can't be refused half-way.
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
                await connection.commit()

    async def transaction(
        self, operation: str, work: Callable[[AsyncConnection], Awaitable[R]], *, urgent: bool = False
    ) -> R:
        """Do ``work`` inside a transaction; a caller that is cancelled meanwhile waits for its end.

        ``urgent`` as in ``execute``.
        """

        async def run() -> R:
            async with self.write(operation, urgent=urgent) as connection:
                return await work(connection)

        return await self._to_the_end(run())

    async def execute(
        self, operation: str, statement: Executable, values: Mapping[str, Any], *, urgent: bool = False
    ) -> int:
        """Run one writing statement as a transaction of its own; returns the number of rows that it touched.

        An ``urgent`` one waits for one other writer at most, and not for all that came before it.

        As with ``transaction``, a caller that is cancelled meanwhile waits for its end.
        """

        async def run() -> int:
            with translated(operation):
                if not self._is_sqlite:
                    async with self._engine.begin() as connection:
                        return (await connection.execute(statement, values)).rowcount
                # One statement outside a transaction is one for SQLite: no BEGIN and COMMIT to wait for.
                async with self._one_writer(operation, urgent=urgent) as connection:
                    return (await connection.execute(statement, values)).rowcount

        return await self._to_the_end(run())

    @asynccontextmanager
    async def _one_writer(self, operation: str, *, urgent: bool = False) -> AsyncIterator[AsyncConnection]:
        """Lend a connection to SQLite's one writer.

        If somebody else holds the file, those who have waited behind others for as long as a writer waits for the file
        fail with them, and do not wait once more, one after the other.
        """
        since = time.monotonic()
        async with self._may_write(urgent=urgent):
            waited_s = time.monotonic() - since
            if self._failed_at > since and (self._leaving or waited_s >= self._busy_timeout_s):
                raise StorageError(f"Could not {operation}: nobody could write for {waited_s:.0f} s")
            try:
                async with self._engine.connect() as connection:
                    yield connection
            except OperationalError:
                self._failed_at = time.monotonic()
                raise

    @asynccontextmanager
    async def _may_write(self, *, urgent: bool) -> AsyncIterator[None]:
        """Hold the place of the one writer."""
        if not urgent:
            await self._line.acquire()
        try:
            await self._writer.acquire()
        finally:
            if not urgent:
                self._line.release()
        try:
            yield
        finally:
            self._writer.release()

    async def _to_the_end(self, work: Coroutine[Any, Any, R]) -> R:
        # A connection of SQLite that is closed with a statement under way keeps its lock until the statement is
        # collected as garbage, and nobody can write meanwhile (SQLite's documentation, "sqlite3_close_v2").
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            # What the caller does next comes after this; cancelled once more, it does not wait.
            task.add_done_callback(_seen)
            await asyncio.wait((task,))
            raise

    def wipe_soon(self) -> None:
        """Note that something was taken away, which is to leave the write-ahead log as well."""
        self._traces.set()

    async def keep_wiped(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Wipe the write-ahead log some seconds after something was taken away, until cancelled.

        SQLite alone has one: what PostgreSQL keeps of deleted rows goes when it vacuums.
        """
        while self._is_sqlite:
            await self._traces.wait()
            await sleep(WIPE_AFTER_S)
            self._traces.clear()
            try:
                wiped = await self.wipe()
            except StorageError as error:
                logger.info("the database's log could not be wiped yet: %s", error)
                wiped = False
            if not wiped:
                self._traces.set()

    async def wipe(self) -> bool:
        """Move all that is in SQLite's write-ahead log into the file, and empty it; False if somebody reads there.

        Nobody writes meanwhile: for some milliseconds, ``WIPE_WAIT_S`` at most.
        """

        async def run() -> bool:
            with translated("wipe the log"):
                async with self._one_writer("wipe the log") as connection:
                    await connection.exec_driver_sql(f"PRAGMA busy_timeout={int(WIPE_WAIT_S * 1000)}")
                    try:
                        row = (await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).one()
                    finally:
                        await connection.exec_driver_sql(f"PRAGMA busy_timeout={int(self._busy_timeout_s * 1000)}")
                    return not row[0]

        return await self._to_the_end(run())

    async def check(self) -> None:
        """Ask the database for a sign of life."""
        async with self.read("reach the database") as connection:
            await connection.execute(text("SELECT 1"))

    async def check_writing(self) -> None:
        """Find out whether the database keeps anything: reading alone goes on well when its disk is full.

        The tables must be there.
        """
        await self.execute("write to the database", _SIGN_OF_LIFE, {})

    async def dispose(self) -> None:
        """End what is under way and close every connection; nobody may be inside ``read``. Idempotent."""
        with translated("close the database"):
            self._leaving = True
            while self._under_way:
                await asyncio.wait(self._under_way)
            self._leaving = False
            await self._engine.dispose()
            if self._connections is not None:
                await self._connections.wait_ended()


def open_database(url: str, *, migrating: bool = False) -> Database:
    """Open the database of ``url`` (``sqlite+aiosqlite:///path`` or ``postgresql+asyncpg://…``).

    Makes the folder of an SQLite file; connects only when something is asked. Leave with ``dispose`` or ``async with``.
    ``migrating`` gives statements more time, and leaves foreign keys unchecked on SQLite, where a table that changes is
    made anew: dropping the old one would empty those that refer to it.
    """
    parsed = parse_url(url)
    options: dict[str, Any] = {
        "execution_options": {"preserve_rowcount": True},  # an INSERT too says whether it kept a row
        "hide_parameters": True,  # what people wrote stays out of error messages and logs
        "max_overflow": 0,
        "pool_timeout": POOL_TIMEOUT_S,
    }
    connections = None
    if parsed.drivername == SQLITE:
        prepare_files(database_files(url))
        connections = SqliteConnections(
            busy_timeout_s=MIGRATION_TIMEOUT_S if migrating else BUSY_TIMEOUT_S, foreign_keys=not migrating
        )
        options["pool_size"] = SQLITE_CONNECTIONS
        options["connect_args"] = {"factory": connections}
    else:
        options["pool_size"] = POSTGRESQL_CONNECTIONS
        options["pool_pre_ping"] = True  # a server that was restarted costs a ping, not a failed turn
        options["connect_args"] = {
            "timeout": CONNECT_TIMEOUT_S,
            "command_timeout": MIGRATION_TIMEOUT_S if migrating else COMMAND_TIMEOUT_S,
        }
    with translated("open the database"):
        try:
            return Database(create_async_engine(parsed, **options), connections)
        except ModuleNotFoundError as error:
            raise StorageError(
                f"Could not open the database: the package {error.name} is missing. "
                "Install the bot with its extra: pip install 'fusion-bot[postgres]'."
            ) from error


def _seen(task: asyncio.Task[Any]) -> None:
    """Take notice of how a task ended that nobody waits for any more."""
    if not task.cancelled():
        task.exception()
