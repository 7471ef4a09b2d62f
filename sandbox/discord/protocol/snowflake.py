"""Discord's ids and times: 42 bits of milliseconds since 2015, 22 bits below (documentation, "Snowflakes")."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

DISCORD_EPOCH_MS: Final = 1_420_070_400_000


class Snowflakes:
    """Gives ids that carry the clock's time, are unique, and only ever grow, even where the clock goes back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """Return a new id."""
        found = (int(self._clock() * 1000) - DISCORD_EPOCH_MS) << 22
        self._last = found if found > self._last else self._last + 1
        return self._last


def snowflake_at(unix_s: float) -> int:
    """Return the smallest id of that moment."""
    return max(0, int(unix_s * 1000) - DISCORD_EPOCH_MS) << 22


def created_at(snowflake: int) -> float:
    """Return when an id was made, in Unix seconds."""
    return ((snowflake >> 22) + DISCORD_EPOCH_MS) / 1000


def iso(unix_s: float) -> str:
    """Return a moment as Discord writes it: ISO 8601, microseconds, UTC."""
    return datetime.fromtimestamp(unix_s, UTC).isoformat(timespec="microseconds")
