"""The calls that one drawing takes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.domain.clock import Clock
from bot.domain.model.request import ModelRequest
from bot.domain.picture.parameters import MAX_PICTURES
from bot.domain.reply.ports import Reply
from bot.domain.turn.ask import Ask
from bot.errors import ErrorKind, ProviderError
from bot.services.model.answer import Answer
from bot.services.model.collector import Commission
from bot.services.model.reader import Conversation
from bot.services.queue.slots import FairSlots


class Painting:
    """Asks the model for the pictures of one drawing; those that come are kept, in the answer, as they come."""

    def __init__(
        self,
        conversation: Conversation,
        slots: FairSlots,
        clock: Clock,
        *,
        ask: Ask,
        request: ModelRequest,
        commission: Commission,
        reply: Reply,
        answer: Answer,
    ) -> None:
        self._conversation = conversation
        self._slots = slots
        self._clock = clock
        self._ask = ask
        self._request = request
        self._commission = commission
        self._reply = reply
        self._answer = answer
        self._wished = len(commission.plan.pictures)
        self.words = ""
        """What the model said instead of drawing, where it was not pushed into the reply."""

    async def side_by_side(self) -> ProviderError | None:
        """Make a call for each picture; returns what went wrong first, in the order of the pictures."""
        # One picture more than was asked of a call goes behind all others.
        async with asyncio.TaskGroup() as group:
            calls = [
                group.create_task(self._call(range(number, MAX_PICTURES, self._wished)))
                for number in range(self._wished)
            ]
        return next((fault for call in calls if (fault := call.result()) is not None), None)

    async def one_after_the_other(self) -> ProviderError | None:
        """Make calls that may bring several pictures each, until there are enough or one brings none."""
        while True:
            before = len(self._answer.made)
            fault = await self._call(range(before, MAX_PICTURES))
            if fault is not None or not before < len(self._answer.made) < self._wished:
                return fault

    async def _call(self, indexes: range) -> ProviderError | None:
        """Ask once; the pictures that come get these indexes."""
        pictures = self._commission.plan.pictures
        request = replace(self._request, drawing=pictures[min(indexes[0], self._wished - 1)])
        async with self._slots.hold(self._ask.id):
            started_at = self._clock.monotonic()
            heard = await self._conversation.listen(
                request,
                self._reply,
                self._answer,
                estimate_s=self._commission.estimate_s,
                speaks=self._wished == 1,
            )
            missing = await self._conversation.collector.collect(
                self._ask, heard.found, self._answer, self._commission, indexes, started_at=started_at
            )
        if self._wished > 1 and not heard.found:
            self.words = self.words or heard.text
        said = heard.intent or bool(heard.text.strip())
        fault = heard.fault(empty=not heard.found and not said) or missing
        if fault is None and not heard.found:
            return ProviderError(ErrorKind.DRAWING_FAILED, "answered in words")
        return fault
