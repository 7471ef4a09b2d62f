"""Two processes on one database, a hundred spenders at once: a quota is never overspent."""

from __future__ import annotations

import asyncio
import sys
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.domain.usage.quota import Account, Quotas
from bot.storage.database.engine import Database, open_database
from bot.storage.stores.usage import SqlUsageStore

ROOT = Path(__file__).resolve().parents[3]
SPENDER = """
import asyncio, sys
from datetime import UTC, date, datetime
from bot.domain.usage.quota import Account, Amount, Demand, Grant, Quotas
from bot.domain.usage.counts import Settlement, Used, Reservation
from bot.storage.database.engine import open_database
from bot.storage.stores.usage import SqlUsageStore

URL, FIRST = sys.argv[1], int(sys.argv[2])
LIMITS = Quotas(user=Amount(calls=20, tokens=100_000, pictures=10), guild=Amount(calls=30),
                everywhere=Amount(calls=28), bot=Amount(calls=100))

async def spend(store, number):
    account = Account(day=date(2026, 3, 1), guild_id=7, channel_id=number % 5, user_id=number % 2 + 1)
    demand = Demand(prompt_tokens=10, new_tokens=90, least_new_tokens=10, pictures=1, without_pictures=True)
    granted = await store.reserve(Reservation(turn_id=number, account=account, demand=demand, limits=LIMITS,
                                         made_at=datetime(2026, 3, 1, tzinfo=UTC), used=Amount()))
    if not isinstance(granted, Grant):
        return
    used = Used(calls=1, prompt_tokens=10, completion_tokens=20, total_tokens=30, pictures=granted.reserved.pictures)
    await store.settle(Settlement(turn_id=number, account=account, used=used, reserved=True))
    print(number, flush=True)

async def main():
    async with open_database(URL) as database:
        await database.check()
        store = SqlUsageStore(database)
        print("ready", flush=True)
        sys.stdin.readline()
        await asyncio.gather(*(spend(store, number) for number in range(FIRST, FIRST + 50)))

asyncio.run(main())
"""


async def spenders(url: str) -> list[list[str]]:
    """Let both loose at the same moment; returns which turns each let through."""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", SPENDER, url, str(first),
            cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        for first in (1000, 2000)
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    said = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
    assert [process.returncode for process in processes] == [0, 0]
    return [out.decode().split() for out, _ in said]


@pytest.fixture
def url(database: Database, database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Tell the address of the empty database."""
    if database_kind == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"
    found: str = request.getfixturevalue("migrated_postgres")
    return found


async def test_two_processes_do_not_spend_the_last_one_twice(url: str) -> None:
    through = await spenders(url)
    assert sum(map(len, through)) == 30
    async with open_database(url) as database:
        store = SqlUsageStore(database)
        account = Account(day=date(2026, 3, 1), guild_id=7, channel_id=0, user_id=1)
        spent: list[Quotas] = [
            await store.spent(account),
            await store.spent(Account(day=account.day, guild_id=7, channel_id=0, user_id=2)),
        ]
        assert spent[0].guild == spent[1].guild == spent[0].user + spent[1].user
        assert spent[0].guild.calls == 30
        assert spent[0].guild.tokens == 900
        assert all(each.user.calls <= 20 and each.user.pictures <= 10 for each in spent)
        assert max(each.user.pictures for each in spent) == 10
        async with database.read("look") as connection:
            assert (await connection.execute(text("SELECT COUNT(*) FROM reservations"))).scalar_one() == 0
            assert (await connection.execute(text("SELECT SUM(calls) FROM usage"))).scalar_one() == 30
