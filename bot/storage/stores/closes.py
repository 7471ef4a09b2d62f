"""What is written when turns end: the turn, its line in the history, its drawings and what was used, all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Row, Update, bindparam, case, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.history.messages import HistoryMessage
from bot.domain.turn.closed import ClosedTurn
from bot.storage.database.engine import Database
from bot.storage.database.statements import insert_once, insert_or_replace
from bot.storage.schema.tables import drawings, messages, turn_replies, turn_versions, turns
from bot.storage.stores.drawings import drawing_row, remove_drawings
from bot.storage.stores.history import EDIT_LINE, message_row
from bot.storage.stores.turn_rows import usage_columns
from bot.storage.stores.usage import Settling

_ONE = turns.c.id == bindparam("turn")
_INSERT_REPLY = insert(turn_replies)
_DELETE_REPLIES = delete(turn_replies).where(turn_replies.c.turn_id == bindparam("turn"))
# The columns to set are those of the values that they are run with.
# The text of a forgotten turn, whose prompt is empty, stays away.
_FINISH = (
    update(turns)
    .where(_ONE)
    .values(text=case((turns.c.prompt == "", ""), else_=bindparam("answer", type_=turns.c.text.type)))
)
_STANDING_VERSION = select(
    turns.c.id, turns.c.version, turns.c.text, turns.c.state, turns.c.reason, turns.c.error_kind, turns.c.updated_at
).where(_ONE)
# PostgreSQL: all that touches the versions of a turn holds the turn's row first, several in the order of their ids.
# On SQLite, where one writes at a time, FOR UPDATE is left out.
_HOLD = select(turns).where(_ONE).with_for_update()
_MANY: BindParameter[int] = bindparam("turns", expanding=True)
_HOLD_MANY = select(turns).where(turns.c.id.in_(_MANY)).order_by(turns.c.id).with_for_update()
_ENDED_AT = select(turn_versions.c.turn_id, turn_versions.c.number, turn_versions.c.created_at).where(
    turn_versions.c.turn_id.in_(_MANY)
)


class Closing:
    """Closes turns inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._keep_version = insert_or_replace(database, turn_versions, _STANDING_VERSION)
        self._append = insert_once(database, messages).returning(messages.c.id)
        self._keep_drawing = insert_or_replace(database, drawings)
        self._settling = Settling(database)

    async def close(self, connection: AsyncConnection, batch: Sequence[ClosedTurn]) -> tuple[str, ...]:
        """Close turns; repeating changes nothing. Returns the names of files whose drawings are forgotten.

        Of a forgotten turn neither line nor drawings come back. One that has gone on to a further version stays.
        The number of statements is that of one turn, as a rule: each takes its time where much else goes on.
        """
        unstored: list[str] = []
        rest = list(batch)
        while rest:
            # Of several closes of one turn each is done after the one before it.
            unique = {closed.turn_id: closed for closed in reversed(rest)}
            unstored += await self._close_each(connection, sorted(unique.values(), key=lambda one: one.turn_id))
            rest = [closed for closed in rest if unique[closed.turn_id] is not closed]
        return tuple(unstored)

    async def _close_each(self, connection: AsyncConnection, batch: Sequence[ClosedTurn]) -> list[str]:
        ids = {"turns": [closed.turn_id for closed in batch]}
        turns_held = {turn.id: turn for turn in await connection.execute(_HOLD_MANY, ids)}
        ended_at = {(row.turn_id, row.number): row.created_at for row in await connection.execute(_ENDED_AT, ids)}
        current = [
            closed
            for closed in batch
            if closed.turn_id in turns_held and turns_held[closed.turn_id].version == closed.version
        ]
        unstored = await self._keep(connection, [closed for closed in current if turns_held[closed.turn_id].prompt])
        if current:
            moved = {each.turn_id for each in current if turns_held[each.turn_id].reply_ids != each.reply_ids}
            await self._finish_each(connection, current, moved)
            await connection.execute(self._keep_version, [{"turn": closed.turn_id} for closed in current])
        # Another process may have taken a turn for one that a kill left, and closed it without knowing its usage.
        used = [
            closed.settlement
            for closed in batch
            if closed.settlement is not None and ended_at.get((closed.turn_id, closed.version)) != closed.ended_at
        ]
        await self._settling.settle(connection, used)
        return unstored

    async def _finish_each(self, connection: AsyncConnection, batch: Sequence[ClosedTurn], moved: set[int]) -> None:
        """Give turns their last state; the replies of those that ``moved`` have other messages than before."""
        if same := [_values(closed) for closed in batch if closed.turn_id not in moved]:
            await connection.execute(_FINISH, same)
        pages = {closed.turn_id: closed.reply_ids for closed in batch if closed.turn_id in moved}
        values = [_values(closed) for closed in batch if closed.turn_id in moved]
        await change_pages(connection, _FINISH, values, pages)

    async def finish(self, connection: AsyncConnection, values: Mapping[str, Any], reply_ids: tuple[int, ...]) -> None:
        """Give a turn its last state and keep it as the current version; ``values`` has the text as ``answer``."""
        turn_id = values["turn"]
        if await hold(connection, turn_id) is not None:
            await change_pages(connection, _FINISH, [values], {turn_id: reply_ids})
            await connection.execute(self._keep_version, {"turn": turn_id})

    async def _keep(self, connection: AsyncConnection, batch: Sequence[ClosedTurn]) -> list[str]:
        """Keep the lines and drawings of turns, or forget the drawings; returns the names of the files of these."""
        await self._remember(connection, [closed.line for closed in batch if closed.line is not None])
        if drawn := [drawing_row(drawing) for closed in batch for drawing in closed.drawings]:
            await connection.execute(self._keep_drawing, drawn)
        forgetting = tuple(closed.turn_id for closed in batch if closed.forgets_drawings)
        return list(await remove_drawings(connection, forgetting)) if forgetting else []

    async def _remember(self, connection: AsyncConnection, lines: Sequence[HistoryMessage]) -> None:
        """Keep lines, or give those that are there their text; one that was deleted stays deleted."""
        rows = [message_row(line) for line in lines if line.text]
        new = set(await connection.scalars(self._append, rows)) if rows else set()
        known = [line for line in lines if line.id not in new]
        if known:
            await connection.execute(EDIT_LINE, [_said(line) for line in known])


def _said(line: HistoryMessage) -> dict[str, Any]:
    said = {"text": line.text, "kind": line.kind, "drawn": line.drawn, "edited_at": line.created_at}
    return {"channel": line.channel_id, "message": line.id, **said}


def _values(closed: ClosedTurn) -> dict[str, Any]:
    return {
        "turn": closed.turn_id,
        "state": closed.state,
        "answer": closed.text,
        "updated_at": closed.ended_at,
        "reason": closed.reason,
        "error_kind": closed.error_kind,
        **usage_columns(closed.usage),
    }


async def hold(connection: AsyncConnection, turn_id: int) -> Row[*tuple[Any, ...]] | None:
    """Read a turn that nobody else changes before this transaction has ended."""
    return (await connection.execute(_HOLD, {"turn": turn_id})).one_or_none()


async def change_pages(
    connection: AsyncConnection,
    statement: Update,
    values: Sequence[Mapping[str, Any]],
    pages: Mapping[int, tuple[int, ...]],
) -> None:
    """Change turns that are there, by a statement with values for each, together with the messages of their replies."""
    if not values:
        return
    await connection.execute(statement, [{**each, "reply_ids": pages[each["turn"]]} for each in values])
    await connection.execute(_DELETE_REPLIES, [{"turn": turn_id} for turn_id in pages])
    await insert_replies(connection, pages)


async def insert_replies(connection: AsyncConnection, replies: Mapping[int, tuple[int, ...]]) -> None:
    """Note which messages the reply of each turn has."""
    rows = [
        {"message_id": reply_id, "turn_id": turn_id}
        for turn_id, reply_ids in replies.items()
        for reply_id in dict.fromkeys(reply_ids)
    ]
    if rows:
        await connection.execute(_INSERT_REPLY, rows)
