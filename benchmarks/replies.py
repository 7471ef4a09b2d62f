"""How far what stands in Discord lags behind the model: `python -m benchmarks.replies [--runs N] [--only NAME]`.

Runs the real bot (`python -m bot run`) against the sandbox's Discord, with its rate limits as observed, and an
endpoint of its own that writes numbered tokens on a fixed schedule and notes when each left. A token is visible when
a message that holds it is created or edited in the local Discord. Lags are seconds; medians over the runs are printed.

Each request takes 80 to 300 ms there and back, at random, unless `--near`; `--windows` says how Discord counts.
`--beside PATH` runs another checkout's bot in turn with this one's; its rows come below.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.lag.bots import ROOT, Conditions, make_channels, newcomers, running, usage
from benchmarks.lag.restart import restart
from benchmarks.lag.streams import Endpoint, Scenario, Stream, Watcher, serving
from sandbox.discord import LocalDiscord
from sandbox.discord.state.records import Channel, User

SCENARIOS = (
    Scenario(name="one stream, 400 tokens", streams=1, channels=1, tokens=400, per_s=50),
    Scenario(name="five in one channel, 200 tokens", streams=5, channels=1, tokens=200, per_s=50),
    Scenario(name="ten channels, 200 tokens", streams=10, channels=10, tokens=200, per_s=50),
    Scenario(name="ten channels again, 200 tokens", streams=10, channels=10, tokens=200, per_s=50, seen=True),
    Scenario(name="fifty channels, 200 tokens", streams=50, channels=50, tokens=200, per_s=50),
    Scenario(name="forty short replies, 20 tokens", streams=40, channels=40, tokens=20, per_s=100),
)
RESTART = "restart with 500 open turns"
COLUMNS = {
    "mean": "mean lag",
    "first": "first p95",
    "last": "last p95",
    "asked": "asked p95",
    "never": "never",
    "requests": "requests",
    "refused": "429",
    "cpu_s": "CPU s",
    "peak_mb": "peak MB",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one run of a scenario gave; seconds, counts and MB."""

    mean: float
    first: float
    last: float
    asked: float
    never: int
    requests: int
    refused: int
    cpu_s: float
    peak_mb: float


async def measure(scenario: Scenario, conditions: Conditions) -> Result:
    """Run a scenario once."""
    streams = [Stream() for _ in range(scenario.streams)]
    endpoint = Endpoint(scenario, streams)
    with tempfile.TemporaryDirectory() as folder:
        async with (
            serving(endpoint) as url,
            conditions.discord() as discord,
            running(discord, url, Path(folder), conditions.checkout) as process,
        ):
            channels = make_channels(discord.world, scenario.channels)
            people = newcomers(discord.world, scenario.streams)
            alice = discord.world.person("alice")
            warm = await discord.world.say(alice, discord.world.channel("code"), discord.world.bot.mention)
            await discord.world.wait_for(lambda: discord.world.reply_to(warm), timeout_s=10)
            if scenario.seen:
                endpoint.answer_for(earlier := [Stream() for _ in range(scenario.streams)])
                await run(scenario, discord, earlier, channels, people)
                endpoint.answer_for(streams)
            await asyncio.sleep(5.2)  # every window that was opened is over
            before, cpu = len(discord.requests), usage(process.pid)[0]
            await run(scenario, discord, streams, channels, people)
            await asyncio.sleep(1)
            seconds, peak_mb = usage(process.pid)
            return summary(streams, discord, before, seconds - cpu, peak_mb)


async def run(
    scenario: Scenario, discord: LocalDiscord, streams: list[Stream], channels: list[Channel], people: list[User]
) -> None:
    """Ask for all streams at once, and wait until each stands in Discord."""
    watcher = Watcher(scenario, streams)
    unsubscribe = discord.world.subscribe(watcher)
    for number, stream in enumerate(streams):
        stream.asked_at = time.monotonic()
        text = f"{discord.world.bot.mention} stream {number}"
        watcher.expect(await discord.world.say(people[number], channels[number % len(channels)], text), stream)
    try:
        async with asyncio.timeout(60 + scenario.tokens / scenario.per_s):
            await watcher.done.wait()
    except TimeoutError:
        print("  some tokens were never shown", file=sys.stderr)
    unsubscribe()


def summary(streams: Sequence[Stream], discord: LocalDiscord, before: int, cpu_s: float, peak_mb: float) -> Result:
    """Work the figures out."""
    lags = [seen - left for stream in streams for left, seen in zip(stream.left_at, stream.seen_at, strict=False)]
    first = [stream.seen_at[0] - stream.left_at[0] for stream in streams if stream.seen_at]
    last = [s.seen_at[-1] - s.left_at[-1] for s in streams if len(s.seen_at) == len(s.left_at) and s.seen_at]
    asked = [stream.requested_at - stream.asked_at for stream in streams]
    requests = discord.requests[before:]
    return Result(
        mean=statistics.fmean(lags),
        first=percentile(first),
        last=percentile(last),
        asked=percentile(asked),
        never=sum(len(stream.left_at) - len(stream.seen_at) for stream in streams),
        requests=len(requests),
        refused=sum(request.status == 429 for request in requests),
        cpu_s=cpu_s,
        peak_mb=peak_mb,
    )


def percentile(values: Sequence[float]) -> float:
    """Return the 95th percentile; of one value that value."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))] if ordered else float("nan")


async def compare(scenario: Scenario, runs: int, sides: Sequence[Conditions]) -> None:
    """Run a scenario on each side in turn, and print a row a side."""
    results: list[list[Result]] = [[] for _ in sides]
    for number in range(runs):
        for side, found in zip(sides, results, strict=True):
            found.append(await measure(scenario, seeded(side, number)))
    for side, found in zip(sides, results, strict=True):
        cells = [statistics.median(getattr(result, name) for result in found) for name in COLUMNS]
        shown = [f"{cell:.3f}" if index < 4 else f"{cell:.2f}" for index, cell in enumerate(cells)]
        refused = "+".join(str(result.refused) for result in found)
        print(f"{title(scenario.name, side):52}" + "".join(f"{cell:>11}" for cell in shown), refused, flush=True)


async def compare_restarts(runs: int, sides: Sequence[Conditions]) -> None:
    """Restart each side's bot in turn, and print a row a side."""
    for number in range(runs):
        for side in sides:
            found = await restart(seeded(side, number))
            print(
                f"{title(RESTART, side):52}{found.seconds:>11.1f} s{found.left:>5} left{found.requests:>6} requests"
                f"{found.refused:>5} times 429",
                flush=True,
            )


def seeded(side: Conditions, number: int) -> Conditions:
    """Give each run delays of its own, the same on both sides."""
    return Conditions(checkout=side.checkout, sliding=side.sliding, far=side.far, seed=number)


def title(name: str, side: Conditions) -> str:
    """Say which row it is."""
    where = "" if side.checkout == ROOT else ", beside"
    return f"{name}, {'sliding' if side.sliding else 'fixed'}{where}"


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="", help="part of a scenario's name")
    parser.add_argument("--windows", choices=("fixed", "sliding", "both"), default="both")
    parser.add_argument("--near", action="store_true", help="requests take as long as this machine takes")
    parser.add_argument("--beside", type=Path, help="another checkout")
    options = parser.parse_args()
    checkouts = [ROOT, *([options.beside.resolve()] if options.beside else [])]
    kinds = [sliding for sliding in (False, True) if options.windows in ("both", ("fixed", "sliding")[sliding])]
    sides = [
        Conditions(checkout=checkout, sliding=sliding, far=not options.near)
        for sliding in kinds
        for checkout in checkouts
    ]
    print(f"{'medians':52}" + "".join(f"{column:>11}" for column in COLUMNS.values()) + " 429 of each run")
    for scenario in SCENARIOS:
        if options.only in scenario.name:
            await compare(scenario, options.runs, sides)
    if options.only in RESTART:
        await compare_restarts(options.runs, sides)


if __name__ == "__main__":
    asyncio.run(main())
