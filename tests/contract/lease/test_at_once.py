"""Writes that are under way at the very moment in which another process takes over."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.lease.record import NO_FENCE
from bot.errors import TakenOverError
from bot.storage.database.engine import Database
from bot.storage.lease.fence import check_fence
from bot.storage.lease.store import SqlLeaseStore
from bot.storage.stores.turns import SqlTurnStore
from tests.contract.lease.offices import ALL, holder
from tests.contract.samples import LATER, turn
from tests.fakes.clock import FakeClock


@pytest.fixture
def leases(database: Database) -> SqlLeaseStore:
    return SqlLeaseStore(database, FakeClock())


async def taken(leases: SqlLeaseStore, name: str, *over: tuple[str, int]) -> int:
    found = await leases.take(holder(name), ALL, gone={*over})
    assert isinstance(found, int), found
    return found


async def test_whoever_takes_over_waits_for_a_write_and_a_renewal_does_not(
    database: Database, leases: SqlLeaseStore, database_kind: str
) -> None:
    fence = await taken(leases, "a")
    async with database.write("write") as connection:
        await check_fence(connection, fence)
        if database_kind == "postgresql":  # on SQLite nobody else writes meanwhile at all
            async with asyncio.timeout(5):
                assert await leases.renew(fence)
        sign = ("a", int(database_kind == "postgresql"))
        taking = asyncio.create_task(leases.take(holder("b"), ALL, gone={sign}))
        done, _ = await asyncio.wait((taking,), timeout=0.3)
        assert not done
    assert isinstance(await taking, int)


async def test_a_write_waits_for_whoever_takes_over_and_is_refused(database: Database, leases: SqlLeaseStore) -> None:
    fence = await taken(leases, "a")
    turns = SqlTurnStore(database, fence=lambda: fence)
    await turns.create(turn(5, reply_ids=(60,)), None)
    results = await asyncio.gather(
        taken(leases, "b", ("a", 0)),
        *(turns.create(turn(number), None) for number in range(10, 20)),
        *(turns.checkpoint(5, reply_ids=(60,), text=f"{number}", updated_at=LATER) for number in range(10)),
        return_exceptions=True,
    )
    new = results[0]
    assert isinstance(new, int)
    assert new > fence > NO_FENCE
    assert all(result in (None, True) or isinstance(result, TakenOverError) for result in results[1:]), results
    found = {one.id for one in await SqlTurnStore(database, fence=lambda: new).unfinished()}
    kept = {number for number, result in zip(range(10, 20), results[1:11], strict=True) if result is True}
    assert found == {5, *kept}
