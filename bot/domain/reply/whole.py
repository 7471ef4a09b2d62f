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
LASTS_WITHIN_S = 0.6
"""Final edits that are likely to come within that time find room. Simulated (benchmarks/lag/simulated.py) with fifty
replies of 4 s at once whose like was seen before, 80 to 300 ms to Discord and back: at .4 the mean lag is .75 s and the
last one .57 at the 95th percentile, at .5 .76 and .56, at .6 .78 and .46, at .8 .82 and .45 (slack of 10 ms)."""
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
class Ways:
    """How long requests are on their way: there and back, and there with how far Discord's clock is ahead of ours."""

    both_s: float = math.inf
    there_s: float = math.inf

    def shorter(self, other: Ways) -> Ways:
        """Take the shorter of each."""
        return Ways(both_s=min(self.both_s, other.both_s), there_s=min(self.there_s, other.there_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class BotWindow:
    """The requests of the whole bot by their tickets, below Discord's 50 in any second.

    Sliding, since it is not known when Discord's own window begins; then that is kept as well. What counts is when
    Discord sees a request, so the second after one that was on its way for longer than others is lengthened by that.
    Most answers tell it: their window ends at a time of Discord's clock, and so long after they were seen
    (``seen_at``). What that is beyond the time at which it was sent is the way there and how far the clocks differ,
    which is the same for all. Of the others it is known that both ways take as long as the fastest of lately at least.
    Where requests take 80 to 300 ms there and back, that leaves 46 requests a second.

    ``reserve`` is kept from intermediate edits and reads. Interactions are exempt.
    """

    limit: int = 49
    length_s: float = 1.0
    slack_s: float = 0.004
    """Added to a second: times in headers are rounded to milliseconds, and clocks do not tick alike."""
    reserve: int = 5
    going: Mapping[int, Going] = field(default_factory=dict)
    fastest: Ways = Ways()
    """The shortest ways of lately."""
    recent: Ways = Ways()
    answers: int = 0
    """The shortest ways since ``fastest`` was last begun again, and the number of answers."""
    closed_until: float = -math.inf
    """Discord has refused everything until then."""

    def next_at(
        self, *, now: float, urgency: Urgency, firsts: int = 0, lasts: float = 0.0, yields: bool = False
    ) -> float:
        """Tell when a request may go; not in the future means now.

        ``firsts`` counts the first messages that are about to come, ``lasts`` the final edits that are expected in the
        next ``LASTS_WITHIN_S``: an intermediate edit and a read leave them their room. What ``yields`` leaves half of
        the room to others.
        """
        if now < self.closed_until:
            return self.closed_until
        allowed = self.limit // 2 if yields else self.limit
        allowed -= max(self.reserve, int(lasts)) + firsts if urgency >= Urgency.READ else 0
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

    def answered(self, ticket: int, now: float, *, seen_at: float | None = None) -> BotWindow:
        """Note that the answer to a request is there; ``seen_at`` is what Discord's clock showed as it was counted."""
        one = self.going.get(ticket)
        if one is None or one.sent_at is None:
            return self
        both_s = max(0.0, now - one.sent_at)
        there_s = seen_at - one.sent_at if seen_at is not None and math.isfinite(seen_at) else math.inf
        window = self._learnt(Ways(both_s=both_s, there_s=there_s))
        late_s = both_s - window.fastest.both_s if self.answers else both_s
        if self.fastest.there_s < math.inf and there_s < math.inf:
            late_s = min(late_s, there_s - window.fastest.there_s)
        out_at = one.sent_at + self.length_s + self.slack_s + min(late_s, UNANSWERED_S)
        return replace(window, going={**self.going, ticket: Going(sent_at=one.sent_at, out_at=out_at)})

    def dropped(self, ticket: int) -> BotWindow:
        """Note that a request did not go out."""
        return replace(self, going={known: one for known, one in self.going.items() if known != ticket})

    def refused(self, now: float, after_s: float) -> BotWindow:
        """Note that Discord takes nothing for so many seconds."""
        return replace(self, closed_until=max(self.closed_until, now + after_s))

    def _learnt(self, ways: Ways) -> BotWindow:
        recent, answers = self.recent.shorter(ways), self.answers + 1
        if answers > FASTEST_OF:
            return replace(self, fastest=recent, recent=ways, answers=1)
        return replace(self, fastest=self.fastest.shorter(ways), recent=recent, answers=answers)
