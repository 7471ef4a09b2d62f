"""A simulated Discord on a virtual clock, for the rules of pacing."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from bot.domain.reply.lasting import Lasting
from bot.domain.reply.pacing import ChannelWindow, Grant, Waiting, next_grant
from bot.domain.reply.whole import LASTS_WITHIN_S, BotWindow, Urgency

CLOCK_AHEAD_S = 1e6
"""How far Discord's clock is ahead of the bot's."""


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
class ServerWindow:
    """Discord's side: the first request opens a window that resets as a whole, or any such time is one."""

    limit: int
    length_s: float
    sliding: bool = False
    leaving: deque[float] = field(default_factory=deque)
    refused: int = 0

    def take(self, now: float) -> tuple[bool, int, float]:
        while self.leaving and self.leaving[0] <= now:
            self.leaving.popleft()
        allowed = len(self.leaving) < self.limit
        if allowed:
            until = self.leaving[0] if self.leaving and not self.sliding else now + self.length_s
            self.leaving.append(until)
        self.refused += not allowed
        return allowed, self.limit - len(self.leaving), self.leaving[0] - now


@dataclass(slots=True, kw_only=True)
class _Reply:
    stream: Stream
    created: bool = False
    busy: bool = False
    way_s: float = 0.0
    ticket: int = 0
    seen_at: float = 0.0
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How long a request takes there and back, and how Discord counts it."""

    least_s: float = 0.004
    most_s: float = 0.004
    sliding: bool = False
    seed: int = 0


class Simulation:
    """Runs replies against Discord's windows, with lengths that were seen before."""

    def __init__(
        self, streams: Sequence[Stream], *, network: Network, edits: tuple[int, float], seen: Sequence[float]
    ) -> None:
        self._replies = [_Reply(stream=stream) for stream in streams]
        self._network = network
        self._dice = random.Random(network.seed)
        self._bot = BotWindow()
        self._lasting = Lasting(seen)
        self._everything = ServerWindow(limit=50, length_s=1.0, sliding=network.sliding)
        channels = {stream.channel for stream in streams}
        self._limit, length_s = edits
        self._edits = {
            channel: ServerWindow(limit=self._limit, length_s=length_s, sliding=network.sliding) for channel in channels
        }
        self._creates = {channel: ServerWindow(limit=60, length_s=5.0, sliding=network.sliding) for channel in channels}
        self._known: dict[int, tuple[ChannelWindow, tuple[Waiting, ...], Grant]] = {}
        self._windows = {channel: ChannelWindow() for channel in channels}
        self._events: list[tuple[float, int, str, int, int]] = []
        self._answers: dict[int, tuple[int, float] | None] = {}
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
            if kind in ("create", "edit"):
                self._seen(reply, now, key, kind, tokens)
            elif kind == "answer":
                self._answered(reply, now, key, self._answers.pop(number), was_edit=bool(tokens))
            self._decide(now)
        refused = self._everything.refused + sum(window.refused for window in self._edits.values())
        return Outcome(lags=[reply.lags for reply in self._replies], requests=self._requests, refused=refused)

    def _seen(self, reply: _Reply, now: float, key: int, kind: str, tokens: int) -> None:
        """Let Discord take a request, or refuse it; a refused one shows nothing."""
        reply.seen_at = now + CLOCK_AHEAD_S
        allowed, told = self._everything.take(now)[0], None
        if allowed:
            windows = self._edits if kind == "edit" else self._creates
            allowed, remaining, reset_after_s = windows[reply.stream.channel].take(now)
            told = remaining, reset_after_s
        if allowed:
            reply.lags += [now - reply.stream.at(token) for token in range(reply.shown, tokens)]
            reply.shown = max(reply.shown, tokens)
        self._answers[self._later(now + reply.way_s, "answer", key, kind == "edit")] = told

    def _answered(self, reply: _Reply, now: float, key: int, told: tuple[int, float] | None, *, was_edit: bool) -> None:
        channel = reply.stream.channel
        self._bot = self._bot.answered(reply.ticket, now, seen_at=reply.seen_at if told else None)
        if told is not None and was_edit:
            self._windows[channel] = self._windows[channel].observe(
                now=now, limit=self._limit, remaining=told[0], reset_after_s=told[1]
            )
            if self._windows[channel].whole:
                self._windows = {one: replace(window, whole=True) for one, window in self._windows.items()}
        reply.busy = False
        if reply.shown < reply.stream.tokens:
            self._later(max(now, reply.stream.at(reply.shown)), "wake", key)
        else:
            self._lasting.saw(reply.stream.at(reply.stream.tokens - 1) - reply.stream.start)

    def _later(self, at: float, kind: str, key: int, tokens: int = 0) -> int:
        number = next(self._count)
        heapq.heappush(self._events, (at, number, kind, key, tokens))
        return number

    def _decide(self, now: float) -> None:
        """Send whatever may go now, the most urgent first."""
        while (choice := min(self._choices(now), default=None)) is not None:
            at, urgency, _, key = choice
            at = max(at, self._bot.next_at(now=now, urgency=Urgency(urgency), lasts=self._lasts(now)))
            if at > now:
                if at not in self._waking:
                    self._waking.add(at)
                    self._later(at, "wake", key)
                return
            self._send(self._replies[key], now, key)

    def _lasts(self, now: float) -> float:
        """Count the replies that are expected to end soon."""
        ages = [now - one.stream.start for one in self._replies if one.created and one.shown < one.stream.tokens]
        return sum(self._lasting.ends_within(age, LASTS_WITHIN_S) for age in ages)

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
            one = Waiting(
                key=key,
                shown_at=reply.shown_at,
                final=arrived == reply.stream.tokens,
                began_at=reply.stream.start,
            )
            waiting.setdefault(reply.stream.channel, []).append(one)
        for channel, ones in waiting.items():
            grant = self._grant(channel, now, tuple(ones), active[channel])
            final = next(one.final for one in ones if one.key == grant.key)
            urgency = Urgency.FINAL if final else Urgency.INTERMEDIATE
            found.append((max(now, grant.at), urgency, self._replies[grant.key].shown_at, grant.key))
        return found

    def _grant(self, channel: int, now: float, waiting: tuple[Waiting, ...], streams: int) -> Grant:
        """Ask the rule, or remember what it said of the same."""
        window = self._windows[channel]
        if window.resets_at is not None and now >= window.resets_at:
            window = self._windows[channel] = window.rolled(now)
        known = self._known.get(channel)
        if known is not None and known[0] is window and known[1] == waiting and now < known[2].at:
            return known[2]
        grant = next_grant(window, now=now, waiting=waiting, streams=streams, lasting=self._lasting)
        assert grant is not None
        self._known[channel] = window, waiting, grant
        return grant

    def _send(self, reply: _Reply, now: float, key: int) -> None:
        kind = "edit" if reply.created else "create"
        if reply.created:
            channel = reply.stream.channel
            self._windows[channel] = self._windows[channel].sent(now)
        reply.ticket = next(self._count)
        self._bot = self._bot.admitted(reply.ticket, now).sent(reply.ticket, now)
        reply.way_s = self._dice.uniform(self._network.least_s, self._network.most_s) / 2
        self._requests += 1
        reply.created = reply.busy = True
        reply.shown_at = now
        self._later(now + reply.way_s, kind, key, reply.stream.arrived(now))


class Simulator:
    """Makes simulations, so that tests need no import of this file."""

    stream = Stream
    network = Network

    def run(
        self,
        streams: Sequence[Stream],
        *,
        network: Network | None = None,
        edits: tuple[int, float] = (5, 5.0),
        seen: Sequence[float] = (),
    ) -> Outcome:
        return Simulation(streams, network=network or Network(), edits=edits, seen=seen).run()


@pytest.fixture
def simulator() -> Simulator:
    return Simulator()
