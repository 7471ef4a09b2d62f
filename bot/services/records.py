"""What is kept of a turn: before, while and after it is answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from bot.domain.drawings import Drawing, DrawingParameters
from bot.domain.events import Usage
from bot.domain.messages import HistoryMessage, Kind, Person, Role
from bot.domain.ports import Clock, DrawingStore, HistoryStore, Reply, TurnStore
from bot.domain.replies import Ending
from bot.domain.turns import Ask, Turn, TurnState
from bot.errors import BotError, ProviderError
from bot.services.spending import Spending

logger = logging.getLogger(__name__)

CHECKPOINT_S = 1.0
"""How often a growing answer is kept."""


@dataclass(slots=True, kw_only=True)
class Answer:
    """What becomes of a turn while it is answered; ``text`` grows. ``version`` counts the answers to it, from 1."""

    version: int = 1
    parts: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    parameters: DrawingParameters | None = None
    first_event_at: float | None = None
    spending: Spending = field(default_factory=Spending)

    @property
    def text(self) -> str:
        """The answer so far."""
        return "".join(self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What a turn is kept in."""

    history: HistoryStore
    turns: TurnStore
    drawings: DrawingStore


class TurnRecords:
    """Keeps turns, with their prompts and replies in the history."""

    def __init__(self, stores: Stores, clock: Clock, *, me: Callable[[], Person]) -> None:
        self._stores = stores
        self._clock = clock
        self._me = me

    async def keep(self, ask: Ask) -> bool:
        """Keep a new turn and its prompt; False where it is there already. Raises ``StorageError``."""
        place = ask.place
        turn = Turn(
            id=ask.id,
            channel_id=place.channel_id,
            guild_id=place.guild_id,
            parent_id=place.parent_id,
            asker_id=ask.person.id,
            asker_name=ask.person.name,
            mode=ask.mode,
            source=ask.source,
            state=TurnState.QUEUED,
            prompt=ask.text,
            locale=place.locale,
            created_at=ask.created_at,
            updated_at=self._clock.now(),
            reply_ids=ask.response_ids,
            wish=ask.wish,
        )
        prompt = HistoryMessage(
            id=ask.id,
            channel_id=place.channel_id,
            guild_id=place.guild_id,
            author_id=ask.person.id,
            author_name=ask.person.name,
            role=Role.USER,
            text=ask.text,
            created_at=ask.created_at,
            reply_to=ask.reference.id if ask.reference else None,
        )
        return await self._stores.turns.create(turn, prompt)

    async def begin_version(self, ask: Ask) -> int | None:
        """Begin another answer to a turn that has ended; returns its number. Raises ``StorageError``."""
        return await self._stores.turns.begin_version(ask.id, updated_at=self._clock.now(), prompt=ask.text)

    @asynccontextmanager
    async def journal(self, turn_id: int, reply: Reply, answer: Answer, changed: asyncio.Event) -> AsyncIterator[None]:
        """Keep, while inside, the reply's ids as soon as there are new ones, and its text about once a second."""
        task = asyncio.create_task(self._checkpoint(turn_id, reply, answer, changed), name=f"journal-{turn_id}")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait((task,))

    async def close(self, ask: Ask, reply: Reply, answer: Answer, ending: Ending, *, delivered: bool) -> None:
        """Close a turn, and put what became of it into the history. A failing database is logged."""
        problem = ending.problem
        try:
            # The memory first: a turn that is closed is looked at no more, also after a kill.
            if reply.message_ids:
                await self._remember(ask, reply.message_ids, answer, ending, delivered=delivered)
            await self._stores.turns.finish(
                ask.id,
                state=ending.state,
                reply_ids=reply.message_ids,
                text=answer.text,
                updated_at=self._clock.now(),
                reason=ending.reason,
                error_kind=problem.kind if isinstance(problem, ProviderError) else None,
                usage=answer.usage,
            )
        except BotError:
            logger.exception("how the turn ended could not be kept")

    async def _checkpoint(self, turn_id: int, reply: Reply, answer: Answer, changed: asyncio.Event) -> None:
        kept: tuple[tuple[int, ...], int] = ((), 0)
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(CHECKPOINT_S):
                    await changed.wait()
            changed.clear()
            now = (reply.message_ids, len(answer.parts))
            if now == kept:
                continue
            try:
                await self._stores.turns.checkpoint(
                    turn_id, reply_ids=now[0], text=answer.text, updated_at=self._clock.now()
                )
                kept = now
            except BotError:
                logger.exception("how far the turn is could not be kept")

    async def _remember(
        self, ask: Ask, ids: tuple[int, ...], answer: Answer, ending: Ending, *, delivered: bool
    ) -> None:
        """Put the reply into the channel's history: its words, else the prompt that was drawn and arrived."""
        drawn = delivered and bool(ending.pictures) and answer.parameters is not None
        text = answer.text or (ask.text if drawn else "")
        now = self._clock.now()
        place = ask.place
        if not text.strip():
            # A further version without an answer: the one before it stands no more. Its line stays, blank, for the next
            # one: what is deleted from the history never comes back.
            await self._stores.history.edit(place.channel_id, ids[0], text="", edited_at=now)
            return
        me = self._me()
        line = HistoryMessage(
            id=ids[0],
            channel_id=place.channel_id,
            guild_id=place.guild_id,
            author_id=me.id,
            author_name=me.name,
            role=Role.ASSISTANT,
            text=text,
            created_at=now,
            kind=Kind.DRAWING if drawn and not answer.text else Kind.TEXT,
            reply_to=ask.id,
        )
        if not await self._stores.history.append(line):
            await self._stores.history.edit(place.channel_id, ids[0], text=text, edited_at=now)
        if drawn and answer.parameters is not None:
            for index, file in enumerate(ending.pictures):
                await self._stores.drawings.add(
                    Drawing(
                        turn_id=ask.id,
                        index=index,
                        channel_id=place.channel_id,
                        message_id=ids[-1],
                        prompt=ask.text,
                        parameters=answer.parameters,
                        filename=file.filename,
                        created_at=now,
                    )
                )
