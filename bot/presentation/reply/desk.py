"""Opens replies: to a message, to a slash command, or anew to a turn that was answered before."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import discord

from bot.domain.clock import Clock
from bot.domain.reply.ending import ReplyOptions
from bot.domain.reply.ports import unheard
from bot.domain.turn.ask import Ask, Source
from bot.presentation.drawing.forms import KeptForm
from bot.presentation.inbound.places import place_of_interaction
from bot.presentation.inbound.privacy import interaction_is_private, note_privacy
from bot.presentation.inbound.questions import RESPONSE_ID
from bot.presentation.outbound.interactions import Deferred, defer, tell
from bot.presentation.outbound.reach import ChannelReach
from bot.presentation.outbound.wire import Wire
from bot.presentation.reply.aside import AsideDelivery
from bot.presentation.reply.budget import EditBudget, EditBudgets
from bot.presentation.reply.composition import QUOTE_CHARS, Composition
from bot.presentation.reply.delivery import Delivery, ReplyDelivery
from bot.presentation.reply.live import Listeners, LiveReply
from bot.presentation.reply.threads import ThreadOpener
from bot.presentation.reply.ways import ReplyPlace, ReplyToken, Route, Ways
from bot.presentation.transport_errors import TRANSPORT_ERRORS
from bot.presentation.words.drawings import quoted
from bot.presentation.words.notices import notice
from bot.presentation.words.replies import Words

logger = logging.getLogger(__name__)


Deliver = Callable[[Words, ReplyOptions], Delivery]
"""Makes the delivery of a reply once its language is known, and what is to be shown."""


class LiveReplies:
    """Where the reply of one turn goes (fulfils ``bot.domain.reply.ports.ReplySink``)."""

    def __init__(
        self,
        deliver: Deliver,
        budget: EditBudget,
        clock: Clock,
        *,
        route: Route | None = None,
        heading: str = "",
        aside: Deliver | None = None,
    ) -> None:
        self._deliver = deliver
        self._budget = budget
        self._clock = clock
        self._route = route
        self._heading = heading
        self._aside = aside
        token = route.token if route is not None else None
        self.lasts_s = token.left_s if token is not None else None
        """What is left of the token that leads to the reply, in seconds; None if there is none."""

    async def ends(self) -> bool:
        """Whether nothing will lead to the reply when its token is over."""
        return self._route is not None and not await self._route.sees()

    async def reaches(self, message_ids: Sequence[int]) -> bool:
        """Whether every one of these messages can be changed now."""
        route = self._route
        return route is None or all([await route.leads_to(message_id, for_certain=True) for message_id in message_ids])

    @asynccontextmanager
    async def open_reply(
        self,
        ask: Ask,
        options: ReplyOptions,
        *,
        changed: Callable[[], object] = unheard,
        lost: Callable[[], object] = unheard,
    ) -> AsyncIterator[LiveReply]:
        """Start a reply with its writer."""
        words = Words(ask.place.locale)
        deliver = self._deliver
        if options.refusal and self._aside is not None:
            deliver, options = self._aside, replace(options, message_ids=())
        elif not options.stands:
            options = await self._without_the_unreached(options, words)
        bounded = self._route is not None and self._route.by_token_only
        composition = Composition(
            words,
            options,
            heading=self._heading,
            guild_id=ask.place.guild_id,
            lasts_s=self.lasts_s if bounded else None,
        )
        reply = LiveReply(
            deliver(words, options),
            self._budget,
            composition,
            self._clock,
            message_ids=options.message_ids,
            listeners=Listeners(changed=changed, lost=lost),
            owner=(ask.payer or ask.user).id,
        )
        try:
            yield reply
        finally:
            await reply.close()

    async def _without_the_unreached(self, options: ReplyOptions, words: Words) -> ReplyOptions:
        """Begin in the first message that a press reaches, and tell who pressed that those before it stay."""
        route = self._route
        if route is None or route.token is None:
            return options
        reached = tuple([message_id for message_id in options.message_ids if await route.leads_to(message_id)])
        if len(reached) < len(options.message_ids):
            await tell(route.token.interaction, notice(words.pages_stay))
        return replace(options, message_ids=reached)


class PromptReplies:
    """Where the first answer to a message goes (fulfils ``bot.domain.reply.ports.ReplySink``).

    The place is the question's when the reply is opened: a thread may have been started for it since it was asked.
    """

    lasts_s = None

    def __init__(self, desk: ReplyDesk) -> None:
        self._desk = desk

    async def ends(self) -> bool:
        """Never: there is no token."""
        return False

    async def reaches(self, message_ids: Sequence[int]) -> bool:  # noqa: ARG002  # of the protocol
        """Always: what was asked is seen."""
        return True

    def open_reply(
        self,
        ask: Ask,
        options: ReplyOptions,
        *,
        changed: Callable[[], object] = unheard,
        lost: Callable[[], object] = unheard,
    ) -> AbstractAsyncContextManager[LiveReply]:
        """Start a reply with its writer."""
        return self._desk.anew(ask, 1, ask.response_ids).open_reply(ask, options, changed=changed, lost=lost)


class ReplyDesk:
    """Knows how to answer what came from Discord."""

    def __init__(self, client: discord.Client, wire: Wire, budgets: EditBudgets, clock: Clock) -> None:
        self._client = client
        self._wire = wire
        self._budgets = budgets
        self._clock = clock
        self.stand_in: Callable[[int], int] = _itself
        """Tells which message stands for a question: a proxy may have said it again."""
        self.reach = ChannelReach(client)
        """What is known of where the bot may get to; to be told of what changes that."""
        self._ways = Ways(clock, self.reach)

    def to_prompt(self) -> PromptReplies:
        """Answer in the prompt's channel, as a reply to it, or in the thread that was started for the answer."""
        return PromptReplies(self)

    def anew(self, ask: Ask, version: int, reply_ids: tuple[int, ...]) -> LiveReplies:
        """Answer in the prompt's channel, in the messages of an earlier version where there are any."""
        return self._open(ask, version, reply_ids, None)

    def for_press(self, interaction: discord.Interaction) -> Callable[[Ask, int, tuple[int, ...]], LiveReplies]:
        """Answer anew where a button was pressed, whose token leads to the message that it stands under."""
        token = self._ways.token(interaction, None, anew=False)
        confined = interaction_is_private(interaction) or place_of_interaction(interaction).by_token_only

        def sink(ask: Ask, version: int, reply_ids: tuple[int, ...]) -> LiveReplies:
            return self._open(ask, version, reply_ids, token, confined=confined)

        return sink

    async def acknowledge(self, interaction: discord.Interaction, *, anew: bool = False, private: bool = False) -> bool:
        """Defer the response at once; False where Discord did not take it (too late, or gone).

        A press on a button is answered in its message, or in a new one where ``anew``; ``private`` shows that to the
        user alone. Discord may do that by itself, where a server lets nobody bring their own apps (its documentation,
        Permissions, USE_EXTERNAL_APPS). The id of the message that it makes is left with the interaction, and who sees
        that, for ``parse_command``.
        """
        try:
            deferred = await defer(interaction, self._wire, thinking=anew, ephemeral=private)
        except TRANSPORT_ERRORS as error:
            logger.warning("a command could not be acknowledged: %s", type(error).__name__)
            return False
        interaction.extras[RESPONSE_ID] = deferred.message_id
        if anew or interaction.type is discord.InteractionType.application_command:
            note_privacy(interaction, True if private else _shown_alone(interaction, deferred))
        return True

    def thread_opener(self, message: discord.Message) -> ThreadOpener:
        """Return what starts a thread for the answer to a message."""
        return ThreadOpener(self._client, self._wire, message)

    def to_interaction(
        self, interaction: discord.Interaction, ask: Ask, *, kept: KeptForm | None = None
    ) -> LiveReplies:
        """Answer a deferred command, or a button or form whose response is a new message.

        A refusal offers ``kept`` again: what was typed is not lost with it.
        """
        token = self._ways.token(interaction, ask.response_id, anew=True)
        confined = token.private or ask.place.by_token_only
        aside = kept is not None or not token.private
        told = (lambda words, _: AsideDelivery(interaction, kept, words)) if aside else None
        return self._open(ask, 1, (), token, confined=confined, aside=told)

    def _open(
        self,
        ask: Ask,
        version: int,
        reply_ids: tuple[int, ...],
        token: ReplyToken | None,
        *,
        confined: bool = False,
        aside: Deliver | None = None,
    ) -> LiveReplies:
        """Open a reply by the ways that lead there; ``reply_ids`` are those of an earlier version.

        What was for one user alone never goes through the channel, which would show it to everybody; nor does anything
        where the bot is no member.
        """
        place = ReplyPlace(
            channel_id=ask.place.channel_id,
            guild_id=ask.place.guild_id,
            prompt_id=ask.id,
            version=version,
            reply_ids=reply_ids,
            asked_in=_asked_in(ask),
            asked_here=ask.source is Source.MESSAGE,
            confined=confined or ask.is_private or ask.place.by_token_only,
            pings=ask.pings,
            stand_in=self.stand_in,
        )
        route = Route(self._client, self._ways, place, token)

        def deliver(words: Words, options: ReplyOptions) -> Delivery:
            return ReplyDelivery(self._client, self._wire, route, words, leaves=options.stands)

        by_token = token is not None and (token.anew or route.by_token_only)
        return LiveReplies(
            deliver,
            self._budgets.interaction(token.interaction.token)
            if token is not None and by_token
            else self._budgets.channel(place.channel_id),
            self._clock,
            route=route,
            heading=prompt_heading(ask) if ask.source is Source.INTERACTION else "",
            aside=aside,
        )


def _itself(prompt_id: int) -> int:
    return prompt_id


def _shown_alone(interaction: discord.Interaction, deferred: Deferred) -> bool | None:
    """Say whether the user alone sees a response; None where Discord contradicts its own permissions."""
    place = place_of_interaction(interaction)
    brought = place.by_token_only and place.guild_id is not None
    if deferred.shown_alone is False and brought and not interaction.permissions.use_external_apps:
        return None
    return deferred.shown_alone


def _asked_in(ask: Ask) -> int | None:
    """Return the channel of the message that asked; a command has none."""
    place = ask.place
    if ask.source is Source.INTERACTION:
        return None
    # A thread that was started from the question is not where that stands.
    return place.parent_id if place.channel_id == ask.id else place.channel_id


def prompt_heading(ask: Ask) -> str:
    """Quote a command's prompt, to stand above the answer: others do not see it otherwise."""
    return quoted(ask.text, QUOTE_CHARS)
