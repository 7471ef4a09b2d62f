"""Turns under way: who is admitted, who waits, how one is stopped, and how all of them end when the bot stops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from bot import log
from bot.domain.people import Place
from bot.domain.queue.bounds import Bounds
from bot.domain.queue.fair import FairQueues
from bot.errors import DuplicateTurnError, Refusal, StoppedError, StopReason, UserError
from bot.services.queue.arrivals import Arrivals
from bot.services.queue.places import Places

logger = logging.getLogger(__name__)

T = TypeVar("T")

DRAWINGS_OF_A_GUILD = 4
"""How many drawings are made at once in one guild; each holds as many pictures as were asked for."""
DRAWINGS_AT_ONCE = 16
"""How many are made at once over all guilds."""
DRAWINGS_OF_A_USER = 4
"""How many of one user's are made at once over all guilds."""
TURNS_AT_ONCE = 256
"""How many questions are answered at once, over all channels."""
TURNS_OF_A_USER = 6
"""How many of one user's are answered at once, over all channels."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Turn:
    """A turn under way, from its arrival to its end."""

    task: asyncio.Task[object]
    number: int
    """Which one it is of all that began in this process."""
    places: Places
    """Its place is in one of these: a channel's queue, or one of drawings."""
    reason: StopReason | None = None
    child: asyncio.Task[Any] | None = None
    """What a stop cancels."""


def drawing_queue(place: Place) -> int:
    """Name those who share a queue of drawings: a guild, or a direct message."""
    return place.guild_id if place.guild_id is not None else place.channel_id


class TurnCoordinator:
    """Owns the task of every turn, and the child task that answers it.

    In one channel ``side_by_side`` turns run at once, half of these for one user, and ``waiting`` more wait,
    ``per_user`` of one user; they are served round-robin over users. Over all channels ``at_once`` run,
    ``user_at_once`` of one user; ``whole`` may be running or waiting, twice ``per_user`` of one user waiting. A guild
    has at most half of ``at_once`` and ``whole``. The last quarter of ``at_once`` and ``whole`` is for users who have
    nothing running, and they may have as much again in a channel and half as much again in a guild. Drawings have
    queues of their own, one a guild, with bounds of their own. What can't even wait is refused.
    """

    def __init__(
        self,
        *,
        side_by_side: int = 10,
        waiting: int = 20,
        per_user: int = 5,
        whole: int = 1000,
        at_once: int = TURNS_AT_ONCE,
        user_at_once: int = TURNS_OF_A_USER,
    ) -> None:
        bounds = Bounds(
            at_once=side_by_side,
            waiting=waiting,
            per_user=per_user,
            whole=_most(whole),
            all_at_once=_most(at_once),
            guild_at_once=_half(at_once),
            guild_whole=_half(whole),
            user_at_once=user_at_once,
            user_at_once_here=_half(side_by_side),
            user_waiting=2 * per_user,
        )
        first = replace(
            bounds,
            at_once=_twice(side_by_side),
            waiting=_twice(waiting),
            whole=whole,
            all_at_once=at_once,
            guild_at_once=_most(at_once),
            guild_whole=_most(whole),
        )
        self._queues = FairQueues(bounds, first)
        self._drawing_queues = FairQueues(
            Bounds(
                at_once=DRAWINGS_OF_A_GUILD,
                waiting=100,
                per_user=10,
                whole=1000,
                all_at_once=DRAWINGS_AT_ONCE,
                user_at_once=DRAWINGS_OF_A_USER,
                user_at_once_here=_half(DRAWINGS_OF_A_GUILD),
                user_waiting=20,
            )
        )
        self._places = Places(self._queues)
        self._drawings = Places(self._drawing_queues)
        self._turns: dict[int, _Turn] = {}
        self._tasks: set[asyncio.Task[object]] = set()
        """Tasks that asked for a place and have not ended: a refusal or an ending may still have to be said."""
        self._begun = 0
        self._closing = False
        self.arrivals = Arrivals()
        self.abandoned = False
        """Whether turns are cancelled to say and keep nothing more: another process or the next start ends them."""

    @property
    def begun(self) -> int:
        """How many turns have begun in this process, versions of one and the same counted each."""
        return self._begun

    def is_under_way(self, turn_id: int) -> bool:
        """Whether a turn is running or waiting in this process."""
        return turn_id in self._turns

    def full(self, place: Place, user_id: int) -> bool:
        """Whether a question of a user's would be refused in a place now: too many wait."""
        return self._queues.full(place.channel_id, user_id, guild=place.guild_id)

    def queue_full(self, place: Place, user_id: int) -> bool:
        """Whether a drawing of a user's would be refused in a place now: the queue of drawings is full."""
        return self._drawing_queues.full(drawing_queue(place), user_id)

    @asynccontextmanager
    async def turn(
        self,
        turn_id: int,
        channel_id: int,
        user_id: int,
        *,
        guild_id: int | None = None,
        in_order: bool = False,
        moved: Callable[[int], None] | None = None,
        drawing: int | None = None,
    ) -> AsyncIterator[None]:
        """Hold a place for the current task, waiting in the queue if a bound is reached.

        ``in_order``: one turn at a time in this channel; the newest turn's word holds for all of the channel's.
        ``moved`` is called with the turn's position (1: next) on entering the queue and whenever it changes, and with
        0 on admission; never where the turn is admitted at once. It must return quickly and not call the coordinator.
        ``drawing`` names the queue of drawings (``drawing_queue``) in which the turn waits instead of the channel's.

        Raises ``UserError`` (``CLOSING``, ``BUSY``) where there is no place to be had, also in mid-wait when the bot
        stops, ``StoppedError`` where the turn was stopped while it waited, ``DuplicateTurnError`` where it is under way
        already.
        """
        task = asyncio.current_task()
        if task is None:  # pragma: no cover - an async context always runs in a task
            raise RuntimeError("a turn needs a task")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self._closing:
            raise UserError(Refusal.CLOSING)
        if turn_id in self._turns:
            raise DuplicateTurnError(str(turn_id))
        if drawing is None:
            place = self._places.hold(turn_id, channel_id, user_id, guild=guild_id, in_order=in_order, moved=moved)
        else:
            place = self._drawings.hold(turn_id, drawing, user_id, moved=moved)
        self._begun += 1
        places = self._places if drawing is None else self._drawings
        self._turns[turn_id] = _Turn(task=task, number=self._begun, places=places)
        token = log.turn_id.set(turn_id)
        try:
            async with place:
                yield
        finally:
            del self._turns[turn_id]
            log.turn_id.reset(token)

    @asynccontextmanager
    async def drawing(
        self, turn_id: int, place: Place, user_id: int, *, moved: Callable[[int], None] | None = None
    ) -> AsyncIterator[None]:
        """Hold a place in the queue of drawings too, for a turn that holds one in its channel's.

        As with ``turn``, but for ``CLOSING`` in mid-wait and cancelling, which is how a stop ends it. Who draws never
        waits for a channel's queue, so that the two queues can't wait for each other.
        """
        if self._closing:
            raise UserError(Refusal.CLOSING)
        async with self._drawings.hold(turn_id, drawing_queue(place), user_id, moved=moved):
            yield

    def stop(self, turn_id: int, reason: StopReason, *, begun: int | None = None) -> bool:
        """Ask a turn to stop; ``False`` where it is not under way in this process. The first reason holds.

        ``begun``: what the count of that name was when the reason arose; a turn that began later is left alone.

        One that waits in a queue is turned away, one that answers has its ``run_stoppable`` cancelled, one that is past
        that ends as if nothing had come. Does not wait until the turn has ended.
        """
        turn = self._turns.get(turn_id)
        if turn is None or (begun is not None and turn.number > begun):
            return False
        if turn.reason is None:
            turn.reason = reason
            if not turn.places.turn_away(turn_id, StoppedError(reason)) and turn.child is not None:
                turn.child.cancel()
        return True

    async def ended(self, turn_id: int) -> None:
        """Wait until a turn's task has ended; at once where it is not under way. Not to be called by that task."""
        turn = self._turns.get(turn_id)
        if turn is not None:
            await asyncio.wait((turn.task,))

    async def run_stoppable(self, turn_id: int, work: Coroutine[Any, Any, T]) -> T:
        """Run ``work`` as the part of a turn that ``stop`` ends; one at a time in a turn.

        Raises ``StoppedError`` where a stop came before ``work`` was done, whatever ``work`` makes of its cancelling.
        Cancelling this cancels ``work``. In every case ``work`` has ended when this returns.
        """
        turn = self._turns.get(turn_id)
        if turn is None or turn.child is not None:
            work.close()
            raise RuntimeError("only a turn under way has a part that can be stopped, and one at a time")
        if turn.reason is not None:
            work.close()
            raise StoppedError(turn.reason)
        child = asyncio.create_task(work, name=f"answer-{turn_id}")
        turn.child = child
        try:
            await asyncio.wait((child,))
        except asyncio.CancelledError:
            # From here on a stop has nothing left to cancel, and must not disturb how the work cleans up.
            turn.child = None
            await _cancelled(child)
            raise
        finally:
            turn.child = None
        if turn.reason is not None and child.cancelling():
            raise StoppedError(turn.reason) from _fault(child)
        return child.result()

    async def drain(self, *, grace_s: float, stop_s: float) -> None:
        """Refuse new turns and those that wait, give the others ``grace_s`` seconds to end, then cancel them.

        A turn has ended when its task has, which may still say why it was refused. A cancelled turn marks itself as
        interrupted, for which it has ``stop_s`` seconds.
        """
        self._closing = True
        for places in (self._places, self._drawings):
            places.close(UserError(Refusal.CLOSING))
        tasks = {task for task in self._tasks if task is not asyncio.current_task()}
        if not tasks:
            return
        logger.info("waiting up to %.0f s for %s turns", grace_s, len(tasks))
        _, late = await asyncio.wait(tasks, timeout=grace_s)
        if late:
            logger.warning("interrupting %s turns", len(late))
            for task in late:
                task.cancel()
            await asyncio.wait(late, timeout=stop_s)

    async def abandon(self, *, stop_s: float) -> None:
        """Take no new turns and cancel all others, which leave everything as it is; waits ``stop_s`` at most."""
        self._closing = self.abandoned = True
        for places in (self._places, self._drawings):
            places.close(UserError(Refusal.CLOSING))
        tasks = {task for task in self._tasks if task is not asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            logger.warning("leaving %s turns as they are", len(tasks))
            await asyncio.wait(tasks, timeout=stop_s)


def _half(number: int) -> int:
    return (number + 1) // 2


def _most(number: int) -> int:
    """Take three quarters, and never less than half: the rest is for those who have nothing yet."""
    return max(_half(number), number * 3 // 4)


def _twice(number: int) -> int:
    """Take as much again; a bound below four is there to have few at once, whoever they are."""
    return 2 * number if number >= 4 else number


async def _cancelled(child: asyncio.Task[Any]) -> None:
    """Cancel a task and wait until it has ended, passing on every further cancelling of the current one."""
    child.cancel()
    while not child.done():
        try:
            await asyncio.wait((child,))
        except asyncio.CancelledError:
            child.cancel()
    _fault(child)


def _fault(child: asyncio.Task[Any]) -> BaseException | None:
    """Return what a task that was to end failed with, and log it: nobody is shown it."""
    fault = None if child.cancelled() else child.exception()
    if fault is not None:
        logger.warning("an answer failed while it was stopped", exc_info=fault)
    return fault
