"""Threads: the message that one grew from, and one for an answer of its own."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import replace
from types import TracebackType
from typing import Self

import aiohttp
import discord

from bot.domain.page.foreign import one_line
from bot.domain.page.pager import clip
from bot.domain.people import Place
from bot.domain.turn.ask import Ask, Reference
from bot.library.threads import add_member, start_thread
from bot.presentation.inbound.places import may_start_thread
from bot.presentation.inbound.questions import reference_to
from bot.presentation.outbound.wire import Wire
from bot.presentation.transport_errors import TRANSPORT_ERRORS

logger = logging.getLogger(__name__)
MISSES_KEPT = 1000
NAME_CHARS = 80
"""Of a thread that is started for an answer; Discord takes 100 (its documentation, Start Thread from Message)."""
THREAD_S = 5.0
"""How long a thread may take to start; where Discord holds them back the answer comes in the channel."""
HAS_THREAD = 160004
"""What Discord says of a message that has a thread already (its documentation, JSON Error Codes)."""


class ThreadOpener:
    """Starts a thread for the answer to a message when called, and meanwhile adds the one who asked to it.

    Leaving it waits until they are added, or ends that if the answer failed. It costs nothing unless it is called:
    there is one for every message that is heard.
    """

    def __init__(self, client: discord.Client, wire: Wire, message: discord.Message) -> None:
        self._client = client
        self._wire = wire
        self._message = message
        self._bringing_in: asyncio.Task[None] | None = None

    async def __call__(self, ask: Ask) -> Ask:
        """Return the question as it stands in its thread, or as it was if Discord does not let the bot start one."""
        moved = await open_thread(self._client, self._wire, self._message, ask)
        if moved.place.channel_id != ask.place.channel_id:
            bringing_in = bring_in(self._client, self._wire, moved)
            self._bringing_in = asyncio.create_task(bringing_in, name=f"bring-in-{ask.id}")
        return moved

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bringing_in is None:
            return
        try:
            if error is None:
                await asyncio.wait((self._bringing_in,))
        finally:
            self._bringing_in.cancel()
            await asyncio.wait((self._bringing_in,))


async def open_thread(client: discord.Client, wire: Wire, message: discord.Message, ask: Ask) -> Ask:
    """Start a thread from a question, for its answer; the question as it was where Discord does not let the bot.

    The thread has the message's id. One that the message has already (an earlier try did arrive, or somebody was
    faster) is taken as it is.
    """
    if not may_start_thread(message):
        return ask
    channel = message.channel
    name = clip(one_line(ask.text), NAME_CHARS) or "…"
    fault = ""
    try:
        async with asyncio.timeout(THREAD_S):
            await wire.applied(start_thread(client, channel.id, message.id, name))
    except discord.HTTPException as error:
        fault = "" if error.code == HAS_THREAD else f"HTTP {error.status}, code {error.code}"
    except (aiohttp.ClientError, OSError) as error:  # a timeout is an OSError
        fault = type(error).__name__
    if fault:
        logger.info("no thread could be started in channel %s: %s", channel.id, fault)
        return ask
    return replace(ask, place=replace(ask.place, channel_id=message.id, parent_id=channel.id))


async def bring_in(client: discord.Client, wire: Wire, ask: Ask) -> None:
    """Add the one who asked to the thread of their answer: nothing else would tell them of it. Never raises."""
    try:
        async with asyncio.timeout(THREAD_S):
            await wire.applied(add_member(client, ask.place.channel_id, ask.user.id))
    except TRANSPORT_ERRORS as error:
        logger.info("a user could not be added to thread %s: %s", ask.place.channel_id, type(error).__name__)


class DiscordThreadStarters:
    """Fetches thread starters (fulfils ``ThreadStarters``); threads without one are remembered."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._misses: OrderedDict[int, None] = OrderedDict()

    async def starter(self, place: Place) -> Reference | None:
        """Fetch the message with the thread's own id: from the parent channel, or from the thread itself in a forum."""
        thread = place.channel_id
        if place.parent_id is None or thread in self._misses:
            return None
        client = self._client
        in_forum = isinstance(client.get_channel(place.parent_id), discord.ForumChannel)
        holder = client.get_partial_messageable(thread if in_forum else place.parent_id, guild_id=place.guild_id)
        try:
            message = await holder.fetch_message(thread)
        except discord.NotFound:
            found = None
        except TRANSPORT_ERRORS as error:
            logger.info("the thread's starter could not be fetched: %s", type(error).__name__)
            return None
        else:
            found = reference_to(message, client.user.id if client.user else 0)
        if found is None:
            self._misses[thread] = None
            while len(self._misses) > MISSES_KEPT:
                self._misses.popitem(last=False)
        return found
