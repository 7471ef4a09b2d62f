"""What every ``LeaseStore`` keeps to, and every ``TurnStore`` under its fence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from bot.domain.history.ports import HistoryStore
from bot.domain.lease.record import NO_FENCE, Lease, Shards
from bot.domain.picture.ports import DrawingStore
from bot.domain.turn.closed import ClosedTurn
from bot.domain.turn.ports import TurnStore
from bot.domain.turn.record import TurnState
from bot.domain.usage.ports import UsageStore
from bot.errors import TakenOverError
from bot.storage.database.engine import Database
from bot.storage.stores.drawings import SqlDrawingStore
from tests.contract.lease.offices import ALL, Offices, holder
from tests.contract.samples import LATER, drawing, prompt_of, turn

FIRST, SECOND = Shards(count=2, ids=(0,)), Shards(count=2, ids=(1,))


@pytest.fixture
def offices(
    stores_database: Database | None, history: HistoryStore, drawings: DrawingStore, usage: UsageStore
) -> Offices:
    return Offices.on(stores_database, history, drawings, usage)


def ended(turn_id: int) -> ClosedTurn:
    return ClosedTurn(
        turn_id=turn_id,
        channel_id=1,
        version=1,
        state=TurnState.COMPLETE,
        reply_ids=(60,),
        text="All of it.",
        ended_at=LATER,
    )


async def test_a_free_lease_is_taken(offices: Offices) -> None:
    assert await offices.take("a") > NO_FENCE


async def test_a_held_lease_says_by_whom(offices: Offices) -> None:
    fence = await offices.take("a")
    assert await offices.in_the_way("b") == (Lease(count=1, shard_id=0, holder=holder("a"), fence=fence, beats=0),)


async def test_only_shards_of_others_are_in_the_way(offices: Offices) -> None:
    await offices.take("a", FIRST)
    await offices.take("b", SECOND)
    assert [lease.holder.id for lease in await offices.in_the_way("c")] == ["a", "b"]
    assert [lease.holder.id for lease in await offices.in_the_way("c", Shards(count=4, ids=(3,)))] == ["b"]


async def test_all_shards_are_taken_or_none(offices: Offices) -> None:
    await offices.take("a", FIRST)
    await offices.in_the_way("b", Shards(count=2, ids=(0, 1)))
    await offices.take("c", SECOND)


async def test_what_was_given_back_is_free_and_its_fence_is_never_used_again(offices: Offices) -> None:
    fences = []
    for name in "abc":
        fences.append(await offices.take(name))
        await offices.leases.release(fences[-1])
        await offices.leases.release(fences[-1])
    assert sorted({*fences}) == fences


async def test_only_the_lease_that_was_seen_to_be_gone_is_taken_over(offices: Offices) -> None:
    fence = await offices.take("a")
    seen = await offices.in_the_way("b")
    assert await offices.leases.renew(fence)
    found = await offices.leases.take(holder("b"), ALL, gone={lease.sign for lease in seen})
    assert not isinstance(found, int)
    assert [lease.beats for lease in found] == [1]
    assert await offices.take("b", ALL, found) > fence
    assert not await offices.leases.renew(fence)


async def test_a_holder_that_is_gone_loses_the_shards_that_nobody_takes_too(offices: Offices) -> None:
    fence = await offices.take("a", Shards(count=2, ids=(0, 1)))
    await offices.take("b", FIRST, await offices.in_the_way("b", FIRST))
    assert not await offices.leases.renew(fence)
    with pytest.raises(TakenOverError):
        await offices.turns(fence).create(turn(5), None)
    await offices.take("c", SECOND)


async def test_of_many_that_take_at_once_one_gets_it(offices: Offices) -> None:
    found = await asyncio.gather(*(offices.leases.take(holder(f"p{n}"), ALL) for n in range(8)))
    assert len([one for one in found if isinstance(one, int)]) == 1


Write = Callable[[TurnStore], Awaitable[object]]


async def _forgetful_create(turns: TurnStore) -> object:
    return await turns.create(turn(9), prompt_of(turn(9)))


WRITES: dict[str, Write] = {
    "a new turn": _forgetful_create,
    "a checkpoint": lambda turns: turns.checkpoint(5, reply_ids=(60,), text="more", updated_at=LATER),
    "a checkpoint with another page": lambda turns: turns.checkpoint(
        5, reply_ids=(60, 61), text="more", updated_at=LATER
    ),
    "an end": lambda turns: turns.finish(
        5, state=TurnState.COMPLETE, reply_ids=(60,), text="All of it.", updated_at=LATER
    ),
    "a close": lambda turns: turns.close(ended(5)),
    "a close of one that has ended": lambda turns: turns.close(ended(6)),
    "a further version": lambda turns: turns.begin_version(6, updated_at=LATER),
    "another version shown": lambda turns: turns.show_version(6, 1, updated_at=LATER),
}


async def with_turns(offices: Offices) -> int:
    """Have one turn under way and one that has ended; returns the fence of who wrote them."""
    fence = await offices.take("a")
    turns = offices.turns(fence)
    for one in (turn(5, reply_ids=(60,)), turn(6, reply_ids=(62,))):
        await turns.create(one, prompt_of(one))
    await turns.close(replace(ended(6), reply_ids=(62,)))
    return fence


@pytest.mark.parametrize("how", ["taken over", "given back"])
@pytest.mark.parametrize("write", WRITES)
async def test_nothing_is_written_under_a_fence_that_is_no_more(offices: Offices, write: str, how: str) -> None:
    fence = await with_turns(offices)
    if how == "given back":
        await offices.leases.release(fence)
    new = await offices.take("b", ALL, () if how == "given back" else await offices.in_the_way("b"))
    turns = offices.turns(new)
    before = [await turns.get(number) for number in (5, 6, 9)], await turns.versions(6)
    with pytest.raises(TakenOverError):
        await WRITES[write](offices.turns(fence))
    assert ([await turns.get(number) for number in (5, 6, 9)], await turns.versions(6)) == before


@pytest.mark.parametrize("write", WRITES)
async def test_all_is_written_under_a_fence_that_is_held(offices: Offices, write: str) -> None:
    fence = await with_turns(offices)
    assert await offices.leases.renew(fence)
    await WRITES[write](offices.turns(fence))


async def test_turns_under_way_are_left_to_the_next_and_not_to_their_own_process(offices: Offices) -> None:
    fence = await with_turns(offices)
    assert await offices.turns(fence).unfinished() == ()
    new = await offices.take("b", ALL, await offices.in_the_way("b"))
    await offices.turns(new).create(turn(7), None)
    assert [one.id for one in await offices.turns(new).unfinished()] == [5]


async def test_a_turn_that_another_works_on_again_is_not_written_by_who_had_it(offices: Offices) -> None:
    fence = await with_turns(offices)
    new = offices.turns(await offices.take("b", ALL, await offices.in_the_way("b")))
    await new.close(ended(5))
    assert await new.begin_version(5, updated_at=LATER) == 2
    with pytest.raises(TakenOverError):
        await offices.turns(fence).checkpoint(5, reply_ids=(60,), text="old", updated_at=LATER)
    await new.checkpoint(5, reply_ids=(60,), text="new", updated_at=LATER)
    found = await new.get(5)
    assert found is not None
    assert found.text == "new"


async def test_of_what_has_ended_or_is_unknown_a_checkpoint_says_nothing(offices: Offices) -> None:
    turns = offices.turns(await with_turns(offices))
    await turns.checkpoint(6, reply_ids=(62,), text="late", updated_at=LATER)
    await turns.checkpoint(99, reply_ids=(62,), text="late", updated_at=LATER)
    assert await turns.get(99) is None


async def test_what_people_delete_is_forgotten_whoever_follows_it(offices: Offices) -> None:
    fence = await with_turns(offices)
    await offices.take("b", ALL, await offices.in_the_way("b"))
    await offices.turns(fence).forget((5, 6))
    assert [one.prompt for one in (await offices.turns(fence).get(5), await offices.turns(fence).get(6)) if one] == [
        "",
        "",
    ]


async def test_a_picture_is_not_noted_under_a_fence_that_is_no_more(
    offices: Offices, stores_database: Database | None
) -> None:
    if stores_database is None:
        pytest.skip("the drawings in memory know no fence")
    fence = await with_turns(offices)
    await SqlDrawingStore(stores_database, fence=lambda: fence).add(drawing(5))
    await offices.take("b", ALL, await offices.in_the_way("b"))
    with pytest.raises(TakenOverError):
        await SqlDrawingStore(stores_database, fence=lambda: fence).add(drawing(6))
    assert await SqlDrawingStore(stores_database).by_turn(6) == ()
