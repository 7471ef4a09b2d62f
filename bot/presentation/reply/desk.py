"""Opens replies: to a message, to a slash command, or anew to a turn that was answered before."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial

import discord

from bot.domain.clock import Clock
from bot.domain.reply.ending import ReplyOptions
from bot.domain.reply.ports import unheard
from bot.domain.turn.ask import Ask, Source
from bot.presentation.drawing.forms import KeptForm
from bot.presentation.inbound.places import place_of_interaction
from bot.presentation.inbound.privacy import interaction_is_private, note_privacy
from bot.presentation.inbound.questions import RESPONSE_ID
from bot.presentation.outbound.interactions import Deferred, defer
from bot.presentation.outbound.wire import Wire
from bot.presentation.reply.aside import AsideDelivery, no_delivery
from bot.presentation.reply.budget import EditBudget, EditBudgets
from bot.presentation.reply.composition import QUOTE_CHARS, Composition
from bot.presentation.reply.delivery import ChannelDelivery, Delivery, InteractionDelivery, ReplyPlace
from bot.presentation.reply.live import Listeners, LiveReply
from bot.presentation.reply.threads import ThreadOpener
from bot.presentation.reply.token import TOKEN_LIFE_S, ReplyToken
from bot.presentation.transport_errors import TRANSPORT_ERRORS
from bot.presentation.words.drawings import quoted
from bot.presentation.words.replies import Words

logger = logging.getLogger(__name__)


Deliver = Callable[[Words], Delivery]
"""Makes the delivery of a reply once its language is known."""


class LiveReplies:
    """Where the reply of one turn goes (fulfils ``bot.domain.reply.ports.ReplySink``)."""

    def __init__(
        self,
        deliver: Deliver,
        budget: EditBudget,
        clock: Clock,
        *,
        heading: str = "",
        lasts_s: float | None = None,
        aside: Deliver | None = None,
    ) -> None:
        self._deliver = deliver
        self._budget = budget
        self._clock = clock
        self._heading = heading
        self._aside = aside
        self.lasts_s = lasts_s
        """How long a reply can be changed, in seconds; None where there is no end to it."""

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
        composition = Composition(
            words, options, heading=self._heading, guild_id=ask.place.guild_id, lasts_s=self.lasts_s
        )
        reply = LiveReply(
            deliver(words),
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


class PromptReplies:
    """Where the first answer to a message goes (fulfils ``bot.domain.reply.ports.ReplySink``).

    The place is the question's when the reply is opened: a thread may have been started for it since it was asked.
    """

    lasts_s = None

    def __init__(self, desk: ReplyDesk) -> None:
        self._desk = desk

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

    def to_prompt(self) -> PromptReplies:
        """Answer in the prompt's channel, as a reply to it, or in the thread that was started for the answer."""
        return PromptReplies(self)

    def anew(self, ask: Ask, version: int, reply_ids: tuple[int, ...]) -> LiveReplies:
        """Answer in the prompt's channel, in the messages of an earlier version where there are any."""
        place = ask.place
        if ask.is_private or place.by_token_only:
            # The channel would show to everybody what was for one user alone; or the bot is none of its members.
            return LiveReplies(no_delivery, self._budgets.channel(place.channel_id), self._clock)
        reply_place = ReplyPlace(
            channel_id=place.channel_id,
            guild_id=place.guild_id,
            prompt_id=ask.id,
            version=version,
            reply_ids=reply_ids,
            pings=ask.pings,
        )
        deliver = partial(ChannelDelivery, self._client, self._wire, reply_place, stand_in=self.stand_in)
        heading = prompt_heading(ask) if ask.source is Source.INTERACTION else ""
        budget = self._budgets.channel(place.channel_id)
        return LiveReplies(deliver, budget, self._clock, heading=heading)

    def for_press(self, interaction: discord.Interaction) -> Callable[[Ask, int, tuple[int, ...]], LiveReplies]:
        """Answer anew where a button was pressed: by the press's token where there is no other way."""
        by_token = interaction_is_private(interaction) or place_of_interaction(interaction).by_token_only

        def sink(ask: Ask, version: int, reply_ids: tuple[int, ...]) -> LiveReplies:
            if by_token or ask.is_private:
                return self._by_token(interaction, ask, token_only=True)
            return self.anew(ask, version, reply_ids)

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
        private = interaction_is_private(interaction)
        return self._by_token(interaction, ask, token_only=private or ask.place.by_token_only, kept=kept)

    def _by_token(
        self, interaction: discord.Interaction, ask: Ask, *, token_only: bool, kept: KeptForm | None = None
    ) -> LiveReplies:
        token = ReplyToken(interaction, self._clock, only=token_only)
        aside = kept is not None or not token.private
        return LiveReplies(
            partial(InteractionDelivery, self._client, self._wire, token),
            self._budgets.interaction(interaction.token),
            self._clock,
            heading=prompt_heading(ask) if ask.source is Source.INTERACTION else "",
            lasts_s=TOKEN_LIFE_S if token_only else None,
            aside=partial(AsideDelivery, interaction, kept) if aside else None,
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


def prompt_heading(ask: Ask) -> str:
    """Quote a command's prompt, to stand above the answer: others do not see it otherwise."""
    return quoted(ask.text, QUOTE_CHARS)
