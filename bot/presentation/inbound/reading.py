"""Reads what stands in a channel."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import discord

from bot.domain.history.ports import NEWEST, SeenMessage, Unread
from bot.library.messages import one_message
from bot.presentation.inbound.questions import ask_of_message
from bot.presentation.transport_errors import TRANSPORT_ERRORS

logger = logging.getLogger(__name__)


UNKNOWN_CHANNEL, UNKNOWN_GUILD, UNKNOWN_MESSAGE, MISSING_ACCESS = 10003, 10004, 10008, 50001
"""What Discord says of what is not there, or not for the bot (its documentation, JSON Error Codes)."""


class DiscordChannelReader:
    """Asks Discord what stands in channels (fulfils ``bot.domain.history.ports.ChannelReader``)."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def page(self, channel_id: int, *, before: int | None = None) -> Sequence[SeenMessage] | Unread:
        """Return the newest messages of a channel (below the id ``before``), at most ``NEWEST``.

        A message that was never edited comes without its text: it is as it was kept, while the names in it may not be
        (Discord tells no nicknames here).
        """
        client = self._client
        me = client.user
        if me is None:
            return Unread.HIDDEN
        below = discord.Object(before) if before is not None else None
        try:
            # The channel itself, not only its id: the names of roles and channels in a text are its guild's.
            channel = client.get_channel(channel_id) or await client.fetch_channel(channel_id)
            if not isinstance(channel, discord.abc.Messageable):
                return Unread.HIDDEN
            messages = [message async for message in channel.history(limit=NEWEST, before=below)]
        except (discord.DiscordException, *TRANSPORT_ERRORS) as error:
            if _says(error, UNKNOWN_CHANNEL):
                return Unread.GONE
            logger.info("channel %s could not be compared: %s", channel_id, type(error).__name__)
            return Unread.HIDDEN
        return [_seen(message, me) for message in messages]

    async def starter(self, thread_id: int) -> SeenMessage | Unread:
        """Return the message that a thread grew from: in the thread's channel, of a forum's post in the post itself."""
        client = self._client
        me = client.user
        try:
            thread = client.get_channel(thread_id) or await client.fetch_channel(thread_id)
            parent = thread.parent if isinstance(thread, discord.Thread) else None
            if me is None or parent is None:
                return Unread.HIDDEN
            holder = thread_id if isinstance(parent, discord.ForumChannel) else parent.id
            message = await client.get_partial_messageable(holder, guild_id=parent.guild.id).fetch_message(thread_id)
        except (discord.DiscordException, *TRANSPORT_ERRORS) as error:
            return Unread.GONE if _says(error, UNKNOWN_MESSAGE) else Unread.HIDDEN
        return _seen(message, me)

    async def is_gone(self, channel_id: int, message_id: int) -> bool:
        """Whether there is no such message; a channel whose history is hidden from the bot does not tell.

        Of such a channel Discord shows an empty list, and refuses a single message (its documentation, Get Channel
        Messages, Get Channel Message).
        """
        try:
            await one_message(self._client, channel_id, message_id)
        except (discord.DiscordException, *TRANSPORT_ERRORS) as error:
            return _says(error, UNKNOWN_MESSAGE)
        return False

    async def guild_is_gone(self, guild_id: int) -> bool:
        """Whether there is no such server, or the bot is no member of it."""
        try:
            await self._client.fetch_guild(guild_id, with_counts=False)
        except (discord.DiscordException, *TRANSPORT_ERRORS) as error:
            return _says(error, UNKNOWN_GUILD, MISSING_ACCESS)
        return False


def _says(error: BaseException, *codes: int) -> bool:
    return isinstance(error, discord.HTTPException) and error.code in codes


def _seen(message: discord.Message, me: discord.abc.User) -> SeenMessage:
    text = ask_of_message(message, me).text if _is_news(message) else None
    return SeenMessage(id=message.id, text=text, edited_at=message.edited_at)


def _is_news(message: discord.Message) -> bool:
    return message.edited_at is not None and bool(message.content)
