"""Time that passes only where a test waits: an event loop that leaps to the next timer when nothing is left to do.

``asyncio.sleep``, ``asyncio.timeout`` and ``FakeClock`` all follow it, so hours take no time and order is exact.
"""

from __future__ import annotations

import asyncio
import selectors
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
STUCK_AFTER_S = 5.0
"""Real seconds without a timer and without an event after which a test is taken to wait for nothing."""
_TICK_S = 1e-6


class FakeClock:
    """Tells the running loop's time (fulfils ``bot.domain.clock.Clock``)."""

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, delay_s: float) -> None:
        await asyncio.sleep(max(0.0, delay_s))


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop whose time leaps. It has no place for real sockets: their answers come after every timer."""

    def __init__(self) -> None:
        self._leaping = _Leaping()
        super().__init__(self._leaping)

    def time(self) -> float:
        return self._leaping.now

    def stall(self, for_s: float) -> None:
        """Let time pass in which nothing runs, as when the machine gives the process no turn."""
        self._leaping.now += for_s


class _Leaping(selectors.DefaultSelector):
    """Asks for events without waiting, and lets the time pass instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            events = super().select(STUCK_AFTER_S)
            if not events:
                raise RuntimeError("the test waits for what can't come: nothing runs and no timer is set")
            return events
        events = super().select(0)
        if not events and timeout > 0:
            # The tick keeps a timer of a rounding error's length from coming again and again at the same time.
            self.now += timeout + _TICK_S
        return events


async def settle(turns: int = 50) -> None:
    """Let everything run that can without time passing."""
    for _ in range(turns):
        await asyncio.sleep(0)
