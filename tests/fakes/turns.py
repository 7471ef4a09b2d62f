"""Turns that hold their place, and answers that go on, until a test lets them go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.errors import BotError, Refusal, Shortage, StoppedError, StopReason, UserError
from bot.log import turn_id
from bot.services.queue.coordinator import TurnCoordinator


class Turns:
    """Starts turns as tasks that hold their place until they are let go."""

    def __init__(self, coordinator: TurnCoordinator) -> None:
        self.coordinator = coordinator
        self.begun: list[int] = []
        self.ids: dict[int, object] = {}
        self.go: dict[int, asyncio.Event] = {}
        self.places: dict[int, list[int]] = {}
        self.ids_when_moved: set[tuple[int, int | None]] = set()

    def start(
        self, turn: int, channel_id: int = 1, user_id: int | None = None, *, in_order: bool = False
    ) -> asyncio.Task[None]:
        """Start a turn of a person of its own, where none is named."""
        self.go[turn] = asyncio.Event()
        self.places[turn] = []
        return asyncio.create_task(self._hold(turn, channel_id, turn if user_id is None else user_id, in_order))

    async def _hold(self, turn: int, channel_id: int, user_id: int, in_order: bool) -> None:
        def moved(place: int) -> None:
            self.places[turn].append(place)
            self.ids_when_moved.add((turn, turn_id.get()))

        async with self.coordinator.turn(turn, channel_id, user_id, in_order=in_order, moved=moved):
            self.begun.append(turn)
            self.ids[turn] = turn_id.get()
            await self.go[turn].wait()

    async def finish(self, *tasks: asyncio.Task[None]) -> None:
        """Let all go, and see that nothing is left of them."""
        for event in self.go.values():
            event.set()
        await asyncio.gather(*tasks)
        assert_nothing_left(self.coordinator)


def assert_nothing_left(coordinator: TurnCoordinator) -> None:
    """See that it remembers nothing of turns that have ended, nor of tasks that have but for this step of the loop."""
    assert len(coordinator._queues) == len(coordinator._queues._groups) == len(coordinator._turns) == 0
    assert len(coordinator._drawing_queues) == len(coordinator._drawing_queues._groups) == 0
    assert len(coordinator._places) == len(coordinator._drawings) == 0
    assert all(task.done() for task in coordinator._tasks - {asyncio.current_task()})


async def refused(task: asyncio.Task[None]) -> Refusal | Shortage:
    with pytest.raises(UserError) as caught:
        await task
    return caught.value.reason


async def stopped(task: asyncio.Task[None]) -> StopReason:
    with pytest.raises(StoppedError) as caught:
        await task
    return caught.value.reason


class Work:
    """The answering part of a turn: goes on until it is let go, and says how it ended."""

    def __init__(
        self, *, clean_up_s: float = 0.0, fault: Exception | None = None, last: Callable[[], None] | None = None
    ) -> None:
        self.go = asyncio.Event()
        self.began = False
        self.cancelled = 0
        self.ended = False
        self._clean_up_s = clean_up_s
        self._fault = fault
        self._last = last

    async def __call__(self) -> str:
        self.began = True
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            await asyncio.sleep(self._clean_up_s)
            if self._fault is not None:
                raise self._fault from None
            raise
        finally:
            self.ended = True
            if self._last is not None:
                self._last()
        if self._fault is not None:
            raise self._fault
        return "answer"


class Answering:
    """A turn that answers, and keeps what came of it."""

    def __init__(self, coordinator: TurnCoordinator, work: Work) -> None:
        self.coordinator = coordinator
        self.work = work
        self.outcome: object = None
        self.go = asyncio.Event()
        """What the turn waits for after its answer."""
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        async with self.coordinator.turn(1, 1, 1):
            try:
                self.outcome = await self.coordinator.run_stoppable(1, self.work())
            except BotError as error:
                self.outcome = error
            await self.go.wait()
