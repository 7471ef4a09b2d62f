"""Reads of recent history that come at once share visits to the database; no fault or leaving is another's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import event, text

from bot.errors import StorageError
from bot.storage.database.engine import Database, open_database
from bot.storage.stores import recent
from bot.storage.stores.history import SqlHistoryStore
from bot.storage.stores.recent import READS_AT_ONCE, SIZES
from tests.contract.samples import message


@pytest.fixture
def statements(database: Database) -> list[str]:
    """Collect every statement that the database is asked."""
    asked: list[str] = []
    event.listen(database._engine.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    return asked


async def filled(database: Database, channels: int, each: int = 1) -> SqlHistoryStore:
    """Make a history of ``each`` messages a channel; the ids are 0 and up, the same in every channel."""
    history = SqlHistoryStore(database)
    await asyncio.gather(*(history.append(message(n, channel)) for channel in range(channels) for n in range(each)))
    return history


async def test_fifty_at_once_are_few_statements(database: Database, statements: list[str]) -> None:
    history = await filled(database, READS_AT_ONCE)
    statements.clear()
    found = await asyncio.gather(*(history.recent(channel, limit=3) for channel in range(READS_AT_ONCE)))
    assert [[one.channel_id for one in each] for each in found] == [[channel] for channel in range(READS_AT_ONCE)]
    assert len(statements) == READS_AT_ONCE // SIZES[-1]


@pytest.mark.parametrize("count", [1, 2, 5, 6, 25, 26, 51, 130])
async def test_any_number_at_once_is_answered(database: Database, count: int) -> None:
    history = await filled(database, 1, each=3)
    found = await asyncio.gather(*(history.recent(0, limit=2, up_to=number % 3) for number in range(count)))
    ids = [[one.id for one in each] for each in found]
    assert ids == [[[0], [0, 1], [1, 2]][number % 3] for number in range(count)]


async def test_one_statement_brings_a_bounded_number_of_rows(
    database: Database, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent, "MAX_ROWS", 10)
    history = await filled(database, 4, each=12)
    statements.clear()
    limits = (11, 4, 6, 1)
    found = await asyncio.gather(*(history.recent(channel, limit=limit) for channel, limit in enumerate(limits)))
    assert tuple(map(len, found)) == limits
    # The first is over the bound by itself, the next two come just up to it.
    assert len(statements) == 3


async def test_one_that_the_database_refuses_is_alone_with_it(database: Database) -> None:
    history = await filled(database, 3)
    reads = (history.recent(channel, limit=1, up_to=2**63 if channel == 1 else 5) for channel in range(3))
    first, refused, last = await asyncio.gather(*reads, return_exceptions=True)
    assert isinstance(refused, StorageError)
    assert (first, last) == ((message(0, 0),), (message(0, 2),))


async def test_a_message_that_can_not_be_read_is_its_own_channels_matter(database: Database) -> None:
    history = await filled(database, 3)
    async with database.write("pretend") as connection:
        await connection.execute(text("UPDATE messages SET role = 'oracle' WHERE channel_id = 1"))
    first, refused, last = await asyncio.gather(
        *(history.recent(channel, limit=1) for channel in range(3)), return_exceptions=True
    )
    assert isinstance(refused, StorageError)
    assert str(refused) == "Could not read the history: LookupError"
    assert (first, last) == ((message(0, 0),), (message(0, 2),))


async def test_leaving_at_any_point_leaves_the_others_their_answer(database: Database) -> None:
    history = await filled(database, 3)
    for steps in range(40):
        leaving, *staying = (asyncio.create_task(history.recent(channel, limit=1)) for channel in range(3))
        for _ in range(steps):
            await asyncio.sleep(0)
        leaving.cancel()
        assert await asyncio.gather(*staying) == [(message(0, 1),), (message(0, 2),)]
        await asyncio.wait([leaving])


async def test_closing_waits_for_a_read_that_everybody_has_left(database: Database) -> None:
    history = await filled(database, 1)
    asked = asyncio.Event()
    event.listen(database._engine.sync_engine, "before_cursor_execute", lambda *_: asked.set())
    leaving = asyncio.create_task(history.recent(0, limit=1))
    await asked.wait()
    leaving.cancel()
    await asyncio.wait([leaving])
    assert leaving.cancelled()
    ended = lent_back(database)
    await database.dispose()
    assert ended() == 1


def lent_back(database: Database) -> Callable[[], int]:
    """Count the connections that come back to the pool from now on."""
    returned: list[object] = []
    event.listen(database._engine.sync_engine, "checkin", lambda *given: returned.append(given))
    return lambda: len(returned)


async def test_preparing_reads_nothing_and_opens_connections(database: Database, statements: list[str]) -> None:
    opened: list[object] = []
    event.listen(database._engine.sync_engine, "connect", lambda *given: opened.append(given))
    history = SqlHistoryStore(database)
    await history.prepare(4)
    # One of SQLite's is left to the writer; PostgreSQL's tables were emptied through one that is open.
    assert len(opened) == 3
    assert len(statements) == 4 * len(SIZES)
    assert await history.recent(0, limit=1) == ()


async def test_preparing_without_tables_is_a_storage_error(empty_url: str) -> None:
    async with open_database(empty_url) as database:
        with pytest.raises(StorageError, match="read the history"):
            await SqlHistoryStore(database).prepare(4)
