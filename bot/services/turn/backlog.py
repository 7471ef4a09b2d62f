"""How turns ended that the database has not kept yet: tried again until it does."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, TypeVar

from bot.domain.history.messages import HistoryMessage, Kind
from bot.domain.turn.closed import ClosedTurn
from bot.errors import BotError, StorageError, TakenOverError
from bot.services.background import within
from bot.services.turn.stores import Stores

logger = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 30.0
"""The wait before the next try doubles from one to the other."""
MOST_TURNS: Final = 1000
"""As many as may be under way at once."""
MOST_CHARS: Final = 16_000_000
"""How much text waits at most."""
MOST_REFUSALS: Final = 5
"""How often one turn is refused while others are taken, until it is left to the next start."""
PATIENCE_S: Final = 2.0
"""How long a press or an edit waits for a turn that is still to be kept."""
LAST_TRY_S: Final = 3.0
"""How long the bot's own end waits for the database."""

MOST_WAITING: Final = 1000
"""How many wait at most to be done again, beside the turns; what comes then fails at once."""
MOST_DELETED: Final = 10_000
"""How many of the messages that were deleted last are known."""
DONE_AGAIN_S: Final = 5.0
"""The longest wait before such work is done again."""
MOST_TRIES: Final = 720
"""How often it is tried: about an hour."""

Then = Callable[[], Awaitable[object]]
"""What to do once a turn is kept. Raises ``StorageError`` if all of it must be tried again."""


async def nothing() -> None:
    """Do nothing once a turn is kept."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Pending:
    """A turn that has ended and is not kept yet."""

    closed: ClosedTurn
    then: Then
    trying: bool = False
    refusals: int = 0
    taken_back: dict[int, datetime] = field(default_factory=dict)
    """Messages of its reply that were deleted meanwhile, and when."""
    kept: asyncio.Event = field(default_factory=asyncio.Event)


class Backlog:
    """Turns that have ended, from their end until the database has kept that, in the order in which they ended.

    While the database takes none, they are tried again with growing waits, or as soon as it has taken anything else.
    What would be more than ``MOST_TURNS`` or ``MOST_CHARS`` is left under way, the oldest first: the next start ends it
    with what stands on Discord, as after a kill.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._pending: dict[int, _Pending] = {}
        self._away = False
        self._any = asyncio.Event()
        """Whether anything waits for another try."""
        self._now = asyncio.Event()
        """Whether it is time for that already."""
        self._waiting = 0
        self._hidden: Counter[tuple[int, int]] = Counter()
        self._held: Counter[tuple[int, int]] = Counter()
        self._deleted: dict[int, None] = {}

    def __contains__(self, turn_id: int) -> bool:
        return turn_id in self._pending

    async def close(self, closed: ClosedTurn, then: Then = nothing) -> None:
        """Keep how a turn ended, now if the database takes it, else later; ``then`` follows that."""
        before = self._pending.pop(closed.turn_id, None)
        if before is not None and closed.settlement is None:
            closed = replace(closed, settlement=before.closed.settlement)
        pending = self._pending[closed.turn_id] = _Pending(closed=closed, then=then)
        self._make_room()
        # Behind others that wait it waits too, so that all are kept in their order.
        if self._away or not await self._try(pending):
            self._any.set()

    def closed(self, turn_id: int) -> ClosedTurn | None:
        """Return how a turn ended that is not kept yet; None if it does not wait."""
        pending = self._pending.get(turn_id)
        return None if pending is None else pending.closed

    def lines(self, channel_id: int) -> tuple[HistoryMessage, ...]:
        """Return the lines of a channel's history that are not kept yet."""
        found = (pending.closed.line for pending in self._pending.values())
        return tuple(line for line in found if line and line.channel_id == channel_id and not self.hides(line))

    def edit(self, channel_id: int, message_id: int, text: str, *, kind: Kind = Kind.TEXT, drawn: str = "") -> bool:
        """Let a line that is not kept yet say something else; False if there is none."""
        for pending in self._pending.values():
            line = pending.closed.line
            if line is not None and (line.channel_id, line.id) == (channel_id, message_id):
                pending.closed = replace(pending.closed, line=replace(line, text=text, kind=kind, drawn=drawn))
                return True
        return False

    def take_back(self, channel_id: int, message_ids: tuple[int, ...], *, deleted_at: datetime) -> int:
        """Follow a delete: what was deleted is not stored afterwards. Returns how many lines were not kept yet."""
        touched = 0
        for pending in self._pending.values():
            closed = pending.closed
            gone = {*message_ids} & {*closed.reply_ids} if closed.channel_id == channel_id else set()
            if not gone:
                continue
            if closed.line is not None and closed.line.id in gone:
                touched += 1
                closed = replace(closed, line=None, text="")
            delivered = [one for one in closed.drawings if one.message_id not in gone]
            forgets = closed.forgets_drawings or len(delivered) < len(closed.drawings)
            pending.closed = replace(closed, drawings=() if forgets else closed.drawings, forgets_drawings=forgets)
            pending.taken_back |= dict.fromkeys(gone, deleted_at)
        return touched

    async def settled(self, turn_id: int) -> None:
        """Wait until a turn is kept that waits for it, for ``PATIENCE_S`` at most."""
        pending = self._pending.get(turn_id)
        if pending is None:
            return
        self.nudge()
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                await pending.kept.wait()

    def nudge(self) -> None:
        """Try again now."""
        self._now.set()

    @contextmanager
    def hiding(self, channel_id: int, message_ids: Iterable[int]) -> Iterator[None]:
        """Let messages count as deleted while inside, also those of threads that grew from them."""
        message_ids = tuple(message_ids)
        keys = [key for message_id in message_ids for key in ((channel_id, message_id), (message_id, message_id))]
        self._hidden.update(keys)
        self._deleted |= dict.fromkeys(message_ids)
        while len(self._deleted) > MOST_DELETED:
            del self._deleted[next(iter(self._deleted))]
        try:
            yield
        finally:
            self._hidden -= Counter(keys)

    @contextmanager
    def holding(self, channel_id: int, message_id: int) -> Iterator[None]:
        """Let a question go along with none but itself while inside: whether it is deleted is not known yet."""
        key = (channel_id, message_id)
        self._held[key] += 1
        try:
            yield
        finally:
            self._held -= Counter((key,))

    def is_held(self, channel_id: int, message_id: int) -> bool:
        """Whether it is not known yet if a message is deleted."""
        return (channel_id, message_id) in self._held

    def holds(self, line: HistoryMessage, asked: int | None) -> bool:
        """Whether a line, or what it answers, is not to go along with the question ``asked``."""
        held = self._held
        keys = {(line.channel_id, line.id), (line.channel_id, line.reply_to)} - {(line.channel_id, asked)}
        return bool(held) and any(key in held for key in keys)

    def was_deleted(self, message_id: int) -> bool:
        """Whether a message was lately deleted, though nothing may have been kept of it then."""
        return message_id in self._deleted

    def hides(self, line: HistoryMessage) -> bool:
        """Whether a line is to be deleted, or what it answers."""
        hidden = self._hidden
        return bool(hidden) and ((line.channel_id, line.id) in hidden or (line.channel_id, line.reply_to) in hidden)

    async def until_taken(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do something that may be repeated, again and again until the database takes it.

        Raises ``StorageError`` after ``MOST_TRIES``, or if ``MOST_WAITING`` wait already.
        """
        wait_s = FIRST_WAIT_S
        for _ in range(MOST_TRIES - 1):
            try:
                done = await work()
            except StorageError as error:
                self.note_away(error)
                if self._waiting >= MOST_WAITING:
                    raise
            else:
                self.note_back()
                return done
            self._waiting += 1
            try:
                await asyncio.sleep(wait_s)
            finally:
                self._waiting -= 1
            wait_s = min(wait_s * 2, DONE_AGAIN_S)
        return await work()

    def note_away(self, error: BotError) -> None:
        """Log that the database takes nothing, once until it does again."""
        if not self._away:
            self._away = True
            logger.warning("the database takes nothing: %s", error)

    def note_back(self) -> None:
        """Log that the database takes what it is given again, and try what waits."""
        if self._away:
            self._away = False
            logger.info("the database is back; %s turns are still to be closed", len(self._pending))
            self.nudge()

    async def keep_trying(self) -> None:
        """Try again what waits, until cancelled."""
        wait_s = FIRST_WAIT_S
        while True:
            await self._any.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._now.wait()
            self._now.clear()
            await self._try_all()
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)
            if not self._pending:
                self._any.clear()
                wait_s = FIRST_WAIT_S

    async def last_try(self) -> None:
        """Give the database ``LAST_TRY_S`` to take what waits; the rest is left to the next start."""
        await within(LAST_TRY_S, self._try_all, "backlog")
        if self._pending:
            logger.warning("%s turns could not be closed; the next start ends them", len(self._pending))

    async def _try_all(self) -> None:
        """Try what waits, in order; a second failure is enough to see that the database is away."""
        failed: list[_Pending] = []
        taken = 0
        for pending in tuple(self._pending.values()):
            if pending.trying or not self._waits(pending):
                continue
            if await self._try(pending):
                taken += 1
            else:
                failed.append(pending)
            if len(failed) > 1:
                break
        for pending in failed:
            pending.refusals += bool(taken)
            if pending.refusals >= MOST_REFUSALS:
                self._leave(pending)
            elif self._waits(pending) and taken:
                # What the database refuses for itself must not keep it from the others.
                self._pending[pending.closed.turn_id] = self._pending.pop(pending.closed.turn_id)

    async def _try(self, pending: _Pending) -> bool:
        pending.trying = True
        try:
            while True:
                closed = pending.closed
                await self._stores.turns.close(closed)
                if pending.taken_back:
                    # The delete may have come before the line that it was of.
                    when = max(pending.taken_back.values())
                    await self._stores.history.delete(closed.channel_id, tuple(pending.taken_back), deleted_at=when)
                await pending.then()
                if pending.closed is closed:
                    break
        except TakenOverError:
            logger.info("turn %s is left to the process that has taken over", pending.closed.turn_id)
        except BotError as error:
            self.note_away(error)
            return False
        except Exception:
            # The task's boundary: it must go on for the others.
            logger.exception("turn %s could not be closed", pending.closed.turn_id)
            pending.refusals += 1
            return False
        finally:
            pending.trying = False
        if self._waits(pending):
            del self._pending[pending.closed.turn_id]
        pending.kept.set()
        self.note_back()
        return True

    def _waits(self, pending: _Pending) -> bool:
        return self._pending.get(pending.closed.turn_id) is pending

    def _make_room(self) -> None:
        chars = sum(len(pending.closed.text) for pending in self._pending.values())
        for pending in tuple(self._pending.values())[:-1]:
            if len(self._pending) <= MOST_TURNS and chars <= MOST_CHARS:
                return
            chars -= len(pending.closed.text)
            self._leave(pending)

    def _leave(self, pending: _Pending) -> None:
        if self._waits(pending):
            del self._pending[pending.closed.turn_id]
            logger.warning("turn %s can't be closed now; the next start ends it", pending.closed.turn_id)
