"""The migrations on both databases: from nothing to the newest schema, at once, again, and from the future."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, inspect, text

from bot.domain.drawing.wish import DrawWish
from bot.domain.lease.record import Holder, Shards
from bot.domain.model.events import FinishReason
from bot.domain.turn.ask import Source
from bot.domain.turn.record import TurnState
from bot.errors import ErrorKind, StorageError
from bot.storage.database.engine import open_database
from bot.storage.lease.store import SqlLeaseStore
from bot.storage.schema.migrate import SCRIPTS, migrate, upgrade, who_runs
from bot.storage.schema.tables import SCHEMA_REVISION, metadata
from bot.storage.stores.drawings import SqlDrawingStore
from bot.storage.stores.history import SqlHistoryStore
from bot.storage.stores.turns import SqlTurnStore
from tests.contract.samples import LATER, drawing, message, turn
from tests.fakes.clock import FakeClock

ROOT = Path(__file__).resolve().parents[3]


def test_the_newest_revision_is_the_one_that_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA_REVISION]


async def test_migrations_make_what_the_tables_say(empty_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    def names(connection: Connection) -> set[str | None]:
        inspector = inspect(connection)
        found: set[str | None] = set()
        for table in metadata.tables:
            found.add(inspector.get_pk_constraint(table)["name"])
            found.update(index["name"] for index in inspector.get_indexes(table))
            found.update(key["name"] for key in inspector.get_foreign_keys(table))
        return found

    async with (
        open_database(empty_url, migrating=True) as database,
        database.write("migrate the database") as connection,
    ):
        await connection.run_sync(upgrade, None)
        assert await connection.run_sync(differences) == []
        assert await connection.run_sync(names) == {
            *(f"pk_{table}" for table in metadata.tables),
            *(index.name for table in metadata.tables.values() for index in table.indexes),
            "fk_turn_replies_turn_id_turns",
            "fk_turn_versions_turn_id_turns",
        }


async def test_a_database_made_at_once_is_what_the_migrations_make(empty_url: str) -> None:
    def told(found: Iterable[Mapping[str, object]]) -> list[str]:
        # In whatever order: a column that came later is the last one.
        return sorted(
            str({key: told([value]) if isinstance(value, dict) else str(value) for key, value in each.items()})
            for each in found
        )

    def contents(connection: Connection) -> tuple[dict[str, object], dict[str, object]]:
        inspector = inspect(connection)
        schema: dict[str, object] = {
            table: (
                told(inspector.get_columns(table)),
                told([inspector.get_pk_constraint(table)]),
                told(inspector.get_indexes(table)),
                told(inspector.get_foreign_keys(table)),
                told(inspector.get_unique_constraints(table)),
                told(inspector.get_check_constraints(table)),
            )
            for table in inspector.get_table_names()
        }
        there = MetaData()
        there.reflect(connection)
        rows: dict[str, object] = {name: connection.execute(each.select()).all() for name, each in there.tables.items()}
        there.drop_all(connection)
        return schema, rows

    await migrate(empty_url)
    async with open_database(empty_url, migrating=True) as database:
        async with database.write("look") as connection:
            at_once = await connection.run_sync(contents)
        async with database.write("migrate the database") as connection:
            await connection.run_sync(upgrade, None)
        async with database.write("look") as connection:
            assert await connection.run_sync(contents) == at_once
    assert "alembic_version" in at_once[0]


async def test_a_second_migration_changes_nothing(empty_url: str) -> None:
    await migrate(empty_url)
    async with open_database(empty_url) as database:
        await SqlHistoryStore(database).append(message(1))
    await migrate(empty_url)
    async with open_database(empty_url) as database:
        assert await SqlHistoryStore(database).get(1, 1) == message(1)


async def test_many_migrate_at_once(empty_url: str) -> None:
    await asyncio.gather(*(migrate(empty_url) for _ in range(8)))
    async with open_database(empty_url) as database, database.read("look") as connection:
        assert (await connection.scalars(text("SELECT version_num FROM alembic_version"))).all() == [SCHEMA_REVISION]


async def test_many_processes_migrate_at_once(empty_url: str, tmp_path: Path) -> None:
    program = "import asyncio, sys; from bot.storage.schema.migrate import migrate; asyncio.run(migrate(sys.argv[1]))"
    # From another folder: neither alembic.ini nor the scripts may be looked for in the working directory.
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-c", program, empty_url),
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    endings = await asyncio.gather(*(process.communicate() for process in processes))
    assert [(process.returncode, errors) for process, (_, errors) in zip(processes, endings, strict=True)] == [
        (0, b"")
    ] * 4
    async with open_database(empty_url) as database:
        assert await SqlHistoryStore(database).append(message(1))


async def test_a_database_from_the_future_is_refused_in_words(empty_url: str) -> None:
    await migrate(empty_url)
    async with open_database(empty_url) as database, database.write("pretend") as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match=r"'9999'.*does not know.*later version"):
        await migrate(empty_url)


async def test_a_migration_that_fails_leaves_nothing_behind(empty_url: str) -> None:
    async with open_database(empty_url) as database, database.write("be in the way") as connection:
        await connection.execute(text("CREATE TABLE drawings (mine INTEGER)"))
    with pytest.raises(StorageError, match="migrate the database"):
        await migrate(empty_url)
    async with open_database(empty_url) as database, database.read("look") as connection:
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == ["drawings"]


@pytest.mark.slow
async def test_the_last_revision_can_be_undone(empty_url: str) -> None:
    done = await asyncio.to_thread(_alembic, empty_url, "upgrade", "head")
    assert done.returncode == 0, done.stderr
    done = await asyncio.to_thread(_alembic, empty_url, "check")
    assert done.returncode == 0, done.stderr
    done = await asyncio.to_thread(_alembic, empty_url, "downgrade", "base")
    assert done.returncode == 0, done.stderr
    async with open_database(empty_url) as database, database.read("look") as connection:
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == ["alembic_version"]


def _alembic(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        check=False,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
    )


def test_alembic_is_not_imported_where_there_is_no_older_schema(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys; from bot.storage.schema.migrate import migrate; "
        "[asyncio.run(migrate(sys.argv[1])) for _ in range(2)]; sys.exit('alembic' in sys.modules)"
    )
    url = f"sqlite+aiosqlite:///{tmp_path}/new.db"
    assert subprocess.run([sys.executable, "-c", program, url], check=False, cwd=ROOT).returncode == 0


def test_revisions_import_nothing_of_the_bot() -> None:
    for path in (SCRIPTS / "versions").glob("0*.py"):
        assert not re.search(r"^\s*(from|import) bot", path.read_text(), re.MULTILINE), path


async def test_turns_of_the_first_schema_get_their_versions_and_come_back(empty_url: str) -> None:
    done = await asyncio.to_thread(_alembic, empty_url, "upgrade", "0001")
    assert done.returncode == 0, done.stderr
    columns = (
        "id, channel_id, asker_id, mode, state, prompt, locale, created_at, updated_at, reply_ids, text, error_kind, "
        "prompt_tokens, completion_tokens, total_tokens, pictures"
    )
    async with open_database(empty_url) as database, database.write("pretend") as connection:
        for row in (
            "(5, 1, 8, 'chat', 'failed', 'hi', 'en', '2024-01-01', '2024-01-02', '60', 'part', 'network', 1, 2, 3, 0)",
            "(6, 1, 8, 'draw', 'streaming', 'a fox', 'en', '2024-01-01', '2024-01-02', '', '', NULL, 0, 0, 0, 0)",
        ):
            await connection.execute(text(f"INSERT INTO turns ({columns}) VALUES {row}"))
        await connection.execute(text("INSERT INTO turn_replies (message_id, turn_id) VALUES (60, 5)"))
        await connection.execute(
            text(
                "INSERT INTO messages (channel_id, id, author_id, author_name, role, text, created_at, kind) "
                "VALUES (1, 5, 8, 'Alice', 'user', 'hello', '2024-01-01', 'text')"
            )
        )
    await migrate(empty_url)
    async with open_database(empty_url) as database:
        turns = SqlTurnStore(database)
        found = await turns.by_reply(60)
        assert found is not None
        assert (found.source, found.asker_name, found.version) == (Source.MESSAGE, "Alice", 1)
        assert (found.reason, found.error_kind, found.usage.total_tokens) == (FinishReason.STOP, ErrorKind.NETWORK, 3)
        (version,) = await turns.versions(5)
        assert (version.number, version.text, version.state) == (1, "part", TurnState.FAILED)
        assert version.created_at == found.updated_at
        drawn = await turns.get(6)
        assert drawn is not None
        assert (drawn.source, drawn.asker_name) == (Source.INTERACTION, "")
        assert await turns.versions(6) == ()
        await turns.begin_version(5, updated_at=LATER)
        await turns.finish(5, state=TurnState.COMPLETE, reply_ids=(60,), text="all", updated_at=LATER)
    done = await asyncio.to_thread(_alembic, empty_url, "downgrade", "0001")
    assert done.returncode == 0, done.stderr
    async with open_database(empty_url) as database, database.read("look") as connection:
        names = await connection.run_sync(lambda sync: [each["name"] for each in inspect(sync).get_columns("turns")])
        assert {"source", "asker_name", "parent_id", "version", "reason"}.isdisjoint(names)
        kept = (await connection.execute(text("SELECT id, state, text FROM turns ORDER BY id"))).all()
        assert [tuple(row) for row in kept] == [(5, "complete", "all"), (6, "streaming", "")]
        assert (await connection.execute(text("SELECT turn_id FROM turn_replies"))).scalar_one() == 5
        indexes = await connection.run_sync(lambda sync: [each["name"] for each in inspect(sync).get_indexes("turns")])
        assert indexes == ["ix_turns_state"]
    await migrate(empty_url)
    async with open_database(empty_url) as database:
        assert [each.text for each in await SqlTurnStore(database).versions(5)] == ["all"]


async def test_drawings_of_earlier_releases_are_known_to_be_private(empty_url: str) -> None:
    await migrate(empty_url)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    revision = ScriptDirectory.from_config(config).get_revision("0005")
    assert revision is not None
    wishes = (DrawWish(private=True), DrawWish(model='"private": true'), None)
    async with open_database(empty_url) as database:
        for number, wish in enumerate(wishes, 1):
            await SqlTurnStore(database).create(replace(turn(number), wish=wish), None)
            await SqlDrawingStore(database).add(drawing(number))
        async with database.write("mark") as connection:
            await connection.execute(text(revision.module.MARK_THOSE_KNOWN))
        found = [await SqlDrawingStore(database).by_turn(number) for number in (1, 2, 3)]
    assert [each.private for (each,) in found] == [True, False, False]


async def test_who_migrates_beside_a_running_bot_can_say_so(empty_url: str) -> None:
    async with open_database(empty_url) as database:
        async with database.write("look") as connection:
            assert await connection.run_sync(who_runs) == []
        await migrate(empty_url)
        leases = SqlLeaseStore(database, FakeClock())
        fence = await leases.take(Holder(id="a", host="here", pid=7), Shards(count=2, ids=(0, 1)))
        async with database.write("look") as connection:
            assert await connection.run_sync(who_runs) == ["process 7 on here"]
        assert isinstance(fence, int)
        await leases.release(fence)
        async with database.write("look") as connection:
            assert await connection.run_sync(who_runs) == []


async def test_turns_of_a_release_without_leases_are_left_to_the_next_start(empty_url: str) -> None:
    done = await asyncio.to_thread(_alembic, empty_url, "upgrade", "0008")
    assert done.returncode == 0, done.stderr
    async with open_database(empty_url) as database, database.write("pretend") as connection:
        await connection.execute(
            text(
                "INSERT INTO turns (id, channel_id, asker_id, mode, state, prompt, locale, created_at, updated_at, "
                "reply_ids, text, prompt_tokens, completion_tokens, total_tokens, pictures) VALUES "
                "(6, 1, 8, 'chat', 'streaming', 'hi', 'en', '2024-01-01', '2024-01-02', '', '', 0, 0, 0, 0)"
            )
        )
    await migrate(empty_url)
    async with open_database(empty_url) as database:
        fence = await SqlLeaseStore(database, FakeClock()).take(Holder(id="a"), Shards())
        assert isinstance(fence, int)
        assert [one.id for one in await SqlTurnStore(database, fence=lambda: fence).unfinished()] == [6]


async def test_what_is_one_person_s_alone_is_not_left_to_a_release_that_would_tell_it(empty_url: str) -> None:
    await migrate(empty_url)
    async with open_database(empty_url) as database:
        history = SqlHistoryStore(database)
        for said in (message(1), replace(message(2), only_for=8), replace(message(3), only_for=8, private=True)):
            await history.append(said)
    done = await asyncio.to_thread(_alembic, empty_url, "downgrade", "0008")
    assert done.returncode == 0, done.stderr
    async with open_database(empty_url) as database, database.read("look") as connection:
        assert (await connection.execute(text("SELECT id FROM messages"))).scalars().all() == [1]
    await migrate(empty_url)
    async with open_database(empty_url) as database, database.read("look") as connection:
        kept = (await connection.execute(text("SELECT id, only_for, private FROM messages"))).all()
        assert [tuple(row) for row in kept] == [(1, None, False)]
