"""Who may have a picture looked at now: few at a time, large ones one by one, fair by guild and asker."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bot.errors import ErrorKind, ProviderError

_SERVED_KEPT: Final = 10_000
"""Of so many askers and guilds is it known when they were served last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """So many ``places``, and ``budget`` bytes for all. Who needs at most ``small`` passes who waits for bytes.

    The largest leaves a small one room beside it, so that nobody is passed for ever.
    """

    places: int
    budget: int
    small: int
    waiting: int
    wait_s: float


@dataclass(slots=True, kw_only=True, eq=False)
class _Ticket:
    need: int
    guild: Hashable
    asker: Hashable
    number: int
    served: asyncio.Future[None]


class Gate:
    """Places with a budget. One that gets free goes to the guild, then the asker, that was served the longest ago."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._places = bounds.places
        self._budget = bounds.budget
        self._waiting: list[_Ticket] = []
        self._numbers = itertools.count(1)
        self._served: dict[Hashable, int] = {}
        """When a guild or an asker was served last, the latest last."""
        self._closed = False

    @asynccontextmanager
    async def hold(self, need: int, *, guild: Hashable = None, asker: Hashable = None) -> AsyncIterator[None]:
        """Hold a place and ``need`` bytes of the budget, waiting for them.

        Raises ``ProviderError``: ``picture_busy`` if too many wait or it takes too long, ``cancelled`` once closed.
        """
        need = min(need, self._bounds.budget - self._bounds.small)
        await self._enter(need, guild, asker)
        try:
            yield
        finally:
            self._give_back(need)

    def close(self) -> None:
        """Send away whoever waits, and whoever comes from now on."""
        self._closed = True
        waiting, self._waiting = self._waiting, []
        for ticket in waiting:
            if not ticket.served.done():
                ticket.served.set_exception(_closed())

    async def _enter(self, need: int, guild: Hashable, asker: Hashable) -> None:
        if self._closed:
            raise _closed()
        if len(self._waiting) >= self._bounds.waiting:
            raise ProviderError(ErrorKind.PICTURE_BUSY, "too many pictures wait to be looked at")
        served: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        ticket = _Ticket(need=need, guild=guild, asker=asker, number=next(self._numbers), served=served)
        self._waiting.append(ticket)
        self._serve()
        try:
            async with asyncio.timeout(self._bounds.wait_s):
                await served
        except (TimeoutError, asyncio.CancelledError) as error:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                self._serve()  # it may have been what others waited behind
            elif served.done() and not served.cancelled() and served.exception() is None:
                self._give_back(need)  # served in the same moment
            if isinstance(error, TimeoutError):
                raise ProviderError(ErrorKind.PICTURE_BUSY, "no place to look at a picture in time") from error
            raise

    def _give_back(self, need: int) -> None:
        self._places += 1
        self._budget += need
        self._serve()

    def _serve(self) -> None:
        while self._places and (ticket := self._next()) is not None:
            self._waiting.remove(ticket)
            self._places -= 1
            self._budget -= ticket.need
            self._note(("guild", ticket.guild))
            self._note(("asker", ticket.asker))
            if ticket.served.done():  # cancelled a moment ago, and not gone yet
                self._places += 1
                self._budget += ticket.need
            else:
                ticket.served.set_result(None)

    def _next(self) -> _Ticket | None:
        blocked = False
        for ticket in sorted(self._waiting, key=self._rank):
            if ticket.need <= self._budget and (not blocked or ticket.need <= self._bounds.small):
                return ticket
            blocked = True
        return None

    def _rank(self, ticket: _Ticket) -> tuple[int, int, int]:
        return self._served.get(("guild", ticket.guild), 0), self._served.get(("asker", ticket.asker), 0), ticket.number

    def _note(self, who: Hashable) -> None:
        self._served.pop(who, None)
        self._served[who] = next(self._numbers)
        while len(self._served) > _SERVED_KEPT:
            del self._served[next(iter(self._served))]


def _closed() -> ProviderError:
    return ProviderError(ErrorKind.CANCELLED, "the bot is stopping")
