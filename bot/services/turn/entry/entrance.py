"""The way in: the rules of the place, then the turn in the database; or the words that say why not."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from bot.domain.model.request import Mode
from bot.domain.reply.ending import Problem
from bot.domain.reply.ports import ReplySink
from bot.domain.settings.in_force import InForce
from bot.domain.turn.admission import listens, refusal, written_words
from bot.domain.turn.ask import Ask
from bot.errors import Refusal, StorageError, TakenOverError, Trouble
from bot.services.queue.coordinator import TurnCoordinator
from bot.services.settings.service import SettingsService
from bot.services.turn.records import TurnRecords
from bot.services.turn.refusals import RefusalService

logger = logging.getLogger(__name__)

Prepare: TypeAlias = Callable[[Ask, InForce], Awaitable[Ask]]
"""Completes an admitted question before it is stored: where it is answered, and with which seed it is drawn."""
Before: TypeAlias = Callable[[Ask, InForce], Sequence[Ask]]
"""Says what its writer wrote before a question and is a part of it: it is stored with it."""
Kept: TypeAlias = Callable[[Ask, InForce], Awaitable[None]]
"""Is told of a question that is stored, before anything is made of it."""
WordsCome: TypeAlias = Callable[[InForce], Awaitable[bool]]
"""Waits for the words of a question without any; whether another message has brought them."""


async def as_it_is(ask: Ask, _: InForce) -> Ask:
    """Complete nothing."""
    return ask


def nothing_before(_ask: Ask, _settings: InForce) -> Sequence[Ask]:
    """Know of nothing."""
    return ()


async def unheard(ask: Ask, settings: InForce) -> None:
    """Do nothing."""


async def never(_: InForce) -> bool:
    """Wait for nothing."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A question that may be asked, in the language that is set, with the settings that it was admitted under."""

    ask: Ask
    settings: InForce


class Entrance:
    """Admits questions and keeps their turns, or says why not."""

    def __init__(
        self, records: TurnRecords, coordinator: TurnCoordinator, settings: SettingsService, refusals: RefusalService
    ) -> None:
        self._records = records
        self._coordinator = coordinator
        self._settings = settings
        self._refusals = refusals

    async def keep(
        self, ask: Ask, sink: ReplySink, prepare: Prepare, before: Before, words_come: WordsCome
    ) -> Admitted | None:
        """Admit a question and keep its turn; None if nothing is to be answered, which then has been said."""
        admitted = await self._admit(ask, sink)
        if admitted is None:
            return None
        ask, settings = admitted.ask, admitted.settings
        if not ask.text and await words_come(settings):
            return None
        if not ask.text:
            await self._refusals.say(ask, sink, Refusal.EMPTY_PROMPT)
            return None
        if ask.mode is not Mode.DRAW and self._coordinator.full(ask.place, ask.user.id):
            if self._refusals.knows_busy(ask):
                logger.debug("turn %s is left out: its user was told lately that too many wait", ask.id)
                return None
            self._refusals.note_busy(ask)
        ask = await self._refusals.make_way(await prepare(ask, settings))
        try:
            if not await self._records.keep(ask, before(ask, settings)):
                logger.info("turn %s was seen before, or is gone, and is left alone", ask.id)
                return None
        except StorageError as error:
            logger.info("turn %s could not be kept: %s", ask.id, error)
            await self._refusals.say(ask, sink, Trouble.STORAGE)
            return None
        except TakenOverError:
            logger.info("turn %s is left to the process that has taken over", ask.id)
            return None
        return replace(admitted, ask=ask)

    async def refuse(self, ask: Ask, sink: ReplySink, problem: Problem) -> None:
        """Say why a turn is not taken up, to users who may ask; to others nothing."""
        admitted = await self._admit(ask, sink, told=False)
        if admitted is not None:
            await self._refusals.say(admitted.ask, sink, problem)

    async def _admit(self, ask: Ask, sink: ReplySink, *, told: bool = True) -> Admitted | None:
        """Look up the turn's settings, once, and apply the rules of the place.

        None if they speak against the question, which then has been said, if it is to be ``told``. What was said to
        nobody in particular is passed over in silence unless the place listens to everything.
        """
        wanted = partial(listens, ask.place) if ask.overheard else (lambda _: True)
        try:
            settings = await self._settings.of_turn(ask.place, ask.user.id, wanted=wanted)
        except StorageError as error:
            logger.warning("the settings for turn %s could not be read: %s", ask.id, error)
            if told:
                await self._refusals.say(ask, sink, Trouble.STORAGE)
            return None
        if settings is None:
            return None
        ask = as_set(ask, settings)
        words = written_words(ask, settings)
        refused = refusal(words, ask.place, ask.user.role_ids or (), settings.user)
        if refused is None:
            return Admitted(ask=ask, settings=settings)
        logger.info("turn %s is refused: %s", ask.id, refused.value)
        if told:
            await self._refusals.tell(ask, sink, refused, settings)
        return None


def as_set(ask: Ask, settings: InForce) -> Ask:
    """Speak the language that is set for the place or the user, if one is, and ping only who wants that.

    Who has not spoken to the bot does not.
    """
    ask = replace(ask, pings=ask.pings and settings.user.ping and not ask.overheard)
    if settings.user.language == "auto":
        return ask
    return replace(ask, place=replace(ask.place, locale=settings.user.language))
