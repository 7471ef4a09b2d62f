"""Pictures: asked for by a command or a button, or what a question turned out to want."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.domain.chat.talk import Talk
from bot.domain.clock import Clock
from bot.domain.drawing.denial import drawing_denial
from bot.domain.drawing.plan import Commission
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.request import Mode, ModelRequest
from bot.domain.reply.ending import Ending
from bot.domain.reply.ports import ReplySink
from bot.domain.settings.in_force import InForce
from bot.domain.turn.ask import Ask
from bot.domain.turn.forbidden import has_forbidden_word
from bot.domain.turn.record import Turn, TurnState
from bot.errors import ProviderError, QuotaUsedUpError, Refusal, UserError
from bot.services.drawing.estimates import DrawingTimes
from bot.services.drawing.painting import Painter, Painting
from bot.services.drawing.planner import DrawingPlanner
from bot.services.model.metering import Metering
from bot.services.model.round import Round
from bot.services.model.windows import Windows
from bot.services.queue.coordinator import TurnCoordinator
from bot.services.turn.filter import WordFilter
from bot.services.turn.lines import read_lines
from bot.services.turn.runner import TurnRunner
from bot.services.turn.stores import Stores
from bot.services.usage.quota import QuotaService

CHAIN_LENGTH = 10
"""How many cards back the conversation is looked for that a drawing came out of."""


class DrawService:
    """Answers ``/draw`` and the buttons of cards, and makes the drawings that questions turn out to want.

    Many arguments: it is where a drawing's whole course is told, each step of which has a class of its own.
    """

    def __init__(
        self,
        runner: TurnRunner,
        planner: DrawingPlanner,
        painter: Painter,
        coordinator: TurnCoordinator,
        stores: Stores,
        quota: QuotaService,
        metering: Metering,
        windows: Windows,
        words: WordFilter,
        clock: Clock,
        *,
        user_key: Callable[[int], str],
    ) -> None:
        self._runner = runner
        self._planner = planner
        self._painter = painter
        self._coordinator = coordinator
        self._stores = stores
        self._quota = quota
        self._metering = metering
        self._windows = windows
        self._words = words
        self._clock = clock
        self._user_key = user_key
        self._times = DrawingTimes(stores.drawings, clock)

    async def draw(self, ask: Ask, sink: ReplySink) -> None:
        """Draw what was asked for (``ask.wish``); every failure ends in the reply, in words.

        The turn is stored with its seed resolved, so that a retry, also after a restart, gives the same picture.
        """
        await self._runner.run(ask, sink, self._answer, prepare=self._with_seed)

    async def answer_anew(self, ask: Ask, turn: Turn, sink: ReplySink) -> bool:
        """Draw once more, in the messages of the turn's reply; False if it is under way or unknown."""
        return await self._runner.rerun(ask, turn, sink, self._answer)

    def queue_full(self, ask: Ask) -> bool:
        """Whether a drawing would be refused now, because too many wait."""
        return self._coordinator.queue_full(ask.place, (ask.payer or ask.user).id)

    async def draw_wanted(self, turn: Round, request: ModelRequest, commission: Commission, talk: Talk) -> Ending:
        """Make the drawing that a question turned out to want, in the same reply, once the queue of drawings lets it.

        The same request goes once more, ``talk`` written anew if it is too long; of a picture that is to change, the
        recipe alone. Raises ``UserError`` if the queue is full or the bot stops.
        """
        ask = turn.ask
        turn.answer.drawing = True
        request = replace(request, draw=True)
        if commission.changes:
            request = replace(request, mode=Mode.DRAW, messages=_lone(commission.prompt))
        user = ask.payer or ask.user
        async with self._coordinator.drawing(ask.id, ask.place, user.id, moved=turn.reply.show_waiting):
            try:
                if has_forbidden_word(commission.prompt, turn.settings.place.forbidden_words):
                    # The old prompt holds it, from before it was forbidden.
                    raise UserError(Refusal.FORBIDDEN_WORD)
                return await self._make(turn, request, commission, None if commission.changes else talk)
            except QuotaUsedUpError as error:
                # The question was answered: it would be a picture, and there is none left.
                return Ending(state=TurnState.COMPLETE, problem=error.shortage)

    async def _with_seed(self, ask: Ask, settings: InForce) -> Ask:
        return replace(ask, wish=self._planner.wish(ask, settings.user))

    async def _answer(self, turn: Round) -> Ending:
        settings = turn.settings.user
        draws = self._painter.draws(settings.provider)
        denial = drawing_denial(turn.ask.place, allowed=settings.drawing_allowed, draws=draws)
        if denial is not None:
            # A command wants a picture for certain: nothing is spent to find out.
            return Ending(state=TurnState.COMPLETE, problem=denial)
        commission = Commission(plan=self._planner.plan(turn.ask, turn.settings.user), prompt=turn.ask.text)
        request, talk = await self._request(turn)
        return await self._make(turn, request, commission, talk)

    async def _request(self, turn: Round) -> tuple[ModelRequest, Talk | None]:
        """Write what is asked of the model: the prompt alone, or, again, the conversation that the card came out of."""
        ask, settings = turn.ask, turn.settings.user
        request = ModelRequest(
            mode=Mode.DRAW,
            messages=_lone(ask.text),
            user_key=self._user_key(ask.user.id),
            draw=True,
            sampling=settings.sampling,
            drawing=settings.drawing,
            provider=settings.provider,
            chat_model=settings.chat_model,
            image_model=settings.image_model,
        )
        question = await self._question_behind(ask)
        if question is None:
            return request, None
        recent = await read_lines(
            self._stores.history,
            question.channel_id,
            limit=settings.context_messages,
            up_to=question.id,
            reader=ask.reader,
            whole=True,
        )
        if not recent or recent[-1].id != question.id or recent[-1].text != ask.text:
            return request, None
        talk = Talk(
            lines=await self._words.lines(recent, settings.forbidden_words, asked=question.id),
            budget_messages=settings.context_messages,
            budget_tokens=settings.context_tokens,
            count=self._metering.counter(settings.provider, settings.chat_model),
        )
        request = replace(request, mode=Mode.CHAT, persona=settings.persona)
        return self._windows.fit(turn, talk, request), talk

    async def _question_behind(self, ask: Ask) -> Turn | None:
        """Find the question in a conversation that the prompt of a card comes from, word for word.

        "Make it darker" is no picture by itself: drawn again, it needs what was said before. A card whose prompt was
        written for a drawing, by a user or by a commission, needs nothing.
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

    async def _make(self, turn: Round, request: ModelRequest, commission: Commission, talk: Talk | None) -> Ending:
        """Make the pictures: reserve, begin, paint, conclude. Those that come are delivered, whatever happens.

        ``talk`` is the conversation that the request holds, if it holds one.
        """
        pictures = commission.plan.pictures
        request = await self._granted(turn, request, len(pictures))
        estimate_s = await self._times.estimate_s(pictures[0])
        turn.reply.show_drawing(estimate_s)
        commission = await self._planner.leading(replace(commission, estimate_s=estimate_s))
        turn.answer.draw(commission, since=self._clock.monotonic())
        painting = self._painter.paint(turn, request, commission)
        if talk is None:
            problem = await painting.make()
        else:
            painting, problem = await self._paint_fitting(turn, talk, painting)
        answer = turn.answer
        if not answer.made:
            if painting.words:
                answer.parts.append(painting.words)
                turn.reply.push(painting.words)
            return Ending(state=TurnState.FAILED, problem=problem)
        self._times.note_made(pictures[0])
        # What it came from may have gone while it was drawn.
        answer.commission = await self._planner.leading(commission)
        card = answer.card(turn.ask.user.id, now=self._clock.monotonic())
        missing = card is not None and card.missing
        return Ending(state=TurnState.COMPLETE, problem=problem if missing else None, pictures=answer.files, card=card)

    async def _granted(self, turn: Round, request: ModelRequest, pictures: int) -> ModelRequest:
        """Reserve the calls of a drawing; returns the request as it may be made."""
        grant = await self._quota.reserve(turn, request.messages, calls=pictures, pictures=pictures)
        new_tokens = min(grant.new_tokens, request.sampling.max_new_tokens)
        sampling = request.sampling.granted(new_tokens, bounded=grant.bounded)
        return replace(request, sampling=sampling, certain=True)

    async def _paint_fitting(
        self, turn: Round, talk: Talk, painting: Painting
    ) -> tuple[Painting, ProviderError | None]:
        """Paint, and once more with less of the conversation if it was too long for every call."""
        problem: ProviderError | None = None

        async def paint(request: ModelRequest) -> ProviderError | None:
            nonlocal painting, problem
            if request is not painting.request:
                turn.answer.spending.take_back(painting.wished)
                painting = painting.anew(await self._granted(turn, request, painting.wished))
            problem = await painting.make()
            # One call of several that may have been billed is enough.
            return None if turn.answer.made else painting.dearest

        await self._windows.ask(turn, talk, painting.request, paint, paid=True)
        return painting, problem


def _lone(prompt: str) -> tuple[PromptMessage, ...]:
    return (PromptMessage(role=Role.USER, content=prompt),)
