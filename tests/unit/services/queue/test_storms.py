"""Any mixture of turns that come, end, fail, are stopped and cancelled, in any order within one step of the loop."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import BotError, StoppedError, StopReason
from bot.services.queue.coordinator import TurnCoordinator
from tests.fakes.clock import VirtualTimeLoop, settle
from tests.fakes.turns import Work, assert_nothing_left

SIDE_BY_SIDE, WAITING, PER_PERSON, WHOLE = 2, 4, 2, 9

actions = st.one_of(
    st.tuples(st.sampled_from(["start", "start in order"]), st.integers(0, 1), st.integers(0, 3)),
    st.tuples(st.sampled_from(["end", "stop", "cancel"]), st.integers(0, 20), st.just(0)),
    st.tuples(st.just("wait"), st.integers(0, 3), st.just(0)),
)


@dataclass(slots=True, kw_only=True)
class Storm:
    """Turns under way, and what was seen of them."""

    coordinator: TurnCoordinator
    tasks: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    works: dict[int, Work] = field(default_factory=dict)
    running: Counter[int] = field(default_factory=Counter)
    places: dict[int, list[int]] = field(default_factory=dict)
    stopped: set[int] = field(default_factory=set)

    async def turn(self, turn: int, channel: int, user: int, *, in_order: bool) -> None:
        work = self.works[turn] = Work()
        places = self.places[turn] = []
        with suppress(BotError):
            async with self.coordinator.turn(turn, channel, user, in_order=in_order, moved=places.append):
                self.running[channel] += 1
                assert self.running[channel] <= SIDE_BY_SIDE
                try:
                    await self.coordinator.run_stoppable(turn, work())
                except StoppedError:
                    assert turn in self.stopped
                    raise
                finally:
                    assert work.ended or not work.began
                    self.running[channel] -= 1

    async def act(self, turn: int, action: str, number: int, user: int) -> None:
        match action:
            case "start" | "start in order":
                in_order = action == "start in order"
                self.tasks[turn] = asyncio.create_task(self.turn(turn, number, user, in_order=in_order))
            case "wait":
                await settle(number)
            case _ if number in self.works:
                self.apply(action, number)
            case _:
                assert not self.coordinator.stop(number, StopReason.ASKED)

    def apply(self, action: str, turn: int) -> None:
        match action:
            case "end":
                self.works[turn].go.set()
            case "stop":
                under_way = self.coordinator.is_under_way(turn)
                assert self.coordinator.stop(turn, StopReason.ASKED) is under_way
                self.stopped.add(turn)
            case _:
                self.tasks[turn].cancel()


async def storm(script: list[tuple[str, int, int]], *, drained: bool) -> None:
    it = Storm(
        coordinator=TurnCoordinator(side_by_side=SIDE_BY_SIDE, waiting=WAITING, per_user=PER_PERSON, whole=WHOLE)
    )
    for turn, (action, number, user) in enumerate(script):
        await it.act(turn, action, number, user)
        assert sum(map(it.coordinator.is_under_way, it.tasks)) <= WHOLE
    if drained:
        await it.coordinator.drain(grace_s=20, stop_s=5)
    await settle()
    for _ in script:
        for work in it.works.values():
            work.go.set()
        await settle()
    # Nobody waits for ever, and every task has ended as it should: whole, refused, stopped or cancelled.
    assert all(task.done() for task in it.tasks.values())
    await asyncio.gather(*(task for task in it.tasks.values() if not task.cancelled()))
    assert_nothing_left(it.coordinator)
    assert not it.coordinator._tasks
    assert len(asyncio.all_tasks()) == 1
    for places in it.places.values():
        assert 0 not in places[:-1]
        assert places != [0]
        assert all(place <= WAITING for place in places)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(actions, max_size=40), st.booleans())
def test_whatever_happens_no_turn_is_lost_and_nothing_is_left(
    script: list[tuple[str, int, int]], drained: bool
) -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(storm(script, drained=drained))
