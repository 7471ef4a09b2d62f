"""What is kept of places that are gone, taken out of the database a few rows at a time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, Table, bindparam, delete, func, select, tuple_, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.history.removals import Removal, Scope
from bot.domain.history.retention import Purged
from bot.storage.database.engine import Database
from bot.storage.database.statements import insert_once, walk
from bot.storage.schema.tables import (
    comparisons,
    drawings,
    messages,
    refusals,
    removals,
    revisions,
    setting_changes,
    settings,
    turns,
)
from bot.storage.stores.drawings import remove_drawings

_GUILD: BindParameter[int] = bindparam("guild")
_CHANNEL: BindParameter[int] = bindparam("channel")
_PENDING = select(removals).order_by(removals.c.gone_at, removals.c.id)
_DONE = delete(removals).where(removals.c.scope == bindparam("of_scope"), removals.c.id == bindparam("of_id"))
_THREADS = (
    select(turns.c.channel_id)
    .where(turns.c.guild_id == _GUILD, turns.c.parent_id == _CHANNEL, turns.c.channel_id != _CHANNEL)
    .distinct()
)
# PostgreSQL: what somebody else holds right now is waited for by nobody; see ``retention``.
_TURNS = (
    select(turns.c.id)
    .where(turns.c.channel_id == _CHANNEL)
    .order_by(turns.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_DELETE_TURNS = delete(turns).where(turns.c.id.in_(bindparam("turns", expanding=True)))
_DRAWN = (
    select(drawings.c.turn_id)
    .where(drawings.c.guild_id == _GUILD, drawings.c.channel_id == _CHANNEL)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True, of=drawings)
)
_COUNT = select(func.count()).select_from(drawings).where(drawings.c.turn_id.in_(bindparam("turns", expanding=True)))
_KEY = (messages.c.channel_id, messages.c.id)
_DELETE_MESSAGES = delete(messages).where(
    tuple_(*_KEY).in_(
        select(*_KEY)
        .where(messages.c.channel_id == _CHANNEL)
        .order_by(messages.c.id)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
    )
)
_DELETE_REFUSALS = delete(refusals).where(refusals.c.channel_id == _CHANNEL)
_DELETE_COMPARISON = delete(comparisons).where(comparisons.c.channel_id == _CHANNEL)
_DELETE_SETTINGS = {
    Scope.CHANNEL: delete(settings).where(
        settings.c.guild_id == _GUILD, settings.c.scope.in_(("channel", "category")), settings.c.scope_id == _CHANNEL
    ),
    Scope.GUILD: delete(settings).where(settings.c.guild_id == _GUILD),
}
_DELETE_CHANGES = delete(setting_changes).where(setting_changes.c.guild_id == _GUILD)
_TELL = update(revisions).where(revisions.c.name == "settings").values(number=revisions.c.number + 1)


def _next(table: Table) -> Any:
    return select(func.min(table.c.guild_id).label("id")).where(table.c.guild_id > bindparam("after"))


_NEXT = union_all(
    _next(settings), *(_next(table).where(table.c.only_for.is_(None)) for table in (messages, turns))
).subquery()
_NEXT_GUILD = select(func.min(_NEXT.c.id))


class SqlRemovalStore:
    """``RemovalStore`` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._note = insert_once(database, removals)

    async def note(self, removal: Removal) -> None:
        values = {
            "scope": removal.scope,
            "id": removal.id,
            "guild_id": removal.guild_id,
            "gone_at": removal.gone_at,
        }
        await self._database.execute("note that a place is gone", self._note, values)

    async def pending(self) -> tuple[Removal, ...]:
        async with self._database.read("find the places that are gone") as connection:
            return tuple(Removal(**row._asdict()) for row in await connection.execute(_PENDING))

    async def done(self, removal: Removal) -> None:
        await self._database.execute(
            "forget a place that is gone", _DONE, {"of_scope": removal.scope, "of_id": removal.id}
        )

    async def threads(self, removal: Removal) -> tuple[int, ...]:
        values = {"guild": removal.guild_id, "channel": removal.id}
        async with self._database.read("find the threads of a channel") as connection:
            return tuple(await connection.scalars(_THREADS, values))

    async def purge_channel(self, removal: Removal, *, limit: int) -> Purged:
        values = {"guild": removal.guild_id, "channel": removal.id, "limit": limit}

        async def work(connection: AsyncConnection) -> Purged:
            going = tuple(await connection.scalars(_TURNS, values))
            # Whoever holds a turn, or a drawing without one, holds all that goes with it.
            of_turns = going or tuple({*await connection.scalars(_DRAWN, values)})
            drawn: int | None = await connection.scalar(_COUNT, {"turns": of_turns}) if of_turns else 0
            files = await remove_drawings(connection, of_turns)
            if going:
                await connection.execute(_DELETE_TURNS, {"turns": going})
            deleted = await connection.execute(_DELETE_MESSAGES, values)
            await connection.execute(_DELETE_REFUSALS, values)
            await connection.execute(_DELETE_COMPARISON, values)
            return Purged(messages=deleted.rowcount, turns=len(going), drawings=drawn or 0, files=files)

        step = await self._database.transaction("forget a place that is gone", work)
        if step.any:
            self._database.wipe_soon()
        return step

    async def forget_settings(self, removal: Removal) -> None:
        values = {"guild": removal.guild_id, "channel": removal.id}

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(_DELETE_SETTINGS[removal.scope], values)
            if removal.scope is Scope.GUILD:
                await connection.execute(_DELETE_CHANGES, values)
            await connection.execute(_TELL)

        await self._database.transaction("forget the settings of a place that is gone", work)
        self._database.wipe_soon()

    async def guilds(self, *, after: int, limit: int) -> tuple[int, ...]:
        async with self._database.read("find the guilds that something is kept of") as connection:
            return await walk(connection, _NEXT_GUILD, after=after, limit=limit)
