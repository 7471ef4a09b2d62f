"""Finds the message of a turn whose process died."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import discord

from bot.domain.turns import Turn
from bot.presentation.channel import DeliveryError
from bot.presentation.delivery import ChannelDelivery
from bot.presentation.text import Words
from bot.presentation.views import render_controls

logger = logging.getLogger(__name__)


class DiscordReplyFinder:
    """Asks Discord by the nonce that the turn's first message had (fulfils ``bot.services.recovery.ReplyFinder``)."""

    def __init__(self, client: Callable[[], discord.Client]) -> None:
        self._client = client

    async def find(self, turn: Turn) -> Turn:
        """Find the reply of a turn that died before its message's id was kept, or begin one."""
        words = Words(turn.locale)
        delivery = ChannelDelivery(
            self._client(),
            turn.channel_id,
            turn.guild_id,
            prompt_id=turn.id,
            render=partial(render_controls, words=words),
            version=turn.version,
        )
        try:
            message_id, stands = await delivery.claim(0, words.thinking)
        except DeliveryError as error:
            logger.warning("the reply of turn %s could not be found: %s", turn.id, error)
            return turn
        text = turn.text or ("" if stands == words.thinking else stands)
        return replace(turn, reply_ids=(message_id,), text=text)
