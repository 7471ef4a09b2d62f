"""A question under way, of one message or several."""

from __future__ import annotations

import asyncio
from collections.abc import Container
from dataclasses import replace
from typing import TypeAlias

from bot.domain.turn.ask import Ask, Source
from bot.domain.turn.gathering import LONGEST_S, Moment, as_one, looks_unfinished
from bot.services.model.round import Round

Whose: TypeAlias = tuple[int, int]
"""A channel and a person in it."""


def whose(ask: Ask) -> Whose:
    """Tell where and by whom a message was written."""
    return ask.place.channel_id, ask.user.id


class Question:
    """A question from the arrival of its first message until its turn has ended, and for a moment more.

    ``before`` is what was written just before it, to nobody. ``now`` is in monotonic seconds.
    """

    def __init__(self, ask: Ask, before: tuple[Ask, ...] = (), *, now: float) -> None:
        self.ask = ask
        """As it was asked, without its further messages; where it is answered, once it is kept."""
        self.before = before
        self.said: dict[int, Ask] = {ask.id: ask}
        """Its messages by their ids."""
        self.asked_at = {whose(ask)}
        """Where further messages of it may be written: where it was asked, and where it is answered."""
        self.decided = asyncio.Event()
        """Set once it is kept, or it is clear that it won't be."""
        self.is_kept = False
        self.more = asyncio.Event()
        """Set when a message joins it."""
        self.ended = False
        self._round: Round | None = None
        self._drawn = False
        self._first_heard_at = self._last_heard_at = now

    @property
    def text(self) -> str:
        """All of its words, in the order in which they were written."""
        return as_one(said.text for _, said in sorted(self.said.items()))

    @property
    def newest(self) -> Ask:
        """The last message of it."""
        return self.said[max(self.said)]

    @property
    def moment(self) -> Moment:
        """When its messages were written, from the one that turned to the bot on."""
        return Moment(first_at=self.ask.created_at, last_at=self.newest.created_at)

    @property
    def is_drawn(self) -> bool:
        """Whether a picture is being made of it, or was: what is paid for is not thrown away."""
        answer = self._round.answer if self._round is not None else None
        return self._drawn or (answer is not None and (answer.drawing or bool(answer.made)))

    @property
    def has_words(self) -> bool:
        """Whether there are words of its answer."""
        return self._round is not None and bool(self._round.answer.text.strip())

    def begin(self, turn: Round) -> None:
        """Note that it is being answered."""
        self._round = turn

    def end(self) -> None:
        """Note that it is answered no more; what the answer was is forgotten."""
        self._drawn = self.is_drawn
        self._round = None
        self.ended = True

    def take(self, part: Ask, *, now: float) -> None:
        """Make a message a part of it."""
        self.said[part.id] = part
        self._last_heard_at = now
        self.more.set()

    def rewrite(self, ask: Ask) -> None:
        """Let one of its messages say what it says since an edit; of another one nothing changes."""
        if (said := self.said.get(ask.id)) is not None:
            self.said[ask.id] = replace(said, text=ask.text, edited_at=ask.edited_at)

    def drop(self, message_ids: Container[int]) -> None:
        """Let go of further messages of it that were deleted."""
        self.said = {one: said for one, said in self.said.items() if one == self.ask.id or one not in message_ids}

    def wait_s(self, within_s: float, *, now: float) -> float:
        """Tell for how long it is to wait for what seems to come; 0 and less is not at all."""
        if within_s <= 0 or self.ask.source is not Source.MESSAGE:
            return 0.0
        if not looks_unfinished(self.newest.text, self.text):
            return 0.0
        return min(self._last_heard_at + within_s, self._first_heard_at + LONGEST_S) - now

    def as_asked(self, ask: Ask) -> Ask:
        """Return the question with the words of all its messages."""
        return replace(ask, text=self.text, parts=tuple(sorted(self.said.keys() - {ask.id})))
