"""What people have said to nobody just before they turn to the bot: for a moment, and in memory only."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.clock import Clock
from bot.domain.turn.ask import Ask
from bot.domain.turn.gathering import LONGEST_S, latest
from bot.services.chat.question import Whose, whose

MOST_PEOPLE: Final = 10_000
MOST_OF_ONE: Final = 5
"""Messages that are remembered of one person in a channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    ask: Ask
    heard_at: float


class SaidBefore:
    """Remembers the last messages of each person in each channel for as long as they may be part of a question."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._said: OrderedDict[Whose, tuple[_Said, ...]] = OrderedDict()

    def remember(self, ask: Ask) -> None:
        """Remember a message that was said to nobody."""
        here, now = whose(ask), self._clock.monotonic()
        said = (*self._said.pop(here, ()), _Said(ask=ask, heard_at=now))
        self._said[here] = said[-MOST_OF_ONE:]
        # What people say to each other is nobody's concern any longer than it may be a part of something.
        while len(self._said) > MOST_PEOPLE or now - next(iter(self._said.values()))[-1].heard_at > LONGEST_S:
            self._said.popitem(last=False)

    def any(self, ask: Ask) -> bool:
        """Whether anything is remembered of a message's writer there."""
        return whose(ask) in self._said

    def leading_to(self, ask: Ask, within_s: float) -> tuple[Ask, ...]:
        """Return what its writer has said just before a message, oldest first, each within the moment."""
        said = [each.ask for each in self._said.get(whose(ask), ()) if each.ask.id < ask.id]
        count = latest([each.created_at for each in said], ask.created_at, within_s)
        return tuple(said[-count:]) if count else ()

    def rewrite(self, ask: Ask) -> None:
        """Let a message say what it says since an edit."""
        here = whose(ask)
        if here in self._said:
            self._said[here] = tuple(
                replace(said, ask=replace(said.ask, text=ask.text, edited_at=ask.edited_at))
                if said.ask.id == ask.id
                else said
                for said in self._said[here]
            )

    def forget(self, here: Whose) -> None:
        """Forget what somebody has said there: it is a part of a question by now, or was none."""
        self._said.pop(here, None)
