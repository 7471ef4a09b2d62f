"""Which messages of proxies stand for which questions, in the database."""

from __future__ import annotations

from sqlalchemy import bindparam, or_, select, update
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
_BOTH = select(turns.c.id, turns.c.proxied_as)
_QUESTIONS = _BOTH.where(turns.c.proxied_as.in_(bindparam("ids", expanding=True)))
_STAND_INS = _BOTH.where(turns.c.id.in_(bindparam("ids", expanding=True)), turns.c.proxied_as.is_not(None))


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

    async def questions(self, message_ids: tuple[int, ...]) -> dict[int, int]:
        async with self._database.read("find what proxies said") as connection:
            rows = (await connection.execute(_QUESTIONS, {"ids": message_ids})).all()
        return {row.proxied_as: row.id for row in rows}

    async def stand_ins(self, turn_ids: tuple[int, ...]) -> dict[int, int]:
        async with self._database.read("find what proxies said") as connection:
            rows = (await connection.execute(_STAND_INS, {"ids": turn_ids})).all()
        return {row.id: row.proxied_as for row in rows}
