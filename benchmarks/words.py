"""Forbidden words: `python -m benchmarks.words [--beside PATH] [--runs N]`.

Prints how long the first check with a list takes, which has the list made ready, and every further one, for texts of
6,000 characters; with another checkout beside it also as a ratio to that one's. Runs of both take turns, each a process
of its own; times are CPU times of that process, the fastest of several rounds, and medians over the runs.
"""

from __future__ import annotations

import argparse
import importlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
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


def run(checkout: Path) -> dict[str, list[float]]:
    """Measure in a process of its own, with a checkout's ``bot``."""
    command = [sys.executable, __file__, "--measure"]
    done = subprocess.run(
        command, cwd=checkout, env={"PYTHONPATH": str(checkout)}, check=True, capture_output=True, text=True
    )
    return dict(json.loads(done.stdout))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beside", type=Path, metavar="PATH", help="another checkout to compare with")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure()))
        return
    beside: Path | None = given.beside
    here, there = [], []
    for _ in range(given.runs):
        here.append(run(ROOT))
        if beside is not None:
            there.append(run(beside.resolve()))
    print("case: first check, further check, in ms" + ("; of the other checkout; ratios" if there else ""))
    for name in CASES:
        mine = [statistics.median(each[name][which] for each in here) for which in (0, 1)]
        line = f"{name}: {mine[0]:.2f}, {mine[1]:.2f}"
        if there:
            its = [statistics.median(each[name][which] for each in there) for which in (0, 1)]
            ratios = [
                statistics.median(a[name][which] / b[name][which] for a, b in zip(here, there, strict=True))
                for which in (0, 1)
            ]
            line += f"; {its[0]:.2f}, {its[1]:.2f}; {ratios[0]:.4f}, {ratios[1]:.4f}"
        print(line)


if __name__ == "__main__":
    main()
