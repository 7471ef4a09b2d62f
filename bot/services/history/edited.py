"""Messages that become questions by an edit."""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.domain.clock import Clock
from bot.domain.turn.admission import listens
from bot.domain.turn.ask import Ask
from bot.domain.turn.ports import TurnStore
from bot.errors import StorageError
from bot.services.queue.coordinator import TurnCoordinator
from bot.services.settings.service import SettingsService

logger = logging.getLogger(__name__)


class EditedQuestions:
    """Says whether an edited message is a question that is still to be answered."""

    def __init__(
        self, turn_store: TurnStore, coordinator: TurnCoordinator, settings: SettingsService, clock: Clock
    ) -> None:
        self._turn_store = turn_store
        self._coordinator = coordinator
        self._settings = settings
        self._clock = clock

    async def is_new(self, ask: Ask) -> bool:
        """Whether an edited message is a question that has no turn yet, and is young enough to be answered.

        One that is being taken up is waited for: an edit of it is then followed as an edit of any question.
        """
        if ask.edited_at is None:
            return False
        await self._coordinator.arrivals.settled(ask.id)
        try:
            settings = await self._settings.in_force(ask.place, ask.user.id)
            if ask.overheard and not listens(ask.place, settings):
                return False
            window = timedelta(seconds=settings.rerun_on_edit_s)
            if not window or self._clock.now() - ask.created_at > window:
                return False
            return await self._turn_store.get(ask.id) is None
        except StorageError as error:
            logger.warning("whether an edited message is a question could not be looked up: %s", error)
            return False
