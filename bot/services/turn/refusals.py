"""How often it is said that the bot is not to talk somewhere, or to somebody."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from bot.domain.clock import Clock
from bot.domain.turn.ask import Ask, Source
from bot.errors import Refusal

PAUSE_S: Final = 60.0
"""Between two refusals of one user in one channel: who goes on asking knows it already, and so do the others."""
MOST_KEPT: Final = 10_000

_REPEATED: Final = frozenset({Refusal.CHANNEL, Refusal.ROLE})
"""What stays true whatever is asked. What can be asked in other words is told each time."""


class RefusalPace:
    """Keeps the bot from being used to fill a channel that it is not to talk in."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._said: OrderedDict[tuple[int, int], float] = OrderedDict()

    def may_say(self, ask: Ask, refusal: Refusal) -> bool:
        """Whether a refusal is to be said, which then counts as said. A command is always answered: it waits for it."""
        if refusal not in _REPEATED or ask.source is Source.INTERACTION:
            return True
        now = self._clock.monotonic()
        key = (ask.place.channel_id, ask.user.id)
        last = self._said.pop(key, None)
        due = last is None or now - last >= PAUSE_S
        self._said[key] = now if due or last is None else last
        while len(self._said) > MOST_KEPT:
            self._said.popitem(last=False)
        return due
