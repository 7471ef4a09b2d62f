"""The counters of quotas: what is spent of a day, by whom.

Whoever counts holds all counters that it may touch before it changes any, in one order (``Key``): so nobody waits in a
circle. What is spent over everything is counted beside what is spent in each place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Insert

from bot.domain.usage.quota import NOTHING, Account, Amount, Quotas
from bot.errors import Holder
from bot.storage.database.engine import Database
from bot.storage.database.statements import upsert
from bot.storage.schema.tables import EVERYWHERE, WHOLE, reservations, spent, usage

COUNTS: Final = ("calls", "tokens", "pictures")


class Key(NamedTuple):
    """One counter: the primary key of ``spent``."""

    day: date
    guild_id: int
    user_id: int


def key_of(holder: Holder, account: Account) -> Key:
    """Name the counter on which a holder's share of an account's spending is."""
    match holder:
        case Holder.PERSON:
            return Key(account.day, account.guild_id, account.user_id)
        case Holder.GUILD:
            return Key(account.day, account.guild_id, WHOLE)
        case Holder.EVERYWHERE:
            return Key(account.day, EVERYWHERE, account.user_id)
        case Holder.BOT:
            return Key(account.day, EVERYWHERE, WHOLE)


_KEY = (spent.c.day, spent.c.guild_id, spent.c.user_id)
_THESE = select(spent).where(tuple_(*_KEY).in_(bindparam("keys", expanding=True)))
_HOLD = _THESE.order_by(*_KEY).with_for_update()
_ADD = (
    update(spent)
    .where(
        spent.c.day == bindparam("of_day"),
        spent.c.guild_id == bindparam("of_guild"),
        spent.c.user_id == bindparam("of_user"),
    )
    .values({name: spent.c[name] + bindparam(f"more_{name}") for name in COUNTS})
)


def _sums(holder: Holder) -> Select[*tuple[Any, ...]]:
    """Add up what has been used and what is reserved: where nobody has counted yet, that is what is spent."""

    def of_holder(table: Any) -> list[ColumnElement[bool]]:
        which = [table.c.day == bindparam("of_day")]
        if holder in (Holder.PERSON, Holder.GUILD):
            which.append(table.c.guild_id == bindparam("of_guild"))
        if holder in (Holder.PERSON, Holder.EVERYWHERE):
            which.append(table.c.user_id == bindparam("of_user"))
        return which

    used = (usage.c.calls, usage.c.total_tokens, usage.c.pictures)
    held = (reservations.c[name] for name in COUNTS)
    return select(
        *(
            (
                func.coalesce(func.sum(of_usage), 0)
                + select(func.coalesce(func.sum(reserved), 0)).where(*of_holder(reservations)).scalar_subquery()
            ).label(name)
            for name, of_usage, reserved in zip(COUNTS, used, held, strict=True)
        )
    ).where(*of_holder(usage))


_SUMS: Final = {holder: _sums(holder) for holder in Holder}


class Held:
    """Counters that this transaction alone changes; those that nobody has begun are none of them."""

    def __init__(self, amounts: dict[Key, Amount]) -> None:
        self._amounts = amounts
        self._more: defaultdict[Key, Amount] = defaultdict(Amount)

    def of(self, account: Account) -> Quotas:
        """Tell what is spent, as far as it is counted: of what is not, nothing."""
        return Quotas.by_holder({holder: self._amounts.get(key_of(holder, account), NOTHING) for holder in Holder})

    def add(self, account: Account, amount: Amount) -> None:
        """Add to the counters of an account."""
        for holder in Holder:
            key = key_of(holder, account)
            if key in self._amounts:
                self._amounts[key] += amount
                self._more[key] += amount

    async def write(self, connection: AsyncConnection) -> None:
        """Write what was added."""
        rows = [
            {**_named(key), **{f"more_{name}": getattr(more, name) for name in COUNTS}}
            for key, more in sorted(self._more.items())
            if more != NOTHING
        ]
        self._more.clear()
        if rows:
            await connection.execute(_ADD, rows)


class Counters:
    """Finds counters in a database, and begins them."""

    def __init__(self, database: Database) -> None:
        self._begin = {holder: _begin(database, holder) for holder in Holder}

    async def hold(
        self, connection: AsyncConnection, accounts: Iterable[Account], limited: Mapping[Account, Collection[Holder]]
    ) -> Held:
        """Hold the counters of accounts; those of ``limited`` holders begin with what is spent, if they are not there.

        To be called once in a transaction.
        """
        keys = {key_of(holder, account) for account in (*accounts, *limited) for holder in Holder}
        if not keys:
            return Held({})
        needed = {key_of(holder, account): holder for account, holders in limited.items() for holder in holders}
        # Looked for without holding any: whoever waits for a counter that another begins holds no older one.
        missing = needed.keys() - (await _read(connection, _THESE, needed)).keys() if needed else ()
        for key in sorted(missing):
            await connection.execute(self._begin[needed[key]], _named(key))
        return Held(await _read(connection, _HOLD, keys))

    async def read(self, connection: AsyncConnection, account: Account) -> Quotas:
        """Tell what is spent, without holding anything."""
        keys = {holder: key_of(holder, account) for holder in Holder}
        found = await _read(connection, _THESE, keys.values())
        amounts = {
            holder: found[key]
            if key in found
            else amount_of((await connection.execute(_SUMS[holder], _named(key))).one())
            for holder, key in keys.items()
        }
        return Quotas.by_holder(amounts)


def amount_of(row: Row[*tuple[Any, ...]]) -> Amount:
    """Read the counts of a row."""
    # PostgreSQL's sums are not integers.
    return Amount(**{name: int(getattr(row, name)) for name in COUNTS})


async def _read(
    connection: AsyncConnection, statement: Select[*tuple[Any, ...]], keys: Iterable[Key]
) -> dict[Key, Amount]:
    rows = await connection.execute(statement, {"keys": [tuple(key) for key in sorted(keys)]})
    return {Key(row.day, row.guild_id, row.user_id): amount_of(row) for row in rows}


def _named(key: Key) -> dict[str, Any]:
    return {"of_day": key.day, "of_guild": key.guild_id, "of_user": key.user_id}


def _begin(database: Database, holder: Holder) -> Insert:
    """Begin a counter with what is spent so far, unless it is there."""
    of_day = bindparam("of_day", type_=spent.c.day.type)
    of_guild = bindparam("of_guild", type_=spent.c.guild_id.type)
    of_user = bindparam("of_user", type_=spent.c.user_id.type)
    if holder in (Holder.EVERYWHERE, Holder.BOT):
        of_guild = literal(EVERYWHERE, spent.c.guild_id.type)
    if holder in (Holder.GUILD, Holder.BOT):
        of_user = literal(WHOLE, spent.c.user_id.type)
    sums = _SUMS[holder]
    rows = sums.with_only_columns(of_day, of_guild, of_user, *sums.selected_columns)
    return upsert(database, spent).from_select(list(spent.c), rows).on_conflict_do_nothing()
