"""Where a question was asked, if the library does not know its channel: Discord is asked, once a channel."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

import discord

from bot.domain.people import Place
from bot.presentation.inbound.places import age_restricted, category_of
from bot.presentation.transport_errors import TRANSPORT_ERRORS

logger = logging.getLogger(__name__)

MOST_KEPT: Final = 1000
MOST_ASKED: Final = 10
"""Channels that Discord is asked about at once; of more it is not known where they are."""
ASK_S: Final = 5.0
AGAIN_S: Final = 30.0
"""How long a channel that could not be found is not asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What is around a channel: the channel that a thread belongs to, the category."""

    parent_id: int | None
    category_id: int | None
    age_restricted: bool


class ChannelLookup:
    """Looks channels up that Discord has told nothing of, as a thread that the bot was let into by a mention."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._known: OrderedDict[int, _Around] = OrderedDict()
        self._asking: dict[int, asyncio.Task[_Around | None]] = {}
        self._missed: OrderedDict[int, float] = OrderedDict()

    async def placed(self, place: Place) -> Place:
        """Return a place with what is around it; as it was where that is known, or can't be found out. Never raises."""
        if place.certain:
            return place
        around = self._known.get(place.channel_id) or await self._ask_once(place.channel_id)
        if around is None:
            return place
        return replace(
            place,
            parent_id=around.parent_id,
            category_id=around.category_id,
            age_restricted=around.age_restricted,
            certain=True,
        )

    def forget(self, channel_id: int | None = None) -> None:
        """Forget a channel that has changed, with its threads; all without an id."""
        if channel_id is None:
            self._known.clear()
            self._missed.clear()
            return
        self._missed.pop(channel_id, None)
        for known in [one for one, around in self._known.items() if channel_id in (one, around.parent_id)]:
            del self._known[known]

    async def _ask_once(self, channel_id: int) -> _Around | None:
        now = asyncio.get_running_loop().time()
        task = self._asking.get(channel_id)
        if task is None:
            missed = self._missed.get(channel_id)
            if len(self._asking) >= MOST_ASKED or (missed is not None and now - missed < AGAIN_S):
                return None
            task = self._asking[channel_id] = asyncio.create_task(self._ask(channel_id), name="channel")
            task.add_done_callback(lambda _: self._asking.pop(channel_id))
        found = await asyncio.shield(task)
        if found is None:
            self._missed[channel_id] = now
            _bound(self._missed)
        else:
            self._known[channel_id] = found
            _bound(self._known)
        return found

    async def _ask(self, channel_id: int) -> _Around | None:
        try:
            async with asyncio.timeout(ASK_S):
                channel = await self._client.fetch_channel(channel_id)
                if not isinstance(channel, discord.Thread):
                    return _Around(
                        parent_id=None, category_id=category_of(channel), age_restricted=age_restricted(channel)
                    )
                parent = channel.parent or await self._client.fetch_channel(channel.parent_id)
        except (discord.DiscordException, *TRANSPORT_ERRORS) as error:
            logger.info("channel %s could not be looked up: %s", channel_id, type(error).__name__)
            return None
        return _Around(
            parent_id=channel.parent_id, category_id=category_of(parent), age_restricted=age_restricted(parent)
        )


def _bound(kept: OrderedDict[int, _Around] | OrderedDict[int, float]) -> None:
    while len(kept) > MOST_KEPT:
        kept.popitem(last=False)
