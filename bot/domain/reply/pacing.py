"""When a reply's next edit may go: pure functions of time and state. Times are seconds of any monotonic clock.

**The channel's bucket.** Discord allows the edits of a channel ``limit`` in a window of ``length_s`` seconds, 5 in 5
s as observed (both are learnt from the headers). Windows as observed are fixed: one opens with the first edit after
the last one ended and is over ``length_s`` later, however its edits were spread. Discord does not promise that, so
the edits of any such time are counted as well, until a bucket is seen to reset as a whole. Creates have a bucket of
their own: a second ``ChannelWindow``, with nothing held back.

**One reply in a channel.** Lag grows between edits, so evenly is best: .50 s on average for a reply that never ends.
One that ends within the window needs its last edit then, and the edits before are best spread to there: .40 for 4 s.
How long it lasts is known as a distribution (``Lasting``: the last fifty answers, and before these what is usual).
Let ``S`` be the share that is alive at an age and ``h`` the share of these that ends in the next second, and let
edits go at ``t1 < … < ta`` after the last one at ``t0``, of which the final one needs one if the reply ends before.
The expected lag is least if

- ``S(tk) (tk - tk-1)`` is what a reply lives on average between ``tk`` and ``tk+1``: a later ``tk`` has the words
  before it wait, an earlier one those behind it;
- ``ta - ta-1 = (end - ta) (1 + h(ta))``: after the last edit of the window all words wait for its end, and so do the
  last ones of a reply that ends there, a second of which counts as much as ``LAST_COUNTS_S``;
- if the first edit opens the window, what later edits lose by the window's later end is owed by the first gap as
  well.

``next_gap`` finds the first gap from which the others follow so that they fit. Against the optimum by dynamic
programming (tests/unit/domain/reply/test_optimum.py: cost of the lag and the last lag together, requests that take no
time): 1.00 of it for answers that all last 4 s and were seen to, 1.01 for 8 s, 1.03 for 4 s within a fifth, 1.02 for
3 s within a factor of 1.8; before any was seen 1.06, 1.09, 1.05 and 1.03.

**Several.** With n replies under way in a channel and all edits spent, each is edited every ``n * length_s / limit``
seconds at best: mean lag ``n * length_s / (2 * limit)``, 2.5 s for five that last. A reply's last edit needs one
more. Where none is left, it waits for the window's end. Five replies of 4 s in one channel: with their final edits
alone (which needs knowing the future) mean 2.0 and last 0; with one edit at the start, which every rule makes that
does not know the future, the fifth final edit waits for that window's end, 5 s after it: last lag 1.0 at best for one
of the five, mean 2.2 where nothing else is sent, less where the rest of the first window is used. So a window that is
not open is opened at once. In an open one the edits that are left are spread evenly over the time that is left. Some
are held back for final edits, the fewer the less time is left, for unspent edits are lost at the window's end: with
``available`` edits and m = min(n, limit - 1), none but a final one goes until ``length_s * available / (RESERVE *
m)`` before the end.

Final edits go first and at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.reply.lasting import Lasting

RESERVE = 2.5
"""Edits held back for each reply under way at a window's start.

Measured by simulation with replies of random length (median 300 tokens, 20…80 tokens/s), 1, 2, 5 and 8 in a channel:
at 1 the last lag of five is .86 s at the 95th percentile, at 2.5 it is .39, at 4 .28; their mean lag is least at 2.5.
"""

LEFT = 0.6
"""The share of a window that is left to others by what yields: a person who asks again as soon as they are answered
needs three messages in five seconds."""

LAST_COUNTS_S = 1.0
"""A second that the last words come late is as bad as a second's words that come a second late each."""
HALVINGS = 9
"""Of a window of 5 s: to five milliseconds."""
SLACK_S = 0.01
"""Added to the end of a window: clocks tick, and ``X-RateLimit-Reset-After`` is rounded to milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelWindow:
    """What is known of one rate-limit bucket, such as the edits of a channel.

    ``remaining`` is what the server said last, requests in flight not yet taken off. ``resets_at`` None means that no
    window is open. ``confirmed`` says that ``resets_at`` comes from a header and not from the time of a send.
    """

    limit: int = 5
    length_s: float = 5.0
    remaining: int = 5
    resets_at: float | None = None
    confirmed: bool = False
    in_flight: int = 0
    last_at: float = -math.inf
    whole: bool = False
    """Whether the bucket was seen to reset as a whole. Until then a request is taken to count for ``length_s`` after
    its answer, as if any such time were a window."""
    counted: tuple[tuple[float, float], ...] = ()
    """Of the latest requests, ``limit`` at most and the oldest first, when each was sent and answered; the former
    minus infinity where several were on their way."""

    def rolled(self, now: float) -> ChannelWindow:
        """Close the window where it is over."""
        if self.resets_at is None or now < self.resets_at:
            return self
        return replace(self, remaining=self.limit, resets_at=None, confirmed=False)

    def available(self, now: float) -> int:
        """Count the requests that may still go in the window that is open at ``now``."""
        window = self.rolled(now)
        room = min(window.remaining, window.limit - len(_counting(window, now)))
        return max(0, room - window.in_flight)

    def ends_at(self, now: float) -> float | None:
        """Tell when there will be more room; None where no window is open."""
        window = self.rolled(now)
        counting = _counting(window, now)
        if window.limit - len(counting) < window.remaining:
            return min(counting)
        return window.resets_at

    def sent(self, now: float) -> ChannelWindow:
        """Note that a request goes out now; exactly one of ``answered`` and ``failed`` must follow."""
        window = self.rolled(now)
        resets_at = window.resets_at if window.resets_at is not None else now + window.length_s + SLACK_S
        return replace(window, resets_at=resets_at, in_flight=window.in_flight + 1, last_at=now)

    def observe(
        self, *, now: float, limit: int | None, remaining: int | None, reset_after_s: float | None
    ) -> ChannelWindow:
        """Note the answer to a request that was ``sent``, with what its ``X-RateLimit-…`` headers said.

        Any of them None means that the header was missing: the request is then taken to have counted. A 429 is told
        as ``remaining=0`` with its retry_after.
        """
        window = self.rolled(now)
        sent_at = window.last_at if window.in_flight == 1 else -math.inf
        counted = (*window.counted, (sent_at, now))[-window.limit :]
        window = replace(window, in_flight=max(0, window.in_flight - 1), counted=counted)
        if limit is None or remaining is None or reset_after_s is None or not math.isfinite(reset_after_s):
            return replace(window, remaining=max(0, window.remaining - 1))
        limit = max(1, limit)
        remaining = min(max(0, remaining), limit)
        resets_at = now + max(0.0, reset_after_s) + SLACK_S
        length_s = reset_after_s if remaining == limit - 1 and reset_after_s > 0 else window.length_s
        if window.resets_at is not None and window.confirmed and resets_at < window.resets_at + window.length_s / 2:
            # The same window, seen once more: answers overtake each other, so the smaller count is the newer one, and
            # the earlier end is the one that spent less time on the way.
            remaining = min(window.remaining, remaining)
            resets_at = min(window.resets_at, resets_at)
        return replace(
            window,
            limit=limit,
            remaining=remaining,
            length_s=length_s,
            resets_at=resets_at,
            confirmed=True,
            whole=window.whole or _shows_reset(window.counted, window.length_s, limit - remaining),
        )

    def failed(self, now: float) -> ChannelWindow:
        """Note that a request that was ``sent`` ended without an answer; it may have counted."""
        return self.observe(now=now, limit=None, remaining=None, reset_after_s=None)


def _counting(window: ChannelWindow, now: float) -> tuple[float, ...]:
    """Tell until when each request counts that still does, were windows not to reset as a whole."""
    if window.whole:
        return ()
    until = (answered_at + window.length_s + SLACK_S for _, answered_at in window.counted)
    return tuple(at for at in until if at > now)


def _shows_reset(counted: tuple[tuple[float, float], ...], length_s: float, used: int) -> bool:
    """Whether the last answer tells of fewer requests than were surely seen lately: the others count no more."""
    *before, (sent_at, answered_at) = counted
    lately = [sent for sent, answered in before if sent > answered_at - length_s and answered < sent_at]
    return used < 1 + len(lately)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A reply with text that is not shown yet. ``shown_at`` is when it was last sent or edited.

    ``yields``: it leaves room for others, as one of many of its user's, or one of many messages of a reply.
    ``began_at`` is when its text began, if it has.
    """

    key: int
    shown_at: float
    final: bool = False
    yields: bool = False
    began_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Whose edit is next, and when it may go: now where ``at`` is not in the future."""

    key: int
    at: float


def next_edit_at(window: ChannelWindow, *, now: float, streams: int, one: Waiting, lasting: Lasting) -> float:
    """Tell when the channel's next edit may go if it is this reply's; not in the future means now.

    ``streams`` counts the replies under way in the channel, this one too. One that ``yields`` leaves ``LEFT`` of a
    window to others. Ask again when anything changes: another edit sent, an answer, a stream begun or ended.
    """
    window = window.rolled(now)
    available = window.available(now)
    ends_at = window.ends_at(now)
    if one.yields and ends_at is not None and available <= LEFT * window.limit:
        return ends_at
    if available == 0:
        return ends_at if ends_at is not None else window.last_at + window.length_s
    if one.final:
        return now
    if streams == 1 and one.began_at is not None:
        since = window.last_at if window.last_at > one.began_at else one.shown_at
        gap_s = next_gap(
            lasting,
            age=since - one.began_at,
            edits=available,
            ends_in=ends_at - since if ends_at is not None else None,
            length_s=window.length_s,
        )
        return since + gap_s
    if ends_at is None:
        return now
    reserved = RESERVE * min(streams, window.limit - 1)
    may_go_at = ends_at - window.length_s * available / reserved if reserved > 0 else now
    since = max(window.last_at, ends_at - window.length_s)
    even_at = since + (ends_at - since) / (available + 1)
    return min(ends_at, max(may_go_at, even_at))


def next_gap(lasting: Lasting, *, age: float, edits: int, ends_in: float | None, length_s: float) -> float:
    """Tell how long after the last edit a reply's next one is best, if the reply has the channel to itself.

    ``age`` is the reply's at its last edit, ``edits`` how many are left, and ``ends_in`` how long after the last edit
    the window ends: None if this one opens it.
    """
    low, high = 0.0, ends_in if ends_in is not None else length_s
    for _ in range(HALVINGS):
        gap_s = (low + high) / 2
        if _is_long(lasting, gap_s, age=age, edits=edits, ends_in=ends_in, length_s=length_s):
            high = gap_s
        else:
            low = gap_s
    return (low + high) / 2


def _is_long(lasting: Lasting, gap_s: float, *, age: float, edits: int, ends_in: float | None, length_s: float) -> bool:
    """Whether a first gap is longer than the best, as the edits that follow from it do not fit into the window."""
    end, owed = ends_in, 0.0
    if end is None:
        end = gap_s + length_s
        even_s = length_s / edits
        alive, nearly = lasting.alive(age + end), lasting.alive(age + end - even_s)
        owed = alive * even_s / 2 + (nearly - alive) * (LAST_COUNTS_S + even_s / 2)
    before, at = 0.0, gap_s
    for number in range(1, edits):
        lived = lasting.lived(age + at) + lasting.alive(age + at) * (at - before)
        following = lasting.ended_at(lived + owed if number == 1 else lived) - age
        if following >= end:
            return True
        before, at = at, following
    return at - before > (end - at) * (1 + LAST_COUNTS_S * lasting.hazard(age + at))


def next_grant(
    window: ChannelWindow, *, now: float, waiting: Sequence[Waiting], streams: int, lasting: Lasting
) -> Grant | None:
    """Choose among the channel's replies that wait, those with an edit in flight left out; None where nobody waits.

    Final edits go first, of these the ones that yield last, then whoever was shown longest ago. One that has to wait
    for room that others need not wait for lets them go. ``streams`` counts all replies under way in the channel.
    """
    firsts: dict[tuple[bool, bool], Waiting] = {}
    for one in waiting:
        kind = (not one.final, one.yields)
        if kind not in firsts or one.shown_at < firsts[kind].shown_at:
            firsts[kind] = one
    chosen: Grant | None = None
    for _, one in sorted(firsts.items()):
        at = next_edit_at(window, now=now, streams=streams, one=one, lasting=lasting)
        if chosen is None or max(at, now) < max(chosen.at, now):
            chosen = Grant(key=one.key, at=at)
    return chosen
