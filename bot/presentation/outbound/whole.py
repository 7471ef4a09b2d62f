"""The requests of the whole bot, each of which passes here: who goes first where Discord takes no more."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeAlias

from bot.domain.clock import Clock
from bot.domain.reply.crowd import FEW, Crowd
from bot.domain.reply.lasting import Lasting
from bot.domain.reply.whole import LASTS_WITHIN_S, RECHECK_S, BotWindow, Urgency

FIRST_EXPECTED_S = 0.5
"""For how long after a reply was opened its first message is expected to come at any moment."""
FRESH_S = 2.0
"""How long an admission holds for a request that has not set out, and less than its room is kept (``UNSENT_S``): a loop
that is late for a moment makes nobody ask twice."""
MOST_CLOSED_S = 60.0
"""For how long a refusal of everything is believed."""
_EXEMPT = re.compile(r"/(?:interactions|webhooks)/")
"""What Discord does not count towards the limit over all routes (its documentation, Rate Limits)."""
_FIRSTS = re.compile(r"/messages(?:/\d+/threads)?$|/thread-members/\d+$")

_Place: TypeAlias = tuple[bool, Urgency, float, int]
"""Whether a request yields, how urgent it is, since when it waits, its ticket: the least goes first."""


@dataclass(slots=True, eq=False)
class Admission:
    """Leave to send one request, from ``at`` on; ``used`` once it has set out."""

    ticket: int
    at: float
    used: bool = False


class BotBudget:
    """The requests of the whole bot, below Discord's limit over all routes; the most urgent go first.

    Who makes a request may ask before, with ``admit``, to say with the newest words what it says; the request then
    finds the admission in its context. Any other asks when it sets out.
    """

    def __init__(self, clock: Clock, lasting: Lasting | None = None) -> None:
        self._clock = clock
        self._lasting = lasting or Lasting()
        self._began: dict[int, float] = {}
        self._lasts = (-math.inf, 0.0)
        self._window = BotWindow()
        self._queue: list[_Place] = []
        self._places: dict[object, _Place] = {}
        self._tickets = itertools.count()
        self._changed: dict[int, asyncio.Event] = {}
        """Of each that waits, by its ticket: what tells it to look again. Only the next one has a reason to."""
        self._opened: dict[int, float] = {}
        self._carried: ContextVar[Admission | None] = ContextVar("admission", default=None)
        self.crowd = Crowd(FEW)

    def expect_first(self, key: int) -> None:
        """Note that a reply has been opened: its first message is about to come."""
        self._opened[key] = self._clock.monotonic()

    def first_came(self, key: int) -> None:
        """Note that a reply has its first message, or never will. Repeating does nothing."""
        self._opened.pop(key, None)

    def text_came(self, key: int, now: float) -> None:
        """Note when the text of a reply began, of whose end its length tells something."""
        self._began[key] = now

    def text_ended(self, key: int) -> None:
        """Note that a reply's text is whole, or will never be. Repeating does nothing."""
        self._began.pop(key, None)

    def has_room(self) -> bool:
        """Whether there is room for what is a nicety."""
        now = self._clock.monotonic()
        return self._window.next_at(now=now, urgency=Urgency.INTERMEDIATE, yields=True) <= now

    async def admit(self, urgency: Urgency, *, since: float = 0.0, key: object = None, yields: bool = False) -> None:
        """Wait until one request may go, the next of this context. Among equally urgent ones the earliest ``since``
        goes first.

        ``key`` is what ``promote`` knows it by, no two alike at a time. What ``yields`` goes behind all others.
        Cancelling gives the place up.
        """
        self.settle()
        self._carried.set(await self._wait_for(urgency, since=since, key=key, yields=yields))

    async def _wait_for(
        self, urgency: Urgency, *, since: float = 0.0, key: object = None, yields: bool = False
    ) -> Admission:
        place = (yields, urgency, since, ticket := next(self._tickets))
        key = place if key is None else key
        self._places[key] = place
        changed = self._changed[ticket] = asyncio.Event()
        heapq.heappush(self._queue, place)
        try:
            while True:
                changed.clear()
                now = self._clock.monotonic()
                delay_s = None
                place = self._places[key]
                if self._queue[0] == place:
                    at = self._window.next_at(
                        now=now,
                        urgency=place[1],
                        firsts=self._firsts(now),
                        lasts=self._lasts_at(now),
                        yields=place[0],
                    )
                    if at <= now:
                        self._window = self._window.admitted(place[3], now)
                        return Admission(ticket=place[3], at=now)
                    delay_s = at - now
                await wait_for_change(changed, delay_s)
        finally:
            del self._changed[ticket]
            self._queue.remove(self._places.pop(key))
            heapq.heapify(self._queue)
            self._wake()

    def settle(self) -> None:
        """Give back an admission of this context that no request has used, or will."""
        admission = self._carried.get()
        if admission is not None and not admission.used:
            admission.used = True
            self.dropped(admission)

    async def set_out(self, method: str, path: str) -> Admission | None:
        """Wait until a request may set out that bears the bot's token; None where it counts nowhere."""
        if _EXEMPT.search(path) is not None:
            return None
        admission = self._carried.get()
        if admission is not None and not admission.used:
            admission.used = True
            if self._clock.monotonic() - admission.at < FRESH_S:
                return admission
            self.dropped(admission)
        admission = await self._wait_for(_urgency_of(method, path))
        admission.used = True
        return admission

    def sent(self, admission: Admission) -> None:
        """Note that a request is on its way."""
        self._window = self._window.sent(admission.ticket, self._clock.monotonic())

    def answered(self, admission: Admission, status: int, headers: Mapping[str, str]) -> None:
        """Note that the answer to a request is there."""
        now = self._clock.monotonic()
        self._window = self._window.answered(admission.ticket, now, seen_at=_seen_at(headers))
        if status == 429 and (headers.get("X-RateLimit-Global") or headers.get("X-RateLimit-Scope") == "global"):
            told = headers.get("Retry-After", "")
            after_s = float(told) if told.isascii() and told.isdigit() else 1.0
            self._window = self._window.refused(now, min(after_s, MOST_CLOSED_S))
        self._wake()

    def dropped(self, admission: Admission) -> None:
        """Note that a request does not go out after all."""
        self._window = self._window.dropped(admission.ticket)
        self._wake()

    def promote(self, key: object) -> None:
        """Let an intermediate edit that waits be the final one of its reply."""
        place = self._places.get(key)
        if place is None or place[1] is not Urgency.INTERMEDIATE:
            return
        self._places[key] = promoted = (place[0], Urgency.FINAL, *place[2:])
        self._queue[self._queue.index(place)] = promoted
        heapq.heapify(self._queue)
        self._wake()

    def _firsts(self, now: float) -> int:
        """Count the first messages that are about to come: many questions at once are answered at once."""
        return sum(now - at < FIRST_EXPECTED_S for at in self._opened.values())

    def _lasts_at(self, now: float) -> float:
        """Count the final edits that are expected soon, by how long answers last; one count holds for a moment."""
        counted_at, _ = self._lasts
        if now - counted_at >= RECHECK_S:
            soon = (self._lasting.ends_within(now - began, LASTS_WITHIN_S) for began in self._began.values())
            self._lasts = now, sum(soon)
        return self._lasts[1]

    def _wake(self) -> None:
        if self._queue:
            self._changed[self._queue[0][3]].set()


async def wait_for_change(changed: asyncio.Event, delay_s: float | None) -> None:
    """Wait for a change, at most ``delay_s`` seconds where given."""
    if delay_s is None:
        await changed.wait()
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(delay_s):
            await changed.wait()


def _urgency_of(method: str, path: str) -> Urgency:
    """Tell how urgent a request is that did not ask before: what tells people something goes before what is read."""
    if path.endswith("/typing"):
        return Urgency.INTERMEDIATE
    if method in ("GET", "DELETE"):
        return Urgency.READ
    return Urgency.FIRST if method in ("POST", "PUT") and _FIRSTS.search(path) is not None else Urgency.FINAL


def _seen_at(headers: Mapping[str, str]) -> float | None:
    """Tell what Discord's clock showed when it counted a request: so long before its window ends."""
    try:
        return float(headers["X-RateLimit-Reset"]) - float(headers["X-RateLimit-Reset-After"])
    except (KeyError, ValueError):
        return None
