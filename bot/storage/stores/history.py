"""The messages of every channel, in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.history.messages import HistoryMessage, Kind
from bot.domain.history.readers import Reader
from bot.domain.people import LARGEST_ID
from bot.storage.database.engine import Database
from bot.storage.database.statements import insert_once
from bot.storage.schema.tables import messages
from bot.storage.stores.recent import RecentRead, RecentReads

DELETE_BATCH = 500
"""Ids in one statement; Discord's own bulk deletes have 100 at most (its documentation, "Bulk Delete Messages")."""

LOOK_BACK_MESSAGES = 100_000
"""How many of the newest messages ``channels_since`` looks at, all channels together: some 50 ms on SQLite."""

MOST_PARTS = 20
"""Further messages of a question; no more than ten are ever kept."""

_FIELDS = tuple(column.name for column in messages.c)
_PRESENT = messages.c.deleted_at.is_(None)
_CHANNEL = messages.c.channel_id == bindparam("channel")
_ONE = messages.c.id == bindparam("message")
_GET = select(messages).where(_CHANNEL, _ONE, _PRESENT)
_AFTER = (
    select(messages)
    .where(_CHANNEL, _PRESENT, messages.c.id > bindparam("after"))
    .order_by(messages.c.id)
    .limit(bindparam("limit"))
)
_PARTS = (
    select(messages)
    .where(messages.c.part_of == bindparam("question"), _PRESENT)
    .order_by(messages.c.id)
    .limit(MOST_PARTS)
)
_NEWEST_ANYWHERE = (
    select(messages.c.channel_id, messages.c.created_at)
    .where(_PRESENT, messages.c.created_at > bindparam("since"))
    .order_by(messages.c.created_at.desc())
    .limit(LOOK_BACK_MESSAGES)
    .subquery()
)
_CHANNELS_SINCE = (
    select(_NEWEST_ANYWHERE.c.channel_id)
    .group_by(_NEWEST_ANYWHERE.c.channel_id)
    .order_by(func.max(_NEWEST_ANYWHERE.c.created_at).desc(), _NEWEST_ANYWHERE.c.channel_id.desc())
    .limit(bindparam("limit"))
)
# The columns to set are those of the values that they are run with.
EDIT_LINE = update(messages).where(_CHANNEL, _ONE, _PRESENT)
_DELETE = update(messages).where(_CHANNEL, messages.c.id.in_(bindparam("messages", expanding=True)), _PRESENT)


def message_row(message: HistoryMessage) -> dict[str, Any]:
    """Make the row of a message."""
    return {name: getattr(message, name) for name in _FIELDS}


class SqlHistoryStore:
    """``HistoryStore`` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._append = insert_once(database, messages)
        self._recent = RecentReads(database)

    async def prepare(self, connections: int) -> None:
        """Make ready what ``recent`` needs on that many connections. Raises ``StorageError``."""
        await self._recent.prepare(connections)

    async def append(self, message: HistoryMessage) -> bool:
        """Keep a message; False where it is there already, be it deleted: a late event brings nothing back."""
        return await self._database.execute("keep a message", self._append, message_row(message)) == 1

    async def get(self, channel_id: int, message_id: int) -> HistoryMessage | None:
        found = await self._messages("read a message", _GET, channel=channel_id, message=message_id)
        return found[0] if found else None

    async def recent(
        self, channel_id: int, *, limit: int, up_to: int | None = None, reader: Reader | None = None
    ) -> tuple[HistoryMessage, ...]:
        """Return the newest ``limit`` messages that a reader may read, oldest first; none for a limit below 1.

        Those who ask while others are being answered share a visit to the database.
        """
        if limit < 1:
            return ()
        up_to = LARGEST_ID if up_to is None else up_to
        return await self._recent.read(RecentRead(channel_id=channel_id, limit=limit, up_to=up_to, reader=reader))

    async def parts(self, question_id: int) -> tuple[HistoryMessage, ...]:
        return tuple(await self._messages("read the parts of a question", _PARTS, question=question_id))

    async def range(self, channel_id: int, *, after: int, limit: int) -> tuple[HistoryMessage, ...]:
        """Return the oldest ``limit`` messages after one, not deleted, oldest first; none for a limit below 1."""
        if limit < 1:
            return ()
        return tuple(await self._messages("read the history", _AFTER, channel=channel_id, after=after, limit=limit))

    async def channels_since(self, created_after: datetime, *, limit: int) -> tuple[int, ...]:
        """Return up to ``limit`` channels with messages newer than that, the most recent first.

        Channels that have none among the newest ``LOOK_BACK_MESSAGES`` of all are left out.
        """
        if limit < 1:
            return ()
        async with self._database.read("find the channels of late") as connection:
            found = await connection.scalars(_CHANNELS_SINCE, {"since": created_after, "limit": limit})
            return tuple(found)

    async def edit(
        self,
        channel_id: int,
        message_id: int,
        *,
        text: str,
        edited_at: datetime,
        kind: Kind = Kind.TEXT,
        drawn: str = "",
    ) -> bool:
        said = {"text": text, "edited_at": edited_at, "kind": kind, "drawn": drawn}
        values = {"channel": channel_id, "message": message_id, **said}
        changed = await self._database.execute("edit a message", EDIT_LINE, values) == 1
        self._database.wipe_soon()
        return changed

    async def delete(self, channel_id: int, message_ids: tuple[int, ...], *, deleted_at: datetime) -> int:
        """Take messages out of the history and empty their text, all of them or none; returns how many were there."""

        async def work(connection: AsyncConnection) -> int:
            touched = 0
            for start in range(0, len(message_ids), DELETE_BATCH):
                batch = message_ids[start : start + DELETE_BATCH]
                values = {"channel": channel_id, "messages": batch, "text": "", "drawn": "", "deleted_at": deleted_at}
                touched += (await connection.execute(_DELETE, values)).rowcount
            return touched

        touched = await self._database.transaction("delete messages", work)
        self._database.wipe_soon()
        return touched

    async def _messages(self, operation: str, query: Select[*tuple[Any, ...]], **values: int) -> list[HistoryMessage]:
        async with self._database.read(operation) as connection:
            rows = await connection.execute(query, values)
            return [HistoryMessage(**dict(zip(_FIELDS, row, strict=True))) for row in rows]
