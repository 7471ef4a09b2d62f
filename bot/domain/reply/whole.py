"""When a request of the whole bot may go: pure functions of time and state. Times are seconds of a monotonic clock."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum

RECHECK_S = 0.05
"""How soon to ask again where all room is held for first messages: those come, or are expected no longer."""
UNANSWERED_S = 0.5
"""How much longer than its second a request counts of which it is not known when Discord saw it."""
UNSENT_S = 5.0
"""How long room is kept for a request that was admitted and is not sent: opening a connection takes less."""
FASTEST_OF = 200
"""After so many answers the fastest of those before them is forgotten: a network may have become slower."""


class Urgency(IntEnum):
    """What goes first where the whole bot has to wait, most urgent first."""

    FIRST = 0
    FINAL = 1
    READ = 2
    INTERMEDIATE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """A request that may still count at Discord. ``out_at`` is when it surely counts no more, if nothing else comes."""

    sent_at: float | None
    out_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BotWindow:
    """The requests of the whole bot by their tickets, below Discord's 50 in any second.

    Sliding, since it is not known when Discord's own window begins; then that is kept as well. What counts is when
    Discord sees a request, and that is not known either: one that was sent at ``s`` and answered at ``r`` was seen by
    ``r`` less the way back, and one that is sent now will be seen after the way there. Both ways together take
    ``fastest_s`` at least, so the second after ``s`` is lengthened by ``r - s - fastest_s``. Requests of 80 to 300 ms
    so cost a tenth of the rate on average; if all took as long, none.

    ``reserve`` is kept from intermediate edits and reads. Interactions are exempt.
    """

    limit: int = 49
    length_s: float = 1.0
    slack_s: float = 0.01
    reserve: int = 5
    going: Mapping[int, Going] = field(default_factory=dict)
    fastest_s: float = math.inf
    """The shortest time from a request to its answer, lately; infinite before there is one."""
    recent_s: float = math.inf
    answers: int = 0
    """Of the answers since ``fastest_s`` was last begun again, the shortest time and the number."""
    closed_until: float = -math.inf
    """Discord has refused everything until then."""

    def next_at(self, *, now: float, urgency: Urgency, firsts: int = 0, yields: bool = False) -> float:
        """Tell when a request may go; not in the future means now.

        ``firsts`` counts the first messages that are about to come: an intermediate edit and a read leave them their
        room. What ``yields`` leaves half of the room to others.
        """
        if now < self.closed_until:
            return self.closed_until
        allowed = self.limit // 2 if yields else self.limit
        allowed -= self.reserve + firsts if urgency >= Urgency.READ else 0
        if allowed <= 0:
            return now + RECHECK_S
        outs = [one.out_at for one in self.going.values() if one.out_at > now]
        if len(outs) < allowed:
            return now
        return sorted(outs)[len(outs) - allowed]

    def admitted(self, ticket: int, now: float) -> BotWindow:
        """Keep room for a request that may go; ``sent`` or ``dropped`` should follow."""
        going = {known: one for known, one in self.going.items() if one.out_at > now}
        going[ticket] = Going(sent_at=None, out_at=now + UNSENT_S)
        return replace(self, going=going)

    def sent(self, ticket: int, now: float) -> BotWindow:
        """Note that a request goes out now, however long ago it was admitted."""
        out_at = now + self.length_s + self.slack_s + UNANSWERED_S
        return replace(self, going={**self.going, ticket: Going(sent_at=now, out_at=out_at)})

    def answered(self, ticket: int, now: float) -> BotWindow:
        """Note that the answer to a request is there."""
        one = self.going.get(ticket)
        if one is None or one.sent_at is None:
            return self
        took_s = max(0.0, now - one.sent_at)
        window = self._learnt(took_s)
        late_s = min(took_s - window.fastest_s if self.answers else took_s, UNANSWERED_S)
        out_at = one.sent_at + self.length_s + self.slack_s + late_s
        return replace(window, going={**self.going, ticket: Going(sent_at=one.sent_at, out_at=out_at)})

    def dropped(self, ticket: int) -> BotWindow:
        """Note that a request did not go out."""
        return replace(self, going={known: one for known, one in self.going.items() if known != ticket})

    def refused(self, now: float, after_s: float) -> BotWindow:
        """Note that Discord takes nothing for so many seconds."""
        return replace(self, closed_until=max(self.closed_until, now + after_s))

    def _learnt(self, took_s: float) -> BotWindow:
        recent_s, answers = min(self.recent_s, took_s), self.answers + 1
        if answers > FASTEST_OF:
            return replace(self, fastest_s=recent_s, recent_s=took_s, answers=1)
        return replace(self, fastest_s=min(self.fastest_s, took_s), recent_s=recent_s, answers=answers)
