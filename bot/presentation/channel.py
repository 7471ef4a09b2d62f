"""A channel's messages, by the channel's id alone, and Discord's refusals.

The library's errors are translated here, once.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import aiohttp
import discord

from bot.domain.page.pager import clip
from bot.errors import BotError
from bot.presentation.composition import Upload
from bot.presentation.transport_errors import TRANSPORT_ERRORS

logger = logging.getLogger(__name__)

ALT_LIMIT_CHARS = 1024
"""Discord's limit for an attachment's description."""
_GONE = frozenset({10003, 10008})
_INTERACTION_OVER = frozenset({50027, 10015, 10062})
_TOO_LARGE = frozenset({40005})
_PASSING = frozenset({20016, 20022, 20028, 20029, 30046, 40004, 40062, 130000})
"""Rates of writing and editing, and overload (Discord documentation, JSON Error Codes), whatever the status."""
_UNREACHABLE = frozenset({10008, 160002})
"""What is replied to is gone, or the bot may not read it: Read Message History is missing."""
_ARCHIVED = 50083


class DeliveryFault(StrEnum):
    """Why Discord did not take a message."""

    GONE = "gone"
    """The message or its channel is no more."""
    FORBIDDEN = "forbidden"
    INTERACTION_OVER = "interaction_over"
    """An interaction's token is accepted no more."""
    TOO_LARGE = "too_large"
    LOST = "lost"
    """A file that was to be uploaded is gone from the bot's own disk."""
    REJECTED = "rejected"
    PASSING = "passing"
    """Worth another try."""


class DeliveryError(BotError):
    """Discord did not take a message; ``retry_after_s`` is how long it wants to be left alone, in seconds."""

    def __init__(self, fault: DeliveryFault, detail: str, *, retry_after_s: float = 0.0) -> None:
        super().__init__(f"{fault.value}: {detail}")
        self.fault = fault
        self.retry_after_s = retry_after_s


class ChannelMessages:
    """The messages of a channel, known by its id alone."""

    def __init__(self, client: discord.Client, channel_id: int, guild_id: int | None) -> None:
        self._client = client
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
                made = await applied(self._client.http.request(route, json=parameters.payload), with_body=True)
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
                await applied(self._client.http.request(route, json=parameters.payload))

    async def delete(self, message_id: int) -> None:
        with translated(), suppress(discord.NotFound):
            await self._client.http.delete_message(self._channel.id, message_id)

    async def show_typing(self) -> None:
        try:
            async with asyncio.timeout(5):
                await self._channel.typing()
        except TRANSPORT_ERRORS:
            return  # a nicety: the answer itself says more


@dataclass(slots=True)
class _Answer:
    """What is waited for of an answer: its status alone, or its body too."""

    seen: asyncio.Future[bytes]
    with_body: bool
    good: bool = False


_awaited: ContextVar[_Answer | None] = ContextVar("awaited", default=None)
_sleeping: set[asyncio.Task[object]] = set()


def note_answer(status: int) -> None:
    """Note the status of an answer from Discord, as the library's session sees it come in."""
    answer = _awaited.get()
    if answer is not None and 200 <= status < 300:
        answer.good = True
        if not answer.with_body and not answer.seen.done():
            answer.seen.set_result(b"")


def note_body(body: bytes) -> None:
    """Note the whole body of an answer from Discord, as the library's session has read it."""
    answer = _awaited.get()
    if answer is not None and answer.good and not answer.seen.done():
        answer.seen.set_result(body)


async def applied(request: Coroutine[Any, Any, Any], *, with_body: bool = False) -> Any:
    """Wait until Discord has carried a request out, without the sleep behind it; returns the answer ``with_body``.

    The library sleeps inside the call that empties a bucket until the bucket is full again, up to 5 s after the request
    was carried out (discord.md, section "What discord.py does"). Whoever waits for that shows old text, or holds a turn
    open that has long ended. Here the sleep goes on in a task of its own, which keeps the library's count right.
    Raises what the request raises.
    """
    answer = _Answer(seen=asyncio.get_running_loop().create_future(), with_body=with_body)
    token = _awaited.set(answer)
    try:
        task = asyncio.ensure_future(request)
    finally:
        _awaited.reset(token)
    try:
        await asyncio.wait((task, answer.seen), return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if task.done():
        return task.result()
    _sleeping.add(task)
    task.add_done_callback(_woken)
    return json.loads(answer.seen.result()) if with_body else None


async def end_sleeps() -> None:
    """Give up the sleeps that are left; to be called when the client closes."""
    for task in _sleeping:
        task.cancel()
    if _sleeping:
        await asyncio.wait(set(_sleeping))


def _woken(task: asyncio.Task[object]) -> None:
    _sleeping.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        # It was carried out; what failed was reading the rest of the answer.
        logger.info("an answer of Discord's broke off: %s", type(error).__name__)


class _EditRoute(discord.http.Route):
    """The route of edits, with a bucket of its own in the library.

    Discord counts a channel's creates and edits apart, but names one bucket for both; the library would hold edits back
    when creates have emptied it (discord.md, section "Limits").
    """

    @property
    def major_parameters(self) -> str:
        """What the library tells buckets apart by."""
        return f"{super().major_parameters}:edits"


def to_file(file: Upload) -> discord.File:
    """Make a file of the library's, which reads from the disk as it uploads what is there. Raises ``OSError``."""
    source = io.BytesIO(file.data) if isinstance(file.data, bytes) else file.data
    return discord.File(source, filename=file.filename, description=clip(file.alt, ALT_LIMIT_CHARS))


@contextmanager
def translated() -> Iterator[None]:
    """Turn the library's errors into ``DeliveryError``."""
    try:
        yield
    except discord.HTTPException as error:
        detail = f"HTTP {error.status}, code {error.code}"
        raise DeliveryError(_fault(error), detail, retry_after_s=_retry_after_s(error)) from error
    except FileNotFoundError as error:
        raise DeliveryError(DeliveryFault.LOST, "a file to upload is gone") from error
    except (aiohttp.ClientError, OSError, discord.RateLimited) as error:
        raise DeliveryError(DeliveryFault.PASSING, type(error).__name__) from error


def _retry_after_s(error: discord.HTTPException) -> float:
    text = error.response.headers.get("Retry-After", "") if error.status == 429 else ""
    return float(text) if text.isascii() and text.isdigit() else 0.0


def _fault(error: discord.HTTPException) -> DeliveryFault:
    if error.code in _PASSING or (error.code == 0 and error.text.lstrip().startswith("<")):
        # A page is not Discord's answer but that of something before it.
        return DeliveryFault.PASSING
    if error.code in _GONE:
        return DeliveryFault.GONE
    if error.code in _TOO_LARGE or error.status == 413:
        return DeliveryFault.TOO_LARGE
    if error.code in _INTERACTION_OVER or error.status == 401:
        return DeliveryFault.INTERACTION_OVER
    if error.status == 403:
        return DeliveryFault.FORBIDDEN
    if error.status == 404:
        return DeliveryFault.GONE
    if error.status >= 500 or error.status == 429:
        return DeliveryFault.PASSING
    return DeliveryFault.REJECTED
