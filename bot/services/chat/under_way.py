"""Which questions are being answered, and have been of late: further messages of them are looked for here."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container
from itertools import chain
from typing import Final

from bot.domain.clock import Clock
from bot.domain.turn.ask import Ask
from bot.domain.turn.gathering import LONGEST_S
from bot.services.chat.question import Question, Whose, whose

MOST_KEPT: Final = 10_000
"""Of the questions whose answers have ended of late."""


class UnderWay:
    """Questions by where and by whom further messages of them may be written."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._questions: dict[Whose, list[Question]] = {}
        """Oldest first."""
        self._lately: OrderedDict[Whose, tuple[Question, float]] = OrderedDict()
        """Whose answer has ended of late, and when."""

    def __len__(self) -> int:
        return len(self._questions)

    def has(self, here: Whose, message_id: int) -> bool:
        """Whether a message is one of a question that is being answered."""
        return any(message_id in question.said for question in self._questions.get(here, ()))

    def add(self, here: Whose, question: Question) -> None:
        """Let further messages from there find a question."""
        self._questions.setdefault(here, []).append(question)
        question.asked_at.add(here)

    def holds(self, here: Whose, question: Question) -> bool:
        """Whether a question is found from there."""
        return question in self._questions.get(here, ())

    def end(self, question: Question) -> None:
        """Let a question have ended; one that was kept is found for a moment more."""
        for here in question.asked_at:
            left = [other for other in self._questions.get(here, ()) if other is not question]
            if left:
                self._questions[here] = left
            else:
                self._questions.pop(here, None)
            if question.is_kept:
                self._note_ended(here, question)

    def last_before(self, ask: Ask) -> Question | None:
        """Find the newest question that a message may belong to; what came before it can't be one of it."""
        here = whose(ask)
        found = self._questions.get(here) or [one for one, _ in filter(None, (self._lately.get(here),))]
        return next((one for one in reversed(found) if max(one.said) < ask.id), None)

    def rewrite(self, ask: Ask) -> None:
        """Let a message say what it says since an edit, wherever it is part of a question."""
        for question in chain.from_iterable(self._questions.values()):
            question.rewrite(ask)

    def drop(self, message_ids: Container[int]) -> None:
        """Let go of messages that were deleted."""
        for question in chain.from_iterable(self._questions.values()):
            question.drop(message_ids)

    def _note_ended(self, here: Whose, question: Question) -> None:
        now = self._clock.monotonic()
        self._lately.pop(here, None)
        self._lately[here] = (question, now)
        while len(self._lately) > MOST_KEPT or now - next(iter(self._lately.values()))[1] > LONGEST_S:
            self._lately.popitem(last=False)
