"""A simulated Discord on a virtual clock, for the rules of pacing."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.domain.reply.pacing import ChannelWindow, Waiting, next_grant
from bot.domain.reply.whole import BotWindow, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A reply under way: tokens come at ``start``, ``start + 1 / rate``, … seconds."""

    start: float = 0.0
    rate: float = 50.0
    tokens: int = 200
    channel: int = 0

    def at(self, token: int) -> float:
        return self.start + token / self.rate

    def arrived(self, now: float) -> int:
        if now < self.start - 1e-9:
            return 0
        return min(self.tokens, int((now - self.start) * self.rate + 1e-6) + 1)


@dataclass(slots=True, kw_only=True)
class FixedWindow:
    """Discord's side: the first request opens a window that resets as a whole."""

    limit: int
    length_s: float
    ends_at: float = float("-inf")
    used: int = 0
    refused: int = 0

    def take(self, now: float) -> tuple[bool, int, float]:
        if now >= self.ends_at:
            self.ends_at, self.used = now + self.length_s, 0
        allowed = self.used < self.limit
        self.used += allowed
        self.refused += not allowed
        return allowed, self.limit - self.used, self.ends_at - now


@dataclass(slots=True, kw_only=True)
class _Reply:
    stream: Stream
    created: bool = False
    busy: bool = False
    shown: int = 0
    shown_at: float = 0.0
    lags: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How far what people see was behind, in seconds, a list for each stream; and what it took."""

    lags: list[list[float]]
    requests: int
    refused: int

    @property
    def mean(self) -> float:
        every = [lag for lags in self.lags for lag in lags]
        return sum(every) / len(every)

    @property
    def last_mean(self) -> float:
        return sum(lags[-1] for lags in self.lags) / len(self.lags)

    @property
    def worst(self) -> float:
        return max(max(lags) for lags in self.lags)

    def last(self, share: float) -> float:
        """The lag of the last tokens that ``share`` of the streams keep below, interpolated."""
        values = sorted(lags[-1] for lags in self.lags)
        place = (len(values) - 1) * share
        low = int(place)
        high = min(low + 1, len(values) - 1)
        return values[low] + (values[high] - values[low]) * (place - low)


class Simulation:
    """Runs replies against Discord's windows.

    As with discord.py, an edit that empties a bucket returns after the bucket's reset.
    """

    def __init__(
        self, streams: Sequence[Stream], *, one_way_s: float, bot: BotWindow, edits: tuple[int, float]
    ) -> None:
        self._replies = [_Reply(stream=stream) for stream in streams]
        self._one_way_s = one_way_s
        self._bot = bot
        self._everything = FixedWindow(limit=50, length_s=1.0)
        channels = {stream.channel for stream in streams}
        self._limit, length_s = edits
        self._edits = {channel: FixedWindow(limit=self._limit, length_s=length_s) for channel in channels}
        self._windows = {channel: ChannelWindow() for channel in channels}
        self._events: list[tuple[float, int, str, int, int]] = []
        self._headers: dict[int, tuple[int, float]] = {}
        self._count = itertools.count()
        self._waking: set[float] = set()
        self._requests = 0

    def run(self) -> Outcome:
        for key, reply in enumerate(self._replies):
            self._later(reply.stream.start, "wake", key)
            self._later(reply.stream.at(reply.stream.tokens - 1), "wake", key)
        while self._events:
            now, number, kind, key, tokens = heapq.heappop(self._events)
            reply = self._replies[key]
            self._waking.discard(now)
            if kind == "create":
                self._everything.take(now)
                self._show(reply, now, tokens)
                self._later(now + self._one_way_s, "free", key)
            elif kind == "edit":
                self._edit(reply, now, key, tokens)
            elif kind == "headers":
                remaining, reset_after_s = self._headers.pop(number)
                channel = reply.stream.channel
                self._windows[channel] = self._windows[channel].observe(
                    now=now, limit=self._limit, remaining=remaining, reset_after_s=reset_after_s
                )
            elif kind == "free":
                reply.busy = False
                if reply.shown < reply.stream.tokens:
                    self._later(max(now, reply.stream.at(reply.shown)), "wake", key)
            self._decide(now)
        refused = self._everything.refused + sum(window.refused for window in self._edits.values())
        return Outcome(lags=[reply.lags for reply in self._replies], requests=self._requests, refused=refused)

    def _later(self, at: float, kind: str, key: int, tokens: int = 0) -> int:
        number = next(self._count)
        heapq.heappush(self._events, (at, number, kind, key, tokens))
        return number

    def _show(self, reply: _Reply, now: float, tokens: int) -> None:
        reply.lags += [now - reply.stream.at(token) for token in range(reply.shown, tokens)]
        reply.shown = max(reply.shown, tokens)

    def _edit(self, reply: _Reply, now: float, key: int, tokens: int) -> None:
        self._everything.take(now)
        allowed, remaining, reset_after_s = self._edits[reply.stream.channel].take(now)
        if allowed:
            self._show(reply, now, tokens)
        self._headers[self._later(now + self._one_way_s, "headers", key)] = (remaining, reset_after_s)
        self._later(now + self._one_way_s + (0.0 if remaining else reset_after_s), "free", key)

    def _decide(self, now: float) -> None:
        """Send whatever may go now, the most urgent first."""
        while (choice := min(self._choices(now), default=None)) is not None:
            at, urgency, _, key = choice
            at = max(at, self._bot.next_at(now=now, urgency=Urgency(urgency)))
            if at > now + 1e-9:
                if at not in self._waking:
                    self._waking.add(at)
                    self._later(at, "wake", key)
                return
            self._send(self._replies[key], now, key)

    def _choices(self, now: float) -> list[tuple[float, int, float, int]]:
        found: list[tuple[float, int, float, int]] = []
        waiting: dict[int, list[Waiting]] = {}
        active: dict[int, int] = {}
        for key, reply in enumerate(self._replies):
            arrived = reply.stream.arrived(now)
            if arrived and reply.shown < reply.stream.tokens:
                active[reply.stream.channel] = active.get(reply.stream.channel, 0) + 1
            if reply.busy or arrived <= reply.shown:
                continue
            if not reply.created:
                found.append((now, Urgency.FIRST, reply.stream.start, key))
                continue
            one = Waiting(key=key, shown_at=reply.shown_at, final=arrived == reply.stream.tokens)
            waiting.setdefault(reply.stream.channel, []).append(one)
        for channel, ones in waiting.items():
            grant = next_grant(self._windows[channel], now=now, waiting=ones, streams=active[channel])
            assert grant is not None
            final = next(one.final for one in ones if one.key == grant.key)
            urgency = Urgency.FINAL if final else Urgency.INTERMEDIATE
            found.append((max(now, grant.at), urgency, self._replies[grant.key].shown_at, grant.key))
        return found

    def _send(self, reply: _Reply, now: float, key: int) -> None:
        kind = "edit" if reply.created else "create"
        if reply.created:
            channel = reply.stream.channel
            self._windows[channel] = self._windows[channel].sent(now)
        self._bot = self._bot.sent(now)
        self._requests += 1
        reply.created = reply.busy = True
        reply.shown_at = now
        self._later(now + self._one_way_s, kind, key, reply.stream.arrived(now))


class Simulator:
    """Makes simulations, so that tests need no import of this file."""

    stream = Stream

    def run(
        self,
        streams: Sequence[Stream],
        *,
        one_way_s: float = 0.002,
        bot: BotWindow | None = None,
        edits: tuple[int, float] = (5, 5.0),
    ) -> Outcome:
        return Simulation(streams, one_way_s=one_way_s, bot=bot or BotWindow(), edits=edits).run()


@pytest.fixture
def simulator() -> Simulator:
    return Simulator()
