"""Opens replies: to a message, to a slash command, or anew to a turn that was answered before."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import aiohttp
import discord

from bot.domain.pages import clip
from bot.domain.ports import Clock, unheard
from bot.domain.replies import ReplyOptions
from bot.domain.turns import Ask, Source
from bot.presentation.delivery import ChannelDelivery, Delivery, InteractionDelivery
from bot.presentation.edit_budget import EditBudget, EditBudgets
from bot.presentation.inbound import RESPONSE_ID
from bot.presentation.live_reply import LiveReply
from bot.presentation.text import Words
from bot.presentation.views import render_controls

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
    async def open_reply(
        self,
        ask: Ask,
        options: ReplyOptions,
        *,
        changed: Callable[[], object] = unheard,
        lost: Callable[[], object] = unheard,
    ) -> AsyncIterator[LiveReply]:
        """Start a reply with its writer."""
        reply = LiveReply(
            self._delivery,
            self._budget,
            Words(ask.place.locale),
            self._clock,
            changed=changed,
            lost=lost,
            options=options,
            heading=self._heading,
        )
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

    def to_prompt(self, ask: Ask) -> LiveReplies:
        """Answer in the prompt's channel, as a reply to it."""
        return self.anew(ask, 1, ())

    def anew(self, ask: Ask, version: int, reply_ids: tuple[int, ...]) -> LiveReplies:
        """Answer in the prompt's channel, in the messages of an earlier version where there are any."""
        place = ask.place
        delivery = ChannelDelivery(
            self._client(),
            place.channel_id,
            place.guild_id,
            prompt_id=ask.id,
            render=partial(render_controls, words=Words(place.locale)),
            version=version,
            first_id=reply_ids[0] if reply_ids else None,
        )
        heading = prompt_heading(ask) if ask.source is Source.INTERACTION else ""
        return LiveReplies(delivery, self._budgets.channel(place.channel_id), self._clock, heading=heading)

    async def acknowledge(self, interaction: discord.Interaction) -> bool:
        """Defer a command's response at once; False where Discord did not take it (too late, or gone).

        The id of the message that Discord makes for it is left with the interaction, for ``parse_command``.
        """
        try:
            deferred = await interaction.response.defer()
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            logger.warning("a command could not be acknowledged: %s", type(error).__name__)
            return False
        interaction.extras[RESPONSE_ID] = deferred.message_id if deferred is not None else None
        return True

    def to_interaction(self, interaction: discord.Interaction, ask: Ask) -> LiveReplies:
        """Answer a deferred command."""
        render = partial(render_controls, words=Words(ask.place.locale))
        delivery = InteractionDelivery(self._client(), interaction, clock=self._clock, render=render)
        budget = self._budgets.interaction(interaction.token)
        return LiveReplies(delivery, budget, self._clock, heading=prompt_heading(ask))


def prompt_heading(ask: Ask) -> str:
    """Quote a command's prompt, to stand above the answer: others do not see it otherwise."""
    prompt = clip(" ".join(ask.text.split()), HEADING_LIMIT_CHARS)
    return f"> {discord.utils.escape_markdown(prompt)}" if prompt else ""
