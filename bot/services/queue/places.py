"""Places: turns that hold one in a queue, or wait for it, and how they are told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot import log
from bot.domain.queue.fair import FairQueues
from bot.errors import BotError, Refusal, UserError

logger = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True, eq=False)
class _Place:
    """A turn's place, from its arrival until it is given up."""

    turn_id: int
    group: int
    user_id: int
    moved: Callable[[int], None] | None
    verdict: asyncio.Future[BotError | None]
    """Done when the turn is admitted (``None``) or turned away (why)."""
    number: int = 0
    """The position that was last told; 0: none."""

    def decide(self, verdict: BotError | None) -> None:
        """Let the turn begin, or say why it may not. The first word holds; one that was cancelled needs none."""
        if not self.verdict.done():
            self.verdict.set_result(verdict)
            if verdict is None:
                self.tell(0)

    def tell(self, number: int) -> None:
        """Tell the turn its place, where that is news."""
        if number == self.number:
            return
        self.number = number
        if self.moved is None:
            return
        token = log.turn_id.set(self.turn_id)  # It is mostly another turn's task that brings the news.
        try:
            self.moved(number)
        except Exception:
            # One turn's trouble in showing its place must not hold up the others.
            logger.exception("the position of a waiting turn could not be shown")
        finally:
            log.turn_id.reset(token)


class Places:
    """The places in queues: of all questions, or of all drawings."""

    def __init__(self, queues: FairQueues) -> None:
        self._queues = queues
        self._places: dict[int, _Place] = {}

    def __len__(self) -> int:
        return len(self._places)

    @asynccontextmanager
    async def hold(
        self,
        turn_id: int,
        group: int,
        user_id: int,
        *,
        guild: int | None = None,
        in_order: bool = False,
        moved: Callable[[int], None] | None,
    ) -> AsyncIterator[None]:
        """Hold a place for the current task, waiting for it where that is needed; see ``FairQueues.arrive``.

        ``moved`` is called with the position (1: next) on entering the queue and whenever it changes, and with 0 on
        admission; never where the turn is admitted at once. Raises ``UserError`` (``BUSY``) if too many wait, and
        what ``turn_away`` is given.
        """
        arrival = self._queues.arrive(turn_id, group, user_id, guild=guild, in_order=in_order)
        if not arrival.taken:
            self._spread({group}, arrival.admitted)
            raise UserError(Refusal.BUSY)
        verdict = asyncio.get_running_loop().create_future()
        self._places[turn_id] = place = _Place(
            turn_id=turn_id, group=group, user_id=user_id, moved=moved, verdict=verdict
        )
        try:
            self._spread({group}, arrival.admitted)
            if (refusal := await verdict) is not None:
                raise refusal
            yield
        finally:
            del self._places[turn_id]
            admitted = self._queues.leave(turn_id)
            self._spread({place.group, *self._queues.waits_in(user_id)}, admitted)

    def turn_away(self, turn_id: int, why: BotError) -> bool:
        """Let a turn wait no longer; ``False`` where it does not wait here."""
        if not self._queues.waits(turn_id):
            return False
        place = self._places[turn_id]
        place.decide(why)
        self._spread({place.group}, self._queues.leave(turn_id))
        return True

    def close(self, why: BotError) -> None:
        """Turn everybody away who waits."""
        waiting = [turn_id for turn_id in self._places if self._queues.waits(turn_id)]
        for turn_id in waiting:
            self._queues.leave(turn_id)
        for turn_id in waiting:
            self._places[turn_id].decide(why)

    def _spread(self, groups: set[int], admitted: tuple[int, ...]) -> None:
        """Let the admitted turns begin, and tell those that wait where they stand now."""
        for place in self._known(admitted):
            groups |= {place.group, *self._queues.waits_in(place.user_id)}
            place.decide(None)
        for group in groups:
            for number, place in enumerate(self._known(self._queues.order(group)), 1):
                place.tell(number)

    def _known(self, turn_ids: tuple[int, ...]) -> Iterator[_Place]:
        return (self._places[turn_id] for turn_id in turn_ids)
