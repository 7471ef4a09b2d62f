"""How many calls of the model draw at once in this process, whoever asked."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.domain.queue.waiting import WaitingQueue
from bot.errors import Refusal, UserError

_MOST_WAITING = 10_000


class FairSlots:
    """Some slots; whoever waits for one is served in turn with all the other owners, not behind all they wait for."""

    def __init__(self, number: int) -> None:
        self._free = number
        self._queue = WaitingQueue(bound=_MOST_WAITING, per_user=_MOST_WAITING)
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._tickets = itertools.count()

    @asynccontextmanager
    async def hold(self, owner: int) -> AsyncIterator[None]:
        """Hold a slot, waiting for it where none is free. Raises ``UserError`` where thousands wait already."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(owner)
        try:
            yield
        finally:
            self._give_back()

    async def _wait(self, owner: int) -> None:
        ticket = next(self._tickets)
        if not self._queue.join(ticket, owner):
            raise UserError(Refusal.BUSY)
        self._waiting[ticket] = served = asyncio.get_running_loop().create_future()
        try:
            await served
        except asyncio.CancelledError:
            # One that was served in the same moment gives on what it got.
            if not self._queue.leave(ticket):
                self._give_back()
            raise
        finally:
            del self._waiting[ticket]

    def _give_back(self) -> None:
        ticket = self._queue.serve()
        if ticket is None:
            self._free += 1
        elif not (served := self._waiting[ticket]).done():
            served.set_result(None)
        # One that was cancelled and has yet to leave gives it on when it does.
