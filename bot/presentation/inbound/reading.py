"""Reads what stands in a channel."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import discord

from bot.domain.history.ports import NEWEST, SeenMessage
from bot.presentation.inbound.questions import ask_of_message
from bot.presentation.transport_errors import TRANSPORT_ERRORS

logger = logging.getLogger(__name__)


class DiscordChannelReader:
    """Asks Discord for a channel's newest messages (fulfils ``bot.domain.history.ports.ChannelReader``)."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def newest(self, channel_id: int) -> Sequence[SeenMessage] | None:
        """Return the newest messages of a channel, at most ``NEWEST``; None where it can't be read.

        A message that was never edited comes without its text: it is as it was kept, while the names in it may not be
        (Discord tells no nicknames here).
        """
        client = self._client
        me = client.user
        if me is None:
            return None
        try:
            # The channel itself, not only its id: the names of roles and channels in a text are its guild's.
            channel = client.get_channel(channel_id) or await client.fetch_channel(channel_id)
            if not isinstance(channel, discord.abc.Messageable):
                return None
            messages = [message async for message in channel.history(limit=NEWEST)]
        except (discord.DiscordException, *TRANSPORT_ERRORS) as error:
            logger.info("channel %s could not be compared: %s", channel_id, type(error).__name__)
            return None
        return [
            SeenMessage(id=message.id, text=ask_of_message(message, me).text if _is_news(message) else None)
            for message in messages
        ]


def _is_news(message: discord.Message) -> bool:
    return message.edited_at is not None and bool(message.content)
