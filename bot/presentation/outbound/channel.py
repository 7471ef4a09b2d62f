"""A channel's messages, by the channel's id alone, and Discord's refusals.

The library's errors are translated here, once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar

import discord

from bot.library.messages import add_reaction, create_message, delete_message, edit_message
from bot.library.threads import open_again
from bot.presentation.outbound.faults import DeliveryError, DeliveryFault, translated
from bot.presentation.outbound.upload import Upload, to_file
from bot.presentation.outbound.wire import Wire
from bot.presentation.transport_errors import TRANSPORT_ERRORS

T = TypeVar("T")
_UNREACHABLE = frozenset({10008, 160002})
"""What is replied to is gone, or the bot may not read it: Read Message History is missing."""
_ARCHIVED = 50083
MARK_S = 10.0
"""How long a sign may take: Discord takes one in a quarter of a second in a channel."""


async def in_open_thread(client: discord.Client, channel_id: int, change: Callable[[], Awaitable[T]]) -> T:
    """Change something; in a thread that was closed nothing can be changed: it is opened again first.

    A new message would open it as well. One that the bot may not open stays closed. Raises what the library raises.
    """
    try:
        return await change()
    except discord.HTTPException as error:
        if error.code != _ARCHIVED:
            raise
        try:
            await open_again(client, channel_id)
        except discord.HTTPException as refused:
            raise error from refused
        return await change()


class ChannelMessages:
    """The messages of a channel, known by its id alone."""

    def __init__(self, client: discord.Client, wire: Wire, channel_id: int, guild_id: int | None) -> None:
        self._client = client
        self._wire = wire
        self._channel = client.get_partial_messageable(channel_id, guild_id=guild_id)

    async def send(
        self,
        content: str,
        files: Sequence[Upload],
        *,
        view: discord.ui.View | None,
        nonce: str,
        reply_to: int | None,
        mentions: discord.AllowedMentions,
    ) -> tuple[int, str]:
        """Make a message, or find the one that the nonce made before; returns its id and the text it has.

        Where it can't be a reply to ``reply_to``, it comes as a message of its own.
        """
        try:
            with translated(as_bot=True):
                return await self._send(content, files, view=view, nonce=nonce, reply_to=reply_to, mentions=mentions)
        except DeliveryError as error:
            cause = error.__cause__
            if reply_to is None or not isinstance(cause, discord.HTTPException) or cause.code not in _UNREACHABLE:
                raise
        with translated(as_bot=True):
            return await self._send(content, files, view=view, nonce=nonce, reply_to=None, mentions=mentions)

    async def _send(
        self,
        content: str,
        files: Sequence[Upload],
        *,
        view: discord.ui.View | None,
        nonce: str,
        reply_to: int | None,
        mentions: discord.AllowedMentions,
    ) -> tuple[int, str]:
        reference = None
        if reply_to is not None:
            reference = discord.MessageReference(
                message_id=reply_to,
                channel_id=self._channel.id,
                guild_id=self._channel.guild_id,
                fail_if_not_exists=False,
            )
        creating = create_message(
            self._client,
            self._channel.id,
            content=content,
            files=[to_file(file) for file in files],
            view=view,
            nonce=nonce,
            reference=reference,
            mentions=mentions,
        )
        made = await (creating if files else self._wire.applied(creating, with_body=True))
        try:
            return int(made["id"]), str(made["content"])
        except (KeyError, TypeError, ValueError) as error:
            raise DeliveryError(DeliveryFault.REJECTED, "the answer is no message") from error

    async def edit(
        self,
        message_id: int,
        content: str,
        files: Sequence[Upload] | None,
        *,
        view: discord.ui.View | None,
        mentions: discord.AllowedMentions,
    ) -> None:
        with translated(as_bot=True):
            await in_open_thread(
                self._client,
                self._channel.id,
                lambda: self._edit(message_id, content, files, view=view, mentions=mentions),
            )

    async def _edit(
        self,
        message_id: int,
        content: str,
        files: Sequence[Upload] | None,
        *,
        view: discord.ui.View | None,
        mentions: discord.AllowedMentions,
    ) -> None:
        editing = edit_message(
            self._client,
            self._channel.id,
            message_id,
            content=content,
            files=None if files is None else [to_file(file) for file in files],
            view=view,
            mentions=mentions,
        )
        await (editing if files else self._wire.applied(editing))

    async def delete(self, message_id: int) -> None:
        with translated(as_bot=True), suppress(discord.NotFound):
            await in_open_thread(
                self._client, self._channel.id, lambda: delete_message(self._client, self._channel.id, message_id)
            )

    async def show_typing(self) -> None:
        try:
            async with asyncio.timeout(5):
                await self._channel.typing()
        except TRANSPORT_ERRORS:
            return  # a nicety: the answer itself says more

    async def mark(self, channel_id: int, message_id: int, sign: str) -> bool:
        """Put a sign on a message, also of another channel; False where Discord does not let the bot. Never raises."""
        try:
            async with asyncio.timeout(MARK_S):
                await self._wire.applied(add_reaction(self._client, channel_id, message_id, sign))
        except TRANSPORT_ERRORS:
            return False
        return True
