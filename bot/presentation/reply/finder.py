"""Finds the messages of a turn whose process died, and what they show."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import discord

from bot.domain.history.ports import NEWEST
from bot.domain.page.small import small
from bot.domain.turn.ask import Source
from bot.domain.turn.record import FoundTurn, Turn
from bot.library.messages import newest_messages, one_message, own_message
from bot.presentation.inbound.attachments import download
from bot.presentation.inbound.reading import UNKNOWN_MESSAGE
from bot.presentation.outbound.faults import DeliveryError
from bot.presentation.outbound.wire import Wire
from bot.presentation.reply.delivery import ChannelDelivery
from bot.presentation.reply.shown import ShownMessage, of_turn, read_reply, read_shown
from bot.presentation.reply.ways import ReplyPlace
from bot.presentation.transport_errors import TRANSPORT_ERRORS
from bot.presentation.words.replies import Words

logger = logging.getLogger(__name__)

LOOK_S = 3.0
"""How long Discord may take to show a channel: every turn is to end within 5 s of a start."""
MOST_FILE_BYTES = 1024 * 1024
"""No answer is longer by far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A channel's newest messages: the ids of all, and the bot's own by their ids, oldest first.

    Empty if the channel can't be read.
    """

    ids: frozenset[int] = frozenset()
    own: Mapping[int, ShownMessage] = field(default_factory=dict)

    def misses(self, turn: Turn) -> bool:
        """Whether the message that asked would be among them, and is not."""
        reach = bool(self.ids) and (len(self.ids) < NEWEST or min(self.ids) < turn.asked_by)
        return turn.source is Source.MESSAGE and reach and turn.asked_by not in self.ids


class DiscordReplyFinder:
    """Looks for replies that grew, and asks by the nonce (fulfils ``bot.domain.turn.ports.ReplyFinder``).

    For one process's recovery: each channel is looked at once.
    """

    def __init__(self, client: discord.Client, wire: Wire) -> None:
        self._client = client
        self._wire = wire
        self._looks: dict[int, asyncio.Task[_Seen]] = {}

    async def find(self, turn: Turn) -> FoundTurn:
        """Find the messages of a turn that died, and what they show, or begin one if there is none.

        If the message that asked is gone, none is begun, and the prompt comes back empty. That of an answer in a thread
        of its own is in the thread's channel.
        """
        if turn.only_for is not None:
            return FoundTurn(turn=turn)  # the channel does not show it, or not to the bot, and is not to
        words = Words(turn.locale)
        # Side by side: each may take its whole time.
        seen, asked_in = await asyncio.gather(self._look(turn.channel_id), self._look(self._asked_in(turn)))
        found = {message.id: message for message in of_turn(turn, tuple(seen.own.values()))}
        reply_ids = turn.reply_ids if found.keys() <= {*turn.reply_ids} else tuple(sorted({*turn.reply_ids, *found}))
        if asked_in.misses(turn) or (not asked_in.ids and await self._is_gone(turn)):
            return FoundTurn(turn=replace(turn, prompt="", reply_ids=reply_ids))
        if not reply_ids:
            turn, stands = await self._claim(turn, words)
            if not stands:
                return FoundTurn(turn=turn)
            reply_ids = turn.reply_ids
        try:
            for message_id in (one for one in reply_ids if one not in found):
                message = await self._read_one(turn, message_id, seen)
                if message is None and await self._took_its_question_along(turn, message_id):
                    return FoundTurn(turn=replace(turn, prompt="", reply_ids=reply_ids))
                found |= {} if message is None else {message.id: message}
        except (discord.DiscordException, *TRANSPORT_ERRORS) as error:
            logger.info("the reply of turn %s could not be read: %s", turn.id, type(error).__name__)
            return FoundTurn(turn=replace(turn, reply_ids=reply_ids), unread=True)
        return await self._compared(replace(turn, reply_ids=reply_ids), found, words)

    async def _compared(self, turn: Turn, found: Mapping[int, ShownMessage], words: Words) -> FoundTurn:
        """Take what Discord shows instead of what was kept, if it is more; only a reply that is all there has ended."""
        messages = [found[one] for one in turn.reply_ids if one in found]
        shown = read_reply(turn, messages, words)
        text = await _whole(messages) or shown.text
        if _longer(text, turn.text):
            turn = replace(turn, text=text)
        return FoundTurn(turn=turn, end=shown.end if len(messages) == len(turn.reply_ids) else None)

    async def _claim(self, turn: Turn, words: Words) -> tuple[Turn, bool]:
        """Find the first message by its nonce, or make it; returns whether it was there before."""
        place = ReplyPlace(channel_id=turn.channel_id, guild_id=turn.guild_id, prompt_id=turn.id, version=turn.version)
        delivery = ChannelDelivery(self._client, self._wire, place, words)
        first = small(words.thinking)
        try:
            message_id, stands = await delivery.claim(0, first)
        except DeliveryError as error:
            logger.warning("the reply of turn %s could not be found: %s", turn.id, error)
            return turn, False
        return replace(turn, reply_ids=(message_id,)), stands != first

    async def _look(self, channel_id: int) -> _Seen:
        look = self._looks.get(channel_id)
        if look is None:
            look = asyncio.create_task(self._read(channel_id), name=f"look-{channel_id}")
            self._looks[channel_id] = look
        return await asyncio.shield(look)

    async def _read(self, channel_id: int) -> _Seen:
        client = self._client
        try:
            async with asyncio.timeout(LOOK_S):
                messages = await newest_messages(client, channel_id, limit=NEWEST)
        except (discord.DiscordException, *TRANSPORT_ERRORS) as error:
            logger.info("channel %s could not be looked through: %s", channel_id, type(error).__name__)
            return _Seen()
        read = [(_author(raw), shown) for raw in messages if (shown := read_shown(raw)) is not None]
        me = client.user.id if client.user is not None else None
        return _Seen(
            ids=frozenset(shown.id for _, shown in read),
            own={shown.id: shown for author, shown in read if author is not None and author == me},
        )

    def _asked_in(self, turn: Turn) -> int:
        """Tell which channel holds the message that asked: a forum has none, the first one of a post is in the post."""
        in_forum = isinstance(self._client.get_channel(turn.asked_in), discord.ForumChannel)
        return turn.channel_id if in_forum else turn.asked_in

    async def _is_gone(self, turn: Turn) -> bool:
        """Whether the message that asked is gone from a channel that shows none at all.

        The list is also empty where the bot may not read what was said; then Discord refuses the message itself
        (its documentation, Get Channel Messages, Get Channel Message).
        """
        if turn.source is not Source.MESSAGE:
            return False
        return await self._is_unknown(self._asked_in(turn), turn.asked_by)

    async def _took_its_question_along(self, turn: Turn, message_id: int) -> bool:
        """Whether a message is the deleted first one of a command's answer: what was asked stood nowhere else."""
        begins = turn.source is Source.INTERACTION and message_id == turn.reply_ids[0]
        return begins and await self._is_unknown(turn.channel_id, message_id)

    async def _is_unknown(self, channel_id: int, message_id: int) -> bool:
        try:
            async with asyncio.timeout(LOOK_S):
                await one_message(self._client, channel_id, message_id)
        except discord.NotFound as error:
            return error.code == UNKNOWN_MESSAGE
        except (discord.DiscordException, *TRANSPORT_ERRORS) as error:
            logger.info("message %s could not be looked for: %s", message_id, type(error).__name__)
        return False

    async def _read_one(self, turn: Turn, message_id: int, seen: _Seen) -> ShownMessage | None:
        """Read a message that is not among the newest ones, or in a channel whose history may not be read.

        None if it is gone, or out of reach, where it can't be changed either. Raises what the library raises.
        """
        read = one_message if seen.ids else own_message
        try:
            async with asyncio.timeout(LOOK_S):
                return read_shown(await read(self._client, turn.channel_id, message_id))
        except (discord.NotFound, discord.Forbidden):
            return None


async def _whole(messages: list[ShownMessage]) -> str:
    """Read the file that has the whole of a long answer; empty if there is none."""
    url = messages[-1].file_url if messages else None
    if url is None:
        return ""
    data = await download(url, most_bytes=MOST_FILE_BYTES, within_s=LOOK_S)
    return data.decode(errors="replace") if data is not None and len(data) <= MOST_FILE_BYTES else ""


def _longer(shown: str, kept: str) -> bool:
    """Whether a text says more, whatever white space was lost on its way."""
    return len("".join(shown.split())) > len("".join(kept.split()))


def _author(raw: Any) -> int | None:
    author = raw.get("author")
    found = str(author.get("id") or "") if isinstance(author, Mapping) else ""
    return int(found) if found.isdecimal() else None
