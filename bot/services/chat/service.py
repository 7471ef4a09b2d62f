"""A question in words: history and prompt to the model, the answer back into the channel."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.domain.chat.prompt import build_prompt, told
from bot.domain.drawing.denial import DrawingDenial, drawing_denial, draws_at_once
from bot.domain.history.messages import HistoryMessage
from bot.domain.history.ports import HistoryStore
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.request import Mode, ModelRequest
from bot.domain.people import Person, Place
from bot.domain.reply.ending import Ending
from bot.domain.reply.ports import Reply, ReplySink
from bot.domain.settings.catalogue import Settings
from bot.domain.settings.choices import IntentCheck, Listening
from bot.domain.turn.admission import asked_words, refusal, refused_place
from bot.domain.turn.ask import Ask, Reference
from bot.domain.turn.ports import ThreadStarters
from bot.domain.turn.record import Turn, TurnState
from bot.domain.usage.quota import least_answer
from bot.errors import Refusal, Resource, StorageError
from bot.services.drawing.service import DrawService
from bot.services.model.answer import Answer
from bot.services.model.reader import Conversation
from bot.services.settings.service import SettingsService
from bot.services.turn.runner import TurnRunner
from bot.services.usage.quota import QuotaService

logger = logging.getLogger(__name__)

GO_ON = "Go on exactly where you stopped, without repeating anything."
"""What the model is told behind an answer that was cut by its length."""


class ChatService:
    """Answers a mention, a reply, a direct message or ``/ask``."""

    def __init__(
        self,
        runner: TurnRunner,
        conversation: Conversation,
        draw: DrawService,
        history: HistoryStore,
        settings: SettingsService,
        starters: ThreadStarters,
        quota: QuotaService,
        *,
        user_key: Callable[[int], str],
    ) -> None:
        self._runner = runner
        self._conversation = conversation
        self._draw = draw
        self._history = history
        self._settings = settings
        self._starters = starters
        self._quota = quota
        self._user_key = user_key

    async def respond(self, ask: Ask, sink: ReplySink) -> None:
        """Answer one turn; every failure ends in the reply, in words."""
        await self._runner.run(ask, sink, self._answer)

    async def answer_anew(self, ask: Ask, turn: Turn, sink: ReplySink) -> bool:
        """Answer a turn once more, in the messages of its reply; False where it is under way or unknown."""
        return await self._runner.rerun(ask, turn, sink, self._answer)

    async def go_on(self, ask: Ask, turn: Turn, sink: ReplySink) -> bool:
        """Go on with an answer that was cut, behind its text; False where it is under way or unknown."""

        async def answer(ask: Ask, reply: Reply, answer: Answer) -> Ending:
            reply.push(turn.text)
            answer.parts.append(turn.text)
            answer.spending.given_chars = len(turn.text)
            return await self._answer(ask, reply, answer)

        return await self._runner.rerun(ask, turn, sink, answer)

    async def draw_it(self, ask: Ask, turn: Turn, sink: ReplySink) -> bool:
        """Make the picture that a question turned out to want; False where it is under way or unknown."""

        async def answer(ask: Ask, reply: Reply, answer: Answer) -> Ending:
            return await self._answer(ask, reply, answer, agreed=True)

        return await self._runner.rerun(ask, turn, sink, answer)

    async def listens(self, place: Place) -> bool:
        """Whether all that is said in a place is answered, not only what is said to the bot."""
        try:
            settings = await self._settings.in_force(place)
        except StorageError:
            logger.exception("whether to answer in channel %s could not be read", place.channel_id)
            return False
        return settings.listening is Listening.ALL and not refused_place(place, settings)

    async def wants_thread(self, ask: Ask) -> bool:
        """Whether a question is to be answered in a thread of its own: in a guild's channel, by one who may ask.

        Where nobody asked, and a quota stands against an answer, nothing will be said: no thread is left empty.
        """
        place, person = ask.place, ask.person
        if place.is_direct or place.parent_id is not None or not ask.text:
            return False
        try:
            settings = await self._settings.in_force(place, person.id)
            if not settings.answer_in_thread:
                return False
            if refusal(asked_words(ask), place, person.role_ids or (), settings) is not None:
                return False
            left = await self._quota.left(place, person.id, settings) if ask.overheard else ()
        except StorageError:
            return False  # which the turn itself will meet, and tell
        least = {Resource.CALLS: 1, Resource.TOKENS: least_answer(settings.max_new_tokens)}
        return all(each.left >= least.get(each.resource, 0) for each in left)

    async def refuse(self, ask: Ask, sink: ReplySink, reason: Refusal) -> None:
        """Say why a turn is not taken up; nothing is kept of it."""
        await self._runner.refuse(ask, sink, reason)

    async def _answer(self, ask: Ask, reply: Reply, answer: Answer, *, agreed: bool = False) -> Ending:
        """Answer a question. ``agreed``: it is known to want a picture, and the person has agreed to it."""
        # A drawing that comes of talk has the defaults of its place: a person's own are those of their command.
        settings = await self._settings.in_force(ask.place)
        allowed, queue_full = settings.drawing_allowed, self._draw.queue_full(ask)
        denial = drawing_denial(ask.place, allowed=allowed, queue_full=queue_full)
        recent = await self._recent(ask, settings)
        replied_to = _replied_to(ask, recent)
        messages = build_prompt(
            recent,
            budget_messages=settings.context_messages,
            budget_tokens=settings.context_tokens,
            referenced=await self._referenced(ask, replied_to),
        )
        if answer.text:
            messages = (
                *messages,
                PromptMessage(role=Role.ASSISTANT, content=answer.text),
                PromptMessage(role=Role.USER, content=GO_ON),
            )
        commission = await self._draw.commission(ask, settings, replied_to)
        request = ModelRequest(
            mode=Mode.CHAT,
            messages=messages,
            persona=settings.persona,
            user_key=self._user_key(ask.person.id),
            sampling=settings.sampling,
            drawing=commission.plan.pictures[0],
            provider=settings.provider,
            chat_model=settings.chat_model,
            image_model=settings.image_model,
        )
        if agreed:
            if denial is not None:
                return Ending(state=TurnState.COMPLETE, problem=denial)
            return await self._draw.draw_wanted(ask, settings, request, commission, reply, answer)
        can_check = self._conversation.capabilities_for(settings.provider).intent_check
        draw = draws_at_once(denial, settings.intent_check, can_check=can_check, changes=commission.changes)
        granted = await self._quota.reserve(ask, settings, answer, messages, pictures=int(draw), without_pictures=True)
        if granted.shortage is not None:
            denial, draw = drawing_denial(ask.place, allowed=True, shortage=granted.shortage), False
        sampling = settings.sampling.granted(granted.new_tokens, bounded=granted.bounded)
        request = replace(request, draw=draw, sampling=sampling)
        # What this call draws by itself is drawn of the conversation, and not of the prompt that a change is drawn by.
        drawn = replace(commission, prompt=ask.text, changes=False)
        ending = await self._conversation.ask(ask, request, reply, answer, drawn, denial=denial)
        if ending is not None:
            return ending
        if settings.intent_check is IntentCheck.CONFIRM:
            return Ending(state=TurnState.COMPLETE, problem=DrawingDenial.CONFIRM)
        return await self._draw.draw_wanted(ask, settings, request, commission, reply, answer)

    async def _recent(self, ask: Ask, settings: Settings) -> tuple[HistoryMessage, ...]:
        place = ask.place
        recent = await self._history.recent(place.channel_id, limit=settings.context_messages, up_to=ask.id)
        if place.parent_id is None or len(recent) >= settings.context_messages:
            return recent
        if any(message.id <= place.channel_id for message in recent):
            return recent
        return (*await self._starter(ask), *recent)

    async def _starter(self, ask: Ask) -> tuple[HistoryMessage, ...]:
        """Make what a thread grew from the first lines of the thread's own history.

        The starter's id is the thread's (Discord documentation, Threads), so it is older than everything in it. A
        starter that is a reply of the bot's brings the question with it: an answer alone opens no conversation.
        """
        place = ask.place
        if place.parent_id is None:
            return ()
        lines: list[HistoryMessage] = []
        known = await self._history.get(place.parent_id, place.channel_id)
        if known is not None:
            question = await self._history.get(place.parent_id, known.reply_to) if known.reply_to else None
            lines = [known] if question is None or known.role is Role.USER else [question, known]
        elif (found := await self._starters.starter(place)) is not None:
            lines = [_as_history(ask, found)]
        moved = tuple(replace(line, channel_id=place.channel_id, reply_to=None) for line in lines)
        for line in moved:
            await self._history.append(line)
        return moved

    async def _referenced(self, ask: Ask, replied_to: int | None) -> Reference | None:
        """Find what the prompt replies to: as it was kept, else as Discord showed it."""
        reference, place = ask.reference, ask.place
        if replied_to is not None:
            # Of a question that is answered in a thread of its own it stands in the thread's channel.
            for channel_id in filter(None, (place.channel_id, place.parent_id)):
                known = await self._history.get(channel_id, replied_to)
                if known is not None and known.text:
                    return _as_reference(known)
        return reference if reference is not None and reference.text.strip() else None


def _replied_to(ask: Ask, recent: Sequence[HistoryMessage]) -> int | None:
    """Tell which message a question replies to; one that is asked anew comes without it, its own line knows."""
    if ask.reference is not None:
        return ask.reference.id
    return next((line.reply_to for line in reversed(recent) if line.id == ask.id), None)


def _as_reference(line: HistoryMessage) -> Reference:
    return Reference(
        id=line.id,
        author=Person(id=line.author_id, name=line.author_name),
        text=told(line),
        from_bot=line.role is Role.ASSISTANT,
        created_at=line.created_at,
    )


def _as_history(ask: Ask, reference: Reference) -> HistoryMessage:
    """Make a line of what Discord showed. The bot's own, whose question is not known, stands as something said."""
    return HistoryMessage(
        id=reference.id,
        channel_id=ask.place.channel_id,
        guild_id=ask.place.guild_id,
        author_id=reference.author.id,
        author_name=reference.author.name,
        role=Role.USER,
        text=reference.text,
        created_at=reference.created_at,
    )
