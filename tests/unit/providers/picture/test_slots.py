"""Whose download is next: nobody holds all slots, nobody waits without an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from bot.domain.picture.ports import Errand
from bot.errors import ErrorKind, ProviderError
from bot.providers.picture.slots import NAMED, OWN, Bounds, Claim, DownloadSlots, Pace
from tests.fakes.clock import settle
from tests.unit.providers.servers import FakeClock

WIDE = Bounds(whole=100, asker=100, guild=100, host=100, network=100)


def claim(asker: int = 1, guild: int | None = 1, host: str = "a.test", *networks: str) -> Claim:
    return Claim(errand=Errand(asker_id=asker, guild_id=guild), host=host, networks=frozenset(networks))


class Downloads:
    """Downloads that go on until they are told to end; ``began`` are those that have begun, in order."""

    def __init__(self, slots: DownloadSlots) -> None:
        self.slots = slots
        self.began: list[Claim] = []
        self.faults: list[ProviderError] = []
        self._tasks: list[tuple[Claim, asyncio.Task[None], asyncio.Event]] = []

    async def add(self, *claims: Claim) -> None:
        for each in claims:
            end = asyncio.Event()
            self._tasks.append((each, asyncio.create_task(self._go(each, end)), end))
            await settle()

    async def _go(self, each: Claim, end: asyncio.Event) -> None:
        try:
            async with self.slots.hold(each):
                self.began.append(each)
                await end.wait()
        except ProviderError as error:
            self.faults.append(error)

    async def end(self, each: Claim) -> None:
        """End the first of a claim's that goes on."""
        found = next(one for one in self._tasks if one[0] is each)
        self._tasks.remove(found)
        found[2].set()
        await settle()

    async def cancel(self, each: Claim) -> None:
        found = next(one for one in self._tasks if one[0] is each)
        self._tasks.remove(found)
        found[1].cancel()
        with suppress(asyncio.CancelledError):
            await found[1]

    async def close(self) -> None:
        for _, task, _ in self._tasks:
            task.cancel()
        await asyncio.gather(*(task for _, task, _ in self._tasks), return_exceptions=True)


@asynccontextmanager
async def downloads(bounds: Bounds) -> AsyncIterator[Downloads]:
    made = Downloads(DownloadSlots(bounds))
    try:
        yield made
    finally:
        await made.close()


@pytest.mark.parametrize(
    ("bounds", "same", "other"),
    [
        (replace(WIDE, whole=2), claim(), None),
        (replace(WIDE, asker=2), claim(), claim(asker=2)),
        (replace(WIDE, guild=2), claim(), claim(guild=2)),
        (replace(WIDE, guild=2), claim(guild=None), claim(asker=2, guild=None)),
        (replace(WIDE, host=2), claim(), claim(host="b.test")),
        (replace(WIDE, network=2), claim(1, 1, "a.test", "8.8.8.0/24"), claim(1, 1, "a.test", "9.9.9.0/24")),
    ],
    ids=["whole", "asker", "guild", "alone", "host", "network"],
)
async def test_a_bound_is_held_and_others_go_on(bounds: Bounds, same: Claim, other: Claim | None) -> None:
    async with downloads(bounds) as going:
        third = replace(same)
        await going.add(same, replace(same), third)
        assert len(going.began) == 2
        if other is not None:
            await going.add(other)
            assert going.began[-1] is other
        await going.end(same)
        assert going.began[-1] is third


async def test_a_slot_goes_to_who_holds_fewest_not_to_who_came_first() -> None:
    async with downloads(replace(WIDE, whole=4)) as going:
        held, mallory = claim(1), [claim(1) for _ in range(5)]
        await going.add(held, *mallory)
        ann, bob = claim(2), claim(3, guild=2)
        await going.add(ann, bob)
        await going.end(held)
        assert going.began[-1] is bob  # nobody of that guild holds one
        await going.end(mallory[0])
        assert going.began[-1] is ann


async def test_a_wait_ends_in_words() -> None:
    async with downloads(replace(WIDE, whole=1, wait_s=0.01)) as going:
        await going.add(claim(1), claim(2))
        await asyncio.sleep(0.05)
        assert [error.kind for error in going.faults] == [ErrorKind.PICTURE_BUSY]


@pytest.mark.parametrize("bounds", [replace(WIDE, whole=1, asker_waits=2), replace(WIDE, whole=1, waits=2)])
async def test_no_more_wait_than_are_bounded(bounds: Bounds) -> None:
    async with downloads(bounds) as going:
        await going.add(*(claim(1) for _ in range(4)))
        assert [error.kind for error in going.faults] == [ErrorKind.PICTURE_BUSY]


async def test_who_leaves_keeps_no_slot() -> None:
    async with downloads(replace(WIDE, whole=1)) as going:
        first, second, third = claim(1), claim(2), claim(3)
        await going.add(first, second, third)
        await going.cancel(second)
        await going.end(first)
        assert going.began == [first, third]


async def test_a_slot_that_comes_in_the_moment_of_leaving_goes_on() -> None:
    slots = DownloadSlots(replace(WIDE, whole=1))
    async with slots.hold(claim(1)):
        waiting = asyncio.create_task(_held(slots, claim(2)))
        await settle()
        waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(1), slots.hold(claim(3)):
        pass


async def _held(slots: DownloadSlots, each: Claim) -> None:
    async with slots.hold(each):
        pass


async def test_only_who_lacks_nothing_but_a_slot_makes_it_crowded() -> None:
    """Who waits for a bound of their own ends no other's slow download."""
    async with downloads(replace(WIDE, whole=2, asker=2)) as going:
        await going.add(claim(1), claim(1), claim(1))
        assert not going.slots.crowded
        await going.add(claim(2))
        assert going.slots.crowded


def test_one_asker_can_take_a_part_of_all_alone() -> None:
    for bounds in (OWN, NAMED):
        assert max(bounds.asker, bounds.host) <= bounds.whole // 2
        assert bounds.guild < bounds.whole


def test_an_asker_s_pictures_in_a_while_are_bounded() -> None:
    clock = FakeClock()
    pace = Pace(clock, most=2, within_s=60)
    pace.note(1)
    pace.note(1)
    pace.note(2)
    with pytest.raises(ProviderError) as caught:
        pace.note(1)
    assert caught.value.kind is ErrorKind.PICTURE_BUSY
    clock.seconds = 60
    pace.note(1)
