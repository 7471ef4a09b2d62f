"""What was used, added up by the database: few rows are read, however many there are."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.usage.counts import MOST_SHARES, DayUsage, Share, Shares, UsageQuery, UsageRow, UsageSums, Used
from bot.domain.usage.quota import Account
from bot.storage.database.engine import Database
from bot.storage.schema.tables import usage

USED: Final = ("calls", "prompt_tokens", "completion_tokens", "total_tokens", "pictures")
_SUMS: Final = tuple(func.sum(usage.c[name]).label(name) for name in USED)
_KEY: Final = (usage.c.day, usage.c.guild_id, usage.c.channel_id)


async def add_up(database: Database, query: UsageQuery) -> UsageSums:
    """Add up what was used, at one moment: days, shares and rows agree, whoever counts meanwhile."""

    async def work(connection: AsyncConnection) -> UsageSums:
        if database.is_sqlite:
            await connection.exec_driver_sql("BEGIN")
        else:
            await connection.execution_options(isolation_level="REPEATABLE READ")
        days = await connection.execute(
            select(usage.c.day, *_SUMS).where(*_asked(query)).group_by(usage.c.day).order_by(usage.c.day)
        )
        return UsageSums(
            days=tuple(DayUsage(day=row.day, used=_used(row)) for row in days),
            channels=await _shares(connection, query, usage.c.channel_id) if query.by_channel else Shares(),
            users=await _shares(connection, query, usage.c.user_id) if query.by_user else Shares(),
            rows=tuple(
                UsageRow(
                    account=Account(day=row.day, guild_id=row.guild_id, channel_id=row.channel_id, user_id=row.user_id),
                    used=_used(row),
                )
                for row in await connection.execute(_rows(query))
            ),
        )

    return await database.visit("read what was used", work)


async def _shares(connection: AsyncConnection, query: UsageQuery, column: ColumnElement[int]) -> Shares:
    found = await connection.execute(
        # The window is over the groups, before the limit: it counts them all.
        select(column.label("id"), *_SUMS, func.count().over().label("groups"))
        .where(*_asked(query))
        .group_by(column)
        .order_by(*(func.sum(usage.c[name]).desc() for name in ("total_tokens", "pictures", "calls")), column)
        .limit(MOST_SHARES)
    )
    rows = found.all()
    return Shares(largest=tuple(Share(id=row.id, used=_used(row)) for row in rows), count=rows[0].groups if rows else 0)


def _rows(query: UsageQuery) -> Select[*tuple[Any, ...]]:
    if query.named:
        rows: Select[*tuple[Any, ...]] = select(usage).where(*_asked(query))
        tokens: ColumnElement[int] = usage.c.total_tokens
    else:
        rows = select(*_KEY, literal(0).label("user_id"), *_SUMS).where(*_asked(query)).group_by(*_KEY)
        tokens = func.sum(usage.c.total_tokens)
    order = (usage.c.day.desc(), tokens.desc(), usage.c.guild_id, usage.c.channel_id)
    return rows.order_by(*order, *((usage.c.user_id,) if query.named else ())).limit(query.most_rows)


def _asked(query: UsageQuery) -> tuple[ColumnElement[bool], ...]:
    given = (
        (usage.c.guild_id, query.guild_id),
        (usage.c.channel_id, query.channel_id),
        (usage.c.user_id, query.user_id),
    )
    return (
        usage.c.day.between(query.first, query.last),
        *(column == value for column, value in given if value is not None),
    )


def _used(row: Row[*tuple[Any, ...]]) -> Used:
    # PostgreSQL's sums are not integers.
    return Used(**{name: int(getattr(row, name)) for name in USED})
