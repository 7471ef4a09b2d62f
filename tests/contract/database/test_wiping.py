"""Deleted text is gone from the database's files, too: from the file itself and from its write-ahead log."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.history.removals import Removal, Scope
from bot.domain.turn.record import TurnState
from bot.storage.database import engine
from bot.storage.database.engine import Database, open_database
from bot.storage.stores.drawings import SqlDrawingStore
from bot.storage.stores.history import SqlHistoryStore
from bot.storage.stores.places.removals import SqlRemovalStore
from bot.storage.stores.retention import SqlRetentionStore
from bot.storage.stores.turns import SqlTurnStore
from tests.contract.samples import LATER, START, drawing, message, prompt_of, turn

SECRET = "SECRETDIAGNOSIS"
LONG = f"{SECRET} " * 2000
"""More than a page of the file holds, so that whole pages come free."""


@pytest.fixture
async def database(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Database]:
    path = tmp_path / "bot.db"
    shutil.copy(migrated_file, path)
    async with open_database(f"sqlite+aiosqlite:///{path}") as opened:
        yield opened


def traces(tmp_path: Path) -> dict[str, int]:
    """How often the text is in each of the database's files."""
    found = {path.name: path.read_bytes().count(SECRET.encode()) for path in tmp_path.glob("bot.db*")}
    return {name: count for name, count in found.items() if count}


async def by_delete(database: Database) -> None:
    await SqlHistoryStore(database).delete(1, (1, 2), deleted_at=LATER)
    await SqlTurnStore(database).forget((1, 2))


async def by_edit(database: Database) -> None:
    for number in (1, 2):
        await SqlHistoryStore(database).edit(1, number, text="changed", edited_at=LATER)
    await SqlTurnStore(database).forget((1, 2))


async def by_retention(database: Database) -> None:
    await SqlRetentionStore(database).purge(7, before=LATER, limit=9)


async def by_removal(database: Database) -> None:
    gone = Removal(scope=Scope.CHANNEL, id=1, guild_id=7, gone_at=LATER)
    await SqlRemovalStore(database).purge_channel(gone, limit=9)


@pytest.mark.parametrize("text", [f"my {SECRET} is x", LONG], ids=["short", "long"])
@pytest.mark.parametrize("way", [by_delete, by_edit, by_retention, by_removal])
async def test_what_is_taken_away_leaves_the_files(
    database: Database, tmp_path: Path, way: Callable[[Database], Awaitable[None]], text: str
) -> None:
    turns = SqlTurnStore(database)
    for number in (1, 2):
        new = replace(turn(number), prompt=text)
        await turns.create(new, prompt_of(new))
        await turns.finish(number, state=TurnState.COMPLETE, reply_ids=(9,), text=text, updated_at=START)
        await SqlDrawingStore(database).add(replace(drawing(number, prompt=text), guild_id=7))
    assert traces(tmp_path)
    database._traces.clear()
    await way(database)
    assert database._traces.is_set()
    assert await database.wipe()
    assert traces(tmp_path) == {}


async def test_wiping_waits_for_nobody_and_is_tried_again(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = SqlHistoryStore(database)
    await history.append(message(1, text=f"my {SECRET} is x"))
    slept: asyncio.Queue[float] = asyncio.Queue()
    go = asyncio.Semaphore(0)

    async def sleep(delay_s: float) -> None:
        slept.put_nowait(delay_s)
        await go.acquire()

    monkeypatch.setattr(engine, "WIPE_WAIT_S", 0.01)
    wiping = asyncio.create_task(database.keep_wiped(sleep))
    with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM messages").fetchone()
        await history.delete(1, (1,), deleted_at=LATER)
        assert await slept.get() == engine.WIPE_AFTER_S
        go.release()
        assert await slept.get() == engine.WIPE_AFTER_S  # somebody reads: once more
        assert traces(tmp_path)
        assert await history.append(message(2))  # nobody is kept from writing
        reader.execute("COMMIT")
    go.release()
    while traces(tmp_path):  # noqa: ASYNC110  # a thread's work
        await asyncio.sleep(0.01)
    wiping.cancel()
    await asyncio.wait([wiping])


async def test_postgresql_has_nothing_to_wipe() -> None:
    database = open_database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    await database.keep_wiped(asyncio.sleep)
