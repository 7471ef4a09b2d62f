"""Edits and deletes of messages, and what was missed of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

import discord
from discord.ext import commands

from bot.client import FusionBot
from bot.domain.history.ports import ChannelReader
from bot.domain.people import Place
from bot.domain.reply.ports import ReplySink
from bot.errors import StorageError
from bot.presentation.inbound.lookup import ChannelLookup
from bot.presentation.inbound.questions import ask_of_message
from bot.presentation.reply.desk import ReplyDesk
from bot.services.history.edits import HistoryService

logger = logging.getLogger(__name__)


class HistoryCog(commands.Cog):
    """Lets the history follow what people do to messages."""

    def __init__(self, client: discord.Client, service: HistoryService, desk: ReplyDesk, reader: ChannelReader) -> None:
        self._client = client
        self._service = service
        self._desk = desk
        self._reader = reader
        self._lookup = ChannelLookup(client)
        self._catching_up: asyncio.Task[None] | None = None

    async def cog_unload(self) -> None:
        """Give up what is still being compared."""
        if self._catching_up is not None:
            self._catching_up.cancel()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Compare the history with Discord: a new session tells nothing of what was missed."""
        if self._catching_up is None or self._catching_up.done():
            self._catching_up = asyncio.create_task(self._service.catch_up(self._reader), name="catch-up")

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Follow an edit."""
        me = self._client.user
        # Without the privileged intent a message that no longer mentions the bot comes without its text.
        if me is None or payload.message.author.bot or not payload.message.content:
            return
        ask = ask_of_message(payload.message, me)
        ask = replace(ask, place=await self._lookup.placed(ask.place))

        def anew(version: int, reply_ids: tuple[int, ...]) -> ReplySink:
            return self._desk.anew(ask, version, reply_ids)

        try:
            await self._service.edited(ask, anew)
        except StorageError as error:
            logger.warning("an edit could not be followed: %s", error)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Follow a delete."""
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
    await bot.add_cog(HistoryCog(bot, services.history, services.desk, services.channel_reader))
