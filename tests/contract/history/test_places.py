"""What every ``RemovalStore`` and every ``ComparisonStore`` keep to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete, func, insert, select

from bot.domain.history.ports import ComparisonStore, HistoryStore, RemovalStore
from bot.domain.history.removals import Comparison, Removal, Scope
from bot.domain.history.retention import Purged
from bot.domain.picture.ports import DrawingStore
from bot.domain.turn.notice import StandingRefusal
from bot.domain.turn.ports import TurnStore
from bot.domain.turn.record import TurnState
from bot.storage.database.engine import Database
from bot.storage.notices.refusals import SqlRefusalStore
from bot.storage.schema.tables import revisions, setting_changes, settings
from bot.storage.stores.places.comparisons import SqlComparisonStore
from bot.storage.stores.places.removals import SqlRemovalStore
from tests.contract.samples import LATER, START, drawing, message, prompt_of, turn
from tests.fakes.stores.drawings import FakeDrawingStore
from tests.fakes.stores.history import FakeHistoryStore
from tests.fakes.stores.places import FakeComparisonStore, FakeRemovalStore
from tests.fakes.stores.turns import FakeTurnStore

CHANNEL = Removal(scope=Scope.CHANNEL, id=1, guild_id=7, gone_at=START)
GUILD = Removal(scope=Scope.GUILD, id=7, guild_id=7, gone_at=LATER)


@pytest.fixture
def removals(
    stores_database: Database | None, history: HistoryStore, turns: TurnStore, drawings: DrawingStore
) -> RemovalStore:
    if stores_database is not None:
        return SqlRemovalStore(stores_database)
    assert isinstance(history, FakeHistoryStore)
    assert isinstance(turns, FakeTurnStore)
    assert isinstance(drawings, FakeDrawingStore)
    return FakeRemovalStore(history, turns, drawings)


@pytest.fixture
def comparisons(stores_database: Database | None, history: HistoryStore) -> ComparisonStore:
    if stores_database is not None:
        return SqlComparisonStore(stores_database)
    assert isinstance(history, FakeHistoryStore)
    return FakeComparisonStore(history)


async def test_what_is_gone_is_remembered_until_it_is_done(removals: RemovalStore) -> None:
    await removals.note(GUILD)
    await removals.note(CHANNEL)
    await removals.note(replace(CHANNEL, gone_at=LATER))
    assert await removals.pending() == (CHANNEL, GUILD)
    await removals.done(CHANNEL)
    await removals.done(CHANNEL)
    assert await removals.pending() == (GUILD,)


async def test_a_channel_goes_in_steps_with_all_that_belongs_to_it(
    removals: RemovalStore, history: HistoryStore, turns: TurnStore, drawings: DrawingStore
) -> None:
    for number in (2, 3, 4):
        await turns.create(turn(number), prompt_of(turn(number)))
    await turns.finish(2, state=TurnState.COMPLETE, reply_ids=(20,), text="Hi", updated_at=LATER)
    await drawings.add(replace(drawing(2), guild_id=7, stored="2-0.png"))
    await drawings.add(replace(drawing(90), guild_id=7, stored="90-0.png"))
    await drawings.add(replace(drawing(91), guild_id=7, channel_id=5, stored="91-0.png"))
    await history.append(message(5))
    await history.append(message(6, 5))
    await turns.create(replace(turn(8), channel_id=5), None)
    steps: list[Purged] = []
    while (step := await removals.purge_channel(CHANNEL, limit=2)).any:
        steps.append(step)
    assert [(step.messages, step.turns) for step in steps[:2]] == [(2, 2), (2, 1)]
    assert sorted(name for step in steps for name in step.files) == ["2-0.png", "90-0.png"]
    assert sum(step.drawings for step in steps) == 2
    assert await history.range(1, after=0, limit=9) == ()
    assert [line.id for line in await history.range(5, after=0, limit=9)] == [6]
    # Also one that was under way.
    assert [await turns.get(number) is None for number in (2, 3, 4, 8)] == [True, True, True, False]
    assert await drawings.by_turn(91) != ()
    assert await removals.purge_channel(CHANNEL, limit=2) == Purged()


async def test_the_threads_of_a_channel_are_found(removals: RemovalStore, turns: TurnStore) -> None:
    await turns.create(replace(turn(2), channel_id=2, parent_id=1), None)
    await turns.create(replace(turn(3), channel_id=2, parent_id=1), None)
    await turns.create(replace(turn(4), channel_id=5, parent_id=6), None)
    await turns.create(turn(5), None)
    assert await removals.threads(CHANNEL) == (2,)


async def test_guilds_where_the_bot_was_only_carried_along_are_left_out(
    removals: RemovalStore, history: HistoryStore, turns: TurnStore
) -> None:
    await history.append(message(1))
    await history.append(replace(message(2), guild_id=8, only_for=8))
    await turns.create(replace(turn(3), guild_id=9, only_for=8), None)
    await turns.create(replace(turn(4), guild_id=10), None)
    await history.append(replace(message(5), guild_id=None))
    assert await removals.guilds(after=0, limit=9) == (7, 10)
    assert await removals.guilds(after=7, limit=9) == (10,)
    assert await removals.guilds(after=0, limit=1) == (7,)


@pytest.mark.parametrize(("removal", "left"), [(CHANNEL, [7, 8]), (GUILD, [8])])
async def test_settings_go_and_every_process_hears_of_it(database: Database, removal: Removal, left: list[int]) -> None:
    said = {"key": "persona", "value": "x", "updated_at": START}
    changed = {"key": "persona", "by_id": 1, "by_name": "Ann", "changed_at": START, "batch": "b"}
    async with database.write("pretend") as connection:
        for scope, scope_id, guild_id in (("channel", 1, 7), ("guild", 7, 7), ("channel", 2, 8), ("person", 5, 0)):
            values = {"scope": scope, "scope_id": scope_id, "guild_id": guild_id}
            await connection.execute(insert(settings).values(**values, **said))
            if guild_id:
                await connection.execute(insert(setting_changes).values(id=scope_id + guild_id, **values, **changed))
        await connection.execute(delete(revisions))
        await connection.execute(insert(revisions).values(name="settings", number=0))
    await SqlRemovalStore(database).forget_settings(removal)
    async with database.read("look") as connection:
        rows = await connection.scalars(
            select(settings.c.guild_id).where(settings.c.guild_id != 0).order_by(settings.c.guild_id)
        )
        assert rows.all() == left
        assert await connection.scalar(select(revisions.c.number).where(revisions.c.name == "settings")) == 1
        kept = await connection.scalar(
            select(func.count()).select_from(setting_changes).where(setting_changes.c.guild_id == 7)
        )
        assert kept == (2 if removal is CHANNEL else 0)


async def test_channels_are_listed_with_their_newest_message(
    comparisons: ComparisonStore, history: HistoryStore
) -> None:
    for line in (message(5, 1), message(6, 1), message(2, 2), message(9, 3), message(4, 4)):
        await history.append(line)
    await history.append(replace(message(8, 1), only_for=8))
    await history.append(replace(message(8, 5), only_for=8))
    await history.delete(3, (9,), deleted_at=LATER)
    assert await comparisons.channels(after=0, limit=2) == ((1, 6), (2, 2))
    assert await comparisons.channels(after=2, limit=2) == ((4, 4),)
    assert await comparisons.channels(after=4, limit=2) == ()


async def test_how_far_a_channel_was_compared_is_kept(comparisons: ComparisonStore) -> None:
    assert await comparisons.comparison(1) is None
    begun = Comparison(channel_id=1, begun_at=START, down_to=50)
    await comparisons.note(begun)
    assert await comparisons.comparison(1) == begun
    await comparisons.note(replace(begun, down_to=None))
    assert await comparisons.comparison(1) == replace(begun, down_to=None)


async def test_a_channel_that_is_gone_is_compared_no_more(
    stores_database: Database | None, comparisons: ComparisonStore, removals: RemovalStore
) -> None:
    if stores_database is None:
        pytest.skip("only a database has both in one place")
    await comparisons.note(Comparison(channel_id=1, begun_at=START))
    await removals.purge_channel(CHANNEL, limit=2)
    assert await comparisons.comparison(1) is None


async def test_the_refusals_of_a_channel_go_with_it(removals: RemovalStore, stores_database: Database | None) -> None:
    if stores_database is None:
        pytest.skip("the fake has no refusals")
    refusals = SqlRefusalStore(stores_database)
    for number, channel_id in ((1, 1), (2, 2)):
        await refusals.add(
            StandingRefusal(prompt_id=number, channel_id=channel_id, message_id=9, guild_id=7, created_at=START)
        )
    await removals.purge_channel(CHANNEL, limit=2)
    assert [one.prompt_id for one in await refusals.of((1, 2))] == [2]
