"""The Discord client: how it connects, what it keeps in memory, and how it goes."""

from __future__ import annotations

import asyncio
import importlib
import logging
import pkgutil
import sys
from collections.abc import Callable
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.cog_services import CogServices
from bot.config import Config
from bot.domain.people import User
from bot.domain.queue.pace import PersonPace
from bot.errors import BotError, StorageError, Trouble
from bot.library.events import answering, hear_presses, read_carefully
from bot.library.sessions import ask_for_itself, expect_no_voice, give_up
from bot.packaging import cogs_package
from bot.presentation.commands import CommandTranslator, sync_when_changed
from bot.presentation.outbound.interactions import tell
from bot.presentation.outbound.wire import Wire
from bot.presentation.transport_errors import TRANSPORT_ERRORS
from bot.presentation.words.notices import notice
from bot.presentation.words.replies import Words
from bot.services.lease.keeper import LeaseKeeper
from bot.services.queue.coordinator import TurnCoordinator
from bot.services.reply.recovery import RecoveryService

logger = logging.getLogger(__name__)

DRAIN_S = 20.0
"""How long running turns may take to end when the bot is told to stop."""
STOP_S = 9.0
"""How long interrupted turns then have to say so; below the 30 s that supervisors commonly wait."""
LEAVE_S = 3.0
"""How long the gateway may take to let go, and then those who were heard last, who are only refused any more."""


class NotDiscordError(BotError):
    """What answers at Discord's address answers otherwise than Discord."""


class FusionBot(commands.AutoShardedBot):
    """The client. It loads the cogs by name, every file of the package ``cogs``, and offers them its services.

    ``stopping`` ends what running turns may be doing that nobody waits for when the bot is told to stop.
    """

    def __init__(
        self,
        config: Config,
        *,
        coordinator: TurnCoordinator,
        wire: Wire,
        cogs: str | None = None,
        stopping: Callable[[], None] = lambda: None,
    ) -> None:
        intents = discord.Intents(
            guilds=True, guild_messages=True, dm_messages=True, message_content=config.discord_message_content
        )
        expect_no_voice()
        super().__init__(
            command_prefix=(),
            help_command=None,
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            # What the bot remembers is in the database; the library's own memory would only double it.
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            shard_count=config.shard_count,
            shard_ids=list(config.shard_ids) if config.shard_ids is not None else None,  # type: ignore[arg-type]  # None is its default
            http_trace=wire.trace(),
        )
        self._coordinator = coordinator
        self._wire = wire
        self._stopping = stopping
        self._cogs_package = cogs or cogs_package()
        self._services: CogServices | None = None
        self._recovery: RecoveryService | None = None
        self._lease: LeaseKeeper | None = None
        self._recovering: asyncio.Task[None] | None = None
        self._drained = False
        self.commands_stand = False
        """Whether Discord knows the commands as they are."""
        self._began = False
        self._logged_in = False
        self._pace, self._typing_pace = PersonPace(), PersonPace()
        hear_presses(self, self._hears)
        read_carefully(self)
        self.tree.on_error = self._on_command_error  # type: ignore[method-assign]  # the library's way to set it

    @property
    def services(self) -> CogServices:
        """What the cogs work with. Raises ``RuntimeError`` before ``serve``."""
        if self._services is None:
            raise RuntimeError("the bot has no services yet")
        return self._services

    def me(self) -> User:
        """Return the bot's own user; one without a name before it has logged in."""
        user = self.user
        return User(id=user.id, name=user.display_name) if user is not None else User(id=0, name="")

    def serve(
        self, services: CogServices, recovery: RecoveryService | None = None, lease: LeaseKeeper | None = None
    ) -> None:
        """Take what the cogs work with, once, before login.

        Without ``recovery`` the bot leaves old turns alone; with a ``lease`` it waits for that before anything else.
        """
        self._services = services
        self._recovery = recovery
        self._lease = lease

    async def login(self, token: str) -> None:
        """Log in; raises what the library raises, and ``NotDiscordError``."""
        self._began = True
        try:
            await super().login(token)
        except Exception as error:
            await give_up(self)
            if isinstance(error, TypeError | KeyError) and not self._logged_in:
                raise NotDiscordError("its answer to the login can't be read") from error
            raise

    async def launch_shards(self) -> None:
        """Ask for the gateway and open its connections; raises what the library raises, and ``NotDiscordError``."""
        try:
            await super().launch_shards()
        except (TypeError, KeyError) as error:
            raise NotDiscordError("its answer about the gateway can't be read") from error

    async def setup_hook(self) -> None:
        """Wait for the lease, end what the last process left, add the cogs, tell Discord the commands that changed.

        Raises ``OtherBotError``.
        """
        self._logged_in = True
        if self._lease is not None:
            await self._lease.take(self.me().id)
        if self._recovery is not None:
            try:
                orphans = await self._recovery.orphans()
            except StorageError as error:
                logger.warning("the turns that were under way could not be read yet: %s", error)
                work = self._recovery.recover_later()
            else:
                work = self._recovery.recover(orphans)
            self._recovering = asyncio.create_task(work, name="recovery")
        await self.add_commands()
        await self.sync_commands()

    async def add_commands(self) -> None:
        """Add the cogs and their commands, in all languages; Discord is not told yet. Repeating does nothing."""
        package = importlib.import_module(self._cogs_package)
        for cog in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if cog.name not in self.extensions:
                await self.load_extension(cog.name)
        await self.tree.set_translator(CommandTranslator())

    async def sync_commands(self) -> None:
        """Tell Discord the commands where they changed; a failure is logged, and the bot answers all the same."""
        try:
            changed = await sync_when_changed(self.tree, self.application_id or 0)
        except TRANSPORT_ERRORS as error:
            logger.warning("the commands could not be synced: %s", error)
        else:
            self.commands_stand = True
            logger.info("commands %s", "synced" if changed else "are up to date")

    def _hears(self, user_id: int, *, typing: bool) -> bool:
        """Whether what a user does is heard: one who sends hundreds of presses would keep all others waiting."""
        heard = (self._typing_pace if typing else self._pace).hears(user_id, now=self.loop.time())
        if not heard:
            logger.debug("user %s presses faster than is heard", user_id)
        return heard

    async def on_message(self, message: discord.Message, /) -> None:
        """Do nothing: there are no prefix commands, and the cogs listen for themselves."""

    async def on_ready(self) -> None:
        """Log that the bot is there."""
        logger.info("ready as %s in %s guilds, %s shards", self.user, len(self.guilds), self.shard_count or 1)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log what a listener raised; the arguments hold messages and are left out."""
        del args, kwargs
        logger.error("the listener %s failed", event_method, exc_info=sys.exception())

    @property
    def taken_over(self) -> str:
        """Say in words that another process answers in this one's place."""
        return str(self._lease)

    async def until_taken_over(self) -> None:
        """Wait until another process has taken this one's shards, and leave all turns to it."""
        if self._lease is None:
            await asyncio.Event().wait()
            return
        await self._lease.until_lost()
        await self.leave_turns()

    async def until_refused(self) -> None:
        """Wait until Discord accepts the bot's token no more, and leave all turns to the next start."""
        while True:
            await self._wire.refused.wait()
            self._wire.refused.clear()
            if self._logged_in and await self._is_refused():
                break
        await self.leave_turns()

    async def _is_refused(self) -> bool:
        """Ask Discord once more: one answer may have come from something before it."""
        try:
            await ask_for_itself(self)
        except discord.HTTPException as error:
            return error.status == 401
        except TRANSPORT_ERRORS:
            return False
        return False

    async def leave_turns(self) -> None:
        """Stop working on turns, and say and keep nothing more of them: others end them."""
        if self._recovering is not None:
            self._recovering.cancel()
        await self._coordinator.abandon(stop_s=STOP_S)

    async def close(self) -> None:
        """Let running turns end, then disconnect. Repeating does nothing."""
        if not self._drained:
            self._drained = True
            self._stopping()
            await self._coordinator.drain(grace_s=DRAIN_S, stop_s=STOP_S)
            if self._recovering is not None:
                self._recovering.cancel()
                await asyncio.wait((self._recovering,))
            if self._logged_in:
                await self._hear_no_more()
            await self._wire.end_sleeps()
        if self._began:  # before that there is nothing to close, and the library fails at it
            await super().close()

    async def _hear_no_more(self) -> None:
        """Leave the gateway, and let everybody whom it brought until then be told that the bot goes."""
        leaving = [asyncio.create_task(shard.disconnect(), name="leave") for shard in self.shards.values()]
        if leaving:
            _, late = await asyncio.wait(leaving, timeout=LEAVE_S)
            for task in late:
                task.cancel()
        if heard := answering():
            await asyncio.wait(heard, timeout=LEAVE_S)

    async def _on_command_error(
        self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /
    ) -> None:
        if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
            # Somebody's client shows what the commands were, or will be, at another version.
            logger.warning("a command was used that is not as Discord shows it: %s", type(error).__name__)
        else:
            logger.error("a command failed", exc_info=error)
        await tell(interaction, notice(Words(interaction.locale.value).problem(Trouble.INTERNAL)))
