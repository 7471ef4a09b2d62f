"""Lines that tell a time while a reply waits for its model. Times are seconds of any monotonic clock.

Each change of a line is an edit, of which a channel has few: a line changes seldom, and the more seldom the longer it
stands.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from bot.errors import ErrorKind

FIRST_THOUGHT_S: Final = 1
"""A thought that is shorter is not spoken of."""
LEAST_RETRY_S: Final = 2.0
"""A wait that is not longer is over before anybody has read of it."""
_LAST_MARK_S: Final = 5
_MARKS_S: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ThinkingLine:
    """The model has been thinking since ``since``."""

    since: float

    def seconds(self, now: float) -> int | None:
        """Tell how many seconds the line says at ``now``; None while there is no line yet."""
        elapsed_s = int(now - self.since)
        if elapsed_s < FIRST_THOUGHT_S:
            return None
        step_s = _thinking_step_s(elapsed_s)
        return max(FIRST_THOUGHT_S, elapsed_s // step_s * step_s)

    def changes_at(self, now: float) -> float:
        """Tell when the line next says something else."""
        elapsed_s = int(now - self.since)
        if elapsed_s < FIRST_THOUGHT_S:
            return self.since + FIRST_THOUGHT_S
        step_s = _thinking_step_s(elapsed_s)
        return self.since + (elapsed_s // step_s + 1) * step_s


def _thinking_step_s(elapsed_s: int) -> int:
    return 4 if elapsed_s < 60 else 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryLine:
    """What failed for ``kind`` at ``since`` is asked again at ``until``."""

    kind: ErrorKind
    since: float
    until: float

    def seconds(self, now: float) -> int | None:
        """Tell how many seconds the line says are left at ``now``, never fewer than are; None once it is over."""
        left_s = self.until - now
        if left_s <= 0:
            return None
        return next(mark for mark in self._marks_s() if mark >= left_s)

    def changes_at(self, now: float) -> float | None:
        """Tell when the line next says something else, or is over; None once it is."""
        left_s = self.until - now
        if left_s <= 0:
            return None
        below = [mark for mark in self._marks_s() if mark < left_s]
        return self.until - (below[-1] if below else 0)

    def _marks_s(self) -> list[int]:
        """List the numbers that the line says, the least first."""
        whole_s = math.ceil(self.until - self.since)
        return sorted({*range(_MARKS_S, whole_s, _MARKS_S), min(_LAST_MARK_S, whole_s), whole_s})


TimedLine = ThinkingLine | RetryLine
