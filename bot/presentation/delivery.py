"""Where a reply's messages go, and what Discord says to them: a channel's messages or an interaction's.

The library's errors are translated here, once.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Protocol

import aiohttp
import discord

from bot.domain.pages import clip
from bot.domain.ports import Clock
from bot.domain.replies import PictureFile
from bot.errors import BotError

ALT_LIMIT_CHARS = 1024
"""Discord's limit for an attachment's description."""
TOKEN_LIFE_S = 14 * 60.0
"""An interaction's token lives 15 minutes (Discord documentation, Receiving and Responding); a minute is kept back."""
_GONE = frozenset({10003, 10008, 10062, 10015})
_TOKEN_OVER = frozenset({50027})
_TOO_LARGE = frozenset({40005})


class DeliveryFault(StrEnum):
    """Why Discord did not take a message."""

    GONE = "gone"
    """The message or its channel is no more."""
    FORBIDDEN = "forbidden"
    TOO_LARGE = "too_large"
    REJECTED = "rejected"
    PASSING = "passing"
    """Worth another try."""


class DeliveryError(BotError):
    """Discord did not take a message."""

    def __init__(self, fault: DeliveryFault, detail: str) -> None:
        super().__init__(f"{fault.value}: {detail}")
        self.fault = fault


class Delivery(Protocol):
    """Sends and edits the messages of one reply. Both methods raise ``DeliveryError``."""

    async def send(self, index: int, content: str, files: Sequence[PictureFile] = ()) -> int:
        """Make the reply's message number ``index`` (0 is the first); returns its id. Repeating makes no second one."""

    async def edit(self, message_id: int, content: str, files: Sequence[PictureFile] | None = None) -> None:
        """Replace a message's text; ``files`` None leaves its attachments."""

    async def show_typing(self) -> None:
        """Let people see that an answer is on its way, where Discord can show it. Never raises."""


class ChannelDelivery:
    """A reply in a channel, to the message that asked."""

    def __init__(self, client: discord.Client, channel_id: int, guild_id: int | None, *, prompt_id: int) -> None:
        self._client = client
        self._channel = client.get_partial_messageable(channel_id, guild_id=guild_id)
        self._prompt_id = prompt_id
        # Only the person replied to may be pinged; an edit that leaves this out would fall back to parsing everything.
        self._mentions = discord.AllowedMentions(everyone=False, users=False, roles=False, replied_user=True)
        self._first_id: int | None = None

    async def send(self, index: int, content: str, files: Sequence[PictureFile] = ()) -> int:
        message_id, stands = await self.claim(index, content, files)
        if stands != content.strip():
            # An earlier try did arrive, with older text: the nonce gave its message back.
            await self.edit(message_id, content, files or None)
        return message_id

    async def claim(self, index: int, content: str, files: Sequence[PictureFile] = ()) -> tuple[int, str]:
        """Make message number ``index``, or find the one that was made before; returns its id and the text it has."""
        reference = discord.MessageReference(
            message_id=self._prompt_id,
            channel_id=self._channel.id,
            guild_id=self._channel.guild_id,
            fail_if_not_exists=False,
        )
        nonce = f"{self._prompt_id}-{index}"
        uploads = [_upload(file) for file in files]
        async with _translated():
            if index == 0:
                message = await self._channel.send(
                    content, files=uploads, nonce=nonce, reference=reference, allowed_mentions=self._mentions
                )
                self._first_id = message.id
            else:
                message = await self._channel.send(
                    content, files=uploads, nonce=nonce, allowed_mentions=discord.AllowedMentions.none()
                )
            return message.id, message.content

    async def edit(self, message_id: int, content: str, files: Sequence[PictureFile] | None = None) -> None:
        mentions = self._mentions if message_id == self._first_id else discord.AllowedMentions.none()
        async with _translated():
            await _edit_in_channel(self._client, self._channel.id, message_id, content, files, mentions)

    async def show_typing(self) -> None:
        try:
            async with asyncio.timeout(5):
                await self._channel.typing()
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError):
            return  # a nicety: the answer itself says more


class InteractionDelivery:
    """A reply to a slash command that was deferred: its first message is the deferred response.

    When the token is near its end, edits go through the channel, as those of any message of the bot's.
    """

    def __init__(
        self, client: discord.Client, interaction: discord.Interaction, channel_id: int, *, clock: Clock
    ) -> None:
        self._client = client
        self._interaction = interaction
        self._channel = client.get_partial_messageable(channel_id, guild_id=interaction.guild_id)
        self._clock = clock
        self._started_s = clock.monotonic()
        self._sent: dict[int, int] = {}
        self._mentions = discord.AllowedMentions.none()

    async def send(self, index: int, content: str, files: Sequence[PictureFile] = ()) -> int:
        # Followups have no nonce: a message that did arrive is remembered, so that a repeat edits it.
        if index in self._sent:
            await self.edit(self._sent[index], content, files)
            return self._sent[index]
        uploads = [_upload(file) for file in files]
        async with _translated():
            if not self._token_lives:
                message: discord.Message = await self._channel.send(
                    content, files=uploads, allowed_mentions=self._mentions, nonce=f"{self._interaction.id}-{index}"
                )
            elif index == 0:
                message = await self._interaction.edit_original_response(
                    content=content, attachments=uploads, allowed_mentions=self._mentions
                )
            else:
                message = await self._interaction.followup.send(
                    content, files=uploads, allowed_mentions=self._mentions, wait=True
                )
        self._sent[index] = message.id
        return message.id

    async def edit(self, message_id: int, content: str, files: Sequence[PictureFile] | None = None) -> None:
        async with _translated():
            if not self._token_lives:
                await _edit_in_channel(self._client, self._channel.id, message_id, content, files, self._mentions)
                return
            attachments = discord.utils.MISSING if files is None else [_upload(file) for file in files]
            await self._interaction.followup.edit_message(
                message_id, content=content, attachments=attachments, allowed_mentions=self._mentions
            )

    async def show_typing(self) -> None:
        """Do nothing: a deferred response says so by itself."""

    @property
    def _token_lives(self) -> bool:
        return self._clock.monotonic() - self._started_s < TOKEN_LIFE_S


class _EditRoute(discord.http.Route):
    """The route of edits, with a bucket of its own in the library.

    Discord counts a channel's creates and edits apart, but names one bucket for both; the library would hold edits back
    when creates have emptied it (discord.md, section "Limits").
    """

    @property
    def major_parameters(self) -> str:
        """What the library tells buckets apart by."""
        return f"{super().major_parameters}:edits"


async def _edit_in_channel(
    client: discord.Client,
    channel_id: int,
    message_id: int,
    content: str,
    files: Sequence[PictureFile] | None,
    mentions: discord.AllowedMentions,
) -> None:
    route = _EditRoute(
        "PATCH", "/channels/{channel_id}/messages/{message_id}", channel_id=channel_id, message_id=message_id
    )
    attachments = discord.utils.MISSING if files is None else [_upload(file) for file in files]
    with discord.http.handle_message_parameters(
        content=content, attachments=attachments, allowed_mentions=mentions
    ) as parameters:
        if parameters.files:
            await client.http.request(route, files=parameters.files, form=parameters.multipart)
        else:
            await client.http.request(route, json=parameters.payload)


def _upload(file: PictureFile) -> discord.File:
    return discord.File(
        io.BytesIO(file.picture.data), filename=file.filename, description=clip(file.alt, ALT_LIMIT_CHARS)
    )


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    try:
        yield
    except discord.HTTPException as error:
        raise DeliveryError(_fault(error), f"HTTP {error.status}, code {error.code}") from error
    except (aiohttp.ClientError, OSError, discord.RateLimited) as error:
        raise DeliveryError(DeliveryFault.PASSING, type(error).__name__) from error


def _fault(error: discord.HTTPException) -> DeliveryFault:
    if error.code in _GONE:
        return DeliveryFault.GONE
    if error.code in _TOO_LARGE or error.status == 413:
        return DeliveryFault.TOO_LARGE
    if error.code in _TOKEN_OVER or error.status in (401, 403):
        return DeliveryFault.FORBIDDEN
    if error.status == 404:
        return DeliveryFault.GONE
    if error.status >= 500 or error.status == 429:
        return DeliveryFault.PASSING
    return DeliveryFault.REJECTED
