"""Opens replies: to a message, or to a slash command."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import discord

from bot.domain.pages import clip
from bot.domain.ports import Clock
from bot.domain.turns import Ask
from bot.presentation.delivery import ChannelDelivery, Delivery, InteractionDelivery
from bot.presentation.edit_budget import EditBudget, EditBudgets
from bot.presentation.live_reply import LiveReply
from bot.presentation.text import Words

logger = logging.getLogger(__name__)

HEADING_LIMIT_CHARS = 200
"""How much of a command's prompt stands above the answer."""


class LiveReplies:
    """Where the reply of one turn goes (fulfils ``bot.domain.ports.ReplySink``)."""

    def __init__(self, delivery: Delivery, budget: EditBudget, clock: Clock, *, heading: str = "") -> None:
        self._delivery = delivery
        self._budget = budget
        self._clock = clock
        self._heading = heading

    @asynccontextmanager
    async def open_reply(self, ask: Ask, *, changed: Callable[[], None]) -> AsyncIterator[LiveReply]:
        """Start a reply with its writer."""
        words = Words(ask.place.locale)
        reply = LiveReply(self._delivery, self._budget, words, self._clock, changed=changed, heading=self._heading)
        try:
            yield reply
        finally:
            await reply.close()


class ReplyDesk:
    """Knows how to answer what came from Discord."""

    def __init__(self, client: Callable[[], discord.Client], budgets: EditBudgets, clock: Clock) -> None:
        self._client = client
        self._budgets = budgets
        self._clock = clock

    def to_message(self, message: discord.Message) -> LiveReplies:
        """Answer in the message's channel, as a reply to it."""
        channel_id = message.channel.id
        guild_id = message.guild.id if message.guild is not None else None
        delivery = ChannelDelivery(self._client(), channel_id, guild_id, prompt_id=message.id)
        return LiveReplies(delivery, self._budgets.channel(channel_id), self._clock)

    async def acknowledge(self, interaction: discord.Interaction) -> bool:
        """Defer a command's response at once; False where Discord did not take it (too late, or gone)."""
        try:
            await interaction.response.defer()
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            logger.warning("a command could not be acknowledged: %s", type(error).__name__)
            return False
        return True

    def to_interaction(self, interaction: discord.Interaction, ask: Ask) -> LiveReplies:
        """Answer a deferred command. The prompt stands above the answer: others do not see it otherwise."""
        delivery = InteractionDelivery(self._client(), interaction, ask.place.channel_id, clock=self._clock)
        prompt = clip(" ".join(ask.text.split()), HEADING_LIMIT_CHARS)
        heading = f"> {discord.utils.escape_markdown(prompt)}" if prompt else ""
        return LiveReplies(delivery, self._budgets.interaction(interaction.token), self._clock, heading=heading)
