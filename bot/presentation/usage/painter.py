"""Has charts drawn in a thread, one at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from bot.allocator import return_free_memory
from bot.presentation.usage.chart import ChartData, draw

logger = logging.getLogger(__name__)

WAITING: Final = 20
"""Charts that wait at most; who asks for more gets the table."""


class UsageCharts:
    """Draws charts."""

    def __init__(self, draw: Callable[[ChartData], bytes] = draw) -> None:
        self._draw = draw
        self._one = asyncio.Lock()
        self._waiting = 0

    async def draw(self, data: ChartData) -> bytes | None:
        """Draw a chart as a PNG; None where that failed, which is logged: the table tells the same."""
        if self._waiting >= WAITING:
            logger.warning("too many charts are waiting")
            return None
        self._waiting += 1
        try:
            async with self._one:
                return await self._in_thread(data)
        except Exception as error:  # noqa: BLE001  # whatever a name or a font holds, the table is to be shown
            # Its words might hold a name.
            logger.warning("no chart was drawn: %s", type(error).__name__)
            return None
        finally:
            self._waiting -= 1

    async def _in_thread(self, data: ChartData) -> bytes:
        """Draw it. Cancelled, it is waited for all the same: two charts are never drawn at once."""
        task = asyncio.ensure_future(asyncio.to_thread(self._drawn, data))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait((task,))
            raise

    def _drawn(self, data: ChartData) -> bytes:
        try:
            return self._draw(data)
        finally:
            return_free_memory()  # a font with Chinese has up to 65,000 characters
