"""How many downloads go on at once, and whose is next: nobody can hold them all."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter, deque
from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bot.domain.clock import Clock
from bot.domain.picture.ports import Errand
from bot.errors import ErrorKind, ProviderError

_ASKERS_REMEMBERED: Final = 10_000
_WHOLE: Final = "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many downloads there may be at once: in all, of an asker, of a guild, from a host, from a network.

    ``wait_s`` is how long one waits for its turn; ``asker_waits`` is how many of an asker's do so.
    """

    whole: int
    asker: int
    guild: int
    host: int
    network: int
    wait_s: float = 30.0
    asker_waits: int = 40
    waits: int = 1000


OWN: Final = Bounds(whole=32, asker=16, guild=24, host=16, network=32)
"""What an endpoint made: often all on one host, as many as are drawn at once (``CALLS_AT_ONCE`` of the painter)."""
NAMED: Final = Bounds(whole=32, asker=4, guild=16, host=4, network=8)
"""What a talk's text names: many host names, and many addresses of one network, may be one owner's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a download takes: a place of its asker's, its guild's, its host's and its networks'."""

    errand: Errand
    host: str
    networks: frozenset[str] = frozenset()

    @property
    def asker(self) -> Hashable:
        """Whose it is."""
        return ("asker", self.errand.asker_id)

    @property
    def guild(self) -> Hashable:
        """Where it was asked for; outside of guilds everybody is by themselves."""
        guild_id = self.errand.guild_id
        return ("alone", self.errand.asker_id) if guild_id is None else ("guild", guild_id)

    def shares(self, bounds: Bounds) -> Iterator[tuple[Hashable, int]]:
        """List what it counts for, each with its bound."""
        yield _WHOLE, bounds.whole
        yield self.asker, bounds.asker
        yield self.guild, bounds.guild
        yield ("host", self.host), bounds.host
        for network in self.networks:
            yield ("network", network), bounds.network


class DownloadSlots:
    """Slots for downloads. One that falls free goes to who holds fewest, then to whose guild does, then to the first.

    So a slot is never kept for who holds some already while somebody waits who holds none.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._held: Counter[Hashable] = Counter()
        self._waiting: dict[int, tuple[Claim, asyncio.Future[None]]] = {}
        """By their tickets, the oldest first."""
        self._tickets = itertools.count()

    @property
    def wait_s(self) -> float:
        """How long a download may wait for its slots."""
        return self._bounds.wait_s

    @property
    def crowded(self) -> bool:
        """Whether somebody waits only because all slots are taken."""
        full = self._held[_WHOLE] >= self._bounds.whole
        return full and any(self._fits(claim, but=_WHOLE) for claim, _ in self._waiting.values())

    @asynccontextmanager
    async def hold(self, claim: Claim, *, wait_s: float | None = None) -> AsyncIterator[None]:
        """Hold a slot, waiting for it at most ``wait_s`` seconds (None: as the bounds say).

        Raises ``ProviderError`` of kind ``picture_busy`` where none came in time, or too many wait already.
        """
        if self._fits(claim):
            self._take(claim)
        else:
            await self._wait(claim, self._bounds.wait_s if wait_s is None else wait_s)
        try:
            yield
        finally:
            self._give_back(claim)

    def _fits(self, claim: Claim, *, but: Hashable = None) -> bool:
        return all(share == but or self._held[share] < most for share, most in claim.shares(self._bounds))

    def _take(self, claim: Claim) -> None:
        self._held.update(share for share, _ in claim.shares(self._bounds))

    async def _wait(self, claim: Claim, wait_s: float) -> None:
        own = sum(other.asker == claim.asker for other, _ in self._waiting.values())
        if own >= self._bounds.asker_waits or len(self._waiting) >= self._bounds.waits:
            raise ProviderError(ErrorKind.PICTURE_BUSY, "too many downloads wait")
        ticket = next(self._tickets)
        served: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[ticket] = (claim, served)
        try:
            async with asyncio.timeout(wait_s):
                await served
        except (TimeoutError, asyncio.CancelledError) as error:
            # One that was served in the same moment gives on what it got.
            if self._waiting.pop(ticket, None) is None:
                self._give_back(claim)
            if isinstance(error, TimeoutError):
                raise ProviderError(ErrorKind.PICTURE_BUSY, "no slot for a download in time") from error
            raise

    def _give_back(self, claim: Claim) -> None:
        for share, _ in claim.shares(self._bounds):
            self._held[share] -= 1
            if not self._held[share]:
                del self._held[share]
        while (ticket := self._next()) is not None:
            following, served = self._waiting.pop(ticket)
            self._take(following)
            if served.done():  # cancelled, and yet to leave: it gives the slot on when it does
                return
            served.set_result(None)

    def _next(self) -> int | None:
        """Find who is served next; None if nobody who waits may begin."""
        if self._held[_WHOLE] >= self._bounds.whole:
            return None
        fitting = [
            (self._held[claim.asker], self._held[claim.guild], ticket)
            for ticket, (claim, _) in self._waiting.items()
            if self._fits(claim)
        ]
        return min(fitting)[2] if fitting else None


class Pace:
    """How many pictures each asker may have fetched in a while."""

    def __init__(self, clock: Clock, *, most: int, within_s: float) -> None:
        self._clock = clock
        self._most = most
        self._within_s = within_s
        self._begun: dict[int, deque[float]] = {}
        """When each asker's were begun; who was latest is last."""

    def note(self, asker_id: int) -> None:
        """Count one more. Raises ``ProviderError`` of kind ``picture_busy`` where the asker has had too many."""
        now = self._clock.monotonic()
        begun = self._begun.pop(asker_id, None) or deque()
        self._begun[asker_id] = begun
        while begun and begun[0] <= now - self._within_s:
            begun.popleft()
        if len(begun) >= self._most:
            raise ProviderError(ErrorKind.PICTURE_BUSY, "an asker's answers name too many pictures")
        begun.append(now)
        while len(self._begun) > _ASKERS_REMEMBERED:
            del self._begun[next(iter(self._begun))]
