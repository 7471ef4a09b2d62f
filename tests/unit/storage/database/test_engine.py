"""Opening a database: addresses, folders and what is said when it can't be."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event, text

from bot.errors import StorageError
from bot.storage.database import engine
from bot.storage.database.engine import Database, open_database
from bot.storage.schema.migrate import migrate


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "can't be read; expected sqlite"),
        ("no address at all", "can't be read; expected sqlite"),
        ("postgresql+asyncpg://user:hunter2@host:port/name", "can't be read"),
        ("sqlite:///data/bot.db", "begins with 'sqlite'; expected sqlite.aiosqlite"),
        ("postgres://user:hunter2@host/name", "begins with 'postgres'; expected"),
        ("mysql+aiomysql://user:hunter2@host/name", "begins with 'mysql.aiomysql'"),
        ("sqlite+aiosqlite://", "names no file"),
        ("sqlite+aiosqlite:///:memory:", "names no file"),
    ],
)
def test_an_address_that_is_wrong_is_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(StorageError, match=words) as caught:
        open_database(url)
    assert "hunter2" not in str(caught.value)


async def test_makes_the_folder_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "some folder" / "数据" / "bot.db"
    async with open_database(f"sqlite+aiosqlite:///{path}") as database:
        await database.check()
    assert path.exists()


async def test_takes_a_path_relative_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    await migrate("sqlite+aiosqlite:///data/bot.db")
    assert (tmp_path / "data" / "bot.db").exists()


async def test_a_database_that_can_be_read_but_takes_nothing_is_told(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    await migrate(url)
    async with open_database(url) as database:
        await database.check_writing()
        await database.check_writing()
        with closing(sqlite3.connect(tmp_path / "bot.db")) as connection:
            connection.execute(
                "CREATE TRIGGER full BEFORE UPDATE ON revisions BEGIN SELECT RAISE(FAIL, 'disk is full'); END"
            )
        await database.check()
        with pytest.raises(StorageError, match="write to the database"):
            await database.check_writing()


async def test_a_sign_of_life_is_really_written(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    await migrate(url)
    async with open_database(url) as database:
        await database.check_writing()
        before = (tmp_path / "bot.db-wal").stat().st_size
        await database.check_writing()
        assert (tmp_path / "bot.db-wal").stat().st_size > before


async def test_takes_an_sqlite_uri(tmp_path: Path) -> None:
    async with open_database(f"sqlite+aiosqlite:///file:{tmp_path}/bot.db?mode=rwc&uri=true") as database:
        await database.check()
    assert (tmp_path / "bot.db").exists()


async def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    url = f"sqlite+aiosqlite:///{tmp_path}/file/data/bot.db"
    with pytest.raises(StorageError, match=r"folder .*file/data.* can't be made: Not a directory"):
        open_database(url)
    with pytest.raises(StorageError, match="can't be made"):
        await migrate(url)


async def test_a_file_that_can_not_be_opened_says_why(tmp_path: Path) -> None:
    # A folder where the file should be: refused to everyone, root too, unlike a file without permission.
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}") as database:
        with pytest.raises(StorageError, match="Could not reach the database: unable to open database file"):
            await database.check()
    with pytest.raises(StorageError, match="Could not migrate the database: unable to open database file"):
        await migrate(f"sqlite+aiosqlite:///{tmp_path}")


async def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_text("not a database, " * 100)
    with pytest.raises(StorageError, match="not a database"):
        await migrate(f"sqlite+aiosqlite:///{tmp_path}/bot.db")


async def test_a_read_only_database_can_be_read_and_not_written(tmp_path: Path) -> None:
    await migrate(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    async with open_database(f"sqlite+aiosqlite:///file:{tmp_path}/bot.db?mode=ro&uri=true") as database:
        await database.check()
        with pytest.raises(StorageError, match="readonly"):
            await database.execute("write", text("CREATE TABLE mine (n INTEGER)"), {})


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(StorageError, match=r"asyncpg is missing.*fusion-bot\[postgres\]"):
        open_database("postgresql+asyncpg://user@host/name")


async def test_sqlite_is_set_up_for_many_readers_and_one_writer(tmp_path: Path) -> None:
    async with (
        open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.db") as database,
        database.read("look") as connection,
    ):
        found = [
            (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert found == ["wal", 1, 1, 10_000]


async def test_a_migration_leaves_foreign_keys_unchecked(tmp_path: Path) -> None:
    async with (
        open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.db", migrating=True) as database,
        database.read("look") as connection,
    ):
        assert (await connection.exec_driver_sql("PRAGMA foreign_keys")).scalar_one() == 0


async def test_a_connection_that_fails_leaves_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    for _ in range(5):
        async with open_database(f"sqlite+aiosqlite:///{tmp_path}") as database:
            with pytest.raises(StorageError):
                await database.check()
    # The threads that waited for the database's own are of the event loop, and few.
    left = [thread.name for thread in threading.enumerate() if not thread.name.startswith("asyncio_")]
    assert len(left) <= before


async def test_dispose_waits_for_cancelled_statements(tmp_path: Path) -> None:
    slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n"

    async def count(database: Database) -> None:
        async with database.read("count") as connection:
            await connection.exec_driver_sql(slow)

    before = threading.active_count()
    begun = asyncio.Event()
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.db") as database:
        await database.check()
        event.listen(database._engine.sync_engine, "before_cursor_execute", lambda *_: begun.set())
        task = asyncio.create_task(count(database))
        await begun.wait()
        # Cancelled once it waits for its statement to end, cancelled again it leaves the statement to the thread.
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    left = [thread.name for thread in threading.enumerate() if not thread.name.startswith("asyncio_")]
    assert len(left) <= before


async def test_waits_for_the_writer_of_another_process(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    other = sqlite3.connect(path, isolation_level=None)
    async with open_database(f"sqlite+aiosqlite:///{path}") as database:
        try:
            await database.check()
            other.execute("CREATE TABLE shared (n INTEGER)")
            other.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(database.execute("write", text("INSERT INTO shared VALUES (1)"), {}))
            done, _ = await asyncio.wait([waiting], timeout=0.2)
            assert not done
            other.execute("COMMIT")
            assert await waiting == 1
            assert other.execute("SELECT n FROM shared").fetchall() == [(1,)]
        finally:
            other.close()


async def test_a_writer_of_another_process_that_never_ends_is_a_storage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_S", 0.05)
    other = sqlite3.connect(tmp_path / "bot.db", isolation_level=None)
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.db") as database:
        try:
            await database.check()
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageError, match="Could not write: database is locked"):
                await database.execute("write", text("CREATE TABLE mine (n INTEGER)"), {})
        finally:
            other.close()
        await database.execute("write", text("CREATE TABLE mine (n INTEGER)"), {})


async def test_a_file_that_somebody_is_writing_to_is_waited_for_when_its_journal_is_switched(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.db") as database:
            opening = asyncio.create_task(database.check())
            await asyncio.sleep(0.1)  # time for it to fail
            assert not opening.done()
            other.execute("COMMIT")
            async with asyncio.timeout(45):
                await opening


async def test_a_file_that_stays_locked_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_S", 0.05)
    with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.db") as database:
            with pytest.raises(StorageError, match="database is locked"):
                await database.check()
