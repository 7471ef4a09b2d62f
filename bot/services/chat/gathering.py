"""Several messages, one question: what somebody writes within a moment, and while they are being answered."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.clock import Clock
from bot.domain.reply.ending import Ending
from bot.domain.settings.choices import WhileAnswering
from bot.domain.settings.in_force import InForce
from bot.domain.turn.admission import asked_words, listens, refusal
from bot.domain.turn.ask import Ask, Source
from bot.domain.turn.gathering import has_room
from bot.domain.turn.ports import TurnStore
from bot.domain.turn.record import Turn
from bot.errors import StopReason, StorageError
from bot.services.chat.question import Question, Whose, whose
from bot.services.chat.said_before import SaidBefore
from bot.services.chat.under_way import UnderWay
from bot.services.model.round import Answerer, Round
from bot.services.queue.coordinator import TurnCoordinator
from bot.services.settings.service import SettingsService
from bot.services.turn.records import TurnRecords

logger = logging.getLogger(__name__)

MOST_KEPT: Final = 10_000
"""Of the messages that were taken as parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A question whose answer has ended and that has got more words since, to be answered as version ``version``."""

    ask: Ask
    turn: Turn
    version: int


class Gathering:
    """Takes messages of one person in one channel together; never those of two people."""

    def __init__(
        self,
        records: TurnRecords,
        turn_store: TurnStore,
        settings: SettingsService,
        coordinator: TurnCoordinator,
        clock: Clock,
    ) -> None:
        self._records = records
        self._turn_store = turn_store
        self._settings = settings
        self._coordinator = coordinator
        self._clock = clock
        self._under_way = UnderWay(clock)
        self._bare: dict[Whose, Question] = {}
        """Mentions without a word, whose words may still come."""
        self._before = SaidBefore(clock)
        self._taken: OrderedDict[int, None] = OrderedDict()
        """Messages that are parts of questions: Discord may send them a second time."""

    async def hear(self, ask: Ask) -> Question | Again | None:
        """Make a question of a message; None if it belongs to another message, which takes care of it."""
        if ask.source is not Source.MESSAGE:
            return Question(ask, now=self._clock.monotonic())
        # An edit of it waits for that.
        with self._coordinator.arrivals.taking_up(ask.id):
            return await self._hear(ask)

    async def _hear(self, ask: Ask) -> Question | Again | None:
        if ask.id in self._taken:
            logger.debug("message %s was taken as a part before", ask.id)
            return None
        before = await self._written_before(ask)
        if ask.overheard:
            self._before.remember(ask)
        if not ask.text and before:
            # The mention comes behind what it is about.
            return self._question(replace(before[-1], place=ask.place, user=ask.user, overheard=False), before[:-1])
        found = await self._belongs(self._with_bare(ask))
        return self._question(found, before) if isinstance(found, Ask) else found

    def _question(self, ask: Ask, before: tuple[Ask, ...]) -> Question:
        return Question(ask, before, now=self._clock.monotonic())

    @contextmanager
    def asking(self, question: Question) -> Iterator[None]:
        """Let further messages find a question while it is answered."""
        ask, here = question.ask, whose(question.ask)
        if ask.source is not Source.MESSAGE or self._under_way.has(here, ask.id):
            yield
            return
        if not ask.text:
            with self._waiting_for_words(question):
                yield
            return
        self._under_way.add(here, question)
        try:
            yield
        finally:
            question.end()
            question.decided.set()
            self._under_way.end(question)

    def rewritten(self, ask: Ask) -> None:
        """Follow an edit of a message that may be a part of a question: it is asked as it is now."""
        if ask.text:
            self._before.rewrite(ask)
            self._under_way.rewrite(ask)

    def taken_back(self, message_ids: Container[int]) -> None:
        """Follow deletes of messages that may be parts of questions."""
        self._under_way.drop(message_ids)

    @contextmanager
    def _waiting_for_words(self, question: Question) -> Iterator[None]:
        here = whose(question.ask)
        self._bare[here] = question
        try:
            yield
        finally:
            if self._bare.get(here) is question:
                del self._bare[here]

    def before(self, question: Question, _: Ask, settings: InForce) -> tuple[Ask, ...]:
        """Make what its writer has said just before a question parts of it, as far as they fit."""
        for part in question.before:
            if not self._records.may_be_gone(part) and self._fits(question, part, settings):
                question.take(part, now=self._clock.monotonic())
        return tuple(part for part in question.before if part.id in question.said)

    async def note_kept(self, question: Question, ask: Ask, _: InForce) -> None:
        """Note that a question is kept, and where it is answered: further messages may come there too."""
        here, there = whose(question.ask), whose(ask)
        question.said[ask.id] = question.ask = ask
        if self._under_way.holds(here, question):
            self._before.forget(here)
            if there != here:
                self._under_way.add(there, question)
        question.is_kept = True
        for part in question.before:
            self._note_taken(part)
        question.decided.set()

    async def answer(self, question: Question, turn: Round, answer_with: Answerer) -> Ending:
        """Answer a question once it seems to be complete, and again with what joins it meanwhile."""
        question.begin(turn)
        try:
            while True:
                await self._wait_for_more(question, turn.settings.user.join_within_s)
                question.more.clear()
                asked = replace(turn, ask=question.as_asked(turn.ask))
                ending = await self._until_more(question, asked, answer_with)
                if ending is not None:
                    return ending
                turn.answer.begin_again()
                turn.reply.retract("")
        finally:
            question.end()

    async def _wait_for_more(self, question: Question, within_s: float) -> None:
        while (wait_s := question.wait_s(within_s, now=self._clock.monotonic())) > 0:
            question.more.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await question.more.wait()

    async def _until_more(self, question: Question, turn: Round, answer_with: Answerer) -> Ending | None:
        """Answer; None if more of the question came before that was done, and no picture was being made."""
        work = asyncio.create_task(answer_with(turn), name=f"answer-once-{turn.ask.id}")
        more = asyncio.create_task(question.more.wait(), name=f"more-{turn.ask.id}")
        try:
            await asyncio.wait((work, more), return_when=asyncio.FIRST_COMPLETED)
            if not question.more.is_set() or question.is_drawn:
                return await work
        finally:
            more.cancel()
            work.cancel()
            await asyncio.wait((work, more))
        if not work.cancelled() and (fault := work.exception()) is not None:
            logger.warning("an answer failed while it was given up for another", exc_info=fault)
        return None

    async def words_come(self, question: Question, settings: InForce) -> bool:
        """Wait for a moment for the words behind a mention without any; whether they have come, as another message."""
        try:
            async with asyncio.timeout(settings.user.join_within_s):
                await question.more.wait()
        except TimeoutError:
            return False
        return True

    def _with_bare(self, ask: Ask) -> Ask:
        """Return a message as one that turns to the bot, if it comes behind a mention without words."""
        bare = self._bare.get(whose(ask))
        if bare is None or not ask.text or ask.id < bare.ask.id:
            return ask
        bare.more.set()
        place = bare.ask.place if ask.overheard else ask.place
        return replace(ask, overheard=False, place=place, reference=ask.reference or bare.ask.reference)

    async def _belongs(self, ask: Ask) -> Ask | Again | None:
        """Make a message part of its writer's question, if it is to be: None, or the question to be answered again.

        The message itself comes back if it is a question of its own.
        """
        question = self._under_way.last_before(ask)
        if question is None or not ask.text:
            return ask
        await question.decided.wait()
        settings = await self._settings_of(ask)
        if settings is None or not question.is_kept or not self._fits(question, ask, settings):
            return ask
        follows = question.moment.holds(ask.created_at, settings.user.join_within_s)
        if not follows and (question.ended or not await self._steers(question, ask, settings)):
            return ask
        if (question.ended and not await self._stands(question)) or not await self._take(question, ask):
            return ask
        logger.info("message %s is part of turn %s", ask.id, question.ask.id)
        # What was drawn meanwhile is not drawn again for it.
        return await self._again(question) if question.ended and not question.is_drawn else None

    async def _steers(self, question: Question, ask: Ask, settings: InForce) -> bool:
        """Whether what was sent behind the moment becomes part of the question that is being answered.

        If the answer is to end where it is instead, that has happened when this returns.
        """
        steering = settings.user.while_answering
        if steering is WhileAnswering.QUEUE or (ask.overheard and not listens(ask.place, settings.place)):
            return False
        if steering is WhileAnswering.ANEW or not question.has_words:
            return True
        if self._coordinator.stop(question.ask.id, StopReason.STEERED):
            await self._coordinator.ended(question.ask.id)
        return False

    def _fits(self, question: Question, ask: Ask, settings: InForce) -> bool:
        """Whether a message may become part of a question: it refers to nothing else, and no rule is against it."""
        text = question.text
        if question.is_drawn or not has_room(len(question.said), text, ask.text):
            return False
        about = question.ask.reference.id if question.ask.reference is not None else None
        if ask.reference is not None and ask.reference.id != about:
            return False
        return refusal(f"{text}\n{asked_words(ask)}", ask.place, ask.user.role_ids or (), settings.user) is None

    async def _take(self, question: Question, part: Ask) -> bool:
        """Keep a message as a part of a question; False if the database does not take it."""
        try:
            kept = await self._records.keep_part(question.ask, part)
        except StorageError as error:
            logger.info("message %s could not be kept as a part: %s", part.id, error)
            return False
        self._note_taken(part)
        if kept:
            question.take(part, now=self._clock.monotonic())
        return True

    def _note_taken(self, part: Ask) -> None:
        self._taken[part.id] = None
        while len(self._taken) > MOST_KEPT:
            self._taken.popitem(last=False)

    async def _stands(self, question: Question) -> bool:
        """Whether a question is still there to be answered once more."""
        try:
            turn = await self._turn_store.get(question.ask.id)
        except StorageError:
            return False
        return turn is not None and bool(turn.prompt)

    async def _again(self, question: Question) -> Again | None:
        """End what is being made of a question by now, and say how it is to be answered once more."""
        ask = question.ask
        self._coordinator.stop(ask.id, StopReason.PROMPT_EDITED)
        await self._coordinator.ended(ask.id)
        try:
            turn = await self._turn_store.get(ask.id)
            versions = await self._turn_store.versions(ask.id)
        except StorageError as error:
            logger.info("turn %s could not be answered again: %s", ask.id, error)
            return None
        number = max((version.number for version in versions), default=0) + 1
        return None if turn is None else Again(ask=ask, turn=turn, version=number)

    async def _settings_of(self, ask: Ask) -> InForce | None:
        try:
            return await self._settings.of_turn(ask.place, ask.user.id)
        except StorageError:
            return None  # the turn itself will hit the same error and report it

    async def _written_before(self, ask: Ask) -> tuple[Ask, ...]:
        """Return what its writer has said to nobody just before a message that turns to the bot."""
        if ask.overheard or not self._before.any(ask) or (settings := await self._settings_of(ask)) is None:
            return ()
        found = self._before.leading_to(ask, settings.user.join_within_s)
        return tuple(part for part in found if not self._records.may_be_gone(part))
