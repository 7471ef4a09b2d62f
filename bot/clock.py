"""The real clock."""

from __future__ import annotations

import asyncio
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
