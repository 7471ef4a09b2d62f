"""Forbidden words: `python -m benchmarks.text.words [--beside PATH] [--runs N]`.

Prints how long the first check with a list takes, which has the list made ready, and every further one, for texts of
6,000 characters; with another checkout beside it also as a ratio to that one's. Runs of both take turns, each a process
of its own; times are CPU times of that process, the fastest of several rounds, and medians over the runs.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from typing import Final

from benchmarks.beside import compare

CHARS: Final = 6_000
ROUNDS: Final = 7

USUAL: Final = tuple(f"word{number}ing" for number in range(200))
IDEOGRAPHS: Final = tuple(f"{'一' * 20}{chr(0x4E01 + number)}" for number in range(200))
LONG: Final = tuple("一" * (number % 59) + chr(0x4E01 + number) + "一" * (59 - number % 59) for number in range(200))
ARABIC: Final = tuple(f"مرحبا{number}" for number in range(200))
CASES: Final = {
    "English, 200 words": ("many words of a usual text, ", USUAL),
    "Chinese, 200 words": ("这是一段普通的文字，", IDEOGRAPHS),
    "one ideograph, 200 long words": ("一", LONG),
    "Arabic with its marks, 200 words": ("مَرْحَبًا ", ARABIC),
}


def check_of() -> Callable[[str, tuple[str, ...]], bool]:
    """Find the check, in this checkout or in an older one."""
    try:
        module = importlib.import_module("bot.domain.turn.forbidden")
    except ImportError:
        module = importlib.import_module("bot.domain.turn.admission")
    check: Callable[[str, tuple[str, ...]], bool] = module.has_forbidden_word
    return check


def measure() -> dict[str, tuple[float, float]]:
    """Return the times of the first check and of a further one, in ms, by case."""
    check = check_of()
    found: dict[str, tuple[float, float]] = {}
    for name, (piece, words) in CASES.items():
        text = (piece * CHARS)[:CHARS]
        times: list[tuple[float, float]] = []
        for number in range(ROUNDS):
            fresh = (*words[1:], f"{words[0][:-1]}{chr(0x4F01 + number)}")  # a list that was not seen yet
            times.append((_timed(check, "x", fresh), _timed(check, text, fresh)))
        found[name] = min(first for first, _ in times), min(further for _, further in times)
    return found


def _timed(check: Callable[[str, tuple[str, ...]], bool], text: str, words: tuple[str, ...]) -> float:
    begun = time.process_time()
    check(text, words)
    return (time.process_time() - begun) * 1000


if __name__ == "__main__":
    compare(__file__, __doc__, measure, times="first check, further check")
