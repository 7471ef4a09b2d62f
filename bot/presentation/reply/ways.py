"""By which way each message of a reply is reached: the one place that chooses between channel and token."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.domain.clock import Clock
from bot.domain.reply.ways import Life, View, Way, ways
from bot.library.messages import channel_as_sent, own_message
from bot.presentation.inbound.privacy import interaction_is_private
from bot.presentation.outbound.faults import DeliveryError, DeliveryFault, translated
from bot.presentation.outbound.reach import ChannelReach

TOKEN_LIFE_S: Final = 14 * 60.0
"""An interaction's token lives 15 minutes (Discord documentation, Receiving and Responding); a minute is kept back."""
LAST_WORDS_S: Final = 55.0
"""How long of that minute is left for the last words, where there is no other way than the token."""
MOST_KEPT: Final = 2000
"""Messages whose tokens are remembered."""
ASK_S: Final = 3.0
"""How long Discord may take to tell whether something may be done."""
MISSING_ACCESS: Final = 50001
"""What Discord says of a channel that the bot does not see (its documentation, JSON Error Codes)."""


class ReplyToken:
    """The token of an interaction that has just come. ``anew``: the answer is a message of its own.

    Without ``anew`` the response is the message that the pressed button stands under.
    """

    def __init__(self, interaction: discord.Interaction, clock: Clock, *, anew: bool = True) -> None:
        self.interaction = interaction
        self.private = interaction_is_private(interaction)
        self.anew = anew
        self._clock = clock
        self._fresh_until = clock.monotonic() + TOKEN_LIFE_S

    @property
    def left_s(self) -> float:
        """How long it is fresh, in seconds; negative once it is not."""
        return self._fresh_until - self._clock.monotonic()

    @property
    def life(self) -> Life:
        """How it stands."""
        left_s = self.left_s
        return Life.FRESH if left_s > 0 else Life.ENDING if left_s > -LAST_WORDS_S else Life.NONE

    def end(self) -> None:
        """Note that Discord accepts it no more."""
        self._fresh_until = self._clock.monotonic() - LAST_WORDS_S

    def is_source(self, message_id: int) -> bool:
        """Whether a message is the one whose button was pressed: the press's token knows it as its original."""
        source = self.interaction.message
        return not self.anew and source is not None and source.id == message_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPlace:
    """Which reply it is, and where: ``prompt_id`` is what was asked, ``reply_ids`` the messages that stand already.

    ``asked_in`` is the channel in which a message with the id ``prompt_id`` stands, if there is one. ``asked_here``:
    what was asked is a message, which the reply answers; ``pings``: who asked is pinged by that. ``stand_in`` tells
    which message stands for the question: a proxy may have said it again. ``confined``: only a token may lead to the
    reply, since one user alone sees it, or the bot is no member.
    """

    channel_id: int
    guild_id: int | None
    prompt_id: int
    version: int = 1
    reply_ids: tuple[int, ...] = ()
    asked_in: int | None = None
    asked_here: bool = True
    confined: bool = False
    pings: bool = True
    stand_in: Callable[[int], int] | None = None

    @property
    def asked_by(self) -> int:
        """The message that asks, as it stands now."""
        return self.prompt_id if self.stand_in is None else self.stand_in(self.prompt_id)


class Ways:
    """What leads to messages; one for the process.

    A token leads to the message that its interaction came from and to those that it made. Tokens are remembered as long
    as they live, so that a press reaches the other messages of a reply too; after a restart its own is all there is.
    """

    def __init__(self, clock: Clock, reach: ChannelReach) -> None:
        self._clock = clock
        self.reach = reach
        self._leading: OrderedDict[int, ReplyToken] = OrderedDict()

    def token(self, interaction: discord.Interaction, response_id: int | None, *, anew: bool) -> ReplyToken:
        """Take an interaction's token; ``response_id`` is the message that its answer begins in, if that is known."""
        token = ReplyToken(interaction, self._clock, anew=anew)
        source = interaction.message
        begins = response_id if anew else source.id if source is not None else None
        if begins is not None:
            self.note_made(begins, token)
        self.reach.take(interaction)
        return token

    def note_made(self, message_id: int, token: ReplyToken) -> None:
        """Remember which token leads to a message."""
        self._leading[message_id] = token
        self._leading.move_to_end(message_id)
        while self._leading:
            oldest = next(iter(self._leading.values()))
            if len(self._leading) <= MOST_KEPT and oldest.life is not Life.NONE:
                break
            self._leading.popitem(last=False)

    def leading(self, message_id: int) -> ReplyToken | None:
        """Find the token that leads to a message."""
        return self._leading.get(message_id)


Step = tuple[Way, ReplyToken | None]
"""A way, with the token where it needs one."""


class Route:
    """The ways to the messages of one reply; ``token`` is that of the interaction that it answers, or of the press."""

    def __init__(self, client: discord.Client, ways: Ways, place: ReplyPlace, token: ReplyToken | None = None) -> None:
        self._client = client
        self._ways = ways
        self.place = place
        self.token = token

    @property
    def by_token_only(self) -> bool:
        """Whether nothing but a token leads there, as far as it is known now."""
        return self.place.confined or self._view(self.token) is View.SHUT

    def to_message(self, message_id: int) -> tuple[Step, ...]:
        """List the ways to a message that stands."""
        return self._steps(self._ways.leading(message_id))

    def to_new(self) -> tuple[Step, ...]:
        """List the ways by which a further message may come."""
        return self._steps(self.token)

    def note_made(self, message_id: int, token: ReplyToken) -> None:
        """Remember which token leads to a message."""
        self._ways.note_made(message_id, token)

    def note_failed(self, token: ReplyToken | None, error: DeliveryError) -> bool:
        """Learn from a refusal; returns whether another way may lead there all the same."""
        if token is not None:
            if error.fault is DeliveryFault.INTERACTION_OVER:
                token.end()
            return error.fault in (DeliveryFault.INTERACTION_OVER, DeliveryFault.FORBIDDEN)
        cause = error.__cause__
        if isinstance(cause, discord.HTTPException) and cause.code == MISSING_ACCESS:
            self._ways.reach.note(self.place.channel_id, self.place.guild_id, View.SHUT)
        return error.fault is DeliveryFault.FORBIDDEN

    async def leads_to(self, message_id: int, *, for_certain: bool = False) -> bool:
        """Find out whether a message can be reached now, with a request that changes nothing if need be.

        The rights that are known are not enough ``for_certain``. What is gone already counts as reached.
        """
        found = [way for way, _ in self.to_message(message_id)]
        if Way.TOKEN in found or not found:
            return bool(found)
        if not for_certain and self._view(self.token) is View.OPEN:
            return True
        return await self._allows(own_message(self._client, self.place.channel_id, message_id)) is not False

    async def sees(self) -> bool:
        """Find out whether the bot sees the reply's channel and may use it; asks Discord if nothing tells."""
        if self.by_token_only:
            return False
        if self._known is View.OPEN and self._view(self.token) is View.OPEN:
            return True
        allowed = await self._allows(channel_as_sent(self._client, self.place.channel_id))
        if allowed:
            self._ways.reach.note(self.place.channel_id, self.place.guild_id, View.OPEN)
        return allowed is not False

    async def _allows(self, request: Coroutine[Any, Any, object]) -> bool | None:
        """Whether Discord lets the bot do something in the channel; None if it did not tell."""
        try:
            with translated(as_bot=True):
                async with asyncio.timeout(ASK_S):
                    await request
        except DeliveryError as error:
            self.note_failed(None, error)
            return False if error.fault is DeliveryFault.FORBIDDEN else None
        return True

    def _steps(self, token: ReplyToken | None) -> tuple[Step, ...]:
        life = token.life if token is not None else Life.NONE
        own = token is not None and token is self.token and token.anew
        found = ways(self._view(token), life, confined=self.place.confined, own=own)
        return tuple((way, token if way is Way.TOKEN else None) for way in found)

    def _view(self, token: ReplyToken | None) -> View:
        known, token = self._known, token or self.token
        if token is None or known is View.SHUT or (known is View.OPEN and token.interaction.app_permissions.value):
            return known
        return self._ways.reach.of_interaction(token.interaction)

    @property
    def _known(self) -> View:
        """What is known of the channel now, without what an interaction told when it came."""
        return self._ways.reach.of_channel(self.place.channel_id, self.place.guild_id)
