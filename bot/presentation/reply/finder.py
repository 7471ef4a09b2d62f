"""Finds the messages of a turn whose process died."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import discord

from bot.domain.reply.controls import Action, parse_custom_id
from bot.domain.turn.ask import Source
from bot.domain.turn.record import Turn
from bot.presentation.inbound.reading import NEWEST
from bot.presentation.outbound.faults import DeliveryError
from bot.presentation.outbound.wire import Wire
from bot.presentation.reply.delivery import ChannelDelivery, ReplyPlace
from bot.presentation.transport_errors import TRANSPORT_ERRORS
from bot.presentation.words.replies import Words

logger = logging.getLogger(__name__)

LOOK_S = 3.0
"""How long Discord may take to show a channel: every turn is to end within 5 s of a start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A message of a reply."""

    id: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A channel's newest messages: their ids, and by turn those of the bot's that tell whose they are, oldest first.

    A reply's first message answers the one that asked, and its last one has "Stop" while it grows. Empty where the
    channel can't be read.
    """

    ids: frozenset[int] = frozenset()
    replies: Mapping[int, tuple[_Found, ...]] = field(default_factory=dict)

    def misses(self, turn: Turn) -> bool:
        """Whether the message that asked would be among them, and is not."""
        reach = bool(self.ids) and (len(self.ids) < NEWEST or min(self.ids) < turn.id)
        return turn.source is Source.MESSAGE and reach and turn.id not in self.ids


class DiscordReplyFinder:
    """Looks for replies that grow, and asks by the nonce (fulfils ``bot.domain.turn.ports.ReplyFinder``).

    For one process's recovery: each channel is looked at once.
    """

    def __init__(self, client: discord.Client, wire: Wire) -> None:
        self._client = client
        self._wire = wire
        self._looks: dict[int, asyncio.Task[_Seen]] = {}

    async def find(self, turn: Turn) -> Turn:
        """Find the messages of a turn that died before their ids were kept, or begin one where there is none.

        Where the message that asked is gone, none is begun, and the prompt comes back empty. That of an answer in a
        thread of its own stands in the thread's channel.
        """
        if turn.wish is not None and turn.wish.private:
            return turn  # the channel does not show it, and is not to
        words = Words(turn.locale)
        # Side by side: each may take its whole time.
        seen, asked_in = await asyncio.gather(self._look(turn, turn.channel_id), self._look(turn, turn.asked_in))
        missed = tuple(one for one in seen.replies.get(turn.id, ()) if one.id not in turn.reply_ids)
        if asked_in.misses(turn):
            return replace(turn, prompt="", reply_ids=(*turn.reply_ids, *(message.id for message in missed)))
        if turn.reply_ids:
            return replace(turn, reply_ids=(*turn.reply_ids, *(message.id for message in missed)))
        if missed:
            text = turn.text or words.answer_in(missed[0].text)
            return replace(turn, reply_ids=tuple(message.id for message in missed), text=text)
        return await self._claim(turn, words)

    async def _claim(self, turn: Turn, words: Words) -> Turn:
        place = ReplyPlace(channel_id=turn.channel_id, guild_id=turn.guild_id, prompt_id=turn.id, version=turn.version)
        delivery = ChannelDelivery(self._client, self._wire, place, words)
        try:
            message_id, stands = await delivery.claim(0, words.thinking)
        except DeliveryError as error:
            logger.warning("the reply of turn %s could not be found: %s", turn.id, error)
            return turn
        return replace(turn, reply_ids=(message_id,), text=turn.text or words.answer_in(stands))

    async def _look(self, turn: Turn, channel_id: int) -> _Seen:
        look = self._looks.get(channel_id)
        if look is None:
            look = asyncio.create_task(self._read(channel_id, turn.guild_id), name=f"look-{channel_id}")
            self._looks[channel_id] = look
        return await asyncio.shield(look)

    async def _read(self, channel_id: int, guild_id: int | None) -> _Seen:
        found: dict[int, tuple[_Found, ...]] = {}
        client = self._client
        channel = client.get_partial_messageable(channel_id, guild_id=guild_id)
        try:
            async with asyncio.timeout(LOOK_S):
                messages = [message async for message in channel.history(limit=NEWEST)]
        except (discord.DiscordException, *TRANSPORT_ERRORS) as error:
            logger.info("channel %s could not be looked through: %s", channel_id, type(error).__name__)
            return _Seen()
        for message in reversed(messages):
            if client.user is None or message.author.id != client.user.id:
                continue
            turn = _stops(message) or (message.reference.message_id if message.reference is not None else None)
            if turn is not None:
                found[turn] = (*found.get(turn, ()), _Found(id=message.id, text=message.content))
        return _Seen(ids=frozenset(message.id for message in messages), replies=found)


def _stops(message: discord.Message) -> int | None:
    """Tell which turn the button "Stop" under a message is of."""
    for row in message.components:
        for component in row.children if isinstance(row, discord.ActionRow) else ():
            known = parse_custom_id(component.custom_id or "") if isinstance(component, discord.Button) else None
            if known is not None and known[0] is Action.STOP:
                return known[1]
    return None
