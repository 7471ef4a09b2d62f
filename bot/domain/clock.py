"""Time, as a port."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Time, so that tests can turn it."""

    def now(self) -> datetime:
        """Tell the date and time, in UTC."""

    def monotonic(self) -> float:
        """Tell seconds from some fixed point, never going back."""

    async def sleep(self, delay_s: float) -> None:
        """Wait ``delay_s`` seconds; 0 or less only yields."""
