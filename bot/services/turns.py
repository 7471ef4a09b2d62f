"""Turns under way: who is admitted, who waits, and how all of them end when the bot stops."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.errors import Refusal, UserError
from bot.log import turn_id

logger = logging.getLogger(__name__)


class Place:
    """An admitted turn's place in its channel."""

    def __init__(self, room: asyncio.Semaphore) -> None:
        self._room = room
        self._inside = False

    async def enter(self) -> None:
        """Wait until it is the turn's turn; first come, first served. To be called once."""
        await self._room.acquire()
        self._inside = True

    def leave(self) -> None:
        """Let the next one in."""
        if self._inside:
            self._inside = False
            self._room.release()


class TurnCoordinator:
    """Owns the task of every turn.

    In one channel ``side_by_side`` turns run at once and ``waiting`` more wait, first come, first served; over all
    channels ``whole`` turns may be running or waiting. What is over these bounds is refused.
    """

    def __init__(self, *, side_by_side: int = 10, waiting: int = 20, whole: int = 1000) -> None:
        self._side_by_side = side_by_side
        self._waiting = waiting
        self._whole = whole
        self._rooms: dict[int, asyncio.Semaphore] = {}
        self._counts: Counter[int] = Counter()
        self._tasks: set[asyncio.Task[object]] = set()
        self._closing = False

    @property
    def under_way(self) -> int:
        """How many turns are running or waiting."""
        return len(self._tasks)

    @asynccontextmanager
    async def turn(self, turn: int, channel_id: int) -> AsyncIterator[Place]:
        """Hold a place for the current task, from admission to its end; ``Place.enter`` then waits in line.

        Raises ``UserError`` (``CLOSING``, ``BUSY``) where there is none to be had.
        """
        if self._closing:
            raise UserError(Refusal.CLOSING)
        if self._counts[channel_id] >= self._side_by_side + self._waiting or len(self._tasks) >= self._whole:
            raise UserError(Refusal.BUSY)
        task = asyncio.current_task()
        if task is None:  # pragma: no cover - an async context always runs in a task
            raise RuntimeError("a turn needs a task")
        room = self._rooms.setdefault(channel_id, asyncio.Semaphore(self._side_by_side))
        self._counts[channel_id] += 1
        self._tasks.add(task)
        token = turn_id.set(turn)
        place = Place(room)
        try:
            yield place
        finally:
            place.leave()
            turn_id.reset(token)
            self._tasks.discard(task)
            self._counts[channel_id] -= 1
            if self._counts[channel_id] == 0:
                del self._counts[channel_id], self._rooms[channel_id]

    async def drain(self, *, grace_s: float, stop_s: float) -> None:
        """Refuse new turns, give those under way ``grace_s`` seconds to end, then cancel them.

        A cancelled turn marks itself as interrupted, for which it has ``stop_s`` seconds.
        """
        self._closing = True
        if self._tasks:
            logger.info("waiting up to %.0f s for %s turns", grace_s, len(self._tasks))
            await asyncio.wait(set(self._tasks), timeout=grace_s)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            logger.warning("interrupting %s turns", len(self._tasks))
            await asyncio.wait(set(self._tasks), timeout=stop_s)
