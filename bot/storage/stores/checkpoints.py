"""How far turns are that are being answered, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.turn.record import TurnState
from bot.errors import TakenOverError
from bot.storage.database.batches import Batches
from bot.storage.database.engine import Database
from bot.storage.schema.tables import turns
from bot.storage.stores.closes import change_pages

UNFINISHED = turns.c.state.in_([state for state in TurnState if not state.final])

_ONE = turns.c.id == bindparam("turn")
# The columns to set are those of the values that it is run with. Who takes a lease over takes the old fence off the
# turns as well, so that the commonest write asks for no other row.
_CHECKPOINT = update(turns).where(_ONE, UNFINISHED, turns.c.fence == bindparam("under"))
_ON_SAME_PAGES = _CHECKPOINT.where(turns.c.reply_ids == bindparam("pages"))
_OTHERS = select(turns.c.id).where(_ONE, UNFINISHED, turns.c.fence != bindparam("under"))
_OPERATION = "note how far a turn is"


class Checkpoints:
    """Notes how far turns are, each about once a second.

    SQLite has one writer: those that come while it is busy share its next transaction, so that whoever closes a turn
    waits for one of them, not for each.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: Batches[dict[str, Any], bool] = Batches(self._note)

    async def note(
        self, turn_id: int, *, fence: int, reply_ids: tuple[int, ...], text: str, updated_at: datetime
    ) -> None:
        """Note the text and the messages of a turn that is not final; else nothing changes.

        Raises ``TakenOverError`` if another process works on it.
        """
        moment = {"state": TurnState.STREAMING, "text": text, "updated_at": updated_at}
        values = {"turn": turn_id, "under": fence, **moment}
        # Pages change seldom: most checkpoints are this one statement.
        on_same_pages = {**values, "pages": reply_ids}
        if self._database.is_sqlite:
            noted = await self._noted.submit(on_same_pages)
        else:
            noted = await self._database.execute(_OPERATION, _ON_SAME_PAGES, on_same_pages) > 0
        if noted:
            return

        async def work(connection: AsyncConnection) -> None:
            changed = await change_pages(connection, _CHECKPOINT, values, reply_ids)
            if not changed and await connection.scalar(_OTHERS, {"turn": turn_id, "under": fence}) is not None:
                raise TakenOverError("another process works on this turn")

        await self._database.transaction(_OPERATION, work)

    async def _note(self, batch: Sequence[dict[str, Any]]) -> Sequence[bool]:
        """Note those whose pages have not changed; tells of each whether that was so."""
        if len(batch) == 1:
            return [await self._database.execute(_OPERATION, _ON_SAME_PAGES, batch[0]) > 0]

        async def work(connection: AsyncConnection) -> list[bool]:
            if (await connection.execute(_ON_SAME_PAGES, list(batch))).rowcount == len(batch):
                return [True] * len(batch)
            return [(await connection.execute(_ON_SAME_PAGES, each)).rowcount > 0 for each in batch]

        return await self._database.transaction(_OPERATION, work)
