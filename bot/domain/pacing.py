"""When a reply's next edit may go: pure functions of time and state.

Discord allows a channel ``limit`` edits in a window of ``length_s`` seconds (5 in 5 s as observed; discord.md, section
"Limits"); both are learnt from the headers. The window is fixed: it opens with the first edit after the last one ended
and is over ``length_s`` later, however its edits were spread. Times are seconds of any monotonic clock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

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

    def rolled(self, now: float) -> ChannelWindow:
        """Close the window where it is over."""
        if self.resets_at is None or now < self.resets_at:
            return self
        return replace(self, remaining=self.limit, resets_at=None, confirmed=False)

    def available(self, now: float) -> int:
        """Count the requests that may still go in the window that is open at ``now``."""
        window = self.rolled(now)
        return max(0, window.remaining - window.in_flight)

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
        window = replace(window, in_flight=max(0, window.in_flight - 1))
        if limit is None or remaining is None or reset_after_s is None:
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
        return replace(window, limit=limit, remaining=remaining, length_s=length_s, resets_at=resets_at, confirmed=True)

    def failed(self, now: float) -> ChannelWindow:
        """Note that a request that was ``sent`` ended without an answer; it may have counted."""
        return self.observe(now=now, limit=None, remaining=None, reset_after_s=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A reply with text that is not shown yet. ``shown_at`` is when it was last sent or edited."""

    key: int
    shown_at: float
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Whose edit is next, and when it may go: now where ``at`` is not in the future."""

    key: int
    at: float


def next_edit_at(window: ChannelWindow, *, now: float, streams: int, final: bool) -> float:
    """Tell when the channel's next edit may go; not in the future means now.

    ``streams`` counts the replies under way in the channel, this one too. Ask again when anything changes: another
    edit sent, an answer, a stream begun or ended.
    """
    window = window.rolled(now)
    available = window.available(now)
    if final:
        return now if available > 0 or window.resets_at is None else window.resets_at
    if window.resets_at is None:
        return now if available > 0 else window.last_at + window.length_s
    left_s = window.resets_at - now
    reserve = min(streams, window.limit - 1) * left_s / window.length_s
    free = available - math.floor(reserve)
    if free <= 0:
        return window.resets_at
    since = max(window.last_at, window.resets_at - window.length_s)
    return min(window.resets_at, since + (window.resets_at - since) / (available + 1))


def next_grant(window: ChannelWindow, *, now: float, waiting: Sequence[Waiting], streams: int) -> Grant | None:
    """Choose among the replies that wait: final edits first, then whoever was shown longest ago; None for nobody."""
    if not waiting:
        return None
    first = min(waiting, key=lambda one: (not one.final, one.shown_at))
    return Grant(key=first.key, at=next_edit_at(window, now=now, streams=streams, final=first.final))
