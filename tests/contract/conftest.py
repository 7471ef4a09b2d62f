"""Every store in every implementation: in memory, on SQLite, on PostgreSQL."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.domain.history.ports import HistoryStore
from bot.domain.picture.ports import DrawingStore
from bot.domain.turn.ports import TurnStore
from bot.domain.usage.ports import UsageStore
from bot.storage.database.engine import Database, open_database
from bot.storage.schema.migrate import migrate
from bot.storage.schema.tables import metadata
from bot.storage.stores.drawings import SqlDrawingStore
from bot.storage.stores.history import SqlHistoryStore
from bot.storage.stores.turns import SqlTurnStore
from bot.storage.stores.usage import SqlUsageStore
from tests.contract.postgres import TemporaryPostgres, running_postgres
from tests.fakes.stores.drawings import FakeDrawingStore
from tests.fakes.stores.history import FakeHistoryStore
from tests.fakes.stores.turns import FakeTurnStore
from tests.fakes.stores.usage import FakeUsageStore

DATABASES = ["sqlite", "postgresql"]
IMPLEMENTATIONS = ["fake", *DATABASES]


@pytest.fixture(scope="session")
def postgres() -> Iterator[TemporaryPostgres]:
    """Start a server, or skip with the reason."""
    yield from running_postgres()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "bot.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: TemporaryPostgres) -> str:
    """Make one migrated PostgreSQL database, to be emptied."""

    async def prepare() -> str:
        url = await postgres.create_database()
        await migrate(url)
        return url

    return asyncio.run(prepare())


async def _open(kind: str, request: pytest.FixtureRequest, stack: AsyncExitStack) -> Database:
    if kind == "sqlite":
        path = request.getfixturevalue("tmp_path") / "bot.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        return await stack.enter_async_context(open_database(f"sqlite+aiosqlite:///{path}"))
    database = await stack.enter_async_context(open_database(request.getfixturevalue("migrated_postgres")))
    async with database.write("empty the tables") as connection:
        names = ", ".join(table.name for table in metadata.sorted_tables)
        await connection.execute(text(f"TRUNCATE {names}"))
    return database


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database; PostgreSQL is started here, outside any event loop."""
    kind: str = request.param
    request.getfixturevalue("migrated_file" if kind == "sqlite" else "migrated_postgres")
    return kind


@pytest.fixture
async def database(database_kind: str, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """Open an empty, migrated database."""
    async with AsyncExitStack() as stack:
        yield await _open(database_kind, request, stack)


@pytest.fixture(params=DATABASES)
async def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Tell the address of a database that no migration has touched."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"
    server: TemporaryPostgres = request.getfixturevalue("postgres")
    return await server.create_database()


@pytest.fixture(params=IMPLEMENTATIONS)
def implementation(request: pytest.FixtureRequest) -> str:
    """Which implementation of a port."""
    kind: str = request.param
    if kind != "fake":
        request.getfixturevalue("migrated_file" if kind == "sqlite" else "migrated_postgres")
    return kind


@pytest.fixture
async def stores_database(implementation: str, request: pytest.FixtureRequest) -> AsyncIterator[Database | None]:
    """Open the database below a store; None below a fake."""
    async with AsyncExitStack() as stack:
        yield None if implementation == "fake" else await _open(implementation, request, stack)


@pytest.fixture
def history(stores_database: Database | None) -> HistoryStore:
    """Make an empty history."""
    return FakeHistoryStore() if stores_database is None else SqlHistoryStore(stores_database)


@pytest.fixture
def turns(
    stores_database: Database | None, history: HistoryStore, drawings: DrawingStore, usage: UsageStore
) -> TurnStore:
    """Make an empty store of turns, whose lines, drawings and usage are in the other stores."""
    if stores_database is None:
        assert isinstance(history, FakeHistoryStore)
        assert isinstance(drawings, FakeDrawingStore)
        assert isinstance(usage, FakeUsageStore)
        return FakeTurnStore(history, drawings, usage=usage)
    return SqlTurnStore(_there(stores_database))


def _there(database: Database | None) -> Database:
    assert database is not None
    return database


@pytest.fixture
def drawings(stores_database: Database | None) -> DrawingStore:
    """Make an empty store of drawings."""
    return FakeDrawingStore() if stores_database is None else SqlDrawingStore(stores_database)


@pytest.fixture
def usage(stores_database: Database | None) -> UsageStore:
    """Make an empty store of usage and quotas."""
    return FakeUsageStore() if stores_database is None else SqlUsageStore(stores_database)
