"""Slots of the whole process: as many as there are, in turn among those who wait, none ever lost."""

from __future__ import annotations

import asyncio
import random

import pytest

from bot.services.queue.slots import FairSlots
from tests.fakes.clock import settle


class Calls:
    """Calls that hold a slot until they are let go."""

    def __init__(self, number: int) -> None:
        self.slots = FairSlots(number)
        self.begun: list[int] = []
        self.held = 0
        self.most = 0
        self.go = asyncio.Event()

    def start(self, owner: int, *, takes_s: float | None = None) -> asyncio.Task[None]:
        return asyncio.create_task(self._hold(owner, takes_s))

    async def _hold(self, owner: int, takes_s: float | None) -> None:
        async with self.slots.hold(owner):
            self.begun.append(owner)
            self.held += 1
            self.most = max(self.most, self.held)
            try:
                await (self.go.wait() if takes_s is None else asyncio.sleep(takes_s))
            finally:
                self.held -= 1


async def test_one_who_wants_many_does_not_hold_up_the_others() -> None:
    calls = Calls(1)
    tasks = [calls.start(owner, takes_s=1) for owner in (1, 1, 1, 1, 2, 3)]
    await asyncio.gather(*tasks)
    assert calls.begun == [1, 1, 2, 3, 1, 1]
    assert calls.most == 1


@pytest.mark.parametrize("cancelled_first", [True, False])
async def test_one_that_is_cancelled_in_the_moment_it_is_served_gives_its_slot_on(*, cancelled_first: bool) -> None:
    calls = Calls(1)
    holder = calls.start(1)
    await settle()
    waiting = [calls.start(2), calls.start(3)]
    await settle()
    if cancelled_first:
        waiting[0].cancel()
        calls.go.set()
    else:
        calls.go.set()
        await asyncio.sleep(0)
        waiting[0].cancel()
    await asyncio.wait((holder, *waiting), timeout=5)
    assert waiting[1].done()
    assert not waiting[1].cancelled()
    again = calls.start(4)
    await asyncio.wait((again,), timeout=5)
    assert again.done()


@pytest.mark.parametrize("seed", range(10))
async def test_whatever_is_cancelled_no_slot_is_lost_and_none_is_held_twice(seed: int) -> None:
    chance = random.Random(seed)
    calls = Calls(3)
    tasks = [calls.start(chance.randrange(4), takes_s=chance.random()) for _ in range(60)]
    while not all(task.done() for task in tasks):
        await asyncio.sleep(chance.random() / 5)
        chance.choice(tasks).cancel()
    assert calls.most <= 3
    last = [calls.start(9, takes_s=1) for _ in range(3)]
    await asyncio.sleep(0.5)
    assert calls.held == 3
    await asyncio.gather(*last)
