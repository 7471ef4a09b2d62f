"""Forgets places that are gone: their talk, turns and pictures at once, a server's settings after a while."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import timedelta

from bot.domain.clock import Clock
from bot.domain.history.ports import ChannelReader, RemovalStore, RetentionStore
from bot.domain.history.removals import SETTINGS_GRACE, Removal, Scope
from bot.domain.history.retention import Purged
from bot.domain.picture.ports import PictureFiles
from bot.domain.turn.ports import TurnStore
from bot.errors import StopReason, StorageError
from bot.services.history.retention import PAUSE_S, STEP_ROWS
from bot.services.queue.coordinator import TurnCoordinator
from bot.services.turn.backlog import Backlog

logger = logging.getLogger(__name__)

LOOK_S = 3600.0
"""How often settings are looked at whose time has come."""
GUILDS_AT_ONCE = 100


class RemovalService:
    """Follows the end of channels, threads and servers.

    That a place is gone is kept first, and until nothing more is kept of it: a kill at any moment only delays it.
    ``ours`` says whether this process is the one that answers in a guild.
    Many arguments: a place has talk, turns, pictures on the disk, settings, and answers that grow there.
    """

    def __init__(
        self,
        store: RemovalStore,
        retention: RetentionStore,
        files: PictureFiles,
        turn_store: TurnStore,
        backlog: Backlog,
        coordinator: TurnCoordinator,
        clock: Clock,
        *,
        ours: Callable[[int | None], bool],
    ) -> None:
        self._store = store
        self._retention = retention
        self._files = files
        self._turn_store = turn_store
        self._backlog = backlog
        self._coordinator = coordinator
        self._clock = clock
        self._ours = ours
        self._looked = asyncio.Event()
        self._wake = asyncio.Event()
        self._clearing = asyncio.Lock()

    async def channel_removed(self, channel_id: int, guild_id: int) -> None:
        """Forget a channel, category or thread. Raises ``StorageError`` if the database is away for too long."""
        await self._removed(Removal(scope=Scope.CHANNEL, id=channel_id, guild_id=guild_id, gone_at=self._clock.now()))

    async def guild_removed(self, guild_id: int) -> None:
        """Forget a server that the bot is no member of any more. Raises as above."""
        await self._removed(Removal(scope=Scope.GUILD, id=guild_id, guild_id=guild_id, gone_at=self._clock.now()))

    async def guild_returned(self, guild_id: int) -> None:
        """Leave the settings of a server where the bot is a member again; what was said before goes. Raises as above.

        If the bot was never gone from there, nothing happens.
        """
        await self._backlog.until_taken(lambda: self._finish(guild_id))

    async def look(self, present: Collection[int], reader: ChannelReader) -> None:
        """Notice which servers came and went while the bot was away; ``present`` are those that it is a member of.

        A server that Discord does not name is asked for: an outage is no removal.
        """
        try:
            for removal in await self._store.pending():
                if removal.scope is Scope.GUILD and removal.id in present:
                    await self.guild_returned(removal.id)
            known = {removal.id for removal in await self._store.pending()}
            after = 0
            while guilds := await self._store.guilds(after=after, limit=GUILDS_AT_ONCE):
                after = guilds[-1]
                for guild_id in guilds:
                    missing = self._ours(guild_id) and guild_id not in present and guild_id not in known
                    if missing and await reader.guild_is_gone(guild_id):
                        await self.guild_removed(guild_id)
        except StorageError as error:
            logger.warning("which servers are gone could not be looked up: %s", error)
        self._looked.set()
        self._wake.set()

    async def keep_clearing(self) -> None:
        """Forget what is to be, from the first ``look`` on, until cancelled. What fails is tried again."""
        await self._looked.wait()
        while True:
            self._wake.clear()
            try:
                await self.clear()
            except StorageError:
                logger.exception("a place that is gone could not be forgotten")
            except Exception:
                # The task's boundary: without it nothing would ever be forgotten again.
                logger.exception("forgetting a place that is gone broke off")
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._wake.wait()

    async def clear(self) -> None:
        """Forget all places that are gone. Raises ``StorageError``."""
        while True:
            pending = [removal for removal in await self._store.pending() if self._ours(removal.guild_id)]
            done = [await self._clear(removal) for removal in pending]
            if not any(done):
                return

    async def _removed(self, removal: Removal) -> None:
        await self._backlog.until_taken(lambda: self._store.note(removal))
        await self._stop(removal)
        self._wake.set()

    async def _stop(self, removal: Removal) -> None:
        """Stop what is being answered there: nobody will see it, and nothing of it is to be kept."""
        stopped: list[int] = []
        for turn in await self._backlog.until_taken(self._turn_store.unfinished):
            of_channel = removal.id in (turn.channel_id, turn.parent_id)
            there = of_channel if removal.scope is Scope.CHANNEL else turn.guild_id == removal.id
            if there and self._coordinator.stop(turn.id, StopReason.PROMPT_DELETED):
                stopped.append(turn.id)
        for turn_id in stopped:
            await self._coordinator.ended(turn_id)

    async def _clear(self, removal: Removal) -> bool:
        """Take away what is kept of a place; True if more places turned out to be gone."""
        async with self._clearing:
            if removal.scope is Scope.GUILD:
                await self._clear_guild(removal)
                return False
            threads = await self._store.threads(removal)
            for thread_id in threads:
                await self._store.note(
                    Removal(scope=Scope.CHANNEL, id=thread_id, guild_id=removal.guild_id, gone_at=removal.gone_at)
                )
            total = Purged()
            while (step := await self._store.purge_channel(removal, limit=STEP_ROWS)).any:
                total = await self._took(step, total)
            await self._store.forget_settings(removal)
            await self._store.done(removal)
            _log(removal, total)
            return bool(threads)

    async def _clear_guild(self, removal: Removal) -> None:
        await self._purge_guild(removal)
        if self._clock.now() - removal.gone_at >= SETTINGS_GRACE:
            await self._store.forget_settings(removal)
            await self._store.done(removal)

    async def _finish(self, guild_id: int) -> None:
        async with self._clearing:
            for removal in await self._store.pending():
                if removal.scope is Scope.GUILD and removal.id == guild_id:
                    await self._purge_guild(removal)
                    await self._store.done(removal)

    async def _purge_guild(self, removal: Removal) -> None:
        """Take away what is kept of a server: what was said since it came back stays, whenever that is noticed.

        What another clock than this one's had put behind the removal goes an hour later.
        """
        before = max(removal.gone_at, self._clock.now() - timedelta(seconds=LOOK_S))
        total = Purged()
        while (step := await self._retention.purge(removal.id, before=before, limit=STEP_ROWS)).any:
            total = await self._took(step, total)
        _log(removal, total)

    async def _took(self, step: Purged, total: Purged) -> Purged:
        await self._files.delete(step.files)
        await self._clock.sleep(PAUSE_S)
        return total + step


def _log(removal: Removal, total: Purged) -> None:
    if total.any:
        logger.info(
            "forgot the %s %s, which is gone: messages=%s turns=%s drawings=%s",
            removal.scope.value,
            removal.id,
            total.messages,
            total.turns,
            total.drawings,
        )
