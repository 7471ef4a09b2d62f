"""What is around a question that is refused: where else it may be asked, and a sign on it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Final

import discord

from bot.domain.people import Place
from bot.domain.permissions import Overwrite, held_in_channel
from bot.domain.turn.ask import Ask
from bot.domain.turn.notice import PassingNotice, StandingRefusal
from bot.library.messages import add_reaction, remove_own_reaction
from bot.presentation.outbound.channel import ChannelMessages
from bot.presentation.outbound.faults import DeliveryError, DeliveryFault
from bot.presentation.outbound.wire import Wire
from bot.presentation.transport_errors import TRANSPORT_ERRORS

logger = logging.getLogger(__name__)

SIGN: Final = "🚫"
SIGN_S: Final = 10.0
"""How long a sign may take: Discord takes one in a quarter of a second in a channel."""
_AGAIN: Final = frozenset({DeliveryFault.PASSING, DeliveryFault.INTERACTION_OVER})


class DiscordSurroundings:
    """What Discord has told of a server, and what it is asked to do there (fulfils ``Surroundings``)."""

    def __init__(self, client: discord.Client, wire: Wire) -> None:
        self._client = client
        self._wire = wire

    def open_to(self, ask: Ask) -> Iterator[Place]:
        """Go through the text channels where both the one who asked and the bot can write, as the list has them.

        Nobody is sent to one for adults.
        """
        guild = self._client.get_guild(ask.place.ruling_guild_id or 0)
        me: discord.Member | None = guild.me if guild is not None else None
        if guild is None or me is None or guild.unavailable:
            return
        user, roles = ask.user, (guild.id, *(ask.user.role_ids or ()))
        held = [role.permissions.value for each in roles if (role := guild.get_role(each)) is not None]
        for channel in guild.text_channels:
            own = channel.permissions_for(me)
            if channel.nsfw or channel.id == ask.place.channel_id or not (own.view_channel and own.send_messages):
                continue
            theirs = held_in_channel(
                held, _overwrites(channel), guild_id=guild.id, user_id=user.id, role_ids=user.role_ids or ()
            )
            may = discord.Permissions(theirs)
            if user.id == guild.owner_id or (may.view_channel and may.send_messages):
                yield Place(channel_id=channel.id, guild_id=guild.id, category_id=channel.category_id)

    async def react(self, ask: Ask) -> bool:
        """Put a sign on a question; False where Discord does not let the bot. Never raises."""
        if not self._may_react(ask.place):
            return False
        try:
            async with asyncio.timeout(SIGN_S):
                await self._wire.applied(add_reaction(self._client, ask.place.channel_id, ask.id, SIGN))
        except TRANSPORT_ERRORS as error:
            logger.info("no sign could be set in channel %s: %s", ask.place.channel_id, type(error).__name__)
            return False
        return True

    async def take_back_sign(self, refusal: StandingRefusal) -> None:
        """Take the sign off a question; where that fails it stays. Never raises."""
        channel_id = refusal.channel_id
        try:
            async with asyncio.timeout(SIGN_S):
                await self._wire.applied(remove_own_reaction(self._client, channel_id, refusal.prompt_id, SIGN))
        except TRANSPORT_ERRORS as error:
            logger.info("a sign could not be taken back in channel %s: %s", channel_id, type(error).__name__)

    async def take_away(self, notice: PassingNotice) -> bool:
        """Delete a message of the bot's; False where that is worth another try. Never raises."""
        if self._client.user is None or self._client.is_closed():
            return False
        try:
            await ChannelMessages(self._client, self._wire, notice.channel_id, None).delete(notice.message_id)
        except DeliveryError as error:
            logger.info("a notice in channel %s could not be taken away: %s", notice.channel_id, error)
            return error.fault not in _AGAIN
        return True

    def _may_react(self, place: Place) -> bool:
        guild = self._client.get_guild(place.guild_id or 0)
        channel = guild.get_channel_or_thread(place.channel_id) if guild is not None else None
        me: discord.Member | None = guild.me if guild is not None else None
        if channel is None or me is None:
            return True  # Discord will tell
        held = channel.permissions_for(me)
        return held.add_reactions and held.read_message_history


def _overwrites(channel: discord.TextChannel) -> list[Overwrite]:
    found: list[Overwrite] = []
    for target, overwrite in channel.overwrites.items():
        allowed, denied = overwrite.pair()
        found.append(Overwrite(id=target.id, allow=allowed.value, deny=denied.value))
    return found
