"""Turns under way: who is admitted, in which order, and how all of them end."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import Refusal, UserError
from bot.log import turn_id
from bot.services.turns import TurnCoordinator
from tests.fakes.clock import settle


class Turns:
    """Starts turns as tasks that hold their place until they are let go."""

    def __init__(self, coordinator: TurnCoordinator) -> None:
        self.coordinator = coordinator
        self.begun: list[int] = []
        self.ids: dict[int, object] = {}
        self.go: dict[int, asyncio.Event] = {}

    def start(self, turn: int, channel_id: int = 1) -> asyncio.Task[None]:
        self.go[turn] = asyncio.Event()
        return asyncio.create_task(self._hold(turn, channel_id))

    async def _hold(self, turn: int, channel_id: int) -> None:
        async with self.coordinator.turn(turn, channel_id) as place:
            await place.enter()
            self.begun.append(turn)
            self.ids[turn] = turn_id.get()
            await self.go[turn].wait()


async def refused(task: asyncio.Task[None]) -> Refusal:
    with pytest.raises(UserError) as caught:
        await task
    return caught.value.reason


async def test_turns_of_a_channel_begin_in_the_order_they_came() -> None:
    turns = Turns(TurnCoordinator(side_by_side=2, waiting=3))
    tasks = [turns.start(n) for n in range(5)]
    await settle()
    assert turns.begun == [0, 1]
    turns.go[1].set()
    await settle()
    assert turns.begun == [0, 1, 2]
    for event in turns.go.values():
        event.set()
    await asyncio.gather(*tasks)
    assert turns.begun == [0, 1, 2, 3, 4]
    assert turns.ids == {n: n for n in range(5)}
    assert turns.coordinator.under_way == 0


async def test_what_is_over_a_channel_s_bounds_is_refused_and_other_channels_go_on() -> None:
    turns = Turns(TurnCoordinator(side_by_side=1, waiting=1))
    first, second = turns.start(1), turns.start(2)
    await settle()
    assert await refused(turns.start(3)) is Refusal.BUSY
    elsewhere = turns.start(4, channel_id=2)
    await settle()
    assert turns.begun == [1, 4]
    turns.go[1].set()
    await first
    again = turns.start(5)
    await settle()
    for event in turns.go.values():
        event.set()
    await asyncio.gather(second, elsewhere, again)


async def test_what_is_over_the_bounds_of_all_channels_is_refused() -> None:
    turns = Turns(TurnCoordinator(whole=2))
    tasks = [turns.start(n, channel_id=n) for n in range(2)]
    await settle()
    assert await refused(turns.start(2, channel_id=2)) is Refusal.BUSY
    for event in turns.go.values():
        event.set()
    await asyncio.gather(*tasks)


async def test_one_that_stops_waiting_leaves_its_place_to_others() -> None:
    turns = Turns(TurnCoordinator(side_by_side=1, waiting=1))
    first, second = turns.start(1), turns.start(2)
    await settle()
    second.cancel()
    await asyncio.wait((second,))
    third = turns.start(3)
    await settle()
    turns.go[1].set()
    await settle()
    assert turns.begun == [1, 3]
    turns.go[3].set()
    await asyncio.gather(first, third)
    assert turns.coordinator.under_way == 0


async def test_one_that_fails_leaves_its_place_to_others() -> None:
    coordinator = TurnCoordinator(side_by_side=1, waiting=0)

    async def fail() -> None:
        async with coordinator.turn(1, 1) as place:
            await place.enter()
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await fail()
    assert turn_id.get() is None
    async with coordinator.turn(2, 1) as place:
        async with asyncio.timeout(1):
            await place.enter()


async def test_draining_lets_turns_end_and_takes_no_more() -> None:
    turns = Turns(TurnCoordinator(side_by_side=1))
    tasks = [turns.start(1), turns.start(2)]
    await settle()
    draining = asyncio.create_task(turns.coordinator.drain(grace_s=20, stop_s=5))
    await asyncio.sleep(1)
    assert await refused(turns.start(3)) is Refusal.CLOSING
    turns.go[1].set()
    turns.go[2].set()
    await draining
    assert asyncio.get_running_loop().time() < 2
    await asyncio.gather(*tasks)
    assert turns.begun == [1, 2]


async def test_draining_interrupts_what_has_not_ended_running_or_waiting() -> None:
    turns = Turns(TurnCoordinator(side_by_side=1))
    tasks = [turns.start(1), turns.start(2)]
    await settle()
    await turns.coordinator.drain(grace_s=20, stop_s=5)
    assert asyncio.get_running_loop().time() == pytest.approx(20, abs=0.1)
    assert all(task.cancelled() for task in tasks)
    assert turns.begun == [1]


async def test_draining_ends_although_a_turn_does_not() -> None:
    coordinator = TurnCoordinator()
    go = asyncio.Event()

    async def stubborn() -> None:
        async with coordinator.turn(1, 1):
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
