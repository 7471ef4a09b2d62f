"""The lag of live replies in virtual time: `python -m benchmarks.lag.simulated [--runs N]`.

The bot's own replies and budgets (`LiveReply`, `EditBudgets`) against a Discord and a network of numbers, so that the
figures do not depend on what else the machine does. With another checkout's folder as PYTHONPATH, this file runs that
one's. Questions come evenly at random within 0.3 s; medians over the runs, seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.reply.controls import Controls
from bot.domain.reply.ending import Ending, ReplyOptions
from bot.domain.turn.record import TurnState
from bot.presentation.outbound.upload import Upload
from bot.presentation.reply.budget import EditBudgets
from bot.presentation.reply.composition import Composition
from bot.presentation.reply.live import LiveReply
from bot.presentation.words.replies import Words
from tests.fakes.clock import FakeClock, VirtualTimeLoop

WITHIN_S = 0.3
WHOLE = Ending(state=TurnState.COMPLETE)


def now() -> float:
    """Return the virtual time."""
    return asyncio.get_running_loop().time()


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Some replies at once: so many, in so many channels, of so many tokens at a rate a second."""

    name: str
    streams: int
    channels: int
    tokens: int
    per_s: float
    rounds: int = 1
    """How often; the last time is measured."""


LOADS = (
    Load(name="one stream, 400 tokens", streams=1, channels=1, tokens=400, per_s=50),
    Load(name="one stream again, 400 tokens", streams=1, channels=1, tokens=400, per_s=50, rounds=8),
    Load(name="five in one channel, 200 tokens", streams=5, channels=1, tokens=200, per_s=50),
    Load(name="ten channels, 200 tokens", streams=10, channels=10, tokens=200, per_s=50),
    Load(name="ten channels again, 200 tokens", streams=10, channels=10, tokens=200, per_s=50, rounds=2),
    Load(name="fifty channels, 200 tokens", streams=50, channels=50, tokens=200, per_s=50),
    Load(name="fifty channels again, 200 tokens", streams=50, channels=50, tokens=200, per_s=50, rounds=2),
    Load(name="forty short replies, 20 tokens", streams=40, channels=40, tokens=20, per_s=100),
)


class Count:
    """One limit of Discord's: in windows that reset as a whole, or over any such time."""

    def __init__(self, limit: int, length_s: float, *, sliding: bool) -> None:
        self._limit, self._length_s, self._sliding = limit, length_s, sliding
        self._until: list[float] = []

    def take(self) -> tuple[bool, int, float]:
        """Count a request; returns whether it is taken, how many more may be, and when that changes."""
        self._until = [at for at in self._until if at > now()]
        taken = len(self._until) < self._limit
        if taken:
            self._until.append(now() + self._length_s if self._sliding or not self._until else self._until[0])
        return taken, self._limit - len(self._until), self._until[0] - now()


class Discord:
    """What Discord and the way there do with requests, and the library with refusals."""

    def __init__(self, budgets: EditBudgets, seed: int, *, sliding: bool, far: bool) -> None:
        self.budgets = budgets
        self.sliding, self._far = sliding, far
        self._dice = random.Random(seed)
        self._all = Count(50, 1.0, sliding=sliding)
        self._buckets: dict[tuple[str, int], Count] = {}
        self._open = asyncio.Event()
        self._open.set()
        self.requests = self.refused = 0

    async def request(self, method: str, channel: int, path: str) -> float:
        """Make a request; returns when Discord carried it out."""
        whole: Any = getattr(self.budgets, "whole", None)
        while True:
            await self._open.wait()
            admission = await whole.set_out(method, path) if whole is not None else None
            one_way_s = self._dice.uniform(0.08, 0.3) / 2 if self._far else 0.001
            if whole is not None:
                whole.sent(admission)
            await asyncio.sleep(one_way_s)
            self.requests += 1
            seen_at = now()
            taken, _, again_s = self._all.take()
            headers = {}
            if taken:
                bucket = self._buckets.setdefault((method, channel), Count(5, 5.0, sliding=self.sliding))
                taken, remaining, again_s = bucket.take()
                headers = {
                    "X-RateLimit-Limit": "5",
                    "X-RateLimit-Remaining": str(remaining),
                    "X-RateLimit-Reset": f"{1e9 + now() + again_s:.3f}",
                    "X-RateLimit-Reset-After": f"{again_s:.3f}",
                }
            await asyncio.sleep(one_way_s)
            if whole is not None:
                whole.answered(admission, 200 if taken else 429, headers)
            if headers:
                self.budgets.note_response(method, path, headers)
            if taken:
                return seen_at
            self.refused += 1
            self._open.clear()
            await asyncio.sleep(again_s)
            self._open.set()


class Delivery:
    """The messages of one reply; notes when each token was first seen."""

    def __init__(self, discord: Discord, channel: int) -> None:
        self._discord, self._channel = discord, channel
        self.seen_at: list[float] = []

    async def send(
        self, index: int, content: str, _files: Sequence[Upload] = (), *, controls: Controls | None = None
    ) -> int:
        del controls
        self._note(content, await self._discord.request("POST", self._channel, f"/channels/{self._channel}/messages"))
        return index + 1

    async def edit(
        self, message_id: int, content: str, _files: Sequence[Upload] | None = None, *, controls: Controls | None = None
    ) -> None:
        del controls
        path = f"/channels/{self._channel}/messages/{message_id}"
        self._note(content, await self._discord.request("PATCH", self._channel, path))

    async def delete(self, message_id: int) -> None:
        raise NotImplementedError

    async def show_typing(self) -> None:
        """Show nothing."""

    async def tell(self, words: str) -> bool:
        """Say nothing in another way."""
        del words
        return False

    def _note(self, content: str, at: float) -> None:
        self.seen_at += [at] * (content.count("#") - len(self.seen_at))


async def reply(load: Load, discord: Discord, number: int, start_s: float) -> tuple[list[float], float]:
    """Let one reply grow; returns the lag of each token, and that of the last."""
    await asyncio.sleep(start_s)
    channel = number % load.channels + 1
    delivery = Delivery(discord, channel)
    composition = Composition(Words("en-US"), ReplyOptions())
    live = LiveReply(delivery, discord.budgets.channel(channel), composition, FakeClock(), owner=number)
    began, left_at = now(), list[float]()
    for token in range(load.tokens):
        await asyncio.sleep(max(0.0, began + (token + 1) / load.per_s - now()))
        left_at.append(now())
        live.push("# ")
    await live.finish(WHOLE)
    lags = [seen - left for left, seen in zip(left_at, delivery.seen_at, strict=True)]
    return lags, lags[-1]


async def measure(load: Load, seed: int, *, sliding: bool, far: bool) -> tuple[float, float, int, int]:
    """Run a load once; returns mean lag, last lag at the 95th percentile, requests and refusals."""
    discord = Discord(EditBudgets(FakeClock()), seed, sliding=sliding, far=far)
    dice = random.Random(seed)
    found: list[tuple[list[float], float]] = []
    before = 0, 0
    for _ in range(load.rounds):
        before = discord.requests, discord.refused
        starts = [dice.uniform(0, WITHIN_S) for _ in range(load.streams)]
        found = await asyncio.gather(*(reply(load, discord, *one) for one in enumerate(starts)))
        await asyncio.sleep(6)
    lags, lasts = [lag for lags, _ in found for lag in lags], sorted(last for _, last in found)
    last = lasts[min(len(lasts) - 1, int(0.95 * len(lasts)))]
    return statistics.fmean(lags), last, discord.requests - before[0], discord.refused - before[1]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="", help="part of a load's name")
    options = parser.parse_args()
    for far, sliding in ((False, False), (True, False), (True, True)):
        print(f"{'80 to 300 ms' if far else '2 ms'} there and back, {'sliding' if sliding else 'fixed'} windows")
        for load in LOADS:
            if options.only not in load.name:
                continue
            runs = []
            for seed in range(options.runs):
                with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
                    runs.append(runner.run(measure(load, seed, sliding=sliding, far=far)))
            mean, last, requests, _ = (statistics.median(column) for column in zip(*runs, strict=True))
            refused = [run[3] for run in runs]
            print(f"{load.name:36}{mean:8.3f}{last:8.3f}{requests:6.0f}  429: {refused}", flush=True)


if __name__ == "__main__":
    main()
