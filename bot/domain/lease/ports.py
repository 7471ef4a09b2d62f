"""What the use cases need to hold a lease. Every method raises ``StorageError`` when the database fails."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Protocol

from bot.domain.lease.record import Holder, Lease, Shards


class LeaseStore(Protocol):
    """A row for each shard, with a number, the fence, that grows whenever another process takes it.

    No clock is in it: whether a holder is alive is for those to find out who look at it.
    """

    async def take(
        self, holder: Holder, shards: Shards, *, gone: AbstractSet[tuple[str, int]] = frozenset()
    ) -> int | tuple[Lease, ...]:
        """Take all shards, or none: returns the fence, or the leases that are in the way, and then nothing changed.

        A lease whose ``sign`` is in ``gone`` is in nobody's way: its holder loses all its leases, at once and for good,
        and the turns that it worked on are nobody's (``TurnStore.unfinished``). A fence is never used twice.
        """

    async def renew(self, fence: int) -> bool:
        """Show that the holder lives; ``False`` if the leases of this fence were taken by another process."""

    async def release(self, fence: int) -> None:
        """Give the leases of this fence back: nothing is written under it afterwards. Repeating does nothing."""
