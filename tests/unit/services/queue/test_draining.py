"""How all turns end when the bot stops."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import Refusal, Shortage, StoppedError, StopReason, UserError
from bot.services.queue.coordinator import TurnCoordinator
from tests.fakes.clock import settle
from tests.fakes.turns import Answering, Turns, Work, assert_nothing_left, refused


async def test_draining_lets_running_turns_end_and_takes_no_more() -> None:
    turns = Turns(TurnCoordinator(side_by_side=2))
    tasks = [turns.start(1), turns.start(2)]
    await settle()
    draining = asyncio.create_task(turns.coordinator.drain(grace_s=20, stop_s=5))
    await asyncio.sleep(1)
    assert await refused(turns.start(3)) is Refusal.CLOSING
    turns.go[1].set()
    turns.go[2].set()
    await draining
    assert asyncio.get_running_loop().time() < 2
    await turns.finish(*tasks)
    assert turns.begun == [1, 2]


async def test_draining_refuses_those_that_wait_at_once_and_lets_them_say_so() -> None:
    coordinator = TurnCoordinator(side_by_side=1)
    said: list[tuple[int, Refusal | Shortage, float]] = []

    async def ask(turn: int, takes_s: float) -> None:
        try:
            async with coordinator.turn(turn, 1, turn):
                await asyncio.sleep(takes_s)
        except UserError as error:
            await asyncio.sleep(3)
            said.append((turn, error.reason, asyncio.get_running_loop().time()))

    tasks = [asyncio.create_task(ask(turn, takes_s=1)) for turn in range(3)]
    await settle()
    await coordinator.drain(grace_s=20, stop_s=5)
    assert [(turn, reason) for turn, reason, _ in said] == [(1, Refusal.CLOSING), (2, Refusal.CLOSING)]
    assert asyncio.get_running_loop().time() == pytest.approx(3, abs=0.1)
    await asyncio.gather(*tasks)
    assert_nothing_left(coordinator)


async def test_those_that_are_refused_by_draining_are_told_no_more_places() -> None:
    turns = Turns(TurnCoordinator(side_by_side=1))
    tasks = [turns.start(n) for n in range(4)]
    await settle()
    draining = asyncio.create_task(turns.coordinator.drain(grace_s=20, stop_s=5))
    for task in tasks[1:]:
        assert await refused(task) is Refusal.CLOSING
    turns.go[0].set()
    await draining
    assert turns.places == {0: [], 1: [1], 2: [2], 3: [3]}
    assert_nothing_left(turns.coordinator)


async def test_draining_waits_for_a_task_that_still_says_how_its_turn_ended() -> None:
    coordinator = TurnCoordinator(side_by_side=1, waiting=0)
    said: list[str] = []

    async def ask(turn: int) -> None:
        try:
            async with coordinator.turn(turn, 1, turn):
                await settle()
            words = "answered"
        except UserError as error:
            words = error.reason.value
        await asyncio.sleep(2)
        said.append(words)

    tasks = [asyncio.create_task(ask(1)), asyncio.create_task(ask(2))]
    await settle(100)
    assert not any(map(coordinator.is_under_way, (1, 2)))
    await coordinator.drain(grace_s=20, stop_s=5)
    assert sorted(said) == ["answered", "busy"]
    await asyncio.gather(*tasks)
    assert_nothing_left(coordinator)


async def test_a_task_that_had_a_turn_may_drain_the_others() -> None:
    coordinator = TurnCoordinator()
    async with coordinator.turn(1, 1, 1):
        await coordinator.drain(grace_s=20, stop_s=5)
    assert asyncio.get_running_loop().time() < 1


async def test_draining_interrupts_what_has_not_ended() -> None:
    coordinator = TurnCoordinator()
    turn = Answering(coordinator, Work(clean_up_s=2))
    await settle()
    await coordinator.drain(grace_s=20, stop_s=5)
    assert asyncio.get_running_loop().time() == pytest.approx(22, abs=0.1)
    assert turn.task.cancelled()
    assert turn.work.ended
    assert_nothing_left(coordinator)


async def test_a_turn_can_be_stopped_while_the_bot_drains() -> None:
    coordinator = TurnCoordinator()
    turn = Answering(coordinator, Work())
    turn.go.set()
    await settle()
    draining = asyncio.create_task(coordinator.drain(grace_s=20, stop_s=5))
    await settle()
    assert coordinator.stop(1, StopReason.ASKED)
    await draining
    assert isinstance(turn.outcome, StoppedError)
    assert asyncio.get_running_loop().time() < 1


async def test_draining_ends_although_a_turn_does_not() -> None:
    coordinator = TurnCoordinator()
    go = asyncio.Event()

    async def stubborn() -> None:
        async with coordinator.turn(1, 1, 1):
            while not go.is_set():
                try:
                    await go.wait()
                except asyncio.CancelledError:
                    continue

    task = asyncio.create_task(stubborn())
    await settle()
    await coordinator.drain(grace_s=20, stop_s=5)
    assert asyncio.get_running_loop().time() == pytest.approx(25, abs=0.1)
    go.set()
    await task


async def test_draining_takes_no_time_where_nothing_is_under_way() -> None:
    await TurnCoordinator().drain(grace_s=20, stop_s=5)
    assert asyncio.get_running_loop().time() < 1
