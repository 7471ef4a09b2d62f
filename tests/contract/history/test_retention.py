"""What every ``RetentionStore`` keeps to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, text

from bot.domain.history.ports import HistoryStore, RetentionStore
from bot.domain.history.retention import Purged
from bot.domain.picture.files import Drawing
from bot.domain.picture.ports import DrawingStore
from bot.domain.turn.notice import StandingRefusal
from bot.domain.turn.ports import RefusalStore, TurnStore
from bot.domain.turn.record import TurnState
from bot.storage.database.engine import Database
from bot.storage.notices.refusals import SqlRefusalStore
from bot.storage.schema.tables import messages
from bot.storage.stores.history import SqlHistoryStore, message_row
from bot.storage.stores.retention import SqlRetentionStore
from tests.contract.samples import LATER, START, drawing, message, prompt_of, turn
from tests.fakes.stores.drawings import FakeDrawingStore
from tests.fakes.stores.history import FakeHistoryStore
from tests.fakes.stores.notices import FakeRefusalStore
from tests.fakes.stores.retention import FakeRetentionStore
from tests.fakes.stores.turns import FakeTurnStore

GUILD = 7
"""The guild of the samples."""
DONE = TurnState.COMPLETE


@pytest.fixture
def refusals(stores_database: Database | None) -> RefusalStore:
    return FakeRefusalStore() if stores_database is None else SqlRefusalStore(stores_database)


@pytest.fixture
def retention(
    stores_database: Database | None,
    history: HistoryStore,
    turns: TurnStore,
    drawings: DrawingStore,
    refusals: RefusalStore,
) -> RetentionStore:
    if stores_database is not None:
        return SqlRetentionStore(stores_database)
    assert isinstance(history, FakeHistoryStore)
    assert isinstance(turns, FakeTurnStore)
    assert isinstance(drawings, FakeDrawingStore)
    assert isinstance(refusals, FakeRefusalStore)
    return FakeRetentionStore(history, turns, drawings, refusals)


def drawn(turn_id: int, index: int = 0, *, at: datetime = START, guild_id: int | None = GUILD) -> Drawing:
    return replace(drawing(turn_id, index), created_at=at, guild_id=guild_id, stored=f"{turn_id}-{index}.png")


async def keep_turns(turns: TurnStore, *ids: int, at: datetime = START, guild_id: int | None = GUILD) -> None:
    for turn_id in ids:
        new = replace(turn(turn_id), created_at=at, updated_at=at, guild_id=guild_id)
        await turns.create(new, replace(prompt_of(new), created_at=at))
        await turns.finish(turn_id, state=DONE, reply_ids=(turn_id + 100,), text="answer", updated_at=at)


async def everything(retention: RetentionStore, before: datetime, guild_id: int | None = GUILD) -> list[Purged]:
    steps: list[Purged] = []
    while (step := await retention.purge(guild_id, before=before, limit=2)).any:
        steps.append(step)
    return steps


async def ids(history: HistoryStore) -> Sequence[int]:
    return [line.id for line in await history.recent(1, limit=99)]


async def test_what_is_old_goes_in_steps_the_oldest_first_and_what_is_newer_stays(
    retention: RetentionStore, history: HistoryStore, turns: TurnStore
) -> None:
    await keep_turns(turns, 3, 2, 1)
    await history.append(replace(message(4), created_at=START - timedelta(days=1)))
    await keep_turns(turns, 5, at=LATER)
    first = await retention.purge(GUILD, before=LATER, limit=2)
    assert (first.messages, first.turns) == (2, 2)
    assert 4 not in await ids(history)
    assert [(step.messages, step.turns) for step in await everything(retention, LATER)] == [(2, 1)]
    assert await ids(history) == [5]
    assert [await turns.get(turn_id) is None for turn_id in (1, 2, 3, 5)] == [True, True, True, False]
    assert await retention.purge(GUILD, before=LATER, limit=2) == Purged()


async def test_a_turn_goes_with_all_that_belongs_to_it(
    retention: RetentionStore, turns: TurnStore, drawings: DrawingStore
) -> None:
    await keep_turns(turns, 1)
    await turns.begin_version(1, updated_at=START)
    await turns.finish(1, state=DONE, reply_ids=(101, 102), text="again", updated_at=START)
    for index in (0, 1):
        await drawings.add(drawn(1, index, at=LATER))  # made later than it was asked for
    step = await retention.purge(GUILD, before=LATER, limit=2)
    assert (step.messages, step.turns, step.drawings) == (1, 1, 2)
    assert sorted(step.files) == ["1-0.png", "1-1.png"]
    assert await turns.versions(1) == ()
    assert await turns.by_reply(102) is None
    assert await drawings.by_turn(1) == ()


async def test_a_drawing_goes_without_its_turn_too(retention: RetentionStore, drawings: DrawingStore) -> None:
    await drawings.add(drawn(1))
    await drawings.add(drawn(2, at=LATER))
    await drawings.add(replace(drawn(3), stored=None))
    assert [(step.drawings, step.files) for step in await everything(retention, LATER)] == [(2, ("1-0.png",))]
    assert await drawings.by_turn(2) == (drawn(2, at=LATER),)


async def test_deleted_messages_leave_no_trace_either(retention: RetentionStore, history: HistoryStore) -> None:
    await history.append(message(1))
    await history.delete(1, (1,), deleted_at=LATER)
    assert (await retention.purge(GUILD, before=LATER, limit=2)).messages == 1
    assert await history.append(message(1))


async def test_a_turn_under_way_stays_and_its_drawings_with_it(
    retention: RetentionStore, turns: TurnStore, drawings: DrawingStore
) -> None:
    await keep_turns(turns, 1)
    await drawings.add(drawn(1))
    await turns.begin_version(1, updated_at=LATER)  # asked again after all that time
    step = await retention.purge(GUILD, before=LATER, limit=2)
    assert (step.messages, step.turns, step.drawings) == (1, 0, 0)
    assert await turns.get(1) is not None
    await turns.finish(1, state=DONE, reply_ids=(101,), text="again", updated_at=LATER)
    step = await retention.purge(GUILD, before=LATER, limit=2)
    assert (step.turns, step.drawings) == (1, 1)


async def test_a_turn_that_nobody_has_ended_for_as_long_goes(retention: RetentionStore, turns: TurnStore) -> None:
    await turns.create(turn(1, state=TurnState.STREAMING), None)
    assert (await retention.purge(GUILD, before=START, limit=2)).turns == 0
    assert (await retention.purge(GUILD, before=LATER, limit=2)).turns == 1


@pytest.mark.parametrize("guild_id", [GUILD, None])
async def test_other_guilds_and_what_is_outside_of_them_stay(
    retention: RetentionStore, history: HistoryStore, turns: TurnStore, drawings: DrawingStore, guild_id: int | None
) -> None:
    for offset, place in enumerate((GUILD, 8, None)):
        await keep_turns(turns, 10 + offset, guild_id=place)
        await drawings.add(drawn(10 + offset, guild_id=place))
    steps = await everything(retention, LATER, guild_id)
    assert [(step.messages, step.turns, step.drawings) for step in steps] == [(1, 1, 1)]
    gone = 10 if guild_id == GUILD else 12
    assert await ids(history) == [each for each in (10, 11, 12) if each != gone]
    assert await turns.get(gone) is None
    assert await drawings.by_turn(11) == (drawn(11, guild_id=8),)


async def test_guilds_are_found_by_anything_that_is_kept_of_them(
    retention: RetentionStore, history: HistoryStore, turns: TurnStore, drawings: DrawingStore
) -> None:
    assert await retention.guilds(after=0, limit=9) == ()
    for guild_id in (30, 30, 10, None):
        number = len(await ids(history)) + 1
        await history.append(replace(message(number), guild_id=guild_id))
    await turns.create(replace(turn(50), guild_id=2**63 - 1), None)
    await drawings.add(drawn(60, guild_id=20))
    assert await retention.guilds(after=0, limit=9) == (10, 20, 30, 2**63 - 1)
    assert await retention.guilds(after=0, limit=2) == (10, 20)
    assert await retention.guilds(after=20, limit=9) == (30, 2**63 - 1)


async def test_two_processes_do_each_row_once(
    retention: RetentionStore, turns: TurnStore, drawings: DrawingStore
) -> None:
    await keep_turns(turns, *range(1, 21))
    for turn_id in range(1, 21):
        await drawings.add(drawn(turn_id))
    both = await asyncio.gather(*(everything(retention, LATER) for _ in range(2)))
    steps = [step for each in both for step in each]
    assert sum(step.messages for step in steps) == 20
    assert sum(step.turns for step in steps) == 20
    assert sorted(name for step in steps for name in step.files) == sorted(f"{each}-0.png" for each in range(1, 21))


async def test_what_is_left_of_a_large_table_is_what_is_not_old(database: Database) -> None:
    rows = [
        message_row(replace(message(number, 1 + number % 50), created_at=START + timedelta(seconds=number)))
        for number in range(1, 20_001)
    ]
    async with database.write("fill") as connection:
        await connection.execute(insert(messages), rows)
    retention = SqlRetentionStore(database)
    before = START + timedelta(seconds=19_991)
    steps = 0
    while (await retention.purge(GUILD, before=before, limit=1000)).any:
        steps += 1
    assert steps == 20
    kept = [line.id for each in range(1, 51) for line in await SqlHistoryStore(database).recent(each, limit=9)]
    assert sorted(kept) == list(range(19_991, 20_001))


async def test_what_is_old_is_found_by_an_index(database: Database) -> None:
    """Each step is as short as the last: no table is walked from end to end, nothing is sorted."""
    if not database.is_sqlite:
        pytest.skip("PostgreSQL walks a table that is empty")
    seen: list[str] = []
    async with database.read("look") as connection:
        for table in ("messages", "turns", "drawings"):
            for place in ("guild_id = 7", "guild_id IS NULL"):
                query = f"SELECT 1 FROM {table} WHERE {place} AND created_at < '2024' ORDER BY created_at LIMIT 2"
                seen += [row[3] for row in await connection.execute(text(f"EXPLAIN QUERY PLAN {query}"))]
    assert len(seen) == 6
    assert all("USING INDEX ix_" in line or "USING COVERING INDEX ix_" in line for line in seen)
    assert all("guild_id_created_at (guild_id=? AND created_at<?)" in line for line in seen)


async def test_refusals_go_as_messages_do(retention: RetentionStore, refusals: RefusalStore) -> None:
    for number, at, guild_id in ((1, START, 7), (2, LATER, 7), (3, START, 8), (4, START, None)):
        await refusals.add(
            StandingRefusal(prompt_id=number, channel_id=1, message_id=10 + number, guild_id=guild_id, created_at=at)
        )
    assert await retention.guilds(after=0, limit=9) == (7, 8)
    assert [step.messages for step in await everything(retention, LATER)] == [1]
    assert {one.prompt_id for one in await refusals.of((1, 2, 3, 4))} == {2, 3, 4}
    await everything(retention, LATER, None)
    assert {one.prompt_id for one in await refusals.of((1, 2, 3, 4))} == {2, 3}
