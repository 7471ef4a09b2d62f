"""How long ten honest people wait for their answers, without and beside forty who try to have the bot for themselves.

Each answer takes a second and a half at the endpoint. A run is a bot of its own; printed are, for each, the medians of
thirty answers, their ratio, and the ratio of the slowest answer to the median without the others.

    python -m benchmarks.lag.hostile --runs 5
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path

from tests.e2e.faults.honest import Waits, before, waits


async def measure() -> Waits:
    """Start a bot, and measure."""
    with tempfile.TemporaryDirectory() as folder:
        async with before(Path(folder)) as stage:
            found = await waits(stage)
            await stage.bot.end()
            return found


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    ratios, worst = [], []
    for _ in range(parser.parse_args().runs):
        found = asyncio.run(measure())
        alone, beside = statistics.median(found.alone), statistics.median(found.beside)
        ratios.append(beside / alone)
        worst.append(max(found.beside) / alone)
        print(f"alone {alone:.2f} s, beside {beside:.2f} s: {ratios[-1]:.2f} x, the slowest {worst[-1]:.2f} x")
    print(f"medians: {statistics.median(ratios):.2f} x, the slowest {statistics.median(worst):.2f} x")


if __name__ == "__main__":
    main()
