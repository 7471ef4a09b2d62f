"""Hostile answers for framing, adapters, assemblers and pictures: `python -m tests.unit.providers.fuzz --seconds 60`.

Runs the property tests of this folder and those below it again and again with fresh examples until the time is up. The
first example that breaks one is made small and printed, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Callable
from importlib import import_module
from inspect import signature
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import seed, settings

HERE = Path(__file__).parent


def property_tests() -> dict[str, Any]:
    """Find the property tests that need nothing but examples: no fixture, no parameter."""
    # Before they are imported, since they take the profile over: under continuous integration hypothesis would draw the
    # same examples each time. There is no deadline for one example: a busy machine would break it.
    settings.register_profile("fuzz", settings.get_profile("default"), derandomize=False, database=None, deadline=None)
    settings.load_profile("fuzz")
    modules = [".".join(path.relative_to(HERE).with_suffix("").parts) for path in sorted(HERE.rglob("test_*.py"))]
    return {
        f"{module}.{name}": test
        for module in modules
        for name, test in vars(import_module(f"tests.unit.providers.{module}")).items()
        if name.startswith("test_") and getattr(test, "is_hypothesis_test", False) and not signature(test).parameters
    }


def count_examples(test: Any, name: str, counts: dict[str, int]) -> None:
    """Have a test count its examples."""
    inner: Callable[..., None] = test.hypothesis.inner_test

    def counting(*args: object, **kwargs: object) -> None:
        counts[name] += 1
        inner(*args, **kwargs)

    test.hypothesis.inner_test = counting


def fuzz(seconds: float, base: int | None = None) -> int:
    """Run the tests in turns until the time is up; returns the exit code.

    With ``base`` the examples are the same each time, other ones in each turn.
    """
    until = time.monotonic() + seconds
    tests = property_tests()
    counts = dict.fromkeys(tests, 0)
    for name, test in tests.items():
        count_examples(test, name, counts)
    for turn in count():
        if time.monotonic() >= until:
            break
        for name, test in tests.items():
            if base is not None:
                seed(base + turn)(test)
            try:
                test()
            except Exception:
                traceback.print_exc()
                print(f"fuzzing broke {name} after {counts[name]} examples", file=sys.stderr)
                return 1
            if time.monotonic() >= until:
                break
    for name, examples in counts.items():
        print(f"{examples:8} examples  {name}")
    print(f"{sum(counts.values()):8} examples in {seconds:g} s, none of which broke anything")
    return 0


def main() -> int:
    """Read the command line and fuzz."""
    parser = argparse.ArgumentParser(description="Fuzz the client of the model endpoints.")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (default 60)")
    parser.add_argument("--seed", type=int, default=None, help="the same examples each time (default: fresh ones)")
    options = parser.parse_args()
    return fuzz(options.seconds, options.seed)


if __name__ == "__main__":
    sys.exit(main())
