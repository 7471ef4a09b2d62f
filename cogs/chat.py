"""Mentions, replies, direct messages and ``/ask``."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import replace
from datetime import timedelta
from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import FusionBot
from bot.domain.model.request import Mode
from bot.domain.queue.pace import PersonPace
from bot.presentation.commands import command_text
from bot.presentation.inbound.lookup import ChannelLookup
from bot.presentation.inbound.places import may_write
from bot.presentation.inbound.questions import Addressed, parse_command, parse_mention, parse_overheard, said_in
from bot.presentation.reply.desk import ReplyDesk
from bot.services.chat.service import ChatService
from bot.services.history.edited import EditedQuestions
from bot.services.history.proxies import ProxyService

logger = logging.getLogger(__name__)

YOUNG: Final = timedelta(minutes=1)
MOST_YOUNG: Final = 100
"""Young messages of whose edits is known, in case these came before the messages themselves."""
QUESTIONS_AT_ONCE: Final = 1000
QUESTION_EACH_S: Final = 0.05
"""How fast one person's questions are heard: no hand asks faster, and Discord lets nobody write so much."""


class ChatCog(commands.Cog):
    """Turns what people write into turns of the chat service."""

    def __init__(
        self,
        client: discord.Client,
        service: ChatService,
        edited: EditedQuestions,
        proxies: ProxyService,
        desk: ReplyDesk,
        lookup: ChannelLookup,
    ) -> None:
        """Many arguments: a question comes in several ways, and place and reply are looked up for it."""
        self._client = client
        self._service = service
        self._edited = edited
        self._proxies = proxies
        self._desk = desk
        self._lookup = lookup
        self._newest: OrderedDict[int, discord.Message] = OrderedDict()
        self._pace = PersonPace(at_once=QUESTIONS_AT_ONCE, each_s=QUESTION_EACH_S)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that is meant for the bot, or any where the place wants that."""
        if message.webhook_id is not None:
            self._hear_webhook(message)
            return
        message = self._newest.pop(message.id, message)
        addressed = self._addressed(message)
        if addressed is not None:
            await self._take_up(message, addressed)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Answer a message that has become a question by an edit."""
        message = payload.message
        if message.edited_at is None or message.author.bot or message.webhook_id is not None:
            return
        self._note_newest(message)
        addressed = self._addressed(message)
        if addressed is None or addressed.unreadable:
            return
        ask = replace(addressed.ask, place=await self._lookup.placed(addressed.ask.place))
        if await self._edited.is_new(ask):
            await self._take_up(message, replace(addressed, ask=ask))

    def _hear_webhook(self, message: discord.Message) -> None:
        """Note what is not the bot's own: a proxy says so what a person has asked."""
        me = self._client.user
        if me is not None and message.author.id != me.id:
            intent = self._client.intents.message_content
            self._proxies.repeated(said_in(message, me, intent=intent), message.author.display_name)

    def _note_newest(self, message: discord.Message) -> None:
        """Remember a young message as it is now: its edit may have come before the message itself."""
        if discord.utils.utcnow() - message.created_at < YOUNG:
            self._newest[message.id] = message
            self._newest.move_to_end(message.id)
            while len(self._newest) > MOST_YOUNG:
                self._newest.popitem(last=False)

    def _addressed(self, message: discord.Message) -> Addressed | None:
        me = self._client.user
        if me is None:
            return None
        addressed = parse_mention(message, me)
        if addressed is not None and addressed.unreadable and self._client.intents.message_content:
            addressed = None  # it has no text, and can be read
        return addressed or self._overheard(message, me)

    async def _take_up(self, message: discord.Message, addressed: Addressed) -> None:
        """Answer a question, or say why not."""
        ask = addressed.ask
        if (me := self._client.user) is not None:
            self._proxies.asked(said_in(message, me, intent=self._client.intents.message_content))
        if not ask.overheard and not self._pace.hears(ask.user.id, now=asyncio.get_running_loop().time()):
            logger.debug("user %s asks faster than is heard", ask.user.id)
            return
        ask = replace(ask, place=await self._lookup.placed(ask.place))
        if not may_write(message, ask.place.parent_id):
            if not ask.overheard:
                logger.info("asked in channel %s, where the bot may not write", message.channel.id)
            return
        sink = self._desk.to_prompt()
        if addressed.unreadable is not None:
            await self._service.refuse(ask, sink, addressed.unreadable)
            return
        async with self._desk.thread_opener(message) as open_thread:
            await self._service.respond(ask, sink, open_thread=open_thread)

    def _overheard(self, message: discord.Message, me: discord.ClientUser) -> Addressed | None:
        # Without the intent messages of others come without their text.
        ask = parse_overheard(message, me) if self._client.intents.message_content else None
        return Addressed(ask=ask) if ask is not None else None

    @app_commands.command(name=command_text("command.ask.name"), description=command_text("command.ask.description"))
    @app_commands.describe(prompt=command_text("command.ask.prompt.description"))
    @app_commands.rename(prompt=command_text("command.ask.prompt.name"))
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def ask(self, interaction: discord.Interaction, prompt: app_commands.Range[str, 1, 6000]) -> None:
        """Answer a question that was asked by command."""
        if await self._desk.acknowledge(interaction):
            ask = parse_command(interaction, Mode.CHAT, prompt)
            await self._service.respond(ask, self._desk.to_interaction(interaction, ask))


async def setup(bot: FusionBot) -> None:
    """Add the cog; discord.py calls this when it loads the file."""
    services = bot.services
    await bot.add_cog(
        ChatCog(bot, services.chat, services.edited_questions, services.proxies, services.desk, services.lookup)
    )
