"""The leases of shards, in the database."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.clock import Clock
from bot.domain.lease.record import NO_FENCE, Holder, Lease, Shards
from bot.domain.turn.record import TurnState
from bot.storage.database.engine import Database
from bot.storage.database.statements import insert_or_replace
from bot.storage.schema.tables import leases, turns

ADVISORY_LOCK = 0x6C65_6173_6573
"""PostgreSQL's lock of those who take leases, one after the other: an arbitrary number ("leases")."""

_ONE_TAKER = text("SELECT pg_advisory_xact_lock(:key)")
_HELD = select(leases).where(leases.c.holder != "").order_by(leases.c.shard_count, leases.c.shard_id)
_OF_HOLDERS = leases.c.holder.in_(bindparam("holders", expanding=True))
# On PostgreSQL this waits for those who have checked the fence and are still writing.
_HOLD = select(leases).where(_OF_HOLDERS).order_by(leases.c.shard_count, leases.c.shard_id).with_for_update()
_UNDER = leases.c.fence == bindparam("under")
_HOLD_UNDER = select(leases).where(_UNDER).order_by(leases.c.shard_count, leases.c.shard_id).with_for_update()
_HIGHEST = select(func.coalesce(func.max(leases.c.fence), NO_FENCE))
_EVICT = update(leases).where(_OF_HOLDERS).values(holder="")
_GIVE_BACK = update(leases).where(_UNDER).values(holder="")
_RENEW = update(leases).where(_UNDER, leases.c.holder != "").values(beats=leases.c.beats + 1)
_UNFINISHED = turns.c.state.in_([state for state in TurnState if not state.final])
_ORPHAN = (
    update(turns).where(_UNFINISHED, turns.c.fence.in_(bindparam("fences", expanding=True))).values(fence=NO_FENCE)
)


class SqlLeaseStore:
    """``LeaseStore`` on a database. The time in its rows is for people: nothing depends on it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._keep = insert_or_replace(database, leases)

    async def take(
        self, holder: Holder, shards: Shards, *, gone: AbstractSet[tuple[str, int]] = frozenset()
    ) -> int | tuple[Lease, ...]:
        """Take all shards or none; returns the fence, or the leases that are in the way."""

        async def work(connection: AsyncConnection) -> int | tuple[Lease, ...]:
            if not self._database.is_sqlite:
                await connection.execute(_ONE_TAKER, {"key": ADVISORY_LOCK})
            known = [_lease_of(row) for row in await connection.execute(_HELD)]
            inside = [lease for lease in known if shards.overlaps(lease.count, lease.shard_id)]
            inside = [lease for lease in inside if lease.holder.id != holder.id]
            if not {lease.sign for lease in inside} <= gone:
                return tuple(inside)
            holders = {lease.holder.id for lease in inside}
            evicted = [_lease_of(row) for row in await connection.execute(_HOLD, {"holders": sorted(holders)})]
            # All of a holder's leases are renewed at once. One that was so since the look above lives.
            if any(lease.sign not in gone for lease in evicted):
                return tuple(lease for lease in evicted if shards.overlaps(lease.count, lease.shard_id))
            fence = int(await connection.scalar(_HIGHEST) or NO_FENCE) + 1
            await connection.execute(_EVICT, {"holders": sorted(holders)})
            await connection.execute(_ORPHAN, {"fences": sorted({lease.fence for lease in evicted})})
            now = self._clock.now()
            await connection.execute(self._keep, [_row(holder, shards.count, one, fence, now) for one in shards.ids])
            return fence

        return await self._database.transaction("take the lease", work)

    async def renew(self, fence: int) -> bool:
        values = {"under": fence, "renewed_at": self._clock.now()}
        return await self._database.execute("renew the lease", _RENEW, values, urgent=True) > 0

    async def release(self, fence: int) -> None:
        """Give the leases of a fence back, and the turns that are under way under it."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(_HOLD_UNDER, {"under": fence})
            await connection.execute(_GIVE_BACK, {"under": fence})
            await connection.execute(_ORPHAN, {"fences": [fence]})

        await self._database.transaction("give the lease back", work)


def _row(holder: Holder, count: int, shard_id: int, fence: int, now: datetime) -> dict[str, Any]:
    return {
        "shard_count": count,
        "shard_id": shard_id,
        "holder": holder.id,
        "fence": fence,
        "beats": 0,
        "bot_id": holder.bot_id,
        "host": holder.host,
        "machine": holder.machine,
        "pid": holder.pid,
        "started": holder.started,
        "renewed_at": now,
    }


def _lease_of(row: Row[*tuple[Any, ...]]) -> Lease:
    holder = Holder(
        id=row.holder, bot_id=row.bot_id, host=row.host, machine=row.machine, pid=row.pid, started=row.started
    )
    return Lease(count=row.shard_count, shard_id=row.shard_id, holder=holder, fence=row.fence, beats=row.beats)
