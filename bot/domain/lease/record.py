"""Shards, and who holds the right to answer for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import gcd
from typing import Final

NO_FENCE: Final = 0
"""The fence of what no process works on."""

FenceOf = Callable[[], int]
"""Tells the fence that this process writes under; ``NO_FENCE`` before it has taken a lease."""


def no_fence() -> int:
    """Say that there is no lease: nothing is checked. For tests, and what is not a running bot."""
    return NO_FENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Shards:
    """Some of ``count`` shards. A process that runs all of them, however many, has the one of 1."""

    count: int = 1
    ids: tuple[int, ...] = (0,)

    def overlaps(self, count: int, shard_id: int) -> bool:
        """Whether a guild may belong both to one of these and to shard ``shard_id`` of ``count``.

        Guilds are dealt out by the remainder of a number that may be any (Discord documentation, Sharding Formula).
        """
        step = gcd(self.count, count)
        return any(own % step == shard_id % step for own in self.ids)

    def __str__(self) -> str:
        if self.count == 1:
            return "all shards"
        listed = ", ".join(map(str, self.ids))
        return f"shard{'s' if len(self.ids) > 1 else ''} {listed} of {self.count}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A process that holds leases. ``id`` is random, one for each start; ``bot_id`` is Discord's id of its bot.

    ``machine`` names what ``pid`` and ``started`` belong to: one boot of one machine, and one namespace of processes.
    It is empty if that can't be told. ``host`` is for people.
    """

    id: str
    bot_id: int = 0
    host: str = ""
    machine: str = ""
    pid: int = 0
    started: str = ""

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host or 'an unknown host'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The row of a shard that is held. ``beats`` counts how often it was renewed."""

    count: int
    shard_id: int
    holder: Holder
    fence: int
    beats: int

    @property
    def sign(self) -> tuple[str, int]:
        """What changes while its holder lives."""
        return self.holder.id, self.beats
