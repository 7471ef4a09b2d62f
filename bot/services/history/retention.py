"""Forgets what is older than a place keeps it: messages, turns with their answers, drawings with their files."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

from bot.domain.clock import Clock
from bot.domain.history.ports import RetentionStore
from bot.domain.history.retention import Purged
from bot.domain.people import Place
from bot.domain.picture.ports import PictureFiles
from bot.errors import StorageError
from bot.services.settings.service import SettingsService

logger = logging.getLogger(__name__)

SWEEP_S = 3600.0
"""How long after a sweep the next one begins."""
STEP_ROWS = 200
"""Rows of each kind in one transaction: the one writer that SQLite has is free again after some 10 ms."""
PAUSE_S = 0.03
"""How long turns have the database for themselves between two steps."""
GUILDS_AT_ONCE = 100


class RetentionService:
    """Keeps each guild's ``retention_days``, and the operator's default outside of guilds.

    ``ours`` says whether this process is the one that answers in a guild (None: outside of guilds). Two that take the
    same one do no harm. Guilds are those that something is kept of, whether the bot is still in them or not. A kill at
    any moment leaves whole rows behind; a file without a row goes at the next start (``PictureKeeper.reconcile``).
    """

    def __init__(
        self,
        store: RetentionStore,
        files: PictureFiles,
        settings: SettingsService,
        clock: Clock,
        *,
        ours: Callable[[int | None], bool],
    ) -> None:
        self._store = store
        self._files = files
        self._settings = settings
        self._clock = clock
        self._ours = ours

    async def keep_forgetting(self) -> None:
        """Sweep now and once an hour, until cancelled. What fails is logged, and tried again at the next hour."""
        while True:
            try:
                await self.sweep()
            except StorageError:
                logger.exception("what is old could not be forgotten")
            except Exception:
                # The task's boundary: without it nothing would ever be forgotten again.
                logger.exception("forgetting what is old broke off")
            await self._clock.sleep(SWEEP_S)

    async def sweep(self) -> Purged:
        """Forget all that is too old by now; returns how much that was. Raises ``StorageError``."""
        total = Purged()
        async for guild_id in self._guilds():
            settings = await self._settings.in_force(Place(channel_id=guild_id or 0, guild_id=guild_id))
            if settings.retention_days:
                total = await self._forget(guild_id, timedelta(days=settings.retention_days), total)
        if total.any:
            logger.info(
                "forgot what was old: messages=%s turns=%s drawings=%s", total.messages, total.turns, total.drawings
            )
        return total

    async def _forget(self, guild_id: int | None, keep: timedelta, total: Purged) -> Purged:
        before = self._clock.now() - keep
        while (step := await self._store.purge(guild_id, before=before, limit=STEP_ROWS)).any:
            await self._files.delete(step.files)
            total += step
            await self._clock.sleep(PAUSE_S)
        return total

    async def _guilds(self) -> AsyncIterator[int | None]:
        if self._ours(None):
            yield None
        after = 0
        while guilds := await self._store.guilds(after=after, limit=GUILDS_AT_ONCE):
            after = guilds[-1]
            for guild_id in filter(self._ours, guilds):
                yield guild_id
