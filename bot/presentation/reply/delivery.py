"""Where a reply's messages go: through a channel, by an interaction's token, or by either."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Protocol, TypeVar

import discord

from bot.domain.reply.controls import Controls
from bot.domain.reply.ways import Life
from bot.presentation.outbound.channel import ChannelMessages, in_open_thread
from bot.presentation.outbound.faults import DeliveryError, DeliveryFault, translated
from bot.presentation.outbound.upload import Upload, to_file
from bot.presentation.outbound.wire import Wire
from bot.presentation.reply.buttons import render_controls
from bot.presentation.reply.ways import ReplyPlace, ReplyToken, Route, Step
from bot.presentation.words.replies import Words

logger = logging.getLogger(__name__)

T = TypeVar("T")
UNSAID = "⚠️"
"""Stands on a question whose answer Discord does not take, where it takes no word of it either."""
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

    async def tell(self, words: str) -> bool:
        """Say in another way than by the reply's messages that they can't be changed; False if there is none.

        Never raises.
        """


class ChannelDelivery:
    """A reply in a channel, to the message that asked, if it was one, or to the one that stands for it by then."""

    def __init__(self, client: discord.Client, wire: Wire, place: ReplyPlace, words: Words) -> None:
        self._channel = ChannelMessages(client, wire, place.channel_id, place.guild_id)
        self._place = place
        # A thread that was started from the prompt holds no such message; it hangs below it already.
        self._replies = place.asked_here and place.prompt_id != place.channel_id
        self._words = words
        # Only the user replied to may be pinged; an edit that leaves this out would fall back to parsing everything.
        pings = place.asked_here and place.pings
        self._mentions = discord.AllowedMentions(everyone=False, users=False, roles=False, replied_user=pings)
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
            reply_to=self._place.asked_by if index == 0 and self._replies else None,
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

    async def tell(self, words: str) -> bool:  # noqa: ARG002  # a sign has none
        """Put a sign on the question."""
        place = self._place
        return place.asked_in is not None and await self._channel.mark(place.asked_in, place.asked_by, UNSAID)


class TokenDelivery:
    """A reply by an interaction's token: its first message is the deferred response, unless that is a press's."""

    def __init__(self, client: discord.Client, token: ReplyToken, words: Words) -> None:
        self._client = client
        self._interaction = token.interaction
        self._token = token
        self._words = words
        self._mentions = discord.AllowedMentions.none()

    async def send(
        self, index: int, content: str, files: Sequence[Upload] = (), *, controls: Controls | None = None
    ) -> int:
        view = view_of(controls, self._words)

        async def send() -> discord.Message:
            uploads = [to_file(file) for file in files]
            if index == 0 and self._token.anew:
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

        return (await self._in_open(send)).id

    async def edit(
        self, message_id: int, content: str, files: Sequence[Upload] | None = None, *, controls: Controls | None = None
    ) -> None:
        view = view_of(controls, self._words)

        async def edit() -> object:
            attachments = discord.utils.MISSING if files is None else [to_file(file) for file in files]
            if self._token.is_source(message_id):
                return await self._interaction.edit_original_response(
                    content=content, attachments=attachments, allowed_mentions=self._mentions, view=view
                )
            return await self._interaction.followup.edit_message(
                message_id, content=content, attachments=attachments, allowed_mentions=self._mentions, view=view
            )

        await self._in_open(edit)

    async def delete(self, message_id: int) -> None:
        async def delete() -> None:
            if self._token.is_source(message_id):
                await self._interaction.delete_original_response()
            else:
                await self._interaction.followup.delete_message(message_id)

        try:
            await self._in_open(delete)
        except DeliveryError as error:
            if error.fault is not DeliveryFault.GONE:
                raise

    async def show_typing(self) -> None:
        """Do nothing: a deferred response says so by itself."""

    async def tell(self, words: str) -> bool:
        """Say it to the user alone, as long as the token lives."""
        if self._token.life is Life.NONE:
            return False
        try:
            with translated():
                await self._interaction.followup.send(words, ephemeral=True, allowed_mentions=self._mentions)
        except DeliveryError as error:
            logger.info("a user could not be told how an answer ended: %s", error)
            return False
        return True

    async def take_promise_back(self) -> None:
        """Take the deferred response away, which would go on saying that an answer comes. Never raises."""
        try:
            with translated(), suppress(discord.NotFound):
                await self._interaction.delete_original_response()
        except DeliveryError as error:
            logger.info("a deferred response stays although nothing comes: %s", error)

    async def _in_open(self, change: Callable[[], Awaitable[T]]) -> T:
        with translated():
            return await in_open_thread(self._client, self._interaction.channel_id or 0, change)


class ReplyDelivery:
    """A reply whose messages each go by the way that is open to it; ``Route`` knows which, again for every request.

    With ``leaves`` a message that nothing leads to stays as it is, and that is no fault.
    """

    def __init__(self, client: discord.Client, wire: Wire, route: Route, words: Words, *, leaves: bool = False) -> None:
        self._client = client
        self._route = route
        self._words = words
        self._leaves = leaves
        self._channel = ChannelDelivery(client, wire, route.place, words)
        self._sent: dict[int, int] = {}
        self._taken = False
        """Whether Discord has taken any of its messages."""

    async def send(
        self, index: int, content: str, files: Sequence[Upload] = (), *, controls: Controls | None = None
    ) -> int:
        # Followups have no nonce: a message that did arrive is remembered, so that a repeat edits it.
        if index in self._sent:
            await self.edit(self._sent[index], content, files, controls=controls)
            return self._sent[index]

        async def send(delivery: Delivery) -> int:
            return await delivery.send(index, content, files, controls=controls)

        message_id, token = await self._by(self._route.to_new(), send)
        if token is not None:
            self._sent[index] = message_id
            self._route.note_made(message_id, token)
        self._taken = True
        return message_id

    async def edit(
        self, message_id: int, content: str, files: Sequence[Upload] | None = None, *, controls: Controls | None = None
    ) -> None:
        async def edit(delivery: Delivery) -> None:
            await delivery.edit(message_id, content, files, controls=controls)

        await self._change(message_id, edit)
        self._taken = True

    async def delete(self, message_id: int) -> None:
        async def delete(delivery: Delivery) -> None:
            await delivery.delete(message_id)

        await self._change(message_id, delete)

    async def show_typing(self) -> None:
        if self._route.token is None:  # a deferred response says so by itself
            await self._channel.show_typing()

    async def tell(self, words: str) -> bool:
        token = self._route.token
        if token is not None:
            alone = TokenDelivery(self._client, token, self._words)
            if token.anew and not self._taken and token.life is not Life.NONE:
                # Before the words: a first followup would fill the response in, and so be seen by everybody.
                await alone.take_promise_back()
            if await alone.tell(words):
                return True
        # What one user alone sees shows nobody else a sign of it.
        return not self._route.place.confined and await self._channel.tell(words)

    async def _change(self, message_id: int, change: Callable[[Delivery], Awaitable[None]]) -> None:
        try:
            await self._by(self._route.to_message(message_id), change)
        except DeliveryError:
            if not self._leaves or self._route.to_message(message_id):
                raise

    async def _by(self, steps: Iterable[Step], act: Callable[[Delivery], Awaitable[T]]) -> tuple[T, ReplyToken | None]:
        """Do something by the first way that Discord takes it by; returns the token too, if it was by one."""
        failed = DeliveryError(DeliveryFault.INTERACTION_OVER, "nothing leads to the message any more")
        for way, token in steps:
            by = self._channel if token is None else TokenDelivery(self._client, token, self._words)
            try:
                return await act(by), token
            except DeliveryError as error:
                if not self._route.note_failed(token, error):
                    raise
                logger.info("a message did not go by %s: %s", way, error)
                failed = error
        raise failed
