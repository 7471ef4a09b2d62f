"""Whether the holder of a lease is gone, by what one sees of it: no two clocks are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from bot.domain.lease.record import Holder, Lease

RENEW_S: Final = 5.0
"""How often a holder renews its leases."""
TTL_S: Final = 20.0
"""For how long a lease must be seen not to change until its holder counts as gone."""
GAP_S: Final = 5.0
"""Who has not looked for longer has seen nothing: the database was away, or the watcher itself was held up."""


@dataclass(slots=True, kw_only=True)
class _Seen:
    sign: tuple[str, int]
    since: float
    moved: bool = False


class Watch:
    """What a waiting process has seen of the leases in its way."""

    def __init__(self, is_gone: Callable[[Holder], bool]) -> None:
        """``is_gone`` says whether a process of this machine has certainly ended."""
        self._is_gone = is_gone
        self._seen: dict[tuple[int, int], _Seen] = {}
        self._looked_at = 0.0

    def look(self, leases: Iterable[Lease], now: float) -> frozenset[tuple[str, int]]:
        """Note what is there ``now``, in monotonic seconds; returns the signs of those whose holders are gone."""
        if now - self._looked_at > GAP_S:
            # Its holder may just not have been let to the database, no more than this process.
            self._seen.clear()
        self._looked_at = now
        before, self._seen = self._seen, {}
        gone: set[tuple[str, int]] = set()
        for lease in leases:
            key = (lease.count, lease.shard_id)
            seen = before.get(key)
            if seen is None or seen.sign != lease.sign:
                same = seen is not None and seen.sign[0] == lease.holder.id
                seen = _Seen(sign=lease.sign, since=now, moved=same)
            self._seen[key] = seen
            if now - seen.since >= TTL_S or self._is_gone(lease.holder):
                gone.add(lease.sign)
        return frozenset(gone)

    def lives(self, lease: Lease) -> bool:
        """Whether the holder of a lease was seen to renew it."""
        seen = self._seen.get((lease.count, lease.shard_id))
        return seen is not None and seen.moved
