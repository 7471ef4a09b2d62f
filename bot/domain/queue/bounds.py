"""How many turns there may be, and what an arriving one led to."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from typing import Final

ANY: Final = sys.maxsize
"""A bound that bounds nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many turns there may be, each at least 1 (``waiting``: 0).

    Of a group run ``at_once``, of one user in it ``user_at_once_here``, of a guild in all its groups ``guild_at_once``,
    of a user everywhere ``user_at_once``, of all ``all_at_once``. In a group wait ``waiting``, of one user in it
    ``per_user``, of a user everywhere ``user_waiting``. ``whole`` run or wait, of a guild ``guild_whole``.
    """

    at_once: int
    waiting: int
    per_user: int
    whole: int
    all_at_once: int = ANY
    guild_at_once: int = ANY
    guild_whole: int = ANY
    user_at_once: int = ANY
    user_at_once_here: int = ANY
    user_waiting: int = ANY

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for bounds under which no turn could run, or none that waits could be taken."""
        if any(getattr(self, each.name) < (each.name != "waiting") for each in fields(self)):
            raise ValueError("a bound on turns is too small")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What an arriving turn led to.

    ``taken`` is ``False`` where it was refused; ``admitted`` are the turns that may begin now, in order: the new one,
    and others where its group was switched to more turns at once.
    """

    taken: bool
    admitted: tuple[int, ...] = ()
