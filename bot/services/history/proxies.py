"""Questions that proxies say again: the proxy's message takes the question over, with the answer under way."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from bot.domain.clock import Clock
from bot.domain.history.ports import HistoryStore
from bot.domain.people import Place
from bot.domain.turn.ports import ProxyStore, TurnStore
from bot.domain.turn.proxies import Said, repeats
from bot.domain.turn.record import Turn
from bot.services.turn.backlog import Backlog

logger = logging.getLogger(__name__)

T = TypeVar("T")

YOUNG_S: Final = 10.0
"""A proxy deletes a message within a few seconds, and says it again shortly before or after that."""
GRACE_S: Final = 3.5
"""How long the answer to a young message that is deleted stands where proxies are known to be: one may say it again."""
FIRST_GRACE_S: Final = 1.0
"""The same in a channel where none was seen of late, so that people's deletes are followed soon.

PluralKit posts first and deletes a second or so later: the first question in a channel is then said again before it
goes, and needs no grace. This is for a proxy that does both at once, and for events that overtake each other.
"""
GRACE_STEPS: Final = 20
"""A grace is waited for in so many steps: of a moment in which the process hears nothing, only one step is lost."""
SEEN_S: Final = 86_400.0
"""For how long a channel counts as one with proxies."""
MOST_KEPT: Final = 1000
TURN_KEPT_S: Final = 0.5
MOST_LOOKS: Final = 20
"""How long a question may take to be kept, which is looked up every ``TURN_KEPT_S``: a thread may be started for it."""
AT_ONCE: Final = 500
"""Ids that are looked up in one go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidFor:
    """What a proxy's message stands for: a turn, and the message of it as the history has it."""

    turn: Turn
    message_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Repeat:
    """What a webhook has said, and under which name."""

    said: Said
    name: str


class ProxyService:
    """Follows proxies. What nobody asked, or no deleted message stands behind, is never answered.

    The question stays the person's who wrote it: its turn, its quotas, its buttons.
    """

    def __init__(
        self, store: ProxyStore, turn_store: TurnStore, history: HistoryStore, backlog: Backlog, clock: Clock
    ) -> None:
        self._store = store
        self._history = history
        self._turn_store = turn_store
        self._backlog = backlog
        self._clock = clock
        self._asked: OrderedDict[int, tuple[float, Said]] = OrderedDict()
        self._repeats: OrderedDict[int, tuple[float, _Repeat]] = OrderedDict()
        self._waiting: OrderedDict[int, tuple[Said, asyncio.Future[_Repeat]]] = OrderedDict()
        """Questions whose messages were deleted, and which may be said again."""
        self._stand_ins: OrderedDict[int, int] = OrderedDict()
        """The proxies' messages by the questions that they stand for, of late."""
        self._proxies: OrderedDict[int, None] = OrderedDict()
        """The applications that have said a question again."""
        self._seen: OrderedDict[int, float] = OrderedDict()
        """Channels with proxies, and when one spoke there last."""

    def asked(self, said: Said) -> None:
        """Note that a person asks something."""
        self._note(self._asked, said.id, said)

    def repeated(self, said: Said, name: str) -> None:
        """Note what a webhook says: a question that is deleted at this moment may be said again by it."""
        if said.by is not None:
            self._note_seen(said.channel_id)
        if said.is_hidden and said.by not in self._proxies:
            return
        repeat = _Repeat(said=said, name=name)
        for original, found in self._waiting.values():
            if not found.done() and repeats(said, original, self._proxies):
                found.set_result(repeat)
                return
        self._note(self._repeats, said.id, repeat)

    async def took_over(self, place: Place, message_id: int) -> bool:
        """Whether a deleted message is said again by a proxy, whose message then stands for it.

        Waits for that if the message is young, for ``GRACE_S`` or ``FIRST_GRACE_S``; meanwhile it does not go along
        with what others ask. Raises ``StorageError`` if the database is away for too long.
        """
        if message_id in self._waiting:
            return True  # Discord may tell of it twice
        original = self._take(self._asked, message_id)
        if original is None or place.is_direct:
            return False
        repeat = self._found(original) or await self._awaited(place, original)
        if repeat is None:
            return False
        self._note_seen(original.channel_id)
        return await self._hand_over(place.channel_id, message_id, repeat)

    def stand_in(self, question_id: int) -> int:
        """Return the message that stands for a question, as far as is known without asking: its own if none does."""
        return self._stand_ins.get(question_id, question_id)

    def known(self, message_ids: Iterable[int]) -> tuple[int, ...]:
        """Return what is meant by deletes, as far as is known without asking."""
        return _meant(message_ids, self._stand_ins)

    async def meant(self, message_ids: Sequence[int]) -> tuple[int, ...]:
        """Return what is meant by deletes: questions instead of the messages that stand for them.

        A message that was said again is no question any more. Raises ``StorageError``.
        """
        found: dict[int, None] = {}
        for start in range(0, len(message_ids), AT_ONCE):
            batch = tuple(message_ids[start : start + AT_ONCE])
            stand_ins = await self._store.stand_ins(batch) | self._stand_ins
            found |= dict.fromkeys(_meant(batch, stand_ins))
        return tuple(found)

    async def said_for(self, channel_id: int, message_id: int) -> SaidFor | None:
        """Find the question that a proxy's message stands for, or is a further message of. Raises ``StorageError``."""
        stand_ins = await self._store.stand_ins((message_id,)) | self._stand_ins
        question_id = next((question for question, one in stand_ins.items() if one == message_id), None)
        if question_id is not None:
            turn = await self._turn_store.get(question_id)
            return None if turn is None else SaidFor(turn=turn, message_id=question_id)
        turn = await self._turn_store.by_part(channel_id, message_id)
        return None if turn is None else SaidFor(turn=turn, message_id=message_id)

    def _found(self, original: Said) -> _Repeat | None:
        now = self._clock.monotonic()
        for key, (at, repeat) in self._repeats.items():
            if now - at <= YOUNG_S and repeats(repeat.said, original, self._proxies):
                del self._repeats[key]
                return repeat
        return None

    async def _awaited(self, place: Place, original: Said) -> _Repeat | None:
        found: asyncio.Future[_Repeat] = asyncio.get_running_loop().create_future()
        self._waiting[original.id] = (original, found)
        step_s = self._grace_s(original.channel_id) / GRACE_STEPS
        try:
            with self._backlog.holding(place.channel_id, original.id):
                for _ in range(GRACE_STEPS):
                    await asyncio.wait((found,), timeout=step_s)
                    if found.done():
                        return found.result()
            return None
        finally:
            self._waiting.pop(original.id, None)

    async def _renamed(self, channel_id: int, message_id: int, repeat: _Repeat) -> bool:
        """Let a further message of a question be the one that says it again; False if it is none."""
        line = await self._history.get(channel_id, message_id)
        if line is None or line.part_of is None:
            return False
        await self._history.append(replace(line, id=repeat.said.id))
        await self._history.delete(channel_id, (message_id,), deleted_at=self._clock.now())
        return True

    async def _hand_over(self, channel_id: int, message_id: int, repeat: _Repeat) -> bool:
        """Let a proxy's message stand for a question, or be a part of one; False if it is none that is answered."""
        self._stand_ins[message_id] = repeat.said.id
        _bound(self._stand_ins)
        turn = await self._kept(channel_id, message_id, repeat)
        if not isinstance(turn, Turn):
            self._stand_ins.pop(message_id, None)
        else:
            await self._backlog.until_taken(lambda: self._store.add(repeat.said.id, turn, author_name=repeat.name))
            logger.info("turn %s goes on for message %s, which says it again", message_id, repeat.said.id)
        if turn and repeat.said.by is not None:
            self._proxies[repeat.said.by] = None
            _bound(self._proxies)
        return bool(turn)

    async def _kept(self, channel_id: int, message_id: int, repeat: _Repeat) -> Turn | bool:
        """Wait until a question is kept; True if it is a part of one, whose message is the repeat from then on.

        False if it is not to be answered.
        """
        for look in range(MOST_LOOKS):
            if look:
                await self._clock.sleep(TURN_KEPT_S)
            if await self._backlog.until_taken(lambda: self._renamed(channel_id, message_id, repeat)):
                return True
            turn = await self._backlog.until_taken(lambda: self._turn_store.get(message_id))
            if turn is not None:
                return turn
        return False

    def _note_seen(self, channel_id: int) -> None:
        self._seen[channel_id] = self._clock.monotonic()
        self._seen.move_to_end(channel_id)
        _bound(self._seen)

    def _grace_s(self, channel_id: int) -> float:
        seen_at = self._seen.get(channel_id)
        return FIRST_GRACE_S if seen_at is None or self._clock.monotonic() - seen_at > SEEN_S else GRACE_S

    def _note(self, notes: OrderedDict[int, tuple[float, T]], key: int, noted: T) -> None:
        now = self._clock.monotonic()
        notes[key] = (now, noted)
        notes.move_to_end(key)
        while notes and now - next(iter(notes.values()))[0] > YOUNG_S:
            notes.popitem(last=False)
        _bound(notes)

    def _take(self, notes: OrderedDict[int, tuple[float, T]], key: int) -> T | None:
        at, noted = notes.pop(key, (0.0, None))
        return noted if noted is not None and self._clock.monotonic() - at <= YOUNG_S else None


def _meant(message_ids: Iterable[int], stand_ins: Mapping[int, int]) -> tuple[int, ...]:
    questions = {message_id: question_id for question_id, message_id in stand_ins.items()}
    return tuple(questions.get(one, one) for one in message_ids if one not in stand_ins)


def _bound(kept: OrderedDict[int, T]) -> None:
    while len(kept) > MOST_KEPT:
        kept.popitem(last=False)
