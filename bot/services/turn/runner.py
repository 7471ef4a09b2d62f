"""Runs a turn: admits it, stores it before the model is called, answers it, and always closes it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from functools import partial

from bot.domain.clock import Clock
from bot.domain.drawing.denial import DrawingDenial
from bot.domain.model.request import Mode
from bot.domain.reply.closing import INTERRUPTED, Close, Closing, Drawn, decide
from bot.domain.reply.controls import running_controls
from bot.domain.reply.ending import Ending, Problem, ReplyOptions
from bot.domain.reply.ports import Reply, ReplySink
from bot.domain.settings.choices import TurnOrder
from bot.domain.settings.in_force import InForce
from bot.domain.turn.admission import refusal, written_words
from bot.domain.turn.ask import Ask
from bot.domain.turn.record import Turn, TurnState
from bot.errors import (
    DuplicateTurnError,
    ProviderError,
    Refusal,
    StoppedError,
    StopReason,
    StorageError,
    TakenOverError,
    Trouble,
    UserError,
)
from bot.services.background import going_on
from bot.services.model.answer import Answer
from bot.services.model.round import Answerer, Round
from bot.services.queue.coordinator import TurnCoordinator, drawing_queue
from bot.services.settings.service import SettingsService
from bot.services.turn.entry.entrance import (
    Before,
    Entrance,
    Kept,
    Prepare,
    WordsCome,
    as_it_is,
    as_set,
    never,
    nothing_before,
    unheard,
)
from bot.services.turn.log import log_turn
from bot.services.turn.records import TurnRecords
from bot.services.turn.refusals import RefusalService, finish
from bot.services.usage.quota import QuotaService

logger = logging.getLogger(__name__)

INTERRUPTION_S = 8.0
"""How long an interrupted turn may take to say so."""

MOST_BY_TOKEN = 6
"""The response and five followups: more of them Discord takes of no bot that only its user has installed (Discord
documentation, Receiving and Responding)."""


class TurnRunner:
    """Runs one turn from its admission to its last state."""

    def __init__(
        self,
        records: TurnRecords,
        coordinator: TurnCoordinator,
        settings: SettingsService,
        quota: QuotaService,
        refusals: RefusalService,
        clock: Clock,
    ) -> None:
        self._records = records
        self._coordinator = coordinator
        self._settings = settings
        self._quota = quota
        self._clock = clock
        self._entrance = Entrance(records, coordinator, settings, refusals)

    async def run(
        self,
        ask: Ask,
        sink: ReplySink,
        answer_with: Answerer,
        *,
        prepare: Prepare = as_it_is,
        before: Before = nothing_before,
        kept: Kept = unheard,
        words_come: WordsCome = never,
    ) -> None:
        """Answer a turn; one that is stored already (the same event seen twice) is left alone.

        Users without permission get a refusal; nothing is stored. ``before`` says what was written before the question
        and is a part of it. ``kept`` is called when the turn is stored. ``words_come`` says of a question without words
        whether another message brings them, which is the question then.
        """
        with self._coordinator.arrivals.taking_up(ask.id):
            begun = await self._entrance.keep(ask, sink, prepare, before, words_come)
            if begun is None:
                return
            await kept(begun.ask, begun.settings)
        options = _options(begun.ask, begun.settings, begun.ask.response_ids)
        await self._run(begun.ask, begun.settings, sink, options, Answer(), answer_with)

    async def rerun(self, ask: Ask, turn: Turn, sink: ReplySink, answer_with: Answerer) -> bool:
        """Answer a turn anew, in the messages of its reply; False if it is under way or unknown.

        If the place's rules now speak against it, that is the answer. Raises ``StorageError``.
        """
        settings = await self._settings.of_turn(ask.place, ask.user.id)
        whole = await self._records.whole(ask)
        try:
            version = await self._records.begin_version(ask)
        except TakenOverError:
            return False
        if version is None or settings is None:
            return False
        ask = whole
        # The roles of the one who asked are not known if somebody else asks for it again.
        refused = refusal(written_words(ask, settings), ask.place, ask.user.role_ids, settings.user)
        if refused is not None:
            answer_with = _refusing(refused)
        ask = as_set(ask, settings)
        options = _options(ask, settings, turn.reply_ids)
        await self._run(ask, settings, sink, options, Answer(version=version), answer_with, stood=turn.version)
        return True

    async def refuse(self, ask: Ask, sink: ReplySink, problem: Problem) -> None:
        """Say why a turn is not taken up, to users who may ask; to others nothing. Nothing is stored."""
        with self._coordinator.arrivals.taking_up(ask.id):
            await self._entrance.refuse(ask, sink, problem)

    async def _run(
        self,
        ask: Ask,
        settings: InForce,
        sink: ReplySink,
        options: ReplyOptions,
        answer: Answer,
        answer_with: Answerer,
        *,
        stood: int | None = None,
    ) -> None:
        """Open the reply, wait for a place, answer, close: however the turn ends, it is closed once.

        ``stood`` is the version that its messages show before.
        """
        started_at = self._clock.monotonic()
        changed = asyncio.Event()
        lost = partial(self._coordinator.stop, ask.id, StopReason.REPLY_LOST)
        async with (
            sink.open_reply(ask, options, changed=changed.set, lost=lost) as reply,
            self._while_it_lasts(ask, sink),
        ):
            turn = Round(ask=ask, settings=settings, reply=reply, answer=answer)
            outcome: Ending | StopReason | None = None
            try:
                async with self._records.journal(ask.id, reply, answer, changed), self._place(turn) as turned_away:
                    outcome = turned_away or await self._answer(turn, answer_with)
                    ending, delivered = await self._close(turn, outcome)
            except DuplicateTurnError:
                logger.info("turn %s is under way already", ask.id)
                return
            except asyncio.CancelledError:
                if self._coordinator.abandoned:
                    raise
                # An answer that is whole already stays so: it only has to get there.
                with suppress(TimeoutError):
                    async with asyncio.timeout(INTERRUPTION_S):
                        await self._close(turn, outcome or INTERRUPTED)
                raise
            if stood is not None and not delivered and not reply.edits:
                await self._records.go_back(ask, stood)
            took_s = self._clock.monotonic() - started_at
            log_turn(ask, reply, answer, ending, started_at=started_at, took_s=took_s, delivered=delivered)

    @asynccontextmanager
    async def _place(self, turn: Round) -> AsyncIterator[Ending | StopReason | None]:
        """Hold the turn's place in its queue while inside; yields what turned the turn away, None if nothing did.

        Raises ``DuplicateTurnError`` if the turn is under way already.
        """
        ask = turn.ask
        place = self._coordinator.turn(
            ask.id,
            ask.place.channel_id,
            (ask.payer or ask.user).id,
            guild_id=ask.place.guild_id,
            in_order=turn.settings.user.turn_order is TurnOrder.IN_ORDER,
            moved=turn.reply.show_waiting,
            drawing=drawing_queue(ask.place) if ask.mode is Mode.DRAW else None,
        )
        turned_away: Ending | StopReason | None = None
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(place)
            except UserError as error:
                turned_away = Ending(state=TurnState.FAILED, problem=error.reason)
            except StoppedError as error:  # while it waited
                turned_away = error.reason
            yield turned_away

    @asynccontextmanager
    async def _while_it_lasts(self, ask: Ask, sink: ReplySink) -> AsyncIterator[None]:
        """Stop the turn in time if its reply can't be changed any more when its token is over."""
        lasts_s = sink.lasts_s

        async def end() -> None:
            await self._clock.sleep(lasts_s or 0.0)
            if await sink.ends():
                self._coordinator.stop(ask.id, StopReason.TOKEN_ENDING)

        if lasts_s is None:
            yield
            return
        async with going_on(end(), f"token-{ask.id}"):
            yield

    async def _answer(self, turn: Round, answer_with: Answerer) -> Ending | StopReason:
        try:
            return await self._coordinator.run_stoppable(turn.ask.id, answer_with(turn))
        except StoppedError as error:
            return error.reason
        except UserError as error:
            return Ending(state=TurnState.FAILED, problem=error.reason)
        except StorageError as error:
            logger.warning("the database failed in the middle of a turn: %s", error)
            return Ending(state=TurnState.FAILED, problem=Trouble.STORAGE)
        except ProviderError as error:
            return Ending(state=TurnState.FAILED, problem=error)
        except Exception:
            # The task's boundary: whatever it is, the user gets words and the log the reason.
            logger.exception("a turn failed")
            return Ending(state=TurnState.FAILED, problem=Trouble.INTERNAL)

    async def _close(self, turn: Round, outcome: Ending | StopReason) -> tuple[Ending, bool]:
        """Bring a turn to its end on Discord and in the database; returns the ending, and whether Discord took it."""
        ask, reply, answer = turn.ask, turn.reply, turn.answer
        drawn = Drawn(pictures=answer.files, card=answer.card(ask.user.id, now=self._clock.monotonic()))
        written = bool(answer.text.strip())
        closing = decide(ask, outcome, drawn, version=answer.version, written=written, gone=reply.gone, loss=reply.loss)
        used = self._quota.used(answer, closing.ending)
        offered = closing.ending.problem is DrawingDenial.CONFIRM
        ending = replace(closing.ending, notices=self._quota.notices(answer, used, offered=offered))
        ending, delivered = await self._carry_out(replace(closing, ending=ending), reply, answer)
        settlement = self._quota.settlement(ask, answer, used)
        await self._records.close(ask, reply.message_ids, answer, ending, delivered=delivered, settlement=settlement)
        return ending, delivered

    async def _carry_out(self, closing: Closing, reply: Reply, answer: Answer) -> tuple[Ending, bool]:
        """Do to the reply what was decided, and leave in the answer what stands.

        Returns the ending that came of it, and whether Discord took it.
        """
        match closing.how:
            case Close.FINISH:
                delivered = await finish(reply, closing.ending)
                answer.keep(reply.shown_chars)
                return reply.ending or closing.ending, delivered
            case Close.KEEP:
                await reply.close()
                answer.keep(reply.shown_chars)
            case Close.DISCARD:
                await reply.discard()
                answer.parts.clear()
            case Close.SILENCE:
                await reply.discard()
        return closing.ending, True


def _options(ask: Ask, settings: InForce, message_ids: tuple[int, ...]) -> ReplyOptions:
    return ReplyOptions(
        controls=running_controls(ask.id, drawing=ask.mode is Mode.DRAW),
        message_ids=message_ids,
        pages_before_file=settings.user.pages_before_file,
        can_attach=ask.place.can_attach,
        most_messages=MOST_BY_TOKEN if ask.place.by_token_only else None,
    )


def _refusing(refused: Refusal) -> Answerer:
    async def answer_with(_: Round) -> Ending:
        return Ending(state=TurnState.FAILED, problem=refused)

    return answer_with
