"""Refusals that stand, in the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.turn.notice import StandingRefusal
from bot.domain.turn.ports import MOST_REFUSALS
from bot.storage.database.engine import Database
from bot.storage.database.statements import insert_or_replace
from bot.storage.schema.tables import refusals

_FIELDS = tuple(column.name for column in refusals.c)
_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_OF = select(refusals).where(or_(refusals.c.prompt_id.in_(_IDS), refusals.c.message_id.in_(_IDS)))
_BETWEEN = (
    select(refusals)
    .where(
        refusals.c.prompt_id >= bindparam("first"),
        refusals.c.prompt_id <= bindparam("last"),
        refusals.c.channel_id == bindparam("channel"),
    )
    .order_by(refusals.c.prompt_id)
)
_FORGET = delete(refusals).where(refusals.c.message_id.in_(bindparam("messages", expanding=True)))
_OLDEST_KEPT = select(refusals.c.prompt_id).order_by(refusals.c.prompt_id.desc()).offset(bindparam("most")).limit(1)
_BEYOND = delete(refusals).where(refusals.c.prompt_id <= _OLDEST_KEPT.scalar_subquery())


class SqlRefusalStore:
    """``RefusalStore`` on a database."""

    def __init__(self, database: Database, *, most: int = MOST_REFUSALS) -> None:
        self._database = database
        self._most = most
        self._set = insert_or_replace(database, refusals)

    async def add(self, refusal: StandingRefusal) -> None:
        row = {name: getattr(refusal, name) for name in _FIELDS}

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(self._set, row)
            await connection.execute(_BEYOND, {"most": self._most})

        await self._database.transaction("keep a refusal", work)

    async def of(self, message_ids: tuple[int, ...]) -> tuple[StandingRefusal, ...]:
        return await self._refusals(_OF, {"ids": message_ids})

    async def between(self, channel_id: int, first: int, last: int) -> tuple[StandingRefusal, ...]:
        return await self._refusals(_BETWEEN, {"channel": channel_id, "first": first, "last": last})

    async def _refusals(
        self, query: Select[*tuple[Any, ...]], values: Mapping[str, object]
    ) -> tuple[StandingRefusal, ...]:
        async with self._database.read("read refusals") as connection:
            rows = (await connection.execute(query, values)).all()
        return tuple(StandingRefusal(**row._asdict()) for row in rows)

    async def forget(self, message_ids: tuple[int, ...]) -> None:
        await self._database.execute("forget refusals", _FORGET, {"messages": message_ids})
