"""Refusals that stand: each goes with the message that was refused, and gives way to its answer."""

from __future__ import annotations

import logging
from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.domain.clock import Clock
from bot.domain.turn.ask import Ask, Source
from bot.domain.turn.notice import StandingRefusal
from bot.domain.turn.ports import RefusalStore, Surroundings
from bot.errors import StorageError
from bot.services.turn.backlog import Backlog
from bot.services.turn.notices import PassingNotices

logger = logging.getLogger(__name__)

AT_ONCE: Final = 500
"""Ids that are looked up in one go."""


class StandingRefusals:
    """Knows what was said instead of answers.

    A command's refusal is for the user alone and hangs on no message. What the database does not take is not
    remembered: it then stands until somebody takes it away.
    """

    def __init__(
        self, store: RefusalStore, notices: PassingNotices, surroundings: Surroundings, backlog: Backlog, clock: Clock
    ) -> None:
        self._store = store
        self._notices = notices
        self._surroundings = surroundings
        self._backlog = backlog
        self._clock = clock

    async def stands(self, ask: Ask) -> bool:
        """Whether a message was refused already, or is gone: Discord may tell of it twice, or of its end first."""
        if ask.source is not Source.MESSAGE:
            return False
        if self._backlog.was_deleted(ask.id):
            return True
        return ask.edited_at is None and await self._of(ask) is not None

    async def keep(self, ask: Ask, message_id: int) -> None:
        """Remember what says that a message is refused; the message's own id if that is a sign on it."""
        if ask.source is not Source.MESSAGE:
            return
        place = ask.place
        refusal = StandingRefusal(
            prompt_id=ask.id,
            channel_id=place.channel_id,
            message_id=message_id,
            guild_id=place.guild_id,
            created_at=self._clock.now(),
        )
        try:
            await self._store.add(refusal)
        except StorageError as error:
            logger.warning("a refusal could not be kept: %s", error)
        if self._backlog.was_deleted(ask.id):
            await self._take_away(refusal)  # it was deleted while this was being said

    async def take_over(self, ask: Ask) -> Ask:
        """Let what is said to an edited message begin in what was said to it before, if that stands.

        Where it is said elsewhere, in a thread, what was said before goes.
        """
        refusal = await self._of(ask) if ask.source is Source.MESSAGE and ask.edited_at is not None else None
        if refusal is None or ask.response_id is not None:
            return ask
        if refusal.is_sign:
            await self._surroundings.take_back_sign(refusal)
            return ask
        if refusal.channel_id != ask.place.channel_id:
            await self._take_away(refusal)
            return ask
        released = await self._notices.release(refusal.channel_id, refusal.message_id)
        return replace(ask, response_id=refusal.message_id) if released else ask

    async def taken_back(self, message_ids: Sequence[int]) -> None:
        """Follow deletes: what was said of a message goes with it. Raises ``StorageError``."""
        for start in range(0, len(message_ids), AT_ONCE):
            gone = tuple(message_ids[start : start + AT_ONCE])
            said = await self._store.of(gone)
            for refusal in said:
                if refusal.message_id not in gone:
                    await self._take_away(refusal)
            if said:
                await self._store.forget(tuple(refusal.message_id for refusal in said))

    async def missed(self, channel_id: int, shown: Container[int], *, first: int, last: int) -> None:
        """Follow deletes that nobody told of: what Discord does not show is gone. Raises ``StorageError``."""
        said = await self._store.between(channel_id, first, last)
        await self.taken_back([refusal.prompt_id for refusal in said if refusal.prompt_id not in shown])

    async def _take_away(self, refusal: StandingRefusal) -> None:
        await self._notices.keep(refusal.channel_id, (refusal.message_id,), stands=timedelta(0))

    async def _of(self, ask: Ask) -> StandingRefusal | None:
        try:
            return next(iter(await self._store.of((ask.id,))), None)
        except StorageError as error:
            logger.warning("what was said of a message could not be read: %s", error)
            return None
