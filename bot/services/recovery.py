"""After a start: turns that were under way when the last process died are ended in words."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from bot.domain.messages import HistoryMessage, Person, Role
from bot.domain.ports import Clock
from bot.domain.turns import Turn, TurnState
from bot.errors import StorageError
from bot.services.runner import Stores

logger = logging.getLogger(__name__)


class ReplyMender(Protocol):
    """Ends the reply of a turn whose process is gone."""

    async def mend(self, turn: Turn) -> Turn:
        """Bring the kept text and the word "interrupted" onto Discord; returns what stands there. Never raises."""


class RecoveryService:
    """Ends orphaned turns. ``ours`` says whether this process is the one that answers in a turn's place."""

    def __init__(
        self,
        stores: Stores,
        mender: ReplyMender,
        clock: Clock,
        *,
        ours: Callable[[Turn], bool],
        me: Callable[[], Person],
    ) -> None:
        self._stores = stores
        self._mender = mender
        self._clock = clock
        self._ours = ours
        self._me = me

    async def orphans(self) -> tuple[Turn, ...]:
        """List the turns that no process works on; to be asked before this process takes any. Raises StorageError."""
        return tuple(turn for turn in await self._stores.turns.unfinished() if self._ours(turn))

    async def recover(self, orphans: tuple[Turn, ...]) -> None:
        """End the turns one after the other, oldest first; one that fails does not keep the others."""
        for turn in orphans:
            mended = await self._mender.mend(turn)
            try:
                await self._close(mended)
            except StorageError:
                logger.exception("an interrupted turn could not be closed")
        if orphans:
            logger.info("%s turns had been interrupted and are ended", len(orphans))

    async def _close(self, turn: Turn) -> None:
        now = self._clock.now()
        if turn.reply_ids and turn.text.strip():
            me = self._me()
            await self._stores.history.append(
                HistoryMessage(
                    id=turn.reply_ids[0],
                    channel_id=turn.channel_id,
                    guild_id=turn.guild_id,
                    author_id=me.id,
                    author_name=me.name,
                    role=Role.ASSISTANT,
                    text=turn.text,
                    created_at=now,
                    reply_to=turn.id,
                )
            )
        await self._stores.turns.finish(
            turn.id, state=TurnState.INTERRUPTED, reply_ids=turn.reply_ids, text=turn.text, updated_at=now
        )
