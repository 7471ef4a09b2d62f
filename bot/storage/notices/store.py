"""Messages that are taken away again, in the database."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.turn.notice import PassingNotice
from bot.storage.database.engine import Database
from bot.storage.database.statements import insert_or_replace
from bot.storage.schema.tables import passing_notices

_OLDEST = (
    select(passing_notices)
    .order_by(passing_notices.c.delete_at, passing_notices.c.channel_id, passing_notices.c.message_id)
    .limit(bindparam("most"))
)
_REMOVE = delete(passing_notices).where(
    passing_notices.c.channel_id == bindparam("of_channel"), passing_notices.c.message_id == bindparam("of_message")
)


class SqlNoticeStore:
    """``NoticeStore`` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._set = insert_or_replace(database, passing_notices)

    async def add(self, notice: PassingNotice) -> None:
        row = {"channel_id": notice.channel_id, "message_id": notice.message_id, "delete_at": notice.delete_at}

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(self._set, row)

        await self._database.transaction("keep a notice", work)

    async def oldest(self, *, limit: int) -> tuple[PassingNotice, ...]:
        async with self._database.read("read the notices") as connection:
            rows = (await connection.execute(_OLDEST, {"most": limit})).all()
        return tuple(
            PassingNotice(channel_id=row.channel_id, message_id=row.message_id, delete_at=row.delete_at) for row in rows
        )

    async def remove(self, notice: PassingNotice) -> None:
        async def work(connection: AsyncConnection) -> None:
            of = {"of_channel": notice.channel_id, "of_message": notice.message_id}
            await connection.execute(_REMOVE, of)

        await self._database.transaction("forget a notice", work)
