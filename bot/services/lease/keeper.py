"""Holds the lease of this process's shards, from the start to the end, and says when it is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from bot.domain.clock import Clock
from bot.domain.lease.ports import LeaseStore
from bot.domain.lease.record import NO_FENCE, Holder, Lease, Shards
from bot.domain.lease.watch import RENEW_S, TTL_S, Watch
from bot.errors import OtherBotError, StorageError, TakenOverError

logger = logging.getLogger(__name__)

LOOK_S: Final = 0.5
"""How often a process that waits looks whether its shards are free."""
SURE_S: Final = 12.0
"""How long the lease is certain after a renewal: the next comes before, and nobody takes it before ``TTL_S``."""
ANSWER_S: Final = 5.0
"""After this the database counts as away; what was asked of it goes on."""
LATE_S: Final = 2.0
"""A wait that ended later than this was held up together with the process, and says nothing."""


class LeaseKeeper:
    """Takes the lease, waiting for another process that has it, renews it, and gives it back.

    While the database is away nothing is lost: no other process can take a lease either. One that can although this one
    can't takes it after ``TTL_S``, and this one finds out with its next renewal.
    """

    def __init__(
        self, store: LeaseStore, shards: Shards, holder: Holder, clock: Clock, *, is_gone: Callable[[Holder], bool]
    ) -> None:
        """``is_gone`` says whether a process of this machine has certainly ended."""
        self._store = store
        self._shards = shards
        self._holder = holder
        self._clock = clock
        self._is_gone = is_gone
        self._fence = NO_FENCE
        self._taken = asyncio.Event()
        self._lost = asyncio.Event()
        self._waiting = False
        self._given_back = False
        self._renewed_at = 0.0
        self._away_at = 0.0
        """When the database last did not take a renewal, for certain not because this process was held up."""
        self._attempt: asyncio.Task[bool] | None = None
        self._asked_at = 0.0
        self._news = asyncio.Event()
        """Set, and made anew, whenever it is known what became of a renewal."""

    @property
    def waiting(self) -> bool:
        """Whether another process has the lease, and this one waits for it."""
        return self._waiting

    @property
    def lost(self) -> bool:
        """Whether another process has taken the lease from this one."""
        return self._lost.is_set()

    def fence(self) -> int:
        """Return the number under which this process writes; it stays the same to the end, and is then refused."""
        return self._fence

    async def take(self, bot_id: int) -> None:
        """Take the lease, waiting until nobody else has it; the log says why. Repeating does nothing.

        ``bot_id`` is Discord's id of the bot. Raises ``OtherBotError`` if another bot uses this database.
        """
        if self._fence != NO_FENCE:
            return
        holder = replace(self._holder, bot_id=bot_id)
        watch = Watch(self._is_gone)
        gone: frozenset[tuple[str, int]] = frozenset()
        told: set[object] = set()
        while self._fence == NO_FENCE:
            asked_at = self._clock.monotonic()
            try:
                found = await self._store.take(holder, self._shards, gone=gone)
            except StorageError as error:
                _tell_once(told, "away", "the lease can't be taken yet: %s", error)
                gone = frozenset()
            else:
                if isinstance(found, int):
                    self._renewed_at, self._fence = asked_at, found
                    break
                gone = watch.look(found, self._clock.monotonic())
                self._waiting = True
                for lease in found:
                    _refuse_others(watch, lease, bot_id)
                if {lease.sign for lease in found} <= gone:
                    ended = all(self._is_gone(lease.holder) for lease in found)
                    words = "has ended" if ended else f"gave no sign of life for {TTL_S:.0f} s"
                    _tell_once(told, gone, "%s %s: %s are taken over", found[0].holder, words, self._shards)
                    continue
                _tell_once(
                    told,
                    found[0].holder.id,
                    "another process is running %s (%s); waiting for it to stop",
                    self._shards,
                    found[0].holder,
                )
            await self._clock.sleep(LOOK_S)
        if self._waiting:
            logger.info("%s are this process's now", self._shards)
        self._waiting = False
        self._taken.set()

    async def keep(self) -> None:
        """Renew the lease once it is taken, until it is lost; to be cancelled."""
        await self.until_taken()
        delay_s = RENEW_S
        while not self.lost:
            await self._clock.sleep(delay_s)
            if self._given_back:
                return
            delay_s = await self._renew()

    async def sure(self) -> None:
        """Wait until it is certain that nobody else has the lease; mostly it is. Raises ``TakenOverError``.

        A process that was held up for a while, and does not know what has come meanwhile, waits here for a renewal.
        Before the lease is taken, and after it was given back, there is nothing to wait for.
        """
        while not self.lost:
            known_at = max(self._renewed_at, self._away_at)
            if self._fence == NO_FENCE or self._given_back or self._clock.monotonic() - known_at < SURE_S:
                return
            await self._news.wait()
        raise TakenOverError(str(self))

    async def until_taken(self) -> None:
        """Wait until this process has its lease."""
        await self._taken.wait()

    async def until_lost(self) -> None:
        """Wait until another process has taken the lease."""
        await self._lost.wait()

    async def release(self) -> None:
        """Give the lease back, as the last of all: what is written afterwards is refused. Raises ``StorageError``."""
        self._given_back = True
        if self._attempt is not None:
            await asyncio.wait((self._attempt,))
        if self._fence != NO_FENCE and not self.lost:
            await self._store.release(self._fence)

    async def _renew(self) -> float:
        """Renew the lease, or wait on for the renewal that is under way; returns when to come again, in seconds."""
        if self._attempt is None:
            self._asked_at = self._clock.monotonic()
            self._attempt = asyncio.create_task(self._store.renew(self._fence), name="renew-lease")
        waits_since = self._clock.monotonic()
        done, _ = await asyncio.wait((self._attempt,), timeout=ANSWER_S)
        held: bool | None = None
        if done:
            attempt, self._attempt = self._attempt, None
            try:
                held = attempt.result()
            except StorageError as error:
                logger.debug("the lease could not be renewed: %s", error)
            except Exception:
                # The task's boundary: without renewals nothing would go out to Discord any more.
                logger.exception("the lease could not be renewed")
        now = self._clock.monotonic()
        delay_s = RENEW_S
        if held:
            self._renewed_at = self._asked_at
            delay_s = RENEW_S if now - self._asked_at < RENEW_S else 0.0
        elif held is False:
            self._lost.set()
        elif now - waits_since < ANSWER_S + LATE_S:
            self._away_at = now
            delay_s = RENEW_S if done else 0.0
        else:
            delay_s = 0.0
        self._news.set()
        self._news = asyncio.Event()
        return delay_s

    def __str__(self) -> str:
        return (
            f"Another process has taken over {self._shards}: this one was held up, or cut off from the database, for "
            f"{TTL_S:.0f} s or longer. It stops, and leaves everything to the other."
        )


def _refuse_others(watch: Watch, lease: Lease, bot_id: int) -> None:
    """Raise if a lease is another bot's that lives: that one does not stop for this one to start."""
    if lease.holder.bot_id in (0, bot_id) or not watch.lives(lease):
        return
    raise OtherBotError(
        f"Another bot (application {lease.holder.bot_id}, {lease.holder}) uses this database. "
        "Each bot needs a database of its own: set DATABASE_URL."
    )


def _tell_once(told: set[object], key: object, words: str, *values: object) -> None:
    if key not in told:
        told.add(key)
        logger.warning(words, *values)
