"""Edits and deletes of messages, and what was missed of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from dataclasses import replace

import discord
from discord.ext import commands

from bot.client import FusionBot
from bot.domain.history.ports import ChannelReader
from bot.domain.people import Place, User
from bot.domain.reply.ports import ReplySink
from bot.domain.turn.ask import Ask
from bot.errors import StorageError
from bot.presentation.inbound.lookup import ChannelLookup
from bot.presentation.inbound.questions import ask_of_message
from bot.presentation.reply.desk import ReplyDesk
from bot.services.history.catch_up import CatchUpService
from bot.services.history.edits import HistoryService
from bot.services.history.proxies import ProxyService
from bot.services.history.removals import RemovalService

logger = logging.getLogger(__name__)


class HistoryCog(commands.Cog):
    """Lets the history follow what people do to messages.

    Many arguments: messages change and go, places go, and proxies come between.
    """

    def __init__(
        self,
        client: discord.Client,
        service: HistoryService,
        catch_up: CatchUpService,
        removals: RemovalService,
        proxies: ProxyService,
        desk: ReplyDesk,
        reader: ChannelReader,
        lookup: ChannelLookup,
    ) -> None:
        """Many arguments: what follows which event, and what is asked of Discord for it."""
        self._client = client
        self._service = service
        self._catch_up = catch_up
        self._removals = removals
        self._proxies = proxies
        self._desk = desk
        self._reader = reader
        self._lookup = lookup
        self._looking: set[asyncio.Task[None]] = set()

    async def cog_unload(self) -> None:
        """Give up what is still being compared."""
        for task in self._looking:
            task.cancel()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Compare the history with Discord: a new session tells nothing of what was missed.

        What the session before had not come to is compared with the rest.
        """
        self._catch_up.give_way()
        task = asyncio.create_task(self._look(tuple(self._looking)), name="catch-up")
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _look(self, before: Sequence[asyncio.Task[None]]) -> None:
        if before:
            await asyncio.wait(before)
        # Servers that are away for a while are among them: Discord names all that the bot is a member of.
        present = frozenset(guild.id for guild in self._client.guilds)
        await self._removals.look(present, self._reader)
        await self._catch_up.catch_up(self._reader, self._removals.channel_removed)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Forget a server that is gone for the bot; the library does not say so of one that is away for a while."""
        await self._gone(self._removals.guild_removed(guild.id))

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Notice that a server has come back."""
        await self._gone(self._removals.guild_returned(guild.id))

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Forget a channel or a category."""
        await self._gone(self._removals.channel_removed(channel.id, channel.guild.id))

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Forget a thread."""
        await self._gone(self._removals.channel_removed(payload.thread_id, payload.guild_id))

    async def _gone(self, following: Awaitable[None]) -> None:
        try:
            await following
        except StorageError as error:
            logger.warning("the end of a place could not be followed: %s", error)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Follow an edit."""
        me, message = self._client.user, payload.message
        # An update may be no edit: a pin, a thread, another nickname (Discord documentation, Message Object).
        # Without the privileged intent a message that no longer mentions the bot comes without its text.
        if me is None or message.edited_at is None or not message.content:
            return
        try:
            ask = await self._asked(message, me)
        except StorageError as error:
            logger.warning("an edit could not be followed: %s", error)
            return
        if ask is None:
            return
        ask = replace(ask, place=await self._lookup.placed(ask.place))

        def anew(version: int, reply_ids: tuple[int, ...]) -> ReplySink:
            return self._desk.anew(ask, version, reply_ids)

        try:
            await self._service.edited(ask, anew)
        except StorageError as error:
            logger.warning("an edit could not be followed: %s", error)

    async def _asked(self, message: discord.Message, me: discord.abc.User) -> Ask | None:
        """Read a message as a question of a person's; None if it is none. A proxy's may stand for one."""
        ask = ask_of_message(message, me)
        if message.webhook_id is not None:
            own = message.author.id == me.id
            found = None if own else await self._proxies.said_for(message.channel.id, message.id)
            if found is None:
                return None
            return replace(ask, id=found.message_id, user=User(id=found.turn.asker_id, name=ask.user.name))
        return None if message.author.bot else ask

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Follow a delete, unless a proxy says the message again."""
        place = Place(channel_id=payload.channel_id, guild_id=payload.guild_id)
        try:
            if await self._proxies.took_over(place, payload.message_id):
                return
        except StorageError as error:
            logger.warning("a proxy could not be followed: %s", error)
        await self._deleted(payload.channel_id, payload.guild_id, (payload.message_id,))

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Follow a bulk delete."""
        await self._deleted(payload.channel_id, payload.guild_id, tuple(payload.message_ids))

    async def _deleted(self, channel_id: int, guild_id: int | None, message_ids: Sequence[int]) -> None:
        try:
            await self._service.deleted(Place(channel_id=channel_id, guild_id=guild_id), message_ids)
        except StorageError as error:
            logger.warning("a delete could not be followed: %s", error)


async def setup(bot: FusionBot) -> None:
    """Add the cog; discord.py calls this when it loads the file."""
    services = bot.services
    await bot.add_cog(
        HistoryCog(
            bot,
            services.history,
            services.catch_up,
            services.removals,
            services.proxies,
            services.desk,
            services.channel_reader,
            services.lookup,
        )
    )
