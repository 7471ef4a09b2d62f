"""What was used and what is reserved, in the database: counted exactly, whoever else counts at the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, exists, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Insert

from bot.domain.turn.record import TurnState
from bot.domain.usage.counts import Reservation, Settlement, UsageQuery, UsageSums, Used
from bot.domain.usage.quota import NOTHING, Account, Amount, Grant, Quotas, grant
from bot.errors import Shortage
from bot.storage.database.batches import Batches
from bot.storage.database.engine import Database
from bot.storage.database.statements import insert_once, upsert
from bot.storage.schema.tables import reservations, spent, turns, usage
from bot.storage.stores.usage_sums import USED, add_up

KEPT_DAYS: Final = 7
"""How long the counters of a day stay: its reservations are settled long before."""
_GUILD: Final = 0
"""The ``user_id`` of the guild as a whole."""
_COUNTS: Final = ("calls", "tokens", "pictures")

_OF_DAY = (spent.c.day == bindparam("of_day"), spent.c.guild_id == bindparam("of_guild"))
_COUNTERS = select(spent).where(*_OF_DAY, spent.c.user_id.in_((_GUILD, bindparam("of_user"))))
# PostgreSQL: whoever counts holds the guild's row, then the user's, so that nobody waits in a circle.
_HOLD_COUNTERS = _COUNTERS.order_by(spent.c.user_id).with_for_update()
_ADD = (
    update(spent)
    .where(*_OF_DAY, spent.c.user_id == bindparam("of_user"))
    .values({name: spent.c[name] + bindparam(f"more_{name}") for name in _COUNTS})
)
_OF_TURN = reservations.c.turn_id == bindparam("of_turn")
_RESERVATION = select(reservations).where(_OF_TURN).with_for_update()
_DROP_RESERVATION = delete(reservations).where(_OF_TURN)
_STALE = (
    select(reservations)
    .where(
        reservations.c.made_at < bindparam("made_before"),
        ~exists().where(
            turns.c.id == reservations.c.turn_id, turns.c.state.in_([state for state in TurnState if not state.final])
        ),
    )
    .order_by(reservations.c.day, reservations.c.guild_id, reservations.c.user_id)
    .with_for_update()
)
_SUMS = tuple(
    func.coalesce(func.sum(column), 0).label(name)
    for name, column in zip(_COUNTS, (usage.c.calls, usage.c.total_tokens, usage.c.pictures), strict=True)
)
_SUM_OF_GUILD = select(*_SUMS).where(usage.c.day == bindparam("of_day"), usage.c.guild_id == bindparam("of_guild"))
_SUM_OF_PERSON = _SUM_OF_GUILD.where(usage.c.user_id == bindparam("of_user"))
_DROP_OLD_COUNTERS = delete(spent).where(spent.c.day < bindparam("before"))


class SqlUsageStore:
    """``UsageStore`` on a database. What comes at once is counted in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._begin_guild = _begin_counter(database, whole_guild=True)
        self._begin_user = _begin_counter(database, whole_guild=False)
        self._keep_reservation = insert_once(database, reservations)
        self._settlements = Settling(database)
        self._reserving: Batches[Reservation, Grant | Shortage] = Batches(self._reserve)
        self._settling: Batches[Settlement, None] = Batches(self._settle)

    async def reserve(self, wanted: Reservation) -> Grant | Shortage:
        return await self._reserving.submit(wanted)

    async def settle(self, settlement: Settlement) -> None:
        await self._settling.submit(settlement)

    async def give_back_stale(self, made_before: datetime) -> int:

        async def work(connection: AsyncConnection) -> int:
            found = (await connection.execute(_STALE, {"made_before": made_before})).all()
            for held in found:
                await _free(connection, held)
            before = made_before.date() - timedelta(days=KEPT_DAYS)
            await connection.execute(_DROP_OLD_COUNTERS, {"before": before})
            return len(found)

        return await self._database.transaction("give back what was left reserved", work)

    async def reserved(self, turn_id: int) -> Account | None:
        async with self._database.read("read what a turn has reserved") as connection:
            held = await _reservation(connection, turn_id)
        return None if held is None else _account(held)

    async def spent(self, account: Account) -> Quotas:
        async with self._database.read("read what is spent") as connection:
            key = _key(account, account.user_id)
            found = {row.user_id: _amount(row) for row in await connection.execute(_COUNTERS, key)}
            # Nobody has counted yet where no quota was asked of: then what was used is what is spent.
            for user, sums in ((_GUILD, _SUM_OF_GUILD), (account.user_id, _SUM_OF_PERSON)):
                if user not in found:
                    found[user] = _amount((await connection.execute(sums, key)).one())
        return Quotas(user=found[account.user_id], guild=found[_GUILD])

    async def add_up(self, query: UsageQuery) -> UsageSums:
        return await add_up(self._database, query)

    async def _reserve(self, batch: Sequence[Reservation]) -> Sequence[Grant | Shortage]:
        async def work(connection: AsyncConnection) -> dict[int, Grant | Shortage]:
            # In the order of the counters, as everybody who holds several of them.
            ordered = sorted(range(len(batch)), key=lambda index: _order(batch[index].account))
            return {index: await self._reserve_one(connection, batch[index]) for index in ordered}

        results = await self._database.transaction("reserve what a turn may spend", work)
        return [results[index] for index in range(len(batch))]

    async def _reserve_one(self, connection: AsyncConnection, wanted: Reservation) -> Grant | Shortage:
        held = await _reservation(connection, wanted.turn_id)
        counters = await self._hold_counters(connection, wanted.account, wanted.limits)
        # What the turn has reserved before is its own to spend, where it counts for the same day.
        own = _amount(held) if held is not None and _account(held) == wanted.account else NOTHING
        before = _spent_by_others(counters, wanted.account, own - wanted.used)
        granted = grant(wanted.demand, wanted.limits, before, wanted.account.day)
        if isinstance(granted, Shortage):
            return granted
        if held is not None:
            await _free(connection, held)
        reserved = wanted.used + granted.reserved
        await _add(connection, wanted.account, reserved)
        await connection.execute(self._keep_reservation, _reservation_row(wanted, reserved))
        return granted

    async def _hold_counters(
        self, connection: AsyncConnection, account: Account, limits: Quotas
    ) -> Mapping[int, Amount]:
        """Hold the counters of the guild and the user; one that has a limit is begun if it is not there."""
        key = _key(account, account.user_id)
        counters = await _held_counters(connection, key)
        begun = [
            begin
            for user, limit, begin in (
                (_GUILD, limits.guild, self._begin_guild),
                (account.user_id, limits.user, self._begin_user),
            )
            if limit != NOTHING and user not in counters
        ]
        for begin in begun:
            await connection.execute(begin, key)
        return await _held_counters(connection, key) if begun else counters

    async def _settle(self, batch: Sequence[Settlement]) -> Sequence[None]:
        async def work(connection: AsyncConnection) -> None:
            await self._settlements.settle(connection, batch)

        await self._database.transaction("count what was used", work)
        return [None] * len(batch)


class Settling:
    """Counts what was used, inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._add_usage = _add_usage(database)

    async def settle(self, connection: AsyncConnection, settlements: Sequence[Settlement]) -> None:
        """Count what turns have used, and give back what they had reserved."""
        # In the order of the counters, as everybody who holds several of them.
        ordered = sorted(settlements, key=lambda item: _order(item.account))
        for item in ordered:
            held = await _reservation(connection, item.turn_id) if item.reserved else None
            if held is not None:
                await _free(connection, held)
            await _add(connection, item.account, item.used.amount)
        used: dict[Account, Used] = {}
        for item in ordered:
            used[item.account] = used.get(item.account, Used()) + item.used
        rows = [_usage_row(account, each) for account, each in used.items() if each != Used()]
        if rows:
            await connection.execute(self._add_usage, rows)


def _begin_counter(database: Database, *, whole_guild: bool) -> Insert:
    """Begin a counter with what the usage of its day says, unless it is there."""
    of_day, of_guild = bindparam("of_day", type_=spent.c.day.type), bindparam("of_guild", type_=spent.c.guild_id.type)
    user = literal(_GUILD) if whole_guild else bindparam("of_user", type_=spent.c.user_id.type)
    sums = _SUM_OF_GUILD if whole_guild else _SUM_OF_PERSON
    rows = sums.with_only_columns(of_day, of_guild, user, *_SUMS)
    return upsert(database, spent).from_select(list(spent.c), rows).on_conflict_do_nothing()


def _add_usage(database: Database) -> Insert:
    """Insert a row of usage, or add to the one that is there."""
    key = list(usage.primary_key.columns)
    statement = upsert(database, usage)
    return statement.on_conflict_do_update(
        index_elements=key, set_={name: usage.c[name] + statement.excluded[name] for name in USED}
    )


async def _reservation(connection: AsyncConnection, turn_id: int) -> Row[*tuple[Any, ...]] | None:
    return (await connection.execute(_RESERVATION, {"of_turn": turn_id})).one_or_none()


async def _held_counters(connection: AsyncConnection, key: Mapping[str, Any]) -> Mapping[int, Amount]:
    return {row.user_id: _amount(row) for row in await connection.execute(_HOLD_COUNTERS, key)}


def _spent_by_others(counters: Mapping[int, Amount], account: Account, own: Amount) -> Quotas:
    """Take a turn's own share out of what is spent; what nobody counts has no limit, and nothing is spent of it."""
    person, guild = (counters[user] - own if user in counters else NOTHING for user in (account.user_id, _GUILD))
    return Quotas(user=person, guild=guild)


async def _free(connection: AsyncConnection, held: Row[*tuple[Any, ...]]) -> None:
    """Take a reservation away, and what it holds out of the counters."""
    await connection.execute(_DROP_RESERVATION, {"of_turn": held.turn_id})
    await _add(connection, _account(held), NOTHING - _amount(held))


async def _add(connection: AsyncConnection, account: Account, amount: Amount) -> None:
    """Add to the counters of the guild and the user, as far as there are any."""
    if amount != NOTHING:
        more = {f"more_{name}": value for name, value in _columns(amount).items()}
        await connection.execute(_ADD, [{**_key(account, user), **more} for user in (_GUILD, account.user_id)])


def _key(account: Account, user_id: int) -> dict[str, Any]:
    return {"of_day": account.day, "of_guild": account.guild_id, "of_user": user_id}


def _order(account: Account) -> tuple[Any, ...]:
    return account.day, account.guild_id, account.user_id, account.channel_id


def _account(row: Row[*tuple[Any, ...]]) -> Account:
    return Account(day=row.day, guild_id=row.guild_id, channel_id=row.channel_id, user_id=row.user_id)


def _amount(row: Row[*tuple[Any, ...]]) -> Amount:
    # PostgreSQL's sums are not integers.
    return Amount(**{name: int(getattr(row, name)) for name in _COUNTS})


def _columns(amount: Amount) -> dict[str, int]:
    return {name: getattr(amount, name) for name in _COUNTS}


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
