"""How long drawings take."""

from __future__ import annotations

import logging
import statistics
from collections import OrderedDict
from datetime import timedelta
from typing import Final

from bot.domain.clock import Clock
from bot.domain.picture.parameters import DrawingParameters
from bot.domain.picture.ports import DrawingStore
from bot.errors import StorageError

logger = logging.getLogger(__name__)

LATELY: Final = timedelta(days=7)
DRAWINGS: Final = 15
"""How many of the newest drawings are looked at."""
FRESH_S: Final = 10.0
"""How long an estimate is good: many who draw at once ask the database once."""
_MOST_KEPT: Final = 256

_Key = tuple[str, int, int]


class DrawingTimes:
    """Tells from the newest drawings how long one like them will take."""

    def __init__(self, drawings: DrawingStore, clock: Clock) -> None:
        self._drawings = drawings
        self._clock = clock
        self._known: OrderedDict[_Key, tuple[float, float | None]] = OrderedDict()

    def note_made(self, parameters: DrawingParameters) -> None:
        """Look anew next time where nothing was known: one like these has just been made."""
        key = _key(parameters)
        if self._known.get(key, (0.0, 0.0))[1] is None:
            del self._known[key]

    async def estimate_s(self, parameters: DrawingParameters) -> float | None:
        """Return the median time of such drawings, in seconds; None where it is not known. Never raises."""
        key = _key(parameters)
        now = self._clock.monotonic()
        at, estimate_s = self._known.get(key, (-FRESH_S, None))
        if key in self._known and now - at < FRESH_S:
            return estimate_s
        try:
            took = await self._drawings.took(parameters, since=self._clock.now() - LATELY, limit=DRAWINGS)
        except StorageError as error:
            logger.warning("how long drawings took could not be looked up: %s", error)
            return None
        estimate_s = statistics.median(took) if took else None
        self._known[key] = (now, estimate_s)
        self._known.move_to_end(key)
        while len(self._known) > _MOST_KEPT:
            self._known.popitem(last=False)
        return estimate_s


def _key(parameters: DrawingParameters) -> _Key:
    return parameters.model, parameters.size.width * parameters.size.height, parameters.steps
