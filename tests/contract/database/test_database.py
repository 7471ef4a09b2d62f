"""Connections, transactions and errors, the same on both databases."""

from __future__ import annotations

import asyncio
import gc
import shutil
import sqlite3
import traceback
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import event, text

from bot.domain.turn.record import TurnState
from bot.errors import StorageError
from bot.storage.database import engine
from bot.storage.database.engine import SQLITE_CONNECTIONS, Database, open_database
from bot.storage.stores.history import SqlHistoryStore
from bot.storage.stores.turns import SqlTurnStore
from tests.contract.postgres import TemporaryPostgres
from tests.contract.samples import LATER, message, turn

SECRET = "what somebody wrote"


async def test_answers_a_check(database: Database) -> None:
    await database.check()


async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    history = SqlHistoryStore(database)
    await history.append(message(1))

    async def delete_and_fail() -> None:
        async with database.write("delete") as connection:
            await connection.execute(text("DELETE FROM messages"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await delete_and_fail()
    assert await history.get(1, 1) is not None
    assert await history.append(message(2))


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("INSERT INTO messages (text) VALUES (:value)", SECRET),
        ("SELECT no_such_function(:value)", SECRET),
        ("INSERT INTO turn_replies (turn_id, page, message_id) VALUES (0, CAST(:value AS INTEGER), 0)", SECRET),
    ],
)
async def test_a_statement_that_fails_is_a_storage_error_without_its_values(
    database: Database, statement: str, value: str
) -> None:
    with pytest.raises(StorageError) as caught:
        await database.execute("keep a message", text(statement), {"value": value})
    assert str(caught.value).startswith("Could not keep a message: ")
    assert caught.value.__cause__ is not None
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    await database.check()


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**200])
async def test_an_id_over_64_bits_is_a_storage_error(database: Database, number: int) -> None:
    history = SqlHistoryStore(database)
    with pytest.raises(StorageError):
        await history.append(message(number))
    with pytest.raises(StorageError):
        await history.get(1, number)
    assert await history.append(message(1))


async def test_a_value_that_this_version_does_not_know_is_a_storage_error(database: Database) -> None:
    history = SqlHistoryStore(database)
    await history.append(message(1))
    async with database.write("pretend") as connection:
        await connection.execute(text("UPDATE messages SET role = 'oracle'"))
    with pytest.raises(StorageError, match="read the history"):
        await history.recent(1, limit=1)
    await database.check()


async def test_tables_that_are_missing_are_a_storage_error(empty_url: str) -> None:
    async with open_database(empty_url) as database:
        with pytest.raises(StorageError, match="keep a turn"):
            await SqlTurnStore(database).create(turn(1), message(1))


async def test_no_reader_waits_for_a_writer(database: Database) -> None:
    history = SqlHistoryStore(database)
    await history.append(message(1, text="before"))
    async with database.write("edit") as connection:
        await connection.execute(text("UPDATE messages SET text = 'after'"))
        during = await asyncio.wait_for(history.get(1, 1), timeout=45)
    after = await history.get(1, 1)
    assert (during, after) == (message(1, text="before"), message(1, text="after"))


async def test_an_urgent_writer_does_not_wait_for_all_who_came_before_it(database: Database) -> None:
    if not database.is_sqlite:
        return  # PostgreSQL has no one writer
    history, done = SqlHistoryStore(database), []

    async def write(number: int, *, urgent: bool) -> None:
        statement = text("UPDATE messages SET text = :words")
        await database.execute("edit", statement, {"words": str(number)}, urgent=urgent)
        done.append(number)

    await history.append(message(1))
    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(write(number, urgent=False))
        await asyncio.sleep(0)
        group.create_task(write(99, urgent=True))
    assert done.index(99) <= 3


async def test_a_writer_does_not_wait_for_all_who_read(database: Database) -> None:
    if not database.is_sqlite:
        return  # PostgreSQL's connections are many
    async with AsyncExitStack() as stack:
        reading = [
            asyncio.create_task(stack.enter_async_context(database.read("read"))) for _ in range(SQLITE_CONNECTIONS - 1)
        ]
        await asyncio.wait(reading)
        late = asyncio.create_task(SqlHistoryStore(database).get(1, 1))
        await asyncio.wait_for(SqlHistoryStore(database).append(message(1)), timeout=45)
        assert not late.done()
    assert await late is None or await late == message(1)


async def test_cancelling_at_any_point_leaves_the_database_usable(database: Database) -> None:
    turns = SqlTurnStore(database)
    await turns.create(turn(1), message(1))
    for steps in range(60):
        task = asyncio.create_task(turns.checkpoint(1, reply_ids=(steps, steps + 1), text=str(steps), updated_at=LATER))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        found = await turns.get(1)
        assert found is not None
        # All of a checkpoint or nothing of it.
        assert found.reply_ids == ((int(found.text), int(found.text) + 1) if found.text else ())
    await turns.checkpoint(1, reply_ids=(9,), text="last", updated_at=LATER)
    found = await turns.get(1)
    assert found is not None
    assert found.text == "last"


async def test_a_cancelled_writer_ends_its_work_and_holds_nobody_up(database: Database) -> None:
    turns = SqlTurnStore(database)
    await turns.create(turn(1), message(1))
    for steps in range(30):
        await turns.finish(1, state=TurnState.COMPLETE, reply_ids=(steps,), text=str(steps), updated_at=LATER)
        before = len(await turns.versions(1))
        task = asyncio.create_task(turns.begin_version(1, updated_at=LATER))
        for _ in range(steps + 1):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        async with asyncio.timeout(45):
            await turns.finish(1, state=TurnState.STOPPED, reply_ids=(), text="", updated_at=LATER)
        assert [version.state for version in await turns.versions(1)][before - 1 :] == [
            TurnState.COMPLETE,
            TurnState.STOPPED,
        ]


async def test_a_cancelled_reader_holds_nobody_up(database: Database) -> None:
    history = SqlHistoryStore(database)
    for number in range(40):
        await history.append(message(number))
        task = asyncio.create_task(history.recent(1, limit=40))
        for _ in range(number):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        async with asyncio.timeout(45):
            assert await history.edit(1, number, text="changed", edited_at=LATER)
    assert [found.text for found in await history.recent(1, limit=40)] == ["changed"] * 40


async def test_cancelling_a_whole_crowd_leaves_the_database_usable(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    history = SqlHistoryStore(database)
    tasks = [asyncio.create_task(history.append(message(number))) for number in range(60)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert not caplog.records
    done = {number for number, task in enumerate(tasks) if not task.cancelled()}
    kept = {found.id for found in await history.recent(1, limit=100)}
    assert done <= kept
    assert await history.append(message(1000))


async def test_dispose_may_be_repeated_and_the_database_used_again(database: Database) -> None:
    await database.check()
    await database.dispose()
    await database.dispose()
    await database.check()


async def test_a_server_that_is_away_is_a_storage_error(postgres: TemporaryPostgres) -> None:
    async with open_database(postgres.url("absent")) as database:
        with pytest.raises(StorageError, match="reach the database"):
            await database.check()
    async with open_database("postgresql+asyncpg://someone:hunter2@127.0.0.1:1/bot") as database:
        with pytest.raises(StorageError, match="reach the database") as caught:
            await database.check()
    assert "hunter2" not in str(caught.value)


async def test_every_connection_busy_is_a_storage_error(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database._engine.pool, "_timeout", 0.05)
    async with AsyncExitStack() as stack:

        async def borrow_all() -> None:
            for _ in range(100):
                await stack.enter_async_context(database.read("look"))

        with pytest.raises(StorageError, match="Could not look: every connection was busy for too long"):
            await borrow_all()
    await database.check()


async def test_reading_uses_an_index_and_sorts_nothing(migrated_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    shutil.copy(migrated_file, path)
    asked: list[str] = []
    async with open_database(f"sqlite+aiosqlite:///{path}") as database:
        event.listen(database._engine.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        history = SqlHistoryStore(database)
        await history.recent(1, limit=5)
        await history.recent(1, limit=5, up_to=9)
        await history.range(1, after=3, limit=5)
        queries = tuple(asked)
        async with database.read("explain") as connection:
            for query in queries:
                values = tuple(range(query.count("?")))
                rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)
                plan = [row.detail for row in rows]
                assert "USING INDEX ix_messages_present (channel_id=?" in plan[0]
                # No sorting, no second look but that for the turn of each row, by its key.
                assert [step for step in plan[1:] if "turns USING INTEGER PRIMARY KEY" not in step] == []
                assert len(plan) <= 2
    assert len(queries) == 3


async def test_channels_of_late_are_found_by_an_index(migrated_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    shutil.copy(migrated_file, path)
    asked: list[str] = []
    async with open_database(f"sqlite+aiosqlite:///{path}") as database:
        event.listen(database._engine.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        await SqlHistoryStore(database).channels_since(LATER, limit=5)
        (query,) = asked
        async with database.read("explain") as connection:
            values = ("2024", *range(query.count("?") - 1))
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)
            plan = [row.detail for row in rows]
            assert [step for step in plan if "messages" in step] == [
                "SEARCH messages USING INDEX ix_messages_recent (created_at>?)"
            ]


@pytest.fixture
def held_file(migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database that another process writes to all the time, for which a writer waits a fifth of a second."""
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_S", 0.2)
    return Path(shutil.copy(migrated_file, tmp_path))


async def test_those_behind_a_writer_who_fails_do_not_wait_one_after_the_other(held_file: Path) -> None:
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(f"sqlite+aiosqlite:///{held_file}"))
        history = SqlHistoryStore(database)
        other = stack.enter_context(closing(sqlite3.connect(held_file, isolation_level=None)))
        other.execute("BEGIN IMMEDIATE")
        loop = asyncio.get_running_loop()
        begun = loop.time()
        work = (history.append(message(number)) for number in range(50))
        found = await asyncio.gather(*work, return_exceptions=True)
        assert all(isinstance(one, StorageError) for one in found)
        assert loop.time() - begun < 5, "fifty times a fifth of a second"
        other.execute("ROLLBACK")
        assert await history.append(message(1))


async def test_closing_waits_for_one_writer_not_for_all(held_file: Path) -> None:
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(f"sqlite+aiosqlite:///{held_file}"))
        history = SqlHistoryStore(database)
        other = stack.enter_context(closing(sqlite3.connect(held_file, isolation_level=None)))
        other.execute("BEGIN IMMEDIATE")
        tasks = [asyncio.create_task(history.append(message(number))) for number in range(50)]
        await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await database.dispose()
        assert loop.time() - begun < 5
        assert all(isinstance(task.exception(), StorageError) for task in tasks)


async def test_what_a_cancelled_writer_fails_with_is_not_left_to_the_loop(held_file: Path) -> None:
    left: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: left.append(context))
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(f"sqlite+aiosqlite:///{held_file}"))
        history = SqlHistoryStore(database)
        other = stack.enter_context(closing(sqlite3.connect(held_file, isolation_level=None)))
        other.execute("BEGIN IMMEDIATE")
        task = asyncio.create_task(history.append(message(1)))
        for _ in range(2):
            await asyncio.sleep(0.01)
            task.cancel()
        await asyncio.wait((task,))
        await database.dispose()
        del task
        gc.collect()
    assert left == []
