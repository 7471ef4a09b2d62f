"""Takes old rows out of the database, a few at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, bindparam, delete, func, or_, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.history.retention import Purged
from bot.domain.turn.record import TurnState
from bot.storage.database.engine import Database
from bot.storage.database.statements import walk
from bot.storage.schema.tables import drawings, messages, refusals, turns
from bot.storage.stores.drawings import remove_drawings

_TABLES = (messages, turns, drawings, refusals)
_NEXT = union_all(
    *(select(func.min(table.c.guild_id).label("id")).where(table.c.guild_id > bindparam("after")) for table in _TABLES)
).subquery()
_NEXT_GUILD = select(func.min(_NEXT.c.id))
"""One step through the indexes on (guild, created), however many rows a guild has."""

_FINAL = turns.c.state.in_([state for state in TurnState if state.final])
# Who works on a turn touches it about once a second; one that nobody has touched for so long, nobody works on.
_AT_REST = or_(_FINAL, turns.c.updated_at < bindparam("before", type_=turns.c.updated_at.type))
_HAS_TURN = select(turns.c.id).where(turns.c.id == drawings.c.turn_id).exists()
_DELETE_TURNS = delete(turns).where(turns.c.id.in_(bindparam("turns", expanding=True)))
_COUNT_DRAWINGS = (
    select(func.count()).select_from(drawings).where(drawings.c.turn_id.in_(bindparam("turns", expanding=True)))
)


def _old(table: Table, *, in_guild: bool) -> ColumnElement[bool]:
    place = table.c.guild_id == bindparam("guild") if in_guild else table.c.guild_id.is_(None)
    return place & (table.c.created_at < bindparam("before", type_=table.c.created_at.type))


def _old_turns(*, in_guild: bool) -> Select[Any]:
    # PostgreSQL: what somebody else holds right now is left for the next time, so that nobody waits in a circle. On
    # SQLite, where one writes at a time, FOR UPDATE is left out.
    return (
        select(turns.c.id)
        .where(_old(turns, in_guild=in_guild), _AT_REST)
        .order_by(turns.c.created_at)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
    )


def _old_drawings(*, in_guild: bool) -> Select[Any]:
    return (
        select(drawings.c.turn_id)
        .where(_old(drawings, in_guild=in_guild), ~_HAS_TURN)
        .order_by(drawings.c.created_at)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True, of=drawings)
    )


def _oldest(table: Table, *key: ColumnElement[int], in_guild: bool) -> Select[*tuple[Any, ...]]:
    """Find the rows to delete; in one statement with that, PostgreSQL may look for them once for each of the others."""
    return (
        select(*key)
        .where(_old(table, in_guild=in_guild))
        .order_by(table.c.created_at)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
    )


_OLD_TURNS = {in_guild: _old_turns(in_guild=in_guild) for in_guild in (True, False)}
_OLD_DRAWINGS = {in_guild: _old_drawings(in_guild=in_guild) for in_guild in (True, False)}
_MESSAGE = (messages.c.channel_id, messages.c.id)
_OLD_MESSAGES = {in_guild: _oldest(messages, *_MESSAGE, in_guild=in_guild) for in_guild in (True, False)}
_OLD_REFUSALS = {in_guild: _oldest(refusals, refusals.c.prompt_id, in_guild=in_guild) for in_guild in (True, False)}
_DELETE_MESSAGES = delete(messages).where(tuple_(*_MESSAGE).in_(bindparam("keys", expanding=True)))
_DELETE_REFUSALS = delete(refusals).where(refusals.c.prompt_id.in_(bindparam("ids", expanding=True)))


class SqlRetentionStore:
    """``RetentionStore`` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def guilds(self, *, after: int, limit: int) -> tuple[int, ...]:
        """Return the next guilds that anything is kept of, lowest id first."""
        async with self._database.read("find the guilds that something is kept of") as connection:
            return await walk(connection, _NEXT_GUILD, after=after, limit=limit)

    async def purge(self, guild_id: int | None, *, before: datetime, limit: int) -> Purged:
        """Take away the oldest of a guild, or (None) of what is outside of guilds, in one transaction."""
        in_guild = guild_id is not None
        values: dict[str, Any] = {"before": before, "limit": limit}
        if in_guild:
            values["guild"] = guild_id

        async def work(connection: AsyncConnection) -> Purged:
            old_turns = tuple(await connection.scalars(_OLD_TURNS[in_guild], values))
            of_turns = old_turns
            if not old_turns:
                # A drawing may have outlived its turn. Two processes never wait for each other in a circle: whoever
                # holds a turn, or a drawing without one, holds all that goes with it.
                of_turns = tuple({*await connection.scalars(_OLD_DRAWINGS[in_guild], values)})
            drawn: int | None = await connection.scalar(_COUNT_DRAWINGS, {"turns": of_turns}) if of_turns else 0
            files = await remove_drawings(connection, of_turns)
            if old_turns:
                await connection.execute(_DELETE_TURNS, {"turns": old_turns})
            if keys := [tuple(row) for row in await connection.execute(_OLD_MESSAGES[in_guild], values)]:
                await connection.execute(_DELETE_MESSAGES, {"keys": keys})
            if ids := list(await connection.scalars(_OLD_REFUSALS[in_guild], values)):
                await connection.execute(_DELETE_REFUSALS, {"ids": ids})
            gone = len(keys) + len(ids)
            return Purged(messages=gone, turns=len(old_turns), drawings=drawn or 0, files=files)

        step = await self._database.transaction("forget what is old", work)
        if step.any:
            self._database.wipe_soon()
        return step
