"""A question in words: history and prompt to the model, the answer back into the channel."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container
from dataclasses import replace
from functools import partial

from bot.domain.drawing.denial import Denial, DrawingDenial, drawing_denial, draws_at_once
from bot.domain.drawing.plan import Commission
from bot.domain.model.request import Mode, ModelRequest
from bot.domain.reply.ending import Ending
from bot.domain.reply.ports import ReplySink
from bot.domain.settings.choices import IntentCheck
from bot.domain.settings.in_force import InForce
from bot.domain.turn.ask import Ask
from bot.domain.turn.record import Turn, TurnState
from bot.domain.usage.quota import least_answer
from bot.errors import ProviderError, Refusal, Resource, StorageError
from bot.services.chat.context import Context, ContextReader
from bot.services.chat.gathering import Again, Gathering
from bot.services.drawing.planner import DrawingPlanner
from bot.services.drawing.service import DrawService
from bot.services.model.reader import Conversation
from bot.services.model.round import Round
from bot.services.model.windows import Windows
from bot.services.turn.runner import TurnRunner
from bot.services.usage.quota import QuotaService

SinkFor = Callable[[Ask, int, tuple[int, ...]], ReplySink]
"""Opens the reply of a question that is answered again: the version's number, the messages that stand."""
OpenThread = Callable[[Ask], Awaitable[Ask]]
"""Starts a thread from a question and returns the question as it stands there; as it was if Discord does not let it."""


class ChatService:
    """Answers a mention, a reply, a direct message or ``/ask``.

    Many arguments: it leads a question through every step, each of which has a class of its own.
    """

    def __init__(
        self,
        runner: TurnRunner,
        context: ContextReader,
        conversation: Conversation,
        planner: DrawingPlanner,
        draw: DrawService,
        quota: QuotaService,
        windows: Windows,
        gathering: Gathering,
        *,
        user_key: Callable[[int], str],
        sink_for: SinkFor,
    ) -> None:
        self._runner = runner
        self._context = context
        self._conversation = conversation
        self._planner = planner
        self._draw = draw
        self._quota = quota
        self._windows = windows
        self._gathering = gathering
        self._user_key = user_key
        self._sink_for = sink_for

    async def respond(self, ask: Ask, sink: ReplySink, *, open_thread: OpenThread | None = None) -> None:
        """Answer one turn; every failure ends in the reply, in words.

        ``open_thread`` is called for an admitted question whose place wants answers in threads. What turns out to be a
        further message of another question is answered with that.
        """
        question = await self._gathering.hear(ask)
        if question is None:
            return
        if isinstance(question, Again):
            again = question
            await self.answer_anew(
                again.ask, again.turn, self._sink_for(again.ask, again.version, again.turn.reply_ids)
            )
            return

        async def prepare(asked: Ask, settings: InForce) -> Ask:
            opens = open_thread if asked.id == ask.id else None
            return await opens(asked) if opens is not None and await self._wants_thread(asked, settings) else asked

        async def answer(turn: Round) -> Ending:
            return await self._gathering.answer(question, turn, self._answer)

        with self._gathering.asking(question):
            before, kept = partial(self._gathering.before, question), partial(self._gathering.note_kept, question)
            come = partial(self._gathering.words_come, question)
            await self._runner.run(
                question.ask, sink, answer, prepare=prepare, before=before, kept=kept, words_come=come
            )

    def rewritten(self, ask: Ask) -> None:
        """Take in an edit of a message that may be a part of a question under way."""
        self._gathering.rewritten(ask)

    def taken_back(self, message_ids: Container[int]) -> None:
        """Take in deletes of messages that may be parts of questions under way."""
        self._gathering.taken_back(message_ids)

    async def answer_anew(self, ask: Ask, turn: Turn, sink: ReplySink) -> bool:
        """Answer a turn once more, in the messages of its reply; False if it is under way or unknown."""
        return await self._runner.rerun(ask, turn, sink, self._answer)

    async def go_on(self, ask: Ask, turn: Turn, sink: ReplySink) -> bool:
        """Go on with an answer that was cut, behind its text; False if it is under way or unknown."""

        async def answer(again: Round) -> Ending:
            again.reply.push(turn.text)
            again.answer.parts.append(turn.text)
            again.answer.spending.given_chars = len(turn.text)
            return await self._answer(again)

        return await self._runner.rerun(ask, turn, sink, answer)

    async def draw_it(self, ask: Ask, turn: Turn, sink: ReplySink) -> bool:
        """Make the picture that a question turned out to want; False if it is under way or unknown."""
        return await self._runner.rerun(ask, turn, sink, self._draw_agreed)

    async def refuse(self, ask: Ask, sink: ReplySink, reason: Refusal) -> None:
        """Say why a turn is not taken up; nothing is stored."""
        await self._runner.refuse(ask, sink, reason)

    async def _wants_thread(self, ask: Ask, settings: InForce) -> bool:
        """Whether an admitted question is to be answered in a thread of its own: in a guild's channel.

        If nobody asked, and a quota stands against an answer, nothing will be said: no thread is left empty.
        """
        place, user = ask.place, settings.user
        if not user.answer_in_thread or place.is_direct or place.parent_id is not None:
            return False
        if not ask.overheard:
            return True
        try:
            left = await self._quota.left(place, ask.user.id, user)
        except StorageError:
            return False  # The turn itself will hit the same error and report it.
        least = {Resource.CALLS: 1, Resource.TOKENS: least_answer(user.max_new_tokens)}
        return all(each.left >= least.get(each.resource, 0) for each in left)

    async def _answer(self, turn: Round) -> Ending:
        """Answer a question in words, or with the drawing that it turns out to want."""
        context, denial = await self._context_of(turn), self._denial(turn)
        commission = await self._planner.commission(turn.ask, turn.settings.place, context.replied_to)
        asked = self._windows.fit(turn, context.talk, self._request(turn, commission))
        checks, settings = self._can_check(turn), turn.settings.place
        draw = draws_at_once(denial, settings.intent_check, can_check=checks, changes=commission.changes)
        ending: Ending | None = None
        calls = 0

        async def ask(request: ModelRequest) -> ProviderError | None:
            nonlocal asked, ending, calls
            calls += 1
            if calls > 1:
                turn.answer.spending.take_back()
            stands = len(turn.answer.text)
            asked, ending = await self._ask_once(turn, request, commission, denial, draw=draw)
            if ending is None or turn.answer.made or len(turn.answer.text) > stands:
                return None
            return ending.problem if isinstance(ending.problem, ProviderError) else None

        # An endpoint that finds out by itself that a picture is wanted may have made it, whatever came of it.
        failed = await self._windows.ask(turn, context.talk, asked, ask, paid=draw and checks)
        if ending is not None:
            return ending if failed is None else replace(ending, problem=failed)
        if settings.intent_check is IntentCheck.CONFIRM:
            return Ending(state=TurnState.COMPLETE, problem=DrawingDenial.CONFIRM)
        return await self._draw.draw_wanted(turn, asked, commission, context.talk)

    async def _ask_once(
        self, turn: Round, request: ModelRequest, commission: Commission, denial: Denial | None, *, draw: bool
    ) -> tuple[ModelRequest, Ending | None]:
        """Reserve a call and make it; returns it as it was made, and how it ended if it wants no drawing."""
        granted = await self._quota.reserve(turn, request.messages, pictures=int(draw), without_pictures=True)
        if granted.shortage is not None:
            denial, draw = drawing_denial(turn.ask.place, allowed=True, shortage=granted.shortage), False
        new_tokens = min(granted.new_tokens, request.sampling.max_new_tokens)
        sampling = request.sampling.granted(new_tokens, bounded=granted.bounded)
        request = replace(request, draw=draw, sampling=sampling)
        # What this call draws by itself is drawn of the conversation, and not of the prompt that a change is drawn by.
        drawn = replace(commission, prompt=turn.ask.text, changes=False)
        return request, await self._conversation.ask(turn, request, drawn, denial=denial)

    async def _draw_agreed(self, turn: Round) -> Ending:
        """Draw what a question is known to want, which the user has agreed to."""
        context, denial = await self._context_of(turn), self._denial(turn)
        if denial is not None:
            return Ending(state=TurnState.COMPLETE, problem=denial)
        commission = await self._planner.commission(turn.ask, turn.settings.place, context.replied_to)
        request = self._windows.fit(turn, context.talk, self._request(turn, commission))
        return await self._draw.draw_wanted(turn, request, commission, context.talk)

    async def _context_of(self, turn: Round) -> Context:
        """Return what the question is asked with; an answer that goes on stands behind it."""
        context = await self._context.read(turn.ask, turn.settings.place)
        return replace(context, talk=replace(context.talk, given=turn.answer.text))

    def _denial(self, turn: Round) -> Denial | None:
        allowed, full = turn.settings.place.drawing_allowed, self._draw.queue_full(turn.ask)
        draws = self._conversation.capabilities_for(turn.settings.place.provider).draws
        return drawing_denial(turn.ask.place, allowed=allowed, draws=draws, queue_full=full)

    def _can_check(self, turn: Round) -> bool:
        return self._conversation.capabilities_for(turn.settings.place.provider).intent_check

    def _request(self, turn: Round, commission: Commission) -> ModelRequest:
        """Write what is asked, without the messages."""
        settings = turn.settings.place
        return ModelRequest(
            mode=Mode.CHAT,
            messages=(),
            persona=settings.persona,
            user_key=self._user_key(turn.ask.user.id),
            sampling=settings.sampling,
            drawing=commission.plan.pictures[0],
            provider=settings.provider,
            chat_model=settings.chat_model,
            image_model=settings.image_model,
        )
