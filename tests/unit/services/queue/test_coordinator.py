"""Turns under way: who is admitted, in which order, and what they are told."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import DuplicateTurnError, Refusal
from bot.log import turn_id
from bot.services.queue.coordinator import TurnCoordinator
from tests.fakes.clock import settle
from tests.fakes.turns import Turns, assert_nothing_left, refused

# --- order and bounds ----------------------------------------------------------------------------------------------


async def test_turns_of_a_channel_begin_in_the_order_they_came() -> None:
    turns = Turns(TurnCoordinator(side_by_side=2, waiting=3))
    tasks = [turns.start(n) for n in range(5)]
    await settle()
    assert turns.begun == [0, 1]
    turns.go[1].set()
    await settle()
    assert turns.begun == [0, 1, 2]
    await turns.finish(*tasks)
    assert turns.begun == [0, 1, 2, 3, 4]
    assert turns.ids == {n: n for n in range(5)}


async def test_a_user_with_many_questions_does_not_hold_up_the_others() -> None:
    turns = Turns(TurnCoordinator(side_by_side=1))
    tasks = [turns.start(n, user_id=7) for n in range(4)]
    await settle()
    tasks += [turns.start(4, user_id=8), turns.start(5, user_id=9)]
    await settle()
    for turn in (0, 1, 4, 5, 2):
        turns.go[turn].set()
        await settle()
    assert turns.begun == [0, 1, 4, 5, 2, 3]
    await turns.finish(*tasks)


async def test_one_at_a_time_where_the_channel_is_set_to_answer_in_order() -> None:
    turns = Turns(TurnCoordinator(side_by_side=10))
    tasks = [turns.start(n, in_order=True) for n in range(3)]
    await settle()
    assert turns.begun == [0]
    turns.go[0].set()
    await settle()
    assert turns.begun == [0, 1]
    # The setting is changed: the next question lets those in that waited.
    tasks.append(turns.start(3))
    await settle()
    assert sorted(turns.begun) == [0, 1, 2, 3]
    # And back: the next waits for all that run.
    tasks.append(turns.start(4, in_order=True))
    turns.go[1].set()
    turns.go[3].set()
    await settle()
    assert len(turns.begun) == 4
    turns.go[2].set()
    await settle()
    assert turns.begun[4:] == [4]
    await turns.finish(*tasks)


async def test_what_is_over_a_channel_s_bounds_is_refused_and_other_channels_go_on() -> None:
    turns = Turns(TurnCoordinator(side_by_side=1, waiting=1))
    first, second = turns.start(1), turns.start(2)
    await settle()
    assert await refused(turns.start(3)) is Refusal.BUSY
    assert turns.places[3] == []
    elsewhere = turns.start(4, channel_id=2)
    await settle()
    assert turns.begun == [1, 4]
    turns.go[1].set()
    await first
    again = turns.start(5)
    await settle()
    await turns.finish(second, elsewhere, again)


async def test_one_user_cannot_fill_the_line() -> None:
    turns = Turns(TurnCoordinator(side_by_side=1, waiting=20, per_user=2))
    tasks = [turns.start(n, user_id=7) for n in range(3)]
    await settle()
    assert await refused(turns.start(3, user_id=7)) is Refusal.BUSY
    tasks += [turns.start(4, user_id=8), turns.start(5, channel_id=2, user_id=7)]
    await settle()
    assert [n for n in range(6) if turns.coordinator.is_under_way(n)] == [0, 1, 2, 4, 5]
    await turns.finish(*tasks)


async def test_what_is_over_the_bounds_of_all_channels_is_refused() -> None:
    turns = Turns(TurnCoordinator(whole=2))
    tasks = [turns.start(n, channel_id=n) for n in range(2)]
    await settle()
    assert await refused(turns.start(2, channel_id=2)) is Refusal.BUSY
    await turns.finish(*tasks)


async def test_a_refused_turn_s_word_on_the_order_holds_for_those_that_wait() -> None:
    turns = Turns(TurnCoordinator(side_by_side=3, whole=5))
    tasks = [turns.start(n, in_order=True) for n in range(3)]
    await settle()
    assert await refused(turns.start(3)) is Refusal.BUSY
    await settle()
    assert turns.begun == [0, 1, 2]
    await turns.finish(*tasks)


async def test_a_turn_that_is_under_way_is_not_taken_up_twice() -> None:
    turns = Turns(TurnCoordinator(side_by_side=1))
    tasks = [turns.start(1), turns.start(2)]
    await settle()
    for again in (1, 2):
        with pytest.raises(DuplicateTurnError):
            async with turns.coordinator.turn(again, 1, 1):
                raise AssertionError("it was taken up")
    assert turns.coordinator.is_under_way(1)
    assert turns.coordinator.is_under_way(2)
    await turns.finish(*tasks)
    assert not turns.coordinator.is_under_way(1)
    async with turns.coordinator.turn(1, 1, 1):
        assert turns.coordinator.is_under_way(1)


async def test_the_end_of_a_turn_can_be_waited_for() -> None:
    turns = Turns(TurnCoordinator(side_by_side=1))
    tasks = [turns.start(1), turns.start(2)]
    await settle()
    waiting = asyncio.create_task(turns.coordinator.ended(1))
    await settle()
    assert not waiting.done()
    turns.go[1].set()
    await waiting
    assert tasks[0].done()
    assert not turns.coordinator.is_under_way(1)
    async with asyncio.timeout(1):
        await turns.coordinator.ended(1)
    # Whoever waits may give up; the turn goes on.
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await turns.coordinator.ended(2)
    assert turns.coordinator.is_under_way(2)
    await turns.finish(*tasks)


async def test_one_that_stops_waiting_leaves_its_place_to_others() -> None:
    turns = Turns(TurnCoordinator(side_by_side=1, waiting=1))
    first, second = turns.start(1), turns.start(2)
    await settle()
    second.cancel()
    await asyncio.wait((second,))
    assert second.cancelled()
    third = turns.start(3)
    await settle()
    turns.go[1].set()
    await settle()
    assert turns.begun == [1, 3]
    await turns.finish(first, third)


async def test_one_that_is_cancelled_in_the_moment_of_its_admission_passes_it_on() -> None:
    turns = Turns(TurnCoordinator(side_by_side=1))
    first, second, third = turns.start(1), turns.start(2), turns.start(3)
    await settle()
    # Both happen before the second task runs again, in either order.
    turns.go[1].set()
    second.cancel()
    await settle()
    assert turns.begun == [1, 3]
    assert 0 not in turns.places[2]
    assert second.cancelled()
    await turns.finish(first, third)


async def test_one_that_is_cancelled_right_after_its_admission_passes_it_on() -> None:
    turns = Turns(TurnCoordinator(side_by_side=1))
    second: asyncio.Task[None] | None = None

    async def cancel_the_next() -> None:
        async with turns.coordinator.turn(1, 1, 1):
            await settle()
        assert second is not None
        second.cancel()

    first = asyncio.create_task(cancel_the_next())
    await asyncio.sleep(0)
    second, third = turns.start(2), turns.start(3)
    await settle(100)
    assert turns.places[2] == [1, 0]
    assert second.cancelled()
    assert turns.begun == [3]
    await turns.finish(first, third)


async def test_one_that_fails_leaves_its_place_to_others() -> None:
    coordinator = TurnCoordinator(side_by_side=1, waiting=0)

    async def fail() -> None:
        async with coordinator.turn(1, 1, 1):
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await fail()
    assert turn_id.get() is None
    async with asyncio.timeout(1), coordinator.turn(2, 1, 1):
        pass
    assert_nothing_left(coordinator)


# --- places --------------------------------------------------------------------------------------------------------


async def test_a_waiting_turn_is_told_its_place_whenever_it_changes() -> None:
    turns = Turns(TurnCoordinator(side_by_side=1))
    tasks = [turns.start(n) for n in range(4)]
    await settle()
    assert turns.places == {0: [], 1: [1], 2: [2], 3: [3]}
    turns.go[0].set()
    await settle()
    assert turns.places == {0: [], 1: [1, 0], 2: [2, 1], 3: [3, 2]}
    tasks[2].cancel()
    await asyncio.wait((tasks[2],))
    assert turns.places == {0: [], 1: [1, 0], 2: [2, 1], 3: [3, 2, 1]}
    await turns.finish(tasks[0], tasks[1], tasks[3])
    assert turns.places[3] == [3, 2, 1, 0]


async def test_a_second_question_moves_back_when_another_user_comes() -> None:
    turns = Turns(TurnCoordinator(side_by_side=1))
    tasks = [turns.start(1), turns.start(2, user_id=7), turns.start(3, user_id=7), turns.start(4, user_id=8)]
    await settle()
    assert turns.places == {1: [], 2: [1], 3: [2, 3], 4: [2]}
    await turns.finish(*tasks)


async def test_the_log_names_the_turn_whose_place_is_told() -> None:
    turns = Turns(TurnCoordinator(side_by_side=1))
    tasks = [turns.start(n) for n in range(3)]
    await settle()
    await turns.finish(*tasks)
    assert turns.ids_when_moved == {(1, 1), (2, 2)}


async def test_a_place_that_cannot_be_told_holds_nobody_up(caplog: pytest.LogCaptureFixture) -> None:
    turns = Turns(TurnCoordinator(side_by_side=1))

    def broken(place: int) -> None:
        raise ValueError("no way to tell")

    async def wait() -> None:
        async with turns.coordinator.turn(2, 1, 2, moved=broken):
            turns.begun.append(2)

    tasks = [turns.start(1), asyncio.create_task(wait()), turns.start(3)]
    await settle()
    await turns.finish(*tasks)
    assert turns.begun == [1, 2, 3]
    assert turns.places[3] == [2, 1, 0]
    assert [record.message for record in caplog.records] == ["the position of a waiting turn could not be shown"] * 2
