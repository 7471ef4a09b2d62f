"""The leases in memory."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from bot.domain.lease.record import NO_FENCE, Holder, Lease, Shards
from bot.errors import TakenOverError
from tests.fakes.stores.base import FailingStore


class FakeLeaseStore(FailingStore):
    """``LeaseStore`` in memory; ``leases`` holds those that are held, ``turn_fences`` what turns are worked on under.

    ``renewals`` counts what was asked.
    """

    def __init__(self) -> None:
        super().__init__()
        self.leases: dict[tuple[int, int], Lease] = {}
        self.turn_fences: dict[int, int] = {}
        self.renewals = 0
        self._newest = NO_FENCE

    async def take(
        self, holder: Holder, shards: Shards, *, gone: AbstractSet[tuple[str, int]] = frozenset()
    ) -> int | tuple[Lease, ...]:
        self._check_lock()
        others = [lease for lease in self.leases.values() if lease.holder.id != holder.id]
        inside = tuple(lease for lease in others if shards.overlaps(lease.count, lease.shard_id))
        if not {lease.sign for lease in inside} <= gone:
            return inside
        for fence in {lease.fence for lease in inside}:
            self._drop(fence)
        self._newest += 1
        for shard_id in shards.ids:
            self.leases[shards.count, shard_id] = Lease(
                count=shards.count, shard_id=shard_id, holder=holder, fence=self._newest, beats=0
            )
        return self._newest

    async def renew(self, fence: int) -> bool:
        self.renewals += 1
        self._check_lock()
        mine = {key: lease for key, lease in self.leases.items() if lease.fence == fence}
        for key, lease in mine.items():
            self.leases[key] = Lease(
                count=lease.count, shard_id=lease.shard_id, holder=lease.holder, fence=fence, beats=lease.beats + 1
            )
        return bool(mine)

    async def release(self, fence: int) -> None:
        self._check_lock()
        self._drop(fence)

    def check(self, fence: int) -> None:
        """Refuse what is written under a fence whose lease is not held."""
        if fence != NO_FENCE and not any(lease.fence == fence for lease in self.leases.values()):
            raise TakenOverError("it was taken over")

    def _drop(self, fence: int) -> None:
        self.leases = {key: lease for key, lease in self.leases.items() if lease.fence != fence}
        self.turn_fences = {turn: NO_FENCE if own == fence else own for turn, own in self.turn_fences.items()}
