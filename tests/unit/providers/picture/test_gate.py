"""Who may have a picture looked at now: the gate alone, without pictures."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import replace

import pytest

from bot.errors import ErrorKind, ProviderError
from bot.providers.picture.gate import Bounds, Gate

BOUNDS = Bounds(places=2, budget=100, small=10, waiting=50, wait_s=60)


class Hall:
    """People at the gate, by name; ``inside`` has who was let in, in that order."""

    def __init__(self, bounds: Bounds = BOUNDS) -> None:
        self.gate = Gate(bounds)
        self.inside: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._done: dict[str, asyncio.Event] = {}

    async def come(self, name: str, need: int = 10, *, guild: Hashable = None, asker: Hashable = None) -> None:
        self._done[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._stay(name, need, guild, asker))
        await settle()

    async def leave(self, *names: str) -> None:
        for name in names:
            self._done[name].set()
            await self.tasks[name]
        await settle()

    async def _stay(self, name: str, need: int, guild: Hashable, asker: Hashable) -> None:
        async with self.gate.hold(need, guild=guild, asker=asker):
            self.inside.append(name)
            await self._done[name].wait()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def hall() -> Hall:
    return Hall()


async def test_two_small_ones_are_inside_and_the_third_waits(hall: Hall) -> None:
    for name in ("a", "b", "c"):
        await hall.come(name)
    assert hall.inside == ["a", "b"]
    await hall.leave("a")
    assert hall.inside == ["a", "b", "c"]


async def test_large_ones_are_inside_one_by_one_and_small_ones_pass(hall: Hall) -> None:
    await hall.come("large", 90)
    await hall.come("also large", 90)
    await hall.come("small", 10)
    assert hall.inside == ["large", "small"]
    await hall.leave("large")
    assert hall.inside == ["large", "small", "also large"]


async def test_nobody_is_passed_by_those_that_are_not_small(hall: Hall) -> None:
    """Otherwise a stream of middling ones would keep a large one out for ever."""
    await hall.come("middling", 50)
    await hall.come("large", 90)
    await hall.come("middling again", 50)
    assert hall.inside == ["middling"]
    await hall.leave("middling")
    assert hall.inside == ["middling", "large"]


async def test_what_needs_more_than_there_is_leaves_room_for_a_small_one_alone(hall: Hall) -> None:
    await hall.come("huge", 1000)
    await hall.come("middling", 11)
    await hall.come("small", 10)
    assert hall.inside == ["huge", "small"]
    await hall.leave("huge")
    assert hall.inside == ["huge", "small", "middling"]


async def test_askers_take_turns() -> None:
    hall = Hall(replace(BOUNDS, places=1))
    for number in range(4):
        await hall.come(f"bob {number}", guild=1, asker="bob")
    await hall.come("alice", guild=1, asker="alice")
    await hall.leave("bob 0")
    assert hall.inside == ["bob 0", "alice"]
    await hall.leave("alice")
    assert hall.inside[-1] == "bob 1"


async def test_guilds_take_turns_however_many_askers_one_has() -> None:
    hall = Hall(replace(BOUNDS, places=1))
    for number in range(4):
        await hall.come(f"crowd {number}", guild=1, asker=number)
    await hall.come("alice", guild=2, asker="alice")
    await hall.leave("crowd 0")
    assert hall.inside == ["crowd 0", "alice"]


async def test_who_goes_away_while_waiting_leaves_no_trace(hall: Hall) -> None:
    for name in ("a", "b", "c", "d"):
        await hall.come(name)
    hall.tasks["c"].cancel()
    await settle()
    await hall.leave("a")
    assert hall.inside == ["a", "b", "d"]
    await hall.leave("b", "d")
    await hall.come("e", 90)
    assert hall.inside[-1] == "e"


async def test_who_goes_away_in_the_moment_of_being_let_in_gives_the_place_on() -> None:
    hall = Hall(replace(BOUNDS, places=1))
    for name in ("a", "b", "c"):
        await hall.come(name)
    hall._done["a"].set()
    await asyncio.sleep(0)  # a leaves, and b is told, but has not heard it yet
    hall.tasks["b"].cancel()
    await settle()
    assert hall.inside == ["a", "c"]


@pytest.mark.parametrize(
    "bounds", [replace(BOUNDS, wait_s=0.01, places=1), replace(BOUNDS, waiting=0)], ids=["time", "number"]
)
async def test_waiting_is_bounded(bounds: Bounds) -> None:
    hall = Hall(replace(bounds, waiting=1))
    await hall.come("a")
    hall.gate._bounds = bounds
    with pytest.raises(ProviderError) as caught:
        async with hall.gate.hold(10):
            pass
    assert caught.value.kind is ErrorKind.PICTURE_BUSY


async def test_closing_sends_away_who_waits_and_who_comes(hall: Hall) -> None:
    for name in ("a", "b", "c"):
        await hall.come(name)
    hall.gate.close()
    await settle()
    for waiting in (hall.tasks["c"], asyncio.create_task(hall._stay("d", 1, None, None))):
        with pytest.raises(ProviderError) as caught:
            await waiting
        assert caught.value.kind is ErrorKind.CANCELLED
    assert hall.inside == ["a", "b"]
