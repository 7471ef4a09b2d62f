"""Which messages of proxies stand for which questions, in the database."""

from __future__ import annotations

from sqlalchemy import BindParameter, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.turn.record import Turn
from bot.storage.database.engine import Database
from bot.storage.schema.tables import messages, turns

_TAKE_OVER = update(turns).where(turns.c.id == bindparam("turn")).values(proxied_as=bindparam("message"))
# A thread that grew from the question has it as its first line; the thread's id is the question's.
_NAME = (
    update(messages)
    .where(
        messages.c.id == bindparam("turn"),
        or_(messages.c.channel_id == bindparam("channel"), messages.c.channel_id == bindparam("turn")),
    )
    .values(author_name=bindparam("name", type_=messages.c.author_name.type))
)
_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_STAND_INS = select(turns.c.id, turns.c.proxied_as).where(
    turns.c.proxied_as.is_not(None), or_(turns.c.proxied_as.in_(_IDS), turns.c.id.in_(_IDS))
)


class SqlProxyStore:
    """``ProxyStore`` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, message_id: int, turn: Turn, *, author_name: str) -> None:
        """Let a message stand for a turn's question."""
        named = {"turn": turn.id, "channel": turn.channel_id, "name": author_name}

        async def work(connection: AsyncConnection) -> None:
            if (await connection.execute(_TAKE_OVER, {"turn": turn.id, "message": message_id})).rowcount:
                await connection.execute(_NAME, named)

        await self._database.transaction("keep what a proxy said", work)

    async def stand_ins(self, message_ids: tuple[int, ...]) -> dict[int, int]:
        async with self._database.read("find what proxies said") as connection:
            rows = (await connection.execute(_STAND_INS, {"ids": message_ids})).all()
        return {row.id: row.proxied_as for row in rows}
