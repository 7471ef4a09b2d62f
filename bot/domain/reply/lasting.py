"""How long answers last, as seen lately: what the pace of a reply's edits goes by. Times are seconds."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import Final

SEEN: Final = 50
"""So many answers are remembered."""
SHORTEST_S: Final = 0.2
"""What lasts no longer is shown at once, and says nothing about others."""
STEP_S: Final = 0.1
LONGEST_S: Final = 60.0
"""An answer that has lasted so long is expected to go on."""
SPREAD: Final = 0.12
"""An answer of ten seconds stands for others of 8.8 to 11.2."""
USUAL_S: Final = (0.8, 1.4, 2.1, 2.8, 3.6, 4.7, 6.0, 8.1, 12.4, 23.0)
"""What is expected before any answer was seen. Two thirds of answers of 280 tokens in the median at 20 to 80 a second:
where these come, taking them for so much shorter costs nothing (mean lag .480 s either way), and short ones gain."""
USUAL_WEIGHT: Final = 5.0
"""As many seen answers weigh what all the usual ones do."""
NEVER: Final = 0.02
"""The share of answers that are taken never to end: the pace of one that outlasts all others is even."""


class Lasting:
    """The lengths of the answers that were seen last, and how likely one lasts on."""

    def __init__(self, lengths: Iterable[float] = ()) -> None:
        self._seen: deque[float] = deque((one for one in lengths if _is_length(one)), maxlen=SEEN)
        self._fresh = False
        self._alive: tuple[float, ...] = ()
        self._lived: tuple[float, ...] = ()

    def saw(self, length_s: float) -> None:
        """Take the length of an answer that has ended; what is no length is left out."""
        if _is_length(length_s):
            self._seen.append(length_s)
            self._fresh = False

    def alive(self, age: float) -> float:
        """Return the share of answers that last longer than ``age``."""
        self._work_out()
        return _at(self._alive, age)

    def lived(self, age: float) -> float:
        """Return how long an answer lasts within its first ``age`` seconds, on average."""
        self._work_out()
        beyond = max(0.0, age - LONGEST_S)
        return _at(self._lived, age) + beyond * self._alive[-1]

    def ended_at(self, lived: float) -> float:
        """Return the age by which an answer has lasted ``lived`` on average; what ``lived`` undoes."""
        self._work_out()
        if lived >= self._lived[-1]:
            return LONGEST_S + (lived - self._lived[-1]) / self._alive[-1]
        index = max(0, bisect_right(self._lived, lived) - 1)
        low, high = self._lived[index], self._lived[index + 1]
        return STEP_S * (index + (lived - low) / (high - low))

    def hazard(self, age: float) -> float:
        """Return how likely an answer that has lasted ``age`` ends in the next second, were that to stay the same."""
        self._work_out()
        index = min(int(age / STEP_S), len(self._alive) - 2)
        here, there = self._alive[index], self._alive[index + 1]
        return 0.0 if age >= LONGEST_S else (here - there) / STEP_S / here

    def ends_within(self, age: float, within_s: float) -> float:
        """Return how likely an answer that has lasted ``age`` ends in the next ``within_s``."""
        return 1.0 - self.alive(age + within_s) / self.alive(age)

    def _work_out(self) -> None:
        if self._fresh:
            return
        self._fresh = True
        weights = [(one, USUAL_WEIGHT / len(USUAL_S)) for one in USUAL_S] + [(one, 1.0) for one in self._seen]
        ends = [0.0] * (round(LONGEST_S / STEP_S) + 1)
        for length_s, weight in weights:
            first, last = length_s * (1 - SPREAD) / STEP_S, length_s * (1 + SPREAD) / STEP_S
            for index in range(int(first), min(int(last) + 1, len(ends))):
                share = (min(index + 1, last) - max(index, first)) / (last - first)
                ends[index] += weight * share * (1 - NEVER)
        total = sum(weight for _, weight in weights)
        ended = [0.0, *accumulate(ends)]
        self._alive = tuple(1.0 - one / total for one in ended)
        steps = [(before + after) / 2 * STEP_S for before, after in pairwise(self._alive)]
        self._lived = (0.0, *accumulate(steps))


def _is_length(length_s: float) -> bool:
    return math.isfinite(length_s) and length_s > SHORTEST_S


def _at(table: tuple[float, ...], age: float) -> float:
    place = max(0.0, age / STEP_S)
    index = int(place)
    if index >= len(table) - 1:
        return table[-1]
    return table[index] + (table[index + 1] - table[index]) * (place - index)
