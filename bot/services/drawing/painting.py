"""The calls that one drawing takes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.domain.clock import Clock
from bot.domain.drawing.plan import Commission
from bot.domain.model.request import ModelRequest
from bot.domain.picture.parameters import MAX_PICTURES
from bot.errors import ErrorKind, ProviderError
from bot.services.model.reader import Conversation
from bot.services.model.round import Round
from bot.services.queue.slots import FairSlots

CALLS_AT_ONCE = 16
"""How many pictures are made at once in this process, over all drawings."""


class Painter:
    """Asks the model for pictures, so many at once in this process, over all drawings."""

    def __init__(self, conversation: Conversation, slots: FairSlots, clock: Clock) -> None:
        self._conversation = conversation
        self._slots = slots
        self._clock = clock

    def paint(self, turn: Round, request: ModelRequest, commission: Commission) -> Painting:
        """Begin one drawing; the pictures that come are kept in the answer as they come."""
        return Painting(self, turn, request, commission)

    def draws(self, provider: str) -> bool:
        """Whether all is set that the endpoint needs for drawing; empty is the operator's endpoint."""
        return self._conversation.capabilities_for(provider).draws

    def several_a_call(self, provider: str) -> bool:
        """Whether a call of the endpoint may bring several pictures; empty is the operator's endpoint."""
        return self._conversation.capabilities_for(provider).pictures_per_call > 1

    async def call(
        self, turn: Round, request: ModelRequest, indexes: range, *, estimate_s: float | None, speaks: bool
    ) -> tuple[str, ProviderError | None]:
        """Call the model once; the pictures that come get these indexes.

        Returns what it said if it drew nothing, and what went wrong. ``speaks``: its words go into the reply.
        """
        async with self._slots.hold(turn.ask.id):
            started_at = self._clock.monotonic()
            heard = await self._conversation.listen(turn, request, estimate_s=estimate_s, speaks=speaks)
            collect = self._conversation.collector.collect
            missing = await collect(turn, heard.found, indexes, started_at=started_at)
        said = heard.intent or bool(heard.text.strip())
        fault = heard.fault(empty=not heard.found and not said) or missing
        if fault is None and not heard.found:
            fault = ProviderError(ErrorKind.DRAWING_FAILED, "answered in words")
        return ("" if heard.found else heard.text), fault


class Painting:
    """One drawing that is being made."""

    def __init__(self, painter: Painter, turn: Round, request: ModelRequest, commission: Commission) -> None:
        self._painter = painter
        self._turn = turn
        self.request = request
        self._commission = commission
        self._pictures = commission.plan.pictures
        self._estimate_s = commission.estimate_s
        self.wished = len(commission.plan.pictures)
        self.words = ""
        """What the model said instead of drawing, unless that was pushed into the reply."""
        self._faults: list[ProviderError] = []

    @property
    def dearest(self) -> ProviderError | None:
        """What went wrong, rather a fault of a call that may have been billed than a conversation that is too long."""
        return next((fault for fault in self._faults if fault.kind is not ErrorKind.TOO_LONG), None) or next(
            iter(self._faults), None
        )

    def anew(self, request: ModelRequest) -> Painting:
        """Begin the same drawing with another request."""
        return Painting(self._painter, self._turn, request, self._commission)

    async def make(self) -> ProviderError | None:
        """Make the pictures; returns what went wrong first."""
        if self._painter.several_a_call(self.request.provider):
            return await self._one_after_the_other()
        return await self._side_by_side()

    async def _side_by_side(self) -> ProviderError | None:
        """Make a call for each picture; returns what went wrong first, in the order of the pictures."""
        # One picture more than was asked of a call goes behind all others.
        async with asyncio.TaskGroup() as group:
            calls = [
                group.create_task(self._call(range(number, MAX_PICTURES, self.wished))) for number in range(self.wished)
            ]
        return next((fault for call in calls if (fault := call.result()) is not None), None)

    async def _one_after_the_other(self) -> ProviderError | None:
        """Make calls that may bring several pictures each, until there are enough or one brings none."""
        made = self._turn.answer.made
        while True:
            before = len(made)
            fault = await self._call(range(before, MAX_PICTURES))
            if fault is not None or not before < len(made) < self.wished:
                return fault

    async def _call(self, indexes: range) -> ProviderError | None:
        request = replace(self.request, drawing=self._pictures[min(indexes[0], self.wished - 1)])
        alone = self.wished == 1
        words, fault = await self._painter.call(self._turn, request, indexes, estimate_s=self._estimate_s, speaks=alone)
        if not alone:
            self.words = self.words or words
        if fault is not None:
            self._faults.append(fault)
        return fault
