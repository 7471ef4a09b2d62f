"""What was edited and deleted while the bot was away: when which channel is compared with Discord."""

from __future__ import annotations

import logging
from collections import deque
from datetime import datetime, timedelta
from typing import Final

from bot.domain.clock import Clock
from bot.domain.history.ports import ChannelReader, ComparisonStore
from bot.errors import StorageError
from bot.services.history.comparing import PAUSE_S, ChannelGone, Comparing
from bot.services.history.edits import HistoryService
from bot.services.turn.backlog import Backlog
from bot.services.turn.stores import Stores

logger = logging.getLogger(__name__)

CATCH_UP: Final = timedelta(days=1)
"""What was used since then is compared at once after a start."""
CATCH_UP_CHANNELS: Final = 50
"""How many channels of those; all others are compared in the background."""
BREATH_S: Final = 0.03
"""The pause after each of those: a bot has 50 requests a second for everything, and answers come first."""
PAGES_AT_ONCE: Final = 20
"""How many pages of one channel are compared before another's turn comes."""
CHANNELS_AT_ONCE: Final = 100


class CatchUpService:
    """Compares every channel with Discord as far back as anything of it is kept, the newest first.

    How far it has come is kept, so that the next start goes on with what the last one has not reached.
    """

    def __init__(
        self, stores: Stores, comparisons: ComparisonStore, backlog: Backlog, history: HistoryService, clock: Clock
    ) -> None:
        self._stores = stores
        self._comparisons = comparisons
        self._backlog = backlog
        self._history = history
        self._clock = clock
        self._giving_way = False

    async def catch_up(self, reader: ChannelReader, gone: ChannelGone) -> None:
        """Compare what was lately used at once, then everything else."""
        self._giving_way = False
        began = self._clock.now()
        try:
            await self._backlog.until_taken(self._history.finish_deletes)
            await self._backlog.until_taken(lambda: self._compare_late(self._comparing(reader, gone), began))
            due = await self._backlog.until_taken(lambda: self._due(began))
        except StorageError as error:
            logger.warning("the history could not be compared with Discord: %s", error)
            return
        while due and not self._giving_way:
            channel_id = due.popleft()
            await self._clock.sleep(PAUSE_S)
            try:
                if not await self._comparing(reader, gone).channel(channel_id, began, pages=PAGES_AT_ONCE):
                    due.append(channel_id)
            except StorageError as error:
                logger.warning("channel %s could not be compared with Discord: %s", channel_id, error)

    def give_way(self) -> None:
        """Let the comparison that is going on end soon, since all is to be compared anew."""
        self._giving_way = True

    def _comparing(self, reader: ChannelReader, gone: ChannelGone) -> Comparing:
        return Comparing(self._stores, self._comparisons, self._history, self._clock, reader, gone)

    async def _compare_late(self, comparing: Comparing, began: datetime) -> None:
        channels = await self._stores.history.channels_since(began - CATCH_UP, limit=CATCH_UP_CHANNELS)
        for channel_id in channels:
            await comparing.channel(channel_id, began, pages=1)
            await self._clock.sleep(BREATH_S)

    async def _due(self, began: datetime) -> deque[int]:
        """List the channels that are not compared, those with the newest messages first.

        Behind them are those that were within a day: a bot that is often started again gets through all in the end.
        """
        found: list[tuple[bool, int, int]] = []
        after = 0
        while channels := await self._comparisons.channels(after=after, limit=CHANNELS_AT_ONCE):
            after = channels[-1][0]
            for channel_id, newest in channels:
                known = await self._comparisons.comparison(channel_id)
                whole = known is not None and known.down_to is None
                if known is None or not whole or known.begun_at < began:
                    lately = known is not None and whole and known.begun_at >= began - CATCH_UP
                    found.append((lately, -newest, channel_id))
        return deque(channel_id for _, _, channel_id in sorted(found))
