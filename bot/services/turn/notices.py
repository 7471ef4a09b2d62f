"""Messages of the bot's that are taken away after a while, after a restart too."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.domain.clock import Clock
from bot.domain.turn.notice import PassingNotice
from bot.domain.turn.ports import NoticeStore, Surroundings
from bot.errors import StorageError

logger = logging.getLogger(__name__)

STANDS: Final = timedelta(minutes=1)
MOST_STANDING: Final = 1000
"""Messages that stand at once; where there would be more, no more is said in passing."""
AGAIN_S: Final = 5.0
"""How soon what failed is tried again: Discord, or reading what the last process left."""
MOST_TRIES: Final = 60
"""About five minutes; what Discord has not taken away by then is left to the next start."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Standing:
    """A message that is to go."""

    notice: PassingNotice
    tries: int = 0
    going: bool = False
    """Whether Discord is asked to take it away now."""


class PassingNotices:
    """Takes messages away when their time has come. What a kill left is taken away after the next start."""

    def __init__(self, store: NoticeStore, surroundings: Surroundings, clock: Clock) -> None:
        self._store = store
        self._surroundings = surroundings
        self._clock = clock
        self._standing: dict[tuple[int, int], _Standing] = {}
        self._changed = asyncio.Event()

    @property
    def full(self) -> bool:
        """Whether no more is to be said in passing now."""
        return len(self._standing) >= MOST_STANDING

    async def keep(self, channel_id: int, message_ids: Iterable[int], *, stands: timedelta = STANDS) -> None:
        """Let messages go after a while, from now on. Where the database fails, in this process only."""
        at = self._clock.now() + stands
        for message_id in message_ids:
            notice = PassingNotice(channel_id=channel_id, message_id=message_id, delete_at=at)
            self._standing[channel_id, message_id] = _Standing(notice=notice)
            self._changed.set()
            try:
                await self._store.add(notice)
            except StorageError as error:
                logger.warning("a notice that is to be taken away could not be kept: %s", error)

    async def release(self, channel_id: int, message_id: int) -> bool:
        """Let a message stay, which then says something else; False if it may be gone already, or go all the same."""
        now = self._clock.now()
        standing = self._standing.get((channel_id, message_id))
        if standing is not None and (standing.going or standing.notice.delete_at <= now):
            return False
        self._standing.pop((channel_id, message_id), None)
        try:
            # Also if it is not known here: what the last process left may not be read yet.
            await self._store.remove(PassingNotice(channel_id=channel_id, message_id=message_id, delete_at=now))
        except StorageError as error:
            logger.warning("a notice that is to stay could not be released: %s", error)
            if standing is not None:
                self._standing.setdefault((channel_id, message_id), standing)
            return False
        return True

    async def keep_up(self) -> None:
        """Take away what is due, until cancelled; begins with what the last process left."""
        left = True
        while True:
            if left:
                left = await self._read_what_is_left()
            wait_s = await self._take_away_due()
            if left:
                wait_s = AGAIN_S if wait_s is None else min(wait_s, AGAIN_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()
            self._changed.clear()

    async def _read_what_is_left(self) -> bool:
        """Read what other processes have left; whether that is still to be done."""
        try:
            for notice in await self._store.oldest(limit=MOST_STANDING):
                self._standing.setdefault((notice.channel_id, notice.message_id), _Standing(notice=notice))
        except StorageError as error:
            logger.warning("the notices that are to be taken away could not be read: %s", error)
            return True
        return False

    async def _take_away_due(self) -> float | None:
        """Take away what is due; returns in how many seconds more may be, None if nothing stands."""
        now = self._clock.now()
        for key, standing in [(key, each) for key, each in self._standing.items() if each.notice.delete_at <= now]:
            if self._standing.get(key) is not standing:
                continue
            standing.going = True
            if await self._surroundings.take_away(standing.notice):
                await self._forget(standing)
                continue
            standing.going = False
            standing.tries += 1
            if standing.tries >= MOST_TRIES:
                self._drop(standing)
                logger.warning("a notice in channel %s could not be taken away", standing.notice.channel_id)
        if not self._standing:
            return None
        next_at = min(each.notice.delete_at for each in self._standing.values())
        return max((next_at - self._clock.now()).total_seconds(), AGAIN_S if next_at <= now else 0.0)

    async def _forget(self, standing: _Standing) -> None:
        self._drop(standing)
        try:
            await self._store.remove(standing.notice)
        except StorageError as error:
            # The next start tries to take it away once more, which does no harm.
            logger.warning("a notice that was taken away could not be forgotten: %s", error)

    def _drop(self, standing: _Standing) -> None:
        key = standing.notice.channel_id, standing.notice.message_id
        if self._standing.get(key) is standing:
            del self._standing[key]
