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
_HOLD_MANY = (
    select(turns.c.id, turns.c.fence, turns.c.reply_ids)
    .where(turns.c.id.in_(bindparam("turns", expanding=True)), UNFINISHED)
    .order_by(turns.c.id)
    .with_for_update()
)
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
        values = {"turn": turn_id, "under": fence, "pages": reply_ids, **moment}
        own = await self._noted.submit(values) if self._database.is_sqlite else (await self._note([values]))[0]
        if not own:
            raise TakenOverError("another process works on this turn")

    async def _note(self, batch: Sequence[dict[str, Any]]) -> Sequence[bool]:
        """Note how far several are; tells of each whether no other process works on it."""
        # Pages change seldom: mostly this one statement is all, and alone it needs no BEGIN and COMMIT.
        if len(batch) == 1 and await self._database.execute(_OPERATION, _ON_SAME_PAGES, batch[0]):
            return [True]

        async def work(connection: AsyncConnection) -> list[bool]:
            if len(batch) > 1 and (await connection.execute(_ON_SAME_PAGES, batch)).rowcount == len(batch):
                return [True] * len(batch)
            ids = {"turns": [each["turn"] for each in batch]}
            held = {turn.id: turn for turn in await connection.execute(_HOLD_MANY, ids)}
            fences = {turn_id: turn.fence for turn_id, turn in held.items()}
            own = [each for each in batch if fences.get(each["turn"]) == each["under"]]
            moved = [each for each in own if held[each["turn"]].reply_ids != each["pages"]]
            await change_pages(connection, _CHECKPOINT, moved, {each["turn"]: each["pages"] for each in moved})
            return [fences.get(each["turn"], each["under"]) == each["under"] for each in batch]

        return await self._database.transaction(_OPERATION, work)
