"""Reads what stands in a channel."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import aiohttp
import discord

from bot.presentation.inbound import ask_of_message
from bot.services.history import SeenMessage

logger = logging.getLogger(__name__)
NEWEST = 100
"""Discord's limit for one request."""


class DiscordChannelReader:
    """Asks Discord for a channel's newest messages (fulfils ``bot.services.history.ChannelReader``)."""

    def __init__(self, client: Callable[[], discord.Client]) -> None:
        self._client = client

    async def newest(self, channel_id: int) -> Sequence[SeenMessage] | None:
        """Return the newest messages of a channel, at most 100; None where it can't be read."""
        client = self._client()
        me = client.user
        if me is None:
            return None
        try:
            messages = [m async for m in client.get_partial_messageable(channel_id).history(limit=NEWEST)]
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            logger.info("channel %s could not be compared: %s", channel_id, type(error).__name__)
            return None
        return [
            SeenMessage(id=message.id, text=ask_of_message(message, me).text if message.content else None)
            for message in messages
        ]
