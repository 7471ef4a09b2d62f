"""Counters of quotas, held by several transactions at once."""

from __future__ import annotations

import asyncio
import random
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.usage.quota import Account, Amount
from bot.errors import Holder
from bot.storage.database.engine import Database
from bot.storage.usage.counters import Counters

TODAY = date(2024, 2, 29)
ACCOUNTS = [
    Account(day=TODAY, guild_id=guild, channel_id=1, user_id=user) for guild in (7, 70, 0) for user in range(1, 13)
]
ONE = Amount(calls=1, tokens=10)


async def test_whoever_counts_over_several_guilds_never_waits_in_a_circle(database: Database) -> None:
    """PostgreSQL breaks a circle by an error in one of them, which would be raised here."""
    counters = Counters(database)
    chance = random.Random(1)
    added = 0

    async def count(accounts: list[Account]) -> None:
        async def work(connection: AsyncConnection) -> None:
            held = await counters.hold(connection, (), dict.fromkeys(accounts, tuple(Holder)))
            for account in accounts:
                held.add(account, ONE)
            await held.write(connection)

        await database.transaction("count", work)

    for _ in range(10):
        some = [chance.sample(ACCOUNTS, 12) for _ in range(8)]
        added += sum(map(len, some))
        await asyncio.gather(*(count(accounts) for accounts in some))
    async with database.read("look") as connection:
        assert (await counters.read(connection, ACCOUNTS[0])).bot.calls == added
