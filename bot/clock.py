"""The real clock."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime


class SystemClock:
    """Time as it passes (fulfils ``bot.domain.clock.Clock``)."""

    def now(self) -> datetime:
        """Tell the date and time, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Tell seconds from some fixed point, never going back."""
        return time.monotonic()

    async def sleep(self, delay_s: float) -> None:
        """Wait."""
        await asyncio.sleep(max(0.0, delay_s))


class BootClock(SystemClock):
    """The same, whose monotonic seconds also pass while the machine sleeps (clock_gettime(2), CLOCK_BOOTTIME)."""

    def monotonic(self) -> float:
        """Tell seconds from some fixed point, never going back."""
        if sys.platform != "linux":
            return super().monotonic()
        return time.clock_gettime(time.CLOCK_BOOTTIME)
