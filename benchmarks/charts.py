"""How long the charts of `/usage` take: `python -m benchmarks.charts [--runs N]`.

Each is drawn as the bot draws it, in a thread, with the shares of eight people, in English and in Chinese:
milliseconds, the median of the runs. The first one of all imports Pillow and stands by itself. "Held up" is the longest
time that other work on the event loop waited meanwhile; other work on the machine shows there too.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from bot.presentation.usage.chart import ChartData, Panel, ShareRow
from bot.presentation.usage.painter import UsageCharts

BUDGET_MS = 300.0
DAYS = (7, 30, 90)
WORDS = {
    "English": ("the last {} days (UTC)", "Requests", "Tokens", "Pictures", "By person (tokens)", "Alice"),
    "Chinese": ("最近 {} 天（UTC）", "请求", "Token", "图片", "按成员（Token）", "小明"),
}


def chart(days: int, language: str) -> ChartData:
    """Make what is drawn: no two bars beside each other are alike."""
    (title, requests, tokens, pictures, shares, name), plain = WORDS[language], WORDS["English"]
    values = [float(day * 37 % 61) for day in range(days)]
    return ChartData(
        title=title.format(days),
        plain=plain[0].format(days),
        days=[f"{date(2026, 11, 22) - timedelta(days=back):%m-%d}" for back in reversed(range(days))],
        panels=[
            Panel(title=requests, plain=plain[1], values=values),
            Panel(title=tokens, plain=plain[2], values=[value * 1234 for value in values]),
            Panel(title=pictures, plain=plain[3], values=[value // 5 for value in values]),
        ],
        shares_title=shares,
        shares_plain=plain[4],
        shares=[
            ShareRow(label=f"{name} {number}", plain=f"#{number}", value=900_000 // number) for number in range(1, 9)
        ],
    )


class LoopWatch:
    """Measures how late the event loop gets to what is due every millisecond."""

    def __init__(self) -> None:
        self.worst_s = 0.0

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            self.worst_s = max(self.worst_s, time.perf_counter() - began - 0.001)


async def timed_ms(charts: UsageCharts, data: ChartData) -> float:
    """Draw one chart."""
    began = time.perf_counter()
    if await charts.draw(data) is None:
        raise SystemExit("no chart was drawn")
    return (time.perf_counter() - began) * 1000


def resident_mb() -> float:
    """Read the process's resident memory; 0 where the system does not tell it so."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


async def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 where a chart took longer than the budget."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.charts", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="charts of each kind (default: 5)")
    options = parser.parse_args(arguments)
    charts, watch = UsageCharts(), LoopWatch()
    before = resident_mb()
    slowest = first = await timed_ms(charts, chart(DAYS[0], "Chinese"))
    print(f"the first one   {first:6.0f} ms")
    watching = asyncio.create_task(watch.run())
    for days in DAYS:
        for language in WORDS:
            data = chart(days, language)
            median = statistics.median([await timed_ms(charts, data) for _ in range(options.runs)])
            slowest = max(slowest, median)
            print(f"{days:2} days, {language}{median:7.0f} ms")
    watching.cancel()
    print(f"event loop held up at most {watch.worst_s * 1000:.0f} ms")
    print(f"resident memory {before:.0f} MB before the first one, {resident_mb():.0f} MB after the last one")
    print(f"budget: {BUDGET_MS:.0f} ms a chart: {'kept' if slowest <= BUDGET_MS else 'missed'}")
    return int(slowest > BUDGET_MS)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
