"""Looking at a database from outside, on SQLite and PostgreSQL: before it is made, migrated, of another version."""

from __future__ import annotations

from sqlalchemy import text

from bot.storage.database.engine import open_database
from bot.storage.schema.inspection import inspect_database
from bot.storage.schema.migrate import migrate
from bot.storage.schema.tables import SCHEMA_REVISION


async def test_a_database_without_tables(empty_url: str) -> None:
    state = await inspect_database(empty_url)
    assert (state.fault, state.revision, state.writable) == ("", None, True)
    assert state.exists is not state.is_sqlite, "a file is not made by looking"


async def test_a_migrated_database(empty_url: str) -> None:
    await migrate(empty_url)
    state = await inspect_database(empty_url)
    assert (state.fault, state.damage, state.writable) == ("", "", True)
    assert state.revision == state.wanted == SCHEMA_REVISION
    assert state.revision_known
    assert state.others == 0
    assert state.size_bytes is not None
    assert state.size_bytes > 4096
    assert state.server.startswith("PostgreSQL ") is not state.is_sqlite


async def test_a_database_of_another_version(empty_url: str) -> None:
    await migrate(empty_url)
    for revision, known in (("0001", True), ("9999", False)):
        async with open_database(empty_url) as database, database.write("pretend") as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
        state = await inspect_database(empty_url)
        assert (state.revision, state.revision_known) == (revision, known)
