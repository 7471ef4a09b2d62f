"""A channel's messages, by the channel's id alone, and Discord's refusals.

The library's errors are translated here, once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import discord

from bot.presentation.outbound.faults import DeliveryError, DeliveryFault, translated
from bot.presentation.outbound.upload import Upload, to_file
from bot.presentation.outbound.wire import Wire
from bot.presentation.transport_errors import TRANSPORT_ERRORS

_UNREACHABLE = frozenset({10008, 160002})
"""What is replied to is gone, or the bot may not read it: Read Message History is missing."""
_ARCHIVED = 50083


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
            with translated():
                return await self._send(content, files, view=view, nonce=nonce, reply_to=reply_to, mentions=mentions)
        except DeliveryError as error:
            cause = error.__cause__
            if reply_to is None or not isinstance(cause, discord.HTTPException) or cause.code not in _UNREACHABLE:
                raise
        with translated():
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
        reference: Any = discord.utils.MISSING
        if reply_to is not None:
            # The stub asks for the object; the library puts what it is given into the JSON.
            reference = discord.MessageReference(
                message_id=reply_to,
                channel_id=self._channel.id,
                guild_id=self._channel.guild_id,
                fail_if_not_exists=False,
            ).to_dict()
        route = discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=self._channel.id)
        with discord.http.handle_message_parameters(
            content=content or None,
            files=[to_file(file) for file in files] or discord.utils.MISSING,
            nonce=nonce,
            message_reference=reference,
            allowed_mentions=mentions,
            view=view or discord.utils.MISSING,
        ) as parameters:
            if parameters.files:
                made = await self._client.http.request(route, files=parameters.files, form=parameters.multipart)
            else:
                made = await self._wire.applied(
                    self._client.http.request(route, json=parameters.payload), with_body=True
                )
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
        with translated():
            try:
                await self._edit(message_id, content, files, view=view, mentions=mentions)
            except discord.HTTPException as error:
                if error.code != _ARCHIVED:
                    raise
                # In a thread that was closed nothing can be edited; a new message would open it again as well.
                await self._client.http.edit_channel(self._channel.id, archived=False)
                await self._edit(message_id, content, files, view=view, mentions=mentions)

    async def _edit(
        self,
        message_id: int,
        content: str,
        files: Sequence[Upload] | None,
        *,
        view: discord.ui.View | None,
        mentions: discord.AllowedMentions,
    ) -> None:
        route = _EditRoute(
            "PATCH",
            "/channels/{channel_id}/messages/{message_id}",
            channel_id=self._channel.id,
            message_id=message_id,
        )
        with discord.http.handle_message_parameters(
            content=content,
            attachments=discord.utils.MISSING if files is None else [to_file(file) for file in files],
            allowed_mentions=mentions,
            view=view,
        ) as parameters:
            if parameters.files:
                await self._client.http.request(route, files=parameters.files, form=parameters.multipart)
            else:
                await self._wire.applied(self._client.http.request(route, json=parameters.payload))

    async def delete(self, message_id: int) -> None:
        with translated(), suppress(discord.NotFound):
            await self._client.http.delete_message(self._channel.id, message_id)

    async def show_typing(self) -> None:
        try:
            async with asyncio.timeout(5):
                await self._channel.typing()
        except TRANSPORT_ERRORS:
            return  # a nicety: the answer itself says more


class _EditRoute(discord.http.Route):
    """The route of edits, with a bucket of its own in the library.

    Discord counts a channel's creates and edits apart, but names one bucket for both; the library would hold edits back
    when creates have emptied it (discord.md, section "Limits").
    """

    @property
    def major_parameters(self) -> str:
        """What the library tells buckets apart by."""
        return f"{super().major_parameters}:edits"
