"""What was set where, and the audit log of every change, in the database."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Row, Select, Table, bindparam, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Insert

from bot.domain.people import LARGEST_ID, User
from bot.domain.settings.scopes import Change, Edit, Scope, StoredSetting, StoredSettings, Target
from bot.storage.database.batches import Batches
from bot.storage.database.engine import Database
from bot.storage.database.statements import insert_or_replace, upsert
from bot.storage.schema.tables import revisions, setting_changes, settings

_NAME: Final = "settings"
"""The row of ``revisions`` that tells every process of a change."""
_IDS_AT_ONCE: Final = 500

_IN_A_GUILD: Final = (Scope.GUILD.value, Scope.CATEGORY.value, Scope.CHANNEL.value)
_OWNER: BindParameter[int] = bindparam("owner")


def _belongs(table: Table, scope: Scope) -> ColumnElement[bool]:
    """Pick the rows of a guild with all that is in it, or of a user; a newer version's scopes are left out."""
    if scope is Scope.PERSON:
        return (table.c.guild_id == 0) & (table.c.scope == scope.value) & (table.c.scope_id == _OWNER)
    return (table.c.guild_id == _OWNER) & table.c.scope.in_(_IN_A_GUILD)


_OWNERS: Final = (Scope.GUILD, Scope.PERSON)


def _belong(table: Table, scope: Scope) -> ColumnElement[bool]:
    """Pick the same for several at once."""
    owners: BindParameter[Any] = bindparam("owners", expanding=True)
    if scope is Scope.PERSON:
        return (table.c.guild_id == 0) & (table.c.scope == scope.value) & table.c.scope_id.in_(owners)
    return table.c.guild_id.in_(owners) & table.c.scope.in_(_IN_A_GUILD)


def _newest_of(scope: Scope) -> Select[Any]:
    owner = setting_changes.c.scope_id if scope is Scope.PERSON else setting_changes.c.guild_id
    newest = func.max(setting_changes.c.id).label("newest")
    return select(owner.label("owner"), newest).where(_belong(setting_changes, scope)).group_by(owner)


_ROWS_OF = {scope: select(settings).where(_belong(settings, scope)) for scope in _OWNERS}
_NEWEST_OF = {scope: _newest_of(scope) for scope in _OWNERS}
_REVISION = select(revisions.c.number).where(revisions.c.name == _NAME)
_ROWS = {scope: select(settings).where(_belongs(settings, scope)) for scope in _OWNERS}
_LAST = {scope: select(func.max(setting_changes.c.id)).where(_belongs(setting_changes, scope)) for scope in _OWNERS}
_CHANGES = {
    scope: select(setting_changes)
    .where(_belongs(setting_changes, scope), setting_changes.c.id < bindparam("before"))
    .order_by(setting_changes.c.id.desc())
    .limit(bindparam("most"))
    for scope in _OWNERS
}
_BATCH = {
    scope: select(setting_changes)
    .where(_belongs(setting_changes, scope), setting_changes.c.batch == bindparam("act"))
    .order_by(setting_changes.c.id)
    for scope in _OWNERS
}
_ELSEWHERE = (
    select(settings.c.scope, settings.c.scope_id)
    .where(settings.c.guild_id != _OWNER, settings.c.scope_id.in_(bindparam("ids", expanding=True)))
    .distinct()
)
_TAKE_AWAY = delete(settings).where(
    settings.c.scope == bindparam("of_scope"),
    settings.c.scope_id == bindparam("of_id"),
    settings.c.key == bindparam("of_key"),
)
_RECORD = insert(setting_changes)


class SqlSettingsStore:
    """``SettingsStore`` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._loads = Batches(self._load, size=_IDS_AT_ONCE)
        self._set = insert_or_replace(database, settings)
        self._count = _count(database)
        self._one_at_a_time = asyncio.Lock()

    async def revision(self) -> int:
        return await self._database.visit("look for changed settings", _revision)

    async def load(self, whose: Target) -> StoredSettings:
        return await self._loads.submit(whose)

    async def _load(self, batch: Sequence[Target]) -> Sequence[StoredSettings]:
        """Read for many who come at once in one visit."""
        owners = {scope: sorted({whose.id for whose in batch if whose.scope is scope}) for scope in _OWNERS}

        async def read(connection: AsyncConnection) -> Sequence[StoredSettings]:
            # Before the rows: what is written in between is then only taken for older than it is, and read again.
            revision = await _revision(connection)
            last: dict[tuple[Scope, int], int] = {}
            rows: dict[tuple[Scope, int], list[StoredSetting]] = {}
            for scope, ids in owners.items():
                if ids:
                    newest = await connection.execute(_NEWEST_OF[scope], {"owners": ids})
                    last |= {(scope, row.owner): row.newest for row in newest}
                    for row in await connection.execute(_ROWS_OF[scope], {"owners": ids}):
                        target = _target(row)
                        rows.setdefault((scope, target.whose.id), []).append(
                            StoredSetting(target=target, key=row.key, value=row.value)
                        )
            return [
                StoredSettings(
                    revision=revision,
                    last_change=last.get((whose.scope, whose.id), 0),
                    rows=tuple(rows.get((whose.scope, whose.id), ())),
                )
                for whose in batch
            ]

        return await self._database.visit("read settings", read)

    async def write(
        self, edits: tuple[Edit, ...], *, by: User, at: datetime, batch: str, last_change: int | None = None
    ) -> tuple[Change, ...] | None:
        """Write values and a line of the audit log for each, all or nothing; see ``SettingsStore.write``."""
        if not edits:
            return ()
        whose = edits[0].target.whose
        if len({(edit.target, edit.key) for edit in edits}) < len(edits) or any(
            edit.target.whose != whose for edit in edits
        ):
            raise ValueError("edits of the same value, or of several guilds or users, at once")

        async def write(connection: AsyncConnection) -> tuple[Change, ...] | None:
            # First of all: on PostgreSQL whoever else changes settings waits here for the end of this transaction, so
            # that what is read below stays true, and the ids of the audit log rise in the order of the commits.
            await connection.execute(self._count)
            if last_change is not None and await _last_change(connection, whose) != last_change:
                return None
            standing = await _rows(connection, whose)
            if any(edit.check and standing.get((edit.target, edit.key)) != edit.expected for edit in edits):
                return None
            if await _foreign(connection, whose, edits):
                return None
            changed = [edit for edit in edits if standing.get((edit.target, edit.key)) != edit.value]
            given = [_row(edit) | {"updated_at": at} for edit in changed if edit.value is not None]
            taken = [_key(edit) for edit in changed if edit.value is None]
            if given:
                await connection.execute(self._set, given)
            if taken:
                await connection.execute(_TAKE_AWAY, taken)
            if not changed:
                return ()
            about = {"by_id": by.id, "by_name": by.name, "changed_at": at, "batch": batch}
            lines = [_line(edit, standing.get((edit.target, edit.key))) | about for edit in changed]
            await connection.execute(_RECORD, lines)
            kept = await connection.execute(_BATCH[whose.scope], {"owner": whose.id, "act": batch})
            return tuple(map(_change, kept))

        # They would wait for each other in any case, and whoever writes anything else is not to wait for all of them.
        async with self._one_at_a_time:
            return await self._database.transaction("change settings", write)

    async def changes(self, whose: Target, *, limit: int, before: int | None = None) -> tuple[Change, ...]:
        values = {"owner": whose.id, "most": max(0, limit), "before": LARGEST_ID if before is None else before}
        async with self._database.read("read the audit log of settings") as connection:
            return tuple(map(_change, await connection.execute(_CHANGES[whose.scope], values)))

    async def batch(self, whose: Target, batch: str) -> tuple[Change, ...]:
        async with self._database.read("find changes of settings") as connection:
            return tuple(map(_change, await connection.execute(_BATCH[whose.scope], {"owner": whose.id, "act": batch})))


def _count(database: Database) -> Insert:
    """Count one change more; the row is made where it is missing."""
    first = upsert(database, revisions).values(name=_NAME, number=1)
    return first.on_conflict_do_update(index_elements=["name"], set_={"number": revisions.c.number + 1})


async def _revision(connection: AsyncConnection) -> int:
    number: int | None = (await connection.execute(_REVISION)).scalar()
    return number or 0


async def _last_change(connection: AsyncConnection, whose: Target) -> int:
    newest: int | None = (await connection.execute(_LAST[whose.scope], {"owner": whose.id})).scalar()
    return newest or 0


async def _rows(connection: AsyncConnection, whose: Target) -> dict[tuple[Target, str], str]:
    found = await connection.execute(_ROWS[whose.scope], {"owner": whose.id})
    return {(_target(row), row.key): row.value for row in found}


async def _foreign(connection: AsyncConnection, whose: Target, edits: tuple[Edit, ...]) -> bool:
    """Say whether a place of these edits has settings as another guild's: it is then not this guild's to change."""
    places = {(edit.target.scope.value, edit.target.id) for edit in edits if edit.target.scope is not Scope.PERSON}
    ids = sorted({place for _, place in places})
    for start in range(0, len(ids), _IDS_AT_ONCE):
        values: Mapping[str, Any] = {"owner": whose.id, "ids": ids[start : start + _IDS_AT_ONCE]}
        rows = await connection.execute(_ELSEWHERE, values)
        if any((row.scope, row.scope_id) in places for row in rows):
            return True
    return False


def _target(row: Row[Any]) -> Target:
    return Target(scope=Scope(row.scope), id=row.scope_id, guild_id=row.guild_id)


def _change(row: Row[Any]) -> Change:
    return Change(
        id=row.id,
        target=_target(row),
        key=row.key,
        old=row.old,
        new=row.new,
        by=User(id=row.by_id, name=row.by_name),
        changed_at=row.changed_at,
        batch=row.batch,
    )


def _row(edit: Edit) -> dict[str, object]:
    target = edit.target
    return {
        "scope": target.scope.value,
        "scope_id": target.id,
        "key": edit.key,
        "guild_id": target.guild_id,
        "value": edit.value,
    }


def _key(edit: Edit) -> dict[str, object]:
    return {"of_scope": edit.target.scope.value, "of_id": edit.target.id, "of_key": edit.key}


def _line(edit: Edit, old: str | None) -> dict[str, object]:
    target = edit.target
    return {
        "guild_id": target.guild_id,
        "scope": target.scope.value,
        "scope_id": target.id,
        "key": edit.key,
        "old": old,
        "new": edit.value,
    }
