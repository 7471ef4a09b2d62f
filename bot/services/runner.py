"""What every turn goes through, whatever is asked: kept before the model is asked, answered, closed in every case."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from bot.domain.drawings import Drawing, DrawingParameters
from bot.domain.events import Usage
from bot.domain.messages import HistoryMessage, Kind, Person, Role
from bot.domain.ports import Clock, DrawingStore, HistoryStore, Reply, ReplySink, TurnStore
from bot.domain.replies import Ending, Problem
from bot.domain.turns import Ask, Turn, TurnState
from bot.errors import BotError, ProviderError, Refusal, StorageError, Trouble, UserError
from bot.services.turns import Place, TurnCoordinator

logger = logging.getLogger(__name__)

CHECKPOINT_S = 1.0
"""How often a growing answer is kept."""
INTERRUPTION_S = 8.0
"""How long an interrupted turn may take to say so."""


@dataclass(slots=True, kw_only=True)
class Answer:
    """What becomes of a turn while it is answered; ``text`` grows."""

    parts: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    parameters: DrawingParameters | None = None
    first_event_at: float | None = None

    @property
    def text(self) -> str:
        """The answer so far."""
        return "".join(self.parts)


_INTERRUPTED = Ending(state=TurnState.INTERRUPTED, problem=Trouble.INTERRUPTED)

Answerer = Callable[[Ask, Reply, Answer], Awaitable[Ending]]
"""Answers a turn: pushes into the reply, fills the answer, and says how the reply ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What a turn is kept in."""

    history: HistoryStore
    turns: TurnStore
    drawings: DrawingStore


class TurnRunner:
    """Runs one turn from its admission to its last state."""

    def __init__(self, stores: Stores, turns: TurnCoordinator, clock: Clock, *, me: Callable[[], Person]) -> None:
        self._stores = stores
        self._turns = turns
        self._clock = clock
        self._me = me

    async def run(self, ask: Ask, sink: ReplySink, answer_with: Answerer) -> None:
        """Answer a turn; one that is kept already (the same event seen twice) is left alone."""
        if not ask.text:
            await self.refuse(ask, sink, Refusal.EMPTY_PROMPT)
            return
        try:
            async with self._turns.turn(ask.id, ask.place.channel_id) as place:
                await self._run(ask, sink, answer_with, place)
        except UserError as error:
            await self.refuse(ask, sink, error.reason)

    async def _run(self, ask: Ask, sink: ReplySink, answer_with: Answerer, place: Place) -> None:
        started_at = self._clock.monotonic()
        try:
            if not await self._keep(ask):
                logger.info("turn seen before, left alone")
                return
        except StorageError:
            logger.exception("the turn could not be kept")
            await self._end_early(ask, sink, Ending(state=TurnState.FAILED, problem=Trouble.STORAGE))
            return
        try:
            # Kept before it waits in line: one that is killed there is found after the next start.
            await place.enter()
        except asyncio.CancelledError:
            await self._end_early(ask, sink, _INTERRUPTED)
            raise
        answer = Answer()
        ending: Ending | None = None
        wake = asyncio.Event()
        async with sink.open_reply(ask, changed=wake.set) as reply:
            journal = asyncio.create_task(self._checkpoint(ask.id, reply, answer, wake), name=f"journal-{ask.id}")
            try:
                ending = await self._answer(ask, reply, answer, answer_with)
                delivered = await self._finish(reply, ending)
            except asyncio.CancelledError:
                # An answer that is whole already stays so: it only has to get there.
                await self._end(ask, reply, answer, ending or _INTERRUPTED)
                raise
            finally:
                journal.cancel()
                await asyncio.wait((journal,))
            await self._close(ask, reply, answer, ending, delivered=delivered)
            self._log(ask, reply, answer, ending, started_at, delivered=delivered)

    async def refuse(self, ask: Ask, sink: ReplySink, problem: Problem) -> None:
        """Say why a turn is not taken up; nothing is kept of it."""
        async with sink.open_reply(ask, changed=lambda: None) as reply:
            await reply.finish(Ending(state=TurnState.FAILED, problem=problem))

    async def _end_early(self, ask: Ask, sink: ReplySink, ending: Ending) -> None:
        """End a turn that was not begun."""
        async with sink.open_reply(ask, changed=lambda: None) as reply:
            await self._end(ask, reply, Answer(), ending)

    async def _end(self, ask: Ask, reply: Reply, answer: Answer, ending: Ending) -> None:
        """End a turn in bounded time."""
        delivered = False
        with suppress(TimeoutError):
            async with asyncio.timeout(INTERRUPTION_S):
                delivered = await self._finish(reply, ending)
        await self._close(ask, reply, answer, ending, delivered=delivered)

    async def _finish(self, reply: Reply, ending: Ending) -> bool:
        try:
            return await reply.finish(ending)
        except Exception:
            # The reply's writer is a task of its own, which may meet what nobody thought of; the turn still ends.
            logger.exception("a reply broke")
            return False

    async def _keep(self, ask: Ask) -> bool:
        place = ask.place
        turn = Turn(
            id=ask.id,
            channel_id=place.channel_id,
            guild_id=place.guild_id,
            asker_id=ask.person.id,
            mode=ask.mode,
            state=TurnState.QUEUED,
            prompt=ask.text,
            locale=place.locale,
            created_at=ask.created_at,
            updated_at=self._clock.now(),
        )
        if not await self._stores.turns.create(turn):
            return False
        await self._stores.history.append(
            HistoryMessage(
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
        )
        return True

    async def _answer(self, ask: Ask, reply: Reply, answer: Answer, answer_with: Answerer) -> Ending:
        try:
            return await answer_with(ask, reply, answer)
        except StorageError:
            logger.exception("the database failed in the middle of a turn")
            return Ending(state=TurnState.FAILED, problem=Trouble.STORAGE)
        except ProviderError as error:
            return Ending(state=TurnState.FAILED, problem=error)
        except Exception:
            # The task's boundary: whatever it is, the person gets words and the log the reason.
            logger.exception("a turn failed")
            return Ending(state=TurnState.FAILED, problem=Trouble.INTERNAL)

    async def _checkpoint(self, turn: int, reply: Reply, answer: Answer, wake: asyncio.Event) -> None:
        """Keep the reply's ids as soon as there are new ones, and its text about once a second."""
        kept: tuple[tuple[int, ...], int] = ((), 0)
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(CHECKPOINT_S):
                    await wake.wait()
            wake.clear()
            now = (reply.message_ids, len(answer.parts))
            if now == kept:
                continue
            try:
                await self._stores.turns.checkpoint(
                    turn, reply_ids=now[0], text=answer.text, updated_at=self._clock.now()
                )
                kept = now
            except BotError:
                logger.exception("how far the turn is could not be kept")

    async def _close(self, ask: Ask, reply: Reply, answer: Answer, ending: Ending, *, delivered: bool) -> None:
        problem = ending.problem
        try:
            await self._stores.turns.finish(
                ask.id,
                state=ending.state,
                reply_ids=reply.message_ids,
                text=answer.text,
                updated_at=self._clock.now(),
                error_kind=problem.kind if isinstance(problem, ProviderError) else None,
                usage=answer.usage,
            )
            if reply.message_ids:
                await self._remember(ask, reply.message_ids, answer, ending, delivered=delivered)
        except BotError:
            logger.exception("how the turn ended could not be kept")

    async def _remember(
        self, ask: Ask, ids: tuple[int, ...], answer: Answer, ending: Ending, *, delivered: bool
    ) -> None:
        """Put the reply into the channel's history: its words, or the prompt that was drawn and arrived."""
        drawn = delivered and bool(ending.pictures) and answer.parameters is not None
        text = ask.text if drawn else answer.text
        if not text.strip():
            return
        me = self._me()
        await self._stores.history.append(
            HistoryMessage(
                id=ids[0],
                channel_id=ask.place.channel_id,
                guild_id=ask.place.guild_id,
                author_id=me.id,
                author_name=me.name,
                role=Role.ASSISTANT,
                text=text,
                created_at=self._clock.now(),
                kind=Kind.DRAWING if drawn else Kind.TEXT,
                reply_to=ask.id,
            )
        )
        if drawn and answer.parameters is not None:
            for index, file in enumerate(ending.pictures):
                await self._stores.drawings.add(
                    Drawing(
                        turn_id=ask.id,
                        index=index,
                        channel_id=ask.place.channel_id,
                        message_id=ids[-1],
                        prompt=ask.text,
                        parameters=answer.parameters,
                        filename=file.filename,
                        created_at=self._clock.now(),
                    )
                )

    def _log(
        self, ask: Ask, reply: Reply, answer: Answer, ending: Ending, started_at: float, *, delivered: bool
    ) -> None:
        def after(at: float | None) -> str:
            return "-" if at is None else f"{at - started_at:.3f}s"

        problem = ending.problem
        logger.info(
            "%s %s%s: guild=%s channel=%s first_event=%s first_shown=%s total=%.3fs requests=%s pages=%s pictures=%s "
            "tokens=%s+%s delivered=%s",
            ask.mode.value,
            ending.state.value,
            f" ({problem.kind.value if isinstance(problem, ProviderError) else problem.value})" if problem else "",
            ask.place.guild_id,
            ask.place.channel_id,
            after(answer.first_event_at),
            after(reply.first_shown_at),
            self._clock.monotonic() - started_at,
            reply.edits,
            len(reply.message_ids),
            len(ending.pictures),
            answer.usage.prompt_tokens,
            answer.usage.completion_tokens,
            delivered,
        )
