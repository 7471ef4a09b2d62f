"""The store of leases with the turns that are written under them, in every implementation."""

from __future__ import annotations

from bot.domain.history.ports import HistoryStore
from bot.domain.lease.ports import LeaseStore
from bot.domain.lease.record import Holder, Lease, Shards
from bot.domain.picture.ports import DrawingStore
from bot.domain.turn.ports import TurnStore
from bot.domain.usage.ports import UsageStore
from bot.storage.database.engine import Database
from bot.storage.lease.store import SqlLeaseStore
from bot.storage.stores.turns import SqlTurnStore
from tests.fakes.clock import FakeClock
from tests.fakes.stores.drawings import FakeDrawingStore
from tests.fakes.stores.history import FakeHistoryStore
from tests.fakes.stores.turns import FakeTurnStore
from tests.fakes.stores.usage import FakeUsageStore

ALL = Shards()


def holder(name: str, bot_id: int = 1) -> Holder:
    """Make a process."""
    return Holder(id=name, bot_id=bot_id, host="here", machine="m", pid=7, started="12")


class Offices:
    """Processes beside each other: each writes turns under the fence that it has."""

    def __init__(self, leases: LeaseStore, database: Database | None, fake: FakeTurnStore | None) -> None:
        self.leases = leases
        self._database = database
        self._fake = fake

    @classmethod
    def on(cls, database: Database | None, history: HistoryStore, drawings: DrawingStore, usage: UsageStore) -> Offices:
        """Open the stores on a database, or in memory."""
        if database is not None:
            return cls(SqlLeaseStore(database, FakeClock()), database, None)
        assert isinstance(history, FakeHistoryStore)
        assert isinstance(drawings, FakeDrawingStore)
        assert isinstance(usage, FakeUsageStore)
        fake = FakeTurnStore(history, drawings, usage=usage)
        return cls(fake.leases, None, fake)

    def turns(self, fence: int) -> TurnStore:
        """Return the turns as a process has them that writes under a fence."""
        if self._database is not None:
            return SqlTurnStore(self._database, fence=lambda: fence)
        assert self._fake is not None
        return self._fake.under(lambda: fence)

    async def take(self, name: str, shards: Shards = ALL, *over: tuple[Lease, ...]) -> int:
        """Take a lease that is free, or from those that are gone; returns the fence."""
        gone = {lease.sign for found in over for lease in found}
        found = await self.leases.take(holder(name), shards, gone=gone)
        assert isinstance(found, int), found
        return found

    async def in_the_way(self, name: str, shards: Shards = ALL) -> tuple[Lease, ...]:
        """Try to take a lease that is held; returns by whom."""
        found = await self.leases.take(holder(name), shards)
        assert not isinstance(found, int)
        return found
