"""Where a reply's messages go: a channel, or an interaction."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import discord

from bot.domain.clock import Clock
from bot.domain.reply.controls import Controls
from bot.presentation.outbound.channel import ChannelMessages
from bot.presentation.outbound.faults import DeliveryError, DeliveryFault, translated
from bot.presentation.outbound.upload import Upload, to_file
from bot.presentation.outbound.wire import Wire
from bot.presentation.reply.buttons import ControlsRenderer

logger = logging.getLogger(__name__)

TOKEN_LIFE_S = 14 * 60.0
"""An interaction's token lives 15 minutes (Discord documentation, Receiving and Responding); a minute is kept back."""
LAST_WORDS_S = 55.0
"""How long of that minute is left for the last words, where there is no other way than the token."""
PRIVATE = "fusion_bot.private"
"""Where an interaction carries whether its response is for the person alone."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def nonce(turn_id: int, version: int, index: int) -> str:
    """Derive what Discord knows a send by, at most 25 characters: the same for each try of the same message."""
    digits = ""
    while turn_id:
        turn_id, digit = divmod(turn_id, 36)
        digits = _DIGITS[digit] + digits
    return f"{digits}-{version}-{index}"


def view_of(controls: Controls | None, render: ControlsRenderer) -> discord.ui.View | None:
    """Draw the buttons of a message; None where it has none."""
    return render(controls) if controls is not None else None


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
    """A reply in a channel, to the message that asked. ``first_id`` is its first message where there is one already."""

    def __init__(
        self,
        client: discord.Client,
        wire: Wire,
        channel_id: int,
        guild_id: int | None,
        *,
        prompt_id: int,
        render: ControlsRenderer,
        version: int = 1,
        first_id: int | None = None,
    ) -> None:
        self._channel = ChannelMessages(client, wire, channel_id, guild_id)
        self._prompt_id = prompt_id
        # A thread that was started from the prompt holds no such message; it hangs below it already.
        self._replies = prompt_id != channel_id
        self._render = render
        self._version = version
        # Only the person replied to may be pinged; an edit that leaves this out would fall back to parsing everything.
        self._mentions = discord.AllowedMentions(everyone=False, users=False, roles=False, replied_user=True)
        self._first_id = first_id

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
            view=view_of(controls, self._render),
            nonce=nonce(self._prompt_id, self._version, index),
            reply_to=self._prompt_id if index == 0 and self._replies else None,
            mentions=self._mentions if index == 0 else discord.AllowedMentions.none(),
        )
        if index == 0:
            self._first_id = message_id
        return message_id, stands

    async def edit(
        self, message_id: int, content: str, files: Sequence[Upload] | None = None, *, controls: Controls | None = None
    ) -> None:
        mentions = self._mentions if message_id == self._first_id else discord.AllowedMentions.none()
        await self._channel.edit(message_id, content, files, view=view_of(controls, self._render), mentions=mentions)

    async def delete(self, message_id: int) -> None:
        await self._channel.delete(message_id)

    async def show_typing(self) -> None:
        await self._channel.show_typing()


class InteractionDelivery:
    """A reply to an interaction that was deferred: its first message is the deferred response.

    When the token is near its end, or Discord accepts it no more, messages go through the channel, as any of the bot's.
    Never so with ``token_only``: where the bot is no member it can't, and what only one person sees stays so.
    """

    def __init__(
        self,
        client: discord.Client,
        wire: Wire,
        interaction: discord.Interaction,
        *,
        clock: Clock,
        render: ControlsRenderer,
        token_only: bool = False,
    ) -> None:
        self._interaction = interaction
        self._channel = ChannelMessages(client, wire, interaction.channel_id or 0, interaction.guild_id)
        self._clock = clock
        self._render = render
        self._token_only = token_only
        self._private = interaction_is_private(interaction)
        self._dies_at = clock.monotonic() + TOKEN_LIFE_S + (LAST_WORDS_S if token_only else 0.0)
        self._sent: dict[int, int] = {}
        self._mentions = discord.AllowedMentions.none()

    async def send(
        self, index: int, content: str, files: Sequence[Upload] = (), *, controls: Controls | None = None
    ) -> int:
        # Followups have no nonce: a message that did arrive is remembered, so that a repeat edits it.
        if index in self._sent:
            await self.edit(self._sent[index], content, files, controls=controls)
            return self._sent[index]
        view = view_of(controls, self._render)
        message_id: int | None = None
        with self._while_token_lives() as lives:
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
        view = view_of(controls, self._render)
        with self._while_token_lives() as lives, translated():
            if lives:
                attachments = discord.utils.MISSING if files is None else [to_file(file) for file in files]
                if self._is_source(message_id):
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
            with self._while_token_lives() as lives, translated():
                if lives and self._is_source(message_id):
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

    def _is_source(self, message_id: int) -> bool:
        """Whether a message is the one whose button was pressed: a press's token knows it as its original."""
        source = self._interaction.message
        return source is not None and source.id == message_id

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
                ephemeral=self._private,
                wait=True,
            )

    @contextmanager
    def _while_token_lives(self) -> Iterator[bool]:
        """Say whether the token is to be used; where Discord refuses it inside, it is used no more."""
        lives = self._clock.monotonic() < self._dies_at
        if self._token_only and not lives:
            raise DeliveryError(DeliveryFault.INTERACTION_OVER, "the token is too old")
        try:
            yield lives
        except DeliveryError as error:
            if self._token_only or error.fault is not DeliveryFault.INTERACTION_OVER:
                raise
            logger.info("an interaction's token is over: its reply goes on through the channel")
            self._dies_at = self._clock.monotonic()


def interaction_is_private(interaction: discord.Interaction) -> bool:
    """Whether what comes of an interaction is for the person alone: it was promised so, or the button stands so."""
    if PRIVATE in interaction.extras:
        return bool(interaction.extras[PRIVATE])
    return interaction.message is not None and interaction.message.flags.ephemeral
