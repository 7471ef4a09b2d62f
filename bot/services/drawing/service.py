"""Pictures: asked for by a command or a button, or what a question turned out to want."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.domain.chat.prompt import build_prompt
from bot.domain.clock import Clock
from bot.domain.drawing.denial import drawing_denial
from bot.domain.drawing.plan import DrawingCard, DrawPlan
from bot.domain.drawing.recipes import changed_prompt, plan_drawing, resolved, wish_of
from bot.domain.drawing.wish import DrawWish, Origin
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.request import Mode, ModelRequest
from bot.domain.picture.parameters import SEED_MAX
from bot.domain.reply.ending import Ending
from bot.domain.reply.ports import Reply, ReplySink
from bot.domain.settings.catalogue import Settings
from bot.domain.turn.admission import has_forbidden_word
from bot.domain.turn.ask import Ask
from bot.domain.turn.record import Turn, TurnState
from bot.errors import QuotaUsedUpError, Refusal, StorageError, UserError
from bot.services.drawing.estimates import DrawingTimes
from bot.services.drawing.origins import as_it_stands
from bot.services.drawing.painting import Painting
from bot.services.model.answer import Answer
from bot.services.model.collector import Commission
from bot.services.model.reader import Conversation
from bot.services.picture.keeper import Made
from bot.services.queue.coordinator import TurnCoordinator
from bot.services.queue.slots import FairSlots
from bot.services.settings.service import SettingsService
from bot.services.turn.runner import TurnRunner
from bot.services.turn.stores import Stores
from bot.services.usage.quota import QuotaService

logger = logging.getLogger(__name__)

CALLS_AT_ONCE = 16
"""How many pictures are made at once in this process, over all drawings."""
CHAIN_LENGTH = 10
"""How many cards back the conversation is looked for that a drawing came out of."""


class DrawService:
    """Answers ``/draw`` and the buttons of cards, and makes the drawings that questions turn out to want."""

    def __init__(
        self,
        runner: TurnRunner,
        conversation: Conversation,
        turns: TurnCoordinator,
        stores: Stores,
        settings: SettingsService,
        quota: QuotaService,
        clock: Clock,
        *,
        user_key: Callable[[int], str],
        random_seed: Callable[[], int] = lambda: secrets.randbelow(SEED_MAX + 1),
    ) -> None:
        self._runner = runner
        self._conversation = conversation
        self._turns = turns
        self._stores = stores
        self._settings = settings
        self._quota = quota
        self._clock = clock
        self._user_key = user_key
        self._random_seed = random_seed
        self._times = DrawingTimes(stores.drawings, clock)
        self._slots = FairSlots(CALLS_AT_ONCE)

    async def draw(self, ask: Ask, sink: ReplySink) -> None:
        """Draw what was asked for (``ask.wish``); every failure ends in the reply, in words.

        The turn is kept with its seed resolved, so that a retry, also after a restart, gives the same picture.
        """
        try:
            settings = await self._settings.in_force(ask.place, ask.person.id)
        except StorageError:
            pass  # which the turn itself will meet, and tell
        else:
            honoured = self._conversation.capabilities_for(settings.provider).drawing_fields
            wish = resolved(ask.wish or DrawWish(), settings, random_seed=self._random_seed(), honoured=honoured)
            ask = replace(ask, wish=wish)
        await self._runner.run(ask, sink, self._answer)

    async def answer_anew(self, ask: Ask, turn: Turn, sink: ReplySink) -> bool:
        """Draw once more, in the messages of the turn's reply; False where it is under way or unknown."""
        return await self._runner.rerun(ask, turn, sink, self._answer)

    def queue_full(self, ask: Ask) -> bool:
        """Whether a drawing would be refused now, because too many wait."""
        return self._turns.queue_full(ask.place, ask.person.id)

    def plan(self, ask: Ask, settings: Settings, wish: DrawWish | None = None) -> DrawPlan:
        """Decide what is drawn for an ask: its own wish where none is given."""
        return plan_drawing(
            wish or ask.wish or DrawWish(),
            settings,
            random_seed=self._random_seed(),
            honoured=self._conversation.capabilities_for(settings.provider).drawing_fields,
            age_restricted=ask.place.age_restricted,
        )

    async def commission(self, ask: Ask, settings: Settings, replied_to: int | None) -> Commission:
        """Decide what is drawn where a question turns out to want a drawing. Raises ``StorageError``.

        ``replied_to`` is the message that it replies to.

        A reply to a picture of the bot's starts from its recipe: the same parameters and seed, and a prompt that holds
        the old one and what is to change, so that the new picture can be made again by its own recipe alone.
        """
        drawings = await self._stores.drawings.by_message(replied_to) if replied_to is not None else ()
        # Where a question is answered in a thread of its own, what it replies to stands in the thread's channel.
        near = (ask.place.channel_id, ask.place.parent_id)
        if not drawings or not drawings[0].prompt or drawings[0].channel_id not in near:
            return Commission(plan=self.plan(ask, settings), prompt=ask.text)
        first = drawings[0]
        wish = wish_of(
            first.parameters,
            honoured=self._conversation.capabilities_for(settings.provider).drawing_fields,
            spoiler=first.spoiler or None,
            origin=Origin(channel_id=first.channel_id, message_id=first.message_id or 0),
        )
        prompt = changed_prompt(first.prompt, ask.text)
        return Commission(plan=self.plan(ask, settings, wish), prompt=prompt, changes=True)

    async def draw_wanted(
        self,
        ask: Ask,
        settings: Settings,
        request: ModelRequest,
        commission: Commission,
        reply: Reply,
        answer: Answer,
    ) -> Ending:
        """Make the drawing that a question turned out to want, in the same reply, once the line of drawings lets it.

        The same request goes once more; of a picture that is to change, the recipe alone. Raises ``UserError`` where
        the line is full or the bot stops.
        """
        request = replace(request, draw=True)
        if commission.changes:
            request = replace(request, mode=Mode.DRAW, messages=_lone(commission.prompt))
        async with self._turns.drawing(ask.id, ask.place, ask.person.id, moved=reply.show_waiting):
            try:
                if has_forbidden_word(commission.prompt, settings.forbidden_words):
                    # The old prompt holds it, from before it was forbidden.
                    raise UserError(Refusal.FORBIDDEN_WORD)
                return await self._make(ask, settings, request, commission, reply, answer)
            except QuotaUsedUpError as error:
                # The question was answered: it would be a picture, and there is none left.
                return Ending(state=TurnState.COMPLETE, problem=error.shortage)

    async def recovered(self, ask: Ask, made: Sequence[Made]) -> DrawingCard:
        """Say on a card what is known of pictures that a process made which died before it delivered them."""
        drawings = [one.drawing for one in made]
        try:
            settings = await self._settings.in_force(ask.place, ask.person.id)
            # A question may have replied to a picture, which is where this one came from.
            if ask.mode is Mode.CHAT:
                plan = (await self.commission(ask, settings, await self._reply_to(ask))).plan
            else:
                plan = self.plan(ask, settings)
            plan = await as_it_stands(self._stores, plan)
        except StorageError:
            plan = DrawPlan(pictures=())
        pictures = tuple(drawing.parameters for drawing in drawings)
        wished = len(plan.pictures)
        plan = replace(plan, pictures=pictures, spoiler=drawings[0].spoiler)
        return DrawingCard(
            prompt=drawings[0].prompt,
            pictures=pictures,
            asker_id=ask.person.id,
            took_s=max(drawing.took_s or 0.0 for drawing in drawings),
            plan=plan,
            missing=max(0, wished - len(drawings)),
        )

    async def _answer(self, ask: Ask, reply: Reply, answer: Answer) -> Ending:
        settings = await self._settings.in_force(ask.place, ask.person.id)
        denial = drawing_denial(ask.place, allowed=settings.drawing_allowed)
        if denial is not None:
            # A command wants a picture for certain: nothing is spent to find out.
            return Ending(state=TurnState.COMPLETE, problem=denial)
        commission = Commission(plan=self.plan(ask, settings), prompt=ask.text)
        request = await self._request(ask, settings)
        return await self._make(ask, settings, request, commission, reply, answer)

    async def _request(self, ask: Ask, settings: Settings) -> ModelRequest:
        """Write what is asked of the model: the prompt alone, or, again, the conversation that the card came out of."""
        request = ModelRequest(
            mode=Mode.DRAW,
            messages=_lone(ask.text),
            user_key=self._user_key(ask.person.id),
            draw=True,
            sampling=settings.sampling,
            drawing=settings.drawing,
            provider=settings.provider,
            chat_model=settings.chat_model,
            image_model=settings.image_model,
        )
        question = await self._question_behind(ask)
        if question is None:
            return request
        recent = await self._stores.history.recent(
            question.channel_id, limit=settings.context_messages, up_to=question.id
        )
        if not recent or recent[-1].id != question.id or recent[-1].text != ask.text:
            return request
        messages = build_prompt(
            recent, budget_messages=settings.context_messages, budget_tokens=settings.context_tokens
        )
        return replace(request, mode=Mode.CHAT, messages=messages, persona=settings.persona)

    async def _question_behind(self, ask: Ask) -> Turn | None:
        """Find the question in a conversation that the prompt of a card comes from, word for word.

        "Make it darker" is no picture by itself: drawn again, it needs what was said before. A card whose prompt was
        written for a drawing, by a person or by ``commission``, needs nothing.
        """
        origin = ask.wish.origin if ask.wish is not None else None
        for _ in range(CHAIN_LENGTH):
            if origin is None:
                return None
            drawings = await self._stores.drawings.by_message(origin.message_id)
            turn = await self._stores.turns.get(drawings[0].turn_id) if drawings else None
            if turn is None or turn.channel_id != ask.place.channel_id or turn.prompt != ask.text:
                return None
            if turn.mode is Mode.CHAT:
                return turn if drawings[0].prompt == ask.text else None
            origin = turn.wish.origin if turn.wish is not None else None
        return None

    async def _make(
        self,
        ask: Ask,
        settings: Settings,
        request: ModelRequest,
        commission: Commission,
        reply: Reply,
        answer: Answer,
    ) -> Ending:
        """Make the pictures; those that come are delivered, whatever becomes of the others."""
        pictures = commission.plan.pictures
        grant = await self._quota.reserve(
            ask, settings, answer, request.messages, calls=len(pictures), pictures=len(pictures)
        )
        sampling = request.sampling.granted(grant.new_tokens, bounded=grant.bounded)
        request = replace(request, sampling=sampling, certain=True)
        estimate_s = await self._times.estimate_s(pictures[0])
        commission = replace(commission, estimate_s=estimate_s)
        reply.show_drawing(estimate_s)
        painting = Painting(
            self._conversation,
            self._slots,
            self._clock,
            ask=ask,
            request=request,
            commission=commission,
            reply=reply,
            answer=answer,
        )
        commission = await self._leading(commission)
        self._conversation.collector.begin(ask, answer, commission)
        if self._conversation.capabilities_for(request.provider).pictures_per_call > 1:
            problem = await painting.one_after_the_other()
        else:
            problem = await painting.side_by_side()
        if not answer.made:
            if painting.words:
                answer.parts.append(painting.words)
                reply.push(painting.words)
            return Ending(state=TurnState.FAILED, problem=problem)
        self._times.note_made(pictures[0])
        # What it came from may have gone while it was drawn.
        leading = await self._leading(commission)
        card = answer.card()
        if card is not None and leading.plan != commission.plan:
            card = replace(card, plan=leading.plan)
        missing = card is not None and card.missing
        return Ending(state=TurnState.COMPLETE, problem=problem if missing else None, pictures=answer.files, card=card)

    async def _leading(self, commission: Commission) -> Commission:
        """Let a card link to what it came from only where that is there."""
        try:
            return replace(commission, plan=await as_it_stands(self._stores, commission.plan))
        except StorageError:
            logger.exception("what a drawing came from could not be looked up")
            return commission

    async def _reply_to(self, ask: Ask) -> int | None:
        """Find what a question replies to that is answered anew, from the history."""
        line = await self._stores.history.get(ask.place.channel_id, ask.id)
        return line.reply_to if line is not None else None


def _lone(prompt: str) -> tuple[PromptMessage, ...]:
    return (PromptMessage(role=Role.USER, content=prompt),)
