"""Where a reply's messages go: a channel, or an interaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import discord

from bot.domain.reply.controls import Controls
from bot.presentation.outbound.channel import ChannelMessages
from bot.presentation.outbound.faults import DeliveryError, DeliveryFault, translated
from bot.presentation.outbound.upload import Upload, to_file
from bot.presentation.outbound.wire import Wire
from bot.presentation.reply.buttons import render_controls
from bot.presentation.reply.token import ReplyToken
from bot.presentation.words.replies import Words

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def nonce(turn_id: int, version: int, index: int) -> str:
    """Derive what Discord knows a send by, at most 25 characters: the same for each try of the same message."""
    digits = ""
    while turn_id:
        turn_id, digit = divmod(turn_id, 36)
        digits = _DIGITS[digit] + digits
    return f"{digits}-{version}-{index}"


def view_of(controls: Controls | None, words: Words) -> discord.ui.View | None:
    """Draw the buttons of a message; None where it has none."""
    return render_controls(controls, words) if controls is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPlace:
    """Which reply it is, and where: ``prompt_id`` is what was asked, ``reply_ids`` the messages that stand already.

    ``pings``: who is replied to is pinged.
    """

    channel_id: int
    guild_id: int | None
    prompt_id: int
    version: int = 1
    reply_ids: tuple[int, ...] = ()
    pings: bool = True


class Delivery(Protocol):
    """Sends and edits the messages of one reply. Both methods raise ``DeliveryError``."""

    async def send(
        self, index: int, content: str, files: Sequence[Upload] = (), *, controls: Controls | None = None
    ) -> int:
        """Make the reply's message number ``index`` (0 is the first); returns its id. Repeating makes no second one."""

    async def edit(
        self, message_id: int, content: str, files: Sequence[Upload] | None = None, *, controls: Controls | None = None
    ) -> None:
        """Replace a message's text and buttons; ``files`` None leaves its attachments."""

    async def delete(self, message_id: int) -> None:
        """Take a message away; one that is gone already is no fault."""

    async def show_typing(self) -> None:
        """Let people see that an answer is on its way, where Discord can show it. Never raises."""


class ChannelDelivery:
    """A reply in a channel, to the message that asked, or to the one that stands for it when the reply begins."""

    def __init__(
        self,
        client: discord.Client,
        wire: Wire,
        place: ReplyPlace,
        words: Words,
        *,
        stand_in: Callable[[int], int] | None = None,
    ) -> None:
        self._stand_in = stand_in
        self._channel = ChannelMessages(client, wire, place.channel_id, place.guild_id)
        self._place = place
        # A thread that was started from the prompt holds no such message; it hangs below it already.
        self._replies = place.prompt_id != place.channel_id
        self._words = words
        # Only the user replied to may be pinged; an edit that leaves this out would fall back to parsing everything.
        self._mentions = discord.AllowedMentions(everyone=False, users=False, roles=False, replied_user=place.pings)
        self._first_id = place.reply_ids[0] if place.reply_ids else None

    async def send(
        self, index: int, content: str, files: Sequence[Upload] = (), *, controls: Controls | None = None
    ) -> int:
        message_id, stands = await self.claim(index, content, files, controls=controls)
        if stands != content.strip():
            # An earlier try did arrive, with older text: the nonce gave its message back.
            await self.edit(message_id, content, files or None, controls=controls)
        return message_id

    async def claim(
        self, index: int, content: str, files: Sequence[Upload] = (), *, controls: Controls | None = None
    ) -> tuple[int, str]:
        """Make message number ``index``, or find the one that was made before; returns its id and the text it has."""
        message_id, stands = await self._channel.send(
            content,
            files,
            view=view_of(controls, self._words),
            nonce=nonce(self._place.prompt_id, self._place.version, index),
            reply_to=self._asked_by() if index == 0 and self._replies else None,
            mentions=self._mentions if index == 0 else discord.AllowedMentions.none(),
        )
        if index == 0:
            self._first_id = message_id
        return message_id, stands

    async def edit(
        self, message_id: int, content: str, files: Sequence[Upload] | None = None, *, controls: Controls | None = None
    ) -> None:
        mentions = self._mentions if message_id == self._first_id else discord.AllowedMentions.none()
        await self._channel.edit(message_id, content, files, view=view_of(controls, self._words), mentions=mentions)

    async def delete(self, message_id: int) -> None:
        await self._channel.delete(message_id)

    async def show_typing(self) -> None:
        await self._channel.show_typing()

    def _asked_by(self) -> int:
        prompt_id = self._place.prompt_id
        return prompt_id if self._stand_in is None else self._stand_in(prompt_id)


class InteractionDelivery:
    """A reply to an interaction that was deferred: its first message is the deferred response.

    When the token is near its end, or Discord accepts it no more, messages go through the channel, as any of the bot's,
    unless the token is the only way.
    """

    def __init__(self, client: discord.Client, wire: Wire, token: ReplyToken, words: Words) -> None:
        interaction = token.interaction
        self._interaction = interaction
        self._channel = ChannelMessages(client, wire, interaction.channel_id or 0, interaction.guild_id)
        self._token = token
        self._words = words
        self._sent: dict[int, int] = {}
        self._mentions = discord.AllowedMentions.none()

    async def send(
        self, index: int, content: str, files: Sequence[Upload] = (), *, controls: Controls | None = None
    ) -> int:
        # Followups have no nonce: a message that did arrive is remembered, so that a repeat edits it.
        if index in self._sent:
            await self.edit(self._sent[index], content, files, controls=controls)
            return self._sent[index]
        view = view_of(controls, self._words)
        message_id: int | None = None
        with self._token.while_it_lives() as lives:
            if lives:
                message_id = (await self._send_by_token(index, content, files, view)).id
        if message_id is None:
            message_id, _ = await self._channel.send(
                content,
                files,
                view=view,
                nonce=nonce(self._interaction.id, 1, index),
                reply_to=None,
                mentions=self._mentions,
            )
        self._sent[index] = message_id
        return message_id

    async def edit(
        self, message_id: int, content: str, files: Sequence[Upload] | None = None, *, controls: Controls | None = None
    ) -> None:
        view = view_of(controls, self._words)
        with self._token.while_it_lives() as lives, translated():
            if lives:
                attachments = discord.utils.MISSING if files is None else [to_file(file) for file in files]
                if self._token.is_source(message_id):
                    await self._interaction.edit_original_response(
                        content=content, attachments=attachments, allowed_mentions=self._mentions, view=view
                    )
                else:
                    await self._interaction.followup.edit_message(
                        message_id, content=content, attachments=attachments, allowed_mentions=self._mentions, view=view
                    )
                return
        await self._channel.edit(message_id, content, files, view=view, mentions=self._mentions)

    async def delete(self, message_id: int) -> None:
        try:
            with self._token.while_it_lives() as lives, translated():
                if lives and self._token.is_source(message_id):
                    await self._interaction.delete_original_response()
                    return
                if lives:
                    await self._interaction.followup.delete_message(message_id)
                    return
        except DeliveryError as error:
            if error.fault is not DeliveryFault.GONE:
                raise
            return
        await self._channel.delete(message_id)

    async def show_typing(self) -> None:
        """Do nothing: a deferred response says so by itself."""

    async def _send_by_token(
        self, index: int, content: str, files: Sequence[Upload], view: discord.ui.View | None
    ) -> discord.Message:
        with translated():
            uploads = [to_file(file) for file in files]
            if index == 0:
                return await self._interaction.edit_original_response(
                    content=content, attachments=uploads, allowed_mentions=self._mentions, view=view
                )
            return await self._interaction.followup.send(
                content,
                files=uploads,
                allowed_mentions=self._mentions,
                view=view or discord.utils.MISSING,
                ephemeral=self._token.private,
                wait=True,
            )
