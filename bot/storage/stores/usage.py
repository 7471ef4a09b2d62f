"""What was used and what is reserved, in the database: counted exactly, whoever else counts at the same time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Insert

from bot.domain.turn.record import TurnState
from bot.domain.usage.counts import Reservation, Settlement, UsageQuery, UsageSums, Used
from bot.domain.usage.quota import NOTHING, Account, Amount, Grant, Quotas, grant
from bot.errors import Holder, Shortage
from bot.storage.database.batches import Batches
from bot.storage.database.engine import Database
from bot.storage.database.statements import insert_or_replace, upsert
from bot.storage.schema.tables import reservations, spent, turns, usage
from bot.storage.usage.counters import COUNTS, Counters, Held, amount_of
from bot.storage.usage.sums import USED, add_up

KEPT_DAYS: Final = 7
"""How long the counters of a day stay: its reservations are settled long before."""

# PostgreSQL: whoever counts holds the reservations, in the order of their turns, and then the counters, so that nobody
# waits in a circle.
_OF_TURNS = reservations.c.turn_id.in_(bindparam("turns", expanding=True))
_RESERVATIONS = select(reservations).where(_OF_TURNS).order_by(reservations.c.turn_id).with_for_update()
_DROP_RESERVATIONS = delete(reservations).where(_OF_TURNS)
_RESERVATION = select(reservations).where(reservations.c.turn_id == bindparam("of_turn"))
_STALE = (
    select(reservations)
    .where(
        reservations.c.made_at < bindparam("made_before"),
        ~exists().where(
            turns.c.id == reservations.c.turn_id, turns.c.state.in_([state for state in TurnState if not state.final])
        ),
    )
    .order_by(reservations.c.turn_id)
    .with_for_update()
)
_DROP_OLD_COUNTERS = delete(spent).where(spent.c.day < bindparam("before"))

Reserved = dict[int, tuple[Account, Amount]]
"""On whose account turns have reserved what."""


class SqlUsageStore:
    """``UsageStore`` on a database. What comes at once is counted in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counters = Counters(database)
        self._keep_reservation = insert_or_replace(database, reservations)
        self._settlements = Settling(database)
        self._reserving: Batches[Reservation, Grant | Shortage] = Batches(self._reserve)
        self._settling: Batches[Settlement, None] = Batches(self._settle)

    async def reserve(self, wanted: Reservation) -> Grant | Shortage:
        return await self._reserving.submit(wanted)

    async def settle(self, settlement: Settlement) -> None:
        await self._settling.submit(settlement)

    async def give_back_stale(self, made_before: datetime) -> int:

        async def work(connection: AsyncConnection) -> int:
            found = _reserved(await connection.execute(_STALE, {"made_before": made_before}))
            counters = await self._counters.hold(connection, (account for account, _ in found.values()), {})
            await _free(connection, counters, found)
            await counters.write(connection)
            before = made_before.date() - timedelta(days=KEPT_DAYS)
            await connection.execute(_DROP_OLD_COUNTERS, {"before": before})
            return len(found)

        return await self._database.transaction("give back what was left reserved", work)

    async def reserved(self, turn_id: int) -> Account | None:
        async with self._database.read("read what a turn has reserved") as connection:
            found = _reserved(await connection.execute(_RESERVATION, {"of_turn": turn_id}))
        return found[turn_id][0] if found else None

    async def spent(self, account: Account) -> Quotas:
        async with self._database.read("read what is spent") as connection:
            return await self._counters.read(connection, account)

    async def add_up(self, query: UsageQuery) -> UsageSums:
        return await add_up(self._database, query)

    async def _reserve(self, batch: Sequence[Reservation]) -> Sequence[Grant | Shortage]:
        async def work(connection: AsyncConnection) -> list[Grant | Shortage]:
            turn_ids = {wanted.turn_id for wanted in batch}
            held = _reserved(await connection.execute(_RESERVATIONS, {"turns": sorted(turn_ids)}))
            limited: dict[Account, set[Holder]] = {}
            for wanted in batch:
                limited.setdefault(wanted.account, set()).update(wanted.limits.holders)
            counters = await self._counters.hold(connection, (account for account, _ in held.values()), limited)
            results = [_grant(wanted, counters, held) for wanted in batch]
            kept = {
                wanted.turn_id: _reservation_row(wanted, held[wanted.turn_id][1])
                for wanted, granted in zip(batch, results, strict=True)
                if isinstance(granted, Grant)
            }
            if kept:
                await connection.execute(self._keep_reservation, [kept[turn_id] for turn_id in sorted(kept)])
            await counters.write(connection)
            return results

        return await self._database.transaction("reserve what a turn may spend", work)

    async def _settle(self, batch: Sequence[Settlement]) -> Sequence[None]:
        async def work(connection: AsyncConnection) -> None:
            await self._settlements.settle(connection, batch)

        await self._database.transaction("count what was used", work)
        return [None] * len(batch)


class Settling:
    """Counts what was used, inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._counters = Counters(database)
        self._add_usage = _add_usage(database)

    async def settle(self, connection: AsyncConnection, settlements: Sequence[Settlement]) -> None:
        """Count what turns have used, and give back what they had reserved."""
        turn_ids = sorted({item.turn_id for item in settlements if item.reserved})
        held = _reserved(await connection.execute(_RESERVATIONS, {"turns": turn_ids})) if turn_ids else {}
        used: dict[Account, Used] = {}
        for item in sorted(settlements, key=lambda item: _order(item.account)):
            if item.used != Used():
                used[item.account] = used.get(item.account, Used()) + item.used
        counters = await self._counters.hold(connection, (*used, *(account for account, _ in held.values())), {})
        await _free(connection, counters, held)
        for account, each in used.items():
            counters.add(account, each.amount)
        await counters.write(connection)
        if used:
            await connection.execute(self._add_usage, [_usage_row(account, each) for account, each in used.items()])


def _grant(wanted: Reservation, counters: Held, held: Reserved) -> Grant | Shortage:
    """Give a turn what it may have, and count it; what it had reserved before is its own to spend."""
    before = held.get(wanted.turn_id)
    if before is not None:
        counters.add(before[0], NOTHING - before[1])
    counters.add(wanted.account, wanted.used)
    granted = grant(wanted.demand, wanted.limits, counters.of(wanted.account), wanted.account.day)
    if isinstance(granted, Grant):
        counters.add(wanted.account, granted.reserved)
        held[wanted.turn_id] = (wanted.account, wanted.used + granted.reserved)
        return granted
    # As if nothing had been asked.
    counters.add(wanted.account, NOTHING - wanted.used)
    if before is not None:
        counters.add(*before)
    return granted


def _add_usage(database: Database) -> Insert:
    """Insert a row of usage, or add to the one that is there."""
    key = list(usage.primary_key.columns)
    statement = upsert(database, usage)
    return statement.on_conflict_do_update(
        index_elements=key, set_={name: usage.c[name] + statement.excluded[name] for name in USED}
    )


async def _free(connection: AsyncConnection, counters: Held, held: Reserved) -> None:
    """Take reservations away, and what they hold out of the counters."""
    if held:
        await connection.execute(_DROP_RESERVATIONS, {"turns": sorted(held)})
    for account, amount in held.values():
        counters.add(account, NOTHING - amount)


def _order(account: Account) -> tuple[Any, ...]:
    return account.day, account.guild_id, account.user_id, account.channel_id


def _reserved(rows: Iterable[Row[*tuple[Any, ...]]]) -> Reserved:
    return {
        row.turn_id: (
            Account(day=row.day, guild_id=row.guild_id, channel_id=row.channel_id, user_id=row.user_id),
            amount_of(row),
        )
        for row in rows
    }


def _columns(amount: Amount) -> Mapping[str, int]:
    return {name: getattr(amount, name) for name in COUNTS}


def _reservation_row(wanted: Reservation, reserved: Amount) -> dict[str, Any]:
    return {
        "turn_id": wanted.turn_id,
        "day": wanted.account.day,
        "guild_id": wanted.account.guild_id,
        "channel_id": wanted.account.channel_id,
        "user_id": wanted.account.user_id,
        **_columns(reserved),
        "made_at": wanted.made_at,
    }


def _usage_row(account: Account, used: Used) -> dict[str, Any]:
    return {
        "day": account.day,
        "guild_id": account.guild_id,
        "channel_id": account.channel_id,
        "user_id": account.user_id,
        **{name: getattr(used, name) for name in USED},
    }
