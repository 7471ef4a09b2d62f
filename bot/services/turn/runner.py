"""What every turn goes through, whatever is asked: kept before the model is asked, answered, closed in every case."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any

from bot.domain.clock import Clock
from bot.domain.drawing.denial import DrawingDenial
from bot.domain.model.request import Mode
from bot.domain.picture.parameters import PARAMETER_FIELDS
from bot.domain.reply.controls import ended_controls, running_controls
from bot.domain.reply.ending import Ending, Problem, ReplyOptions
from bot.domain.reply.ports import Reply, ReplySink
from bot.domain.settings.catalogue import Settings
from bot.domain.settings.choices import TurnOrder
from bot.domain.turn.admission import asked_words, refusal
from bot.domain.turn.ask import Ask
from bot.domain.turn.record import Turn, TurnState
from bot.errors import (
    DuplicateTurnError,
    ProviderError,
    Refusal,
    Shortage,
    StoppedError,
    StopReason,
    StorageError,
    Trouble,
    UserError,
)
from bot.services.background import going_on
from bot.services.model.answer import Answer
from bot.services.queue.coordinator import TurnCoordinator, drawing_line
from bot.services.settings.service import SettingsService
from bot.services.turn.log import log_turn
from bot.services.turn.records import TurnRecords
from bot.services.turn.refusals import RefusalPace
from bot.services.usage.quota import QuotaService

logger = logging.getLogger(__name__)

INTERRUPTION_S = 8.0
"""How long an interrupted turn may take to say so."""

Answerer = Callable[[Ask, Reply, Answer], Coroutine[Any, Any, Ending]]
"""Answers a turn: pushes into the reply, fills the answer, and says how the reply ends."""

_INTERRUPTED = Ending(state=TurnState.INTERRUPTED, problem=Trouble.INTERRUPTED)
_SHOWN = frozenset({StopReason.ASKED, StopReason.TOKEN_ENDING})
"""What ends a turn whose reply stays and says so."""
_STOPPED = Ending(state=TurnState.STOPPED, problem=Trouble.STOPPED)
_TOKEN_ENDING = Ending(state=TurnState.STOPPED, problem=Trouble.TOKEN_ENDING)


class TurnRunner:
    """Runs one turn from its admission to its last state."""

    def __init__(
        self,
        records: TurnRecords,
        turns: TurnCoordinator,
        settings: SettingsService,
        quota: QuotaService,
        clock: Clock,
    ) -> None:
        self._records = records
        self._turns = turns
        self._settings = settings
        self._quota = quota
        self._clock = clock
        self._pace = RefusalPace(clock)

    async def run(self, ask: Ask, sink: ReplySink, answer_with: Answerer) -> None:
        """Answer a turn; one that is kept already (the same event seen twice) is left alone.

        Whoever may not ask is told so before anything is kept.
        """
        admitted = await self._admit(ask, sink)
        if admitted is None:
            return
        ask, settings = admitted
        if not ask.text:
            await self._refuse(ask, sink, Refusal.EMPTY_PROMPT)
            return
        try:
            if not await self._records.keep(ask):
                logger.info("turn %s was seen before and is left alone", ask.id)
                return
        except StorageError:
            logger.exception("turn %s could not be kept", ask.id)
            await self._refuse(ask, sink, Trouble.STORAGE)
            return
        await self._run(ask, settings, sink, answer_with, Answer(), message_ids=ask.response_ids)

    async def rerun(self, ask: Ask, turn: Turn, sink: ReplySink, answer_with: Answerer) -> bool:
        """Answer a turn anew, in the messages of its reply; False where it is under way or unknown.

        Where the place's rules now speak against it, that is the answer.
        """
        try:
            settings = await self._settings.in_force(ask.place, ask.person.id)
            words = await self._words_of(ask, settings)
            version = await self._records.begin_version(ask)
        except StorageError:
            logger.exception("another answer to turn %s could not be begun", turn.id)
            return False
        if version is None:
            return False
        # The roles of the one who asked are not known where somebody else asks for it again.
        refused = refusal(words, ask.place, ask.person.role_ids, settings)
        if refused is not None:
            answer_with = _refusing(refused)
        ask, answer = _in_language(ask, settings), Answer(version=version)
        await self._run(ask, settings, sink, answer_with, answer, message_ids=turn.reply_ids)
        return True

    async def refuse(self, ask: Ask, sink: ReplySink, problem: Problem) -> None:
        """Say why a turn is not taken up, to those who may ask; nothing is kept of it."""
        admitted = await self._admit(ask, sink)
        if admitted is not None:
            await self._refuse(admitted[0], sink, problem)

    async def _admit(self, ask: Ask, sink: ReplySink) -> tuple[Ask, Settings] | None:
        """Ask the rules of the place; None where they speak against it, which then has been said."""
        try:
            settings = await self._settings.in_force(ask.place, ask.person.id)
            words = await self._words_of(ask, settings)
        except StorageError:
            logger.exception("the settings for turn %s could not be read", ask.id)
            await self._refuse(ask, sink, Trouble.STORAGE)
            return None
        ask = _in_language(ask, settings)
        refused = refusal(words, ask.place, ask.person.role_ids or (), settings)
        if refused is None:
            return ask, settings
        logger.info("turn %s is refused: %s", ask.id, refused.value)
        if self._pace.may_say(ask, refused):
            await self._refuse(ask, sink, refused)
        return None

    async def _words_of(self, ask: Ask, settings: Settings) -> str:
        """Tell what a person has written of a question: a card shows a model's name too, which may be any text.

        The place's model is not of the person's choosing; their own default is. Raises ``StorageError``.
        """
        model = ask.wish.model if ask.wish is not None else None
        if model is None and ask.mode is Mode.DRAW:
            model = settings.mh_model_name
            if model == (await self._settings.in_force(ask.place)).mh_model_name:
                model = None
        words = asked_words(ask)
        return f"{words}\n{model}" if model else words

    async def _refuse(self, ask: Ask, sink: ReplySink, problem: Problem) -> None:
        if ask.overheard:
            return
        options = ReplyOptions(message_ids=ask.response_ids, refusal=True)
        async with sink.open_reply(ask, options) as reply:
            await self._finish(reply, Ending(state=TurnState.FAILED, problem=problem))

    async def _run(
        self,
        ask: Ask,
        settings: Settings,
        sink: ReplySink,
        answer_with: Answerer,
        answer: Answer,
        *,
        message_ids: tuple[int, ...],
    ) -> None:
        started_at = self._clock.monotonic()
        options = ReplyOptions(
            controls=running_controls(ask.id, drawing=ask.mode is Mode.DRAW),
            message_ids=message_ids,
            pages_before_file=settings.pages_before_file,
            can_attach=ask.place.can_attach,
        )
        changed = asyncio.Event()
        lost = partial(self._turns.stop, ask.id, StopReason.REPLY_LOST)
        async with (
            sink.open_reply(ask, options, changed=changed.set, lost=lost) as reply,
            self._while_it_lasts(ask, sink.lasts_s),
        ):
            outcome: Ending | StopReason | None = None
            try:
                async with self._records.journal(ask.id, reply, answer, changed):
                    try:
                        async with self._turns.turn(
                            ask.id,
                            ask.place.channel_id,
                            ask.person.id,
                            in_order=settings.turn_order is TurnOrder.IN_ORDER,
                            moved=reply.show_waiting,
                            drawing=drawing_line(ask.place) if ask.mode is Mode.DRAW else None,
                        ):
                            outcome = await self._answer(ask, reply, answer, answer_with)
                            ending, delivered = await self._conclude(ask, reply, answer, outcome)
                    except UserError as error:
                        outcome = Ending(state=TurnState.FAILED, problem=error.reason)
                        ending, delivered = await self._conclude(ask, reply, answer, outcome)
                    except StoppedError as error:  # while it waited in line
                        outcome = error.reason
                        ending, delivered = await self._conclude(ask, reply, answer, outcome)
            except DuplicateTurnError:
                logger.info("turn %s is under way already", ask.id)
                return
            except asyncio.CancelledError:
                # An answer that is whole already stays so: it only has to get there.
                with suppress(TimeoutError):
                    async with asyncio.timeout(INTERRUPTION_S):
                        await self._conclude(ask, reply, answer, outcome or _INTERRUPTED)
                raise
            took_s = self._clock.monotonic() - started_at
            log_turn(ask, reply, answer, ending, started_at=started_at, took_s=took_s, delivered=delivered)

    @asynccontextmanager
    async def _while_it_lasts(self, ask: Ask, lasts_s: float | None) -> AsyncIterator[None]:
        """Stop the turn in time where its reply can be changed for ``lasts_s`` seconds only."""

        async def end() -> None:
            await self._clock.sleep(lasts_s or 0.0)
            self._turns.stop(ask.id, StopReason.TOKEN_ENDING)

        if lasts_s is None:
            yield
            return
        async with going_on(end(), f"token-{ask.id}"):
            yield

    async def _answer(self, ask: Ask, reply: Reply, answer: Answer, answer_with: Answerer) -> Ending | StopReason:
        try:
            return await self._turns.run_stoppable(ask.id, answer_with(ask, reply, answer))
        except StoppedError as error:
            return error.reason
        except UserError as error:
            return Ending(state=TurnState.FAILED, problem=error.reason)
        except StorageError:
            logger.exception("the database failed in the middle of a turn")
            return Ending(state=TurnState.FAILED, problem=Trouble.STORAGE)
        except ProviderError as error:
            return Ending(state=TurnState.FAILED, problem=error)
        except Exception:
            # The task's boundary: whatever it is, the person gets words and the log the reason.
            logger.exception("a turn failed")
            return Ending(state=TurnState.FAILED, problem=Trouble.INTERNAL)

    async def _conclude(
        self, ask: Ask, reply: Reply, answer: Answer, outcome: Ending | StopReason
    ) -> tuple[Ending, bool]:
        """Bring a turn to its end on Discord and in the database; returns how it ended and whether Discord took it."""
        stopped = _TOKEN_ENDING if outcome is StopReason.TOKEN_ENDING else _STOPPED
        ending, delivered = outcome if isinstance(outcome, Ending) else stopped, True
        if answer.made and not ending.pictures and (isinstance(outcome, Ending) or outcome in _SHOWN):
            # Made and paid for, before it was stopped or something failed.
            ending = replace(ending, pictures=answer.files, card=answer.card())
        used = self._quota.used(answer, ending)
        offered = ending.problem is DrawingDenial.CONFIRM
        ending = replace(ending, notices=self._quota.notices(answer, used, offered=offered))
        if outcome is StopReason.REPLY_LOST and reply.gone:
            # Noticed by an edit before Discord's own word of it had come, or had meant anything.
            outcome = StopReason.REPLY_DELETED
        match outcome:
            case StopReason.PROMPT_DELETED | StopReason.REPLY_DELETED:
                # One page of several that was deleted takes the others with it: half an answer is none.
                await reply.discard()
                answer.parts.clear()
            case StopReason.REPLY_LOST | StopReason.PROMPT_EDITED:
                await reply.close()
                answer.parts[:] = [answer.text[: reply.shown_chars]]
            case Ending() if ask.overheard and isinstance(ending.problem, Refusal | Shortage):
                # Nobody has asked: a full line or a quota is no reason to speak up.
                await reply.discard()
            case StopReason.ASKED | StopReason.TOKEN_ENDING | Ending():
                delivered = await self._finish(reply, self._with_controls(ask, answer, ending))
        # Behind the reply, which people wait for, and before the turn is closed: until then a kill does not lose it.
        await self._quota.settle(ask, answer, used)
        await self._records.close(ask, reply, answer, ending, delivered=delivered)
        return ending, delivered

    def _with_controls(self, ask: Ask, answer: Answer, ending: Ending) -> Ending:
        problem = ending.problem
        refused = isinstance(problem, ProviderError) and problem.drawing
        controls = ended_controls(
            ask.id,
            state=ending.state,
            reason=ending.reason,
            drawn=bool(ending.pictures),
            offered=problem is DrawingDenial.CONFIRM,
            version=answer.version,
            versions=answer.version,
            # What a picture was refused for can be edited, whatever the picture came out of.
            drawing=ask.mode is Mode.DRAW or refused,
            larger=ending.card is not None and ending.card.plan.larger is not None,
            honoured=ending.card.plan.honoured if ending.card is not None else PARAMETER_FIELDS,
        )
        return replace(ending, controls=controls)

    async def _finish(self, reply: Reply, ending: Ending) -> bool:
        try:
            return await reply.finish(ending)
        except Exception:
            # The reply's writer is a task of its own, which may meet what nobody thought of; the turn still ends.
            logger.exception("a reply broke")
            return False


def _in_language(ask: Ask, settings: Settings) -> Ask:
    """Speak the language that is set for the place or the person, where one is."""
    if settings.language == "auto":
        return ask
    return replace(ask, place=replace(ask.place, locale=settings.language))


def _refusing(refused: Refusal) -> Answerer:
    async def answer_with(ask: Ask, reply: Reply, answer: Answer) -> Ending:  # noqa: ARG001  # an answerer's signature
        return Ending(state=TurnState.FAILED, problem=refused)

    return answer_with
