"""Compares two times of each case, here and in another checkout: a benchmark's command line and its printed lines."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]

Times = Mapping[str, Sequence[float]]
"""Two times of each case, in ms."""


def compare(file: str, about: str | None, measure: Callable[[], Times], *, times: str) -> None:
    """Run a benchmark's command line: ``--beside PATH`` is another checkout, ``--runs N`` how often each is measured.

    Runs of both take turns, each a process of its own that runs ``file`` with that checkout's ``bot``. Prints medians
    over the runs, and those of the ratios of neighbouring runs. ``times`` says what is printed.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
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
        here.append(_measured(file, ROOT))
        if beside is not None:
            there.append(_measured(file, beside.resolve()))
    print(f"case: {times}, in ms" + ("; of the other checkout; ratios" if there else ""))
    for name in here[0]:
        lines = [_medians(run[name] for run in here)]
        if there:
            lines.append(_medians(run[name] for run in there))
            pairs = zip(here, there, strict=True)
            lines.append(_medians([a / b for a, b in zip(mine[name], its[name], strict=True)] for mine, its in pairs))
        print(f"{name}: " + "; ".join(lines))


def _measured(file: str, checkout: Path) -> Times:
    # Behind the other checkout this one is there for what that one lacks: this module.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(checkout), str(ROOT)))}
    command = [sys.executable, "-P", file, "--measure"]
    done = subprocess.run(command, cwd=checkout, env=environment, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _medians(runs: Iterable[Sequence[float]]) -> str:
    return ", ".join(f"{statistics.median(each):.3g}" for each in zip(*runs, strict=True))
