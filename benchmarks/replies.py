"""How far what stands in Discord lags behind the model: `python -m benchmarks.replies [--runs N] [--only NAME]`.

Runs the real bot (`python -m bot run`) against the sandbox's Discord, with its rate limits as observed, and an
endpoint of its own that writes numbered tokens on a fixed schedule and notes when each left. A token is visible when
a message that holds it is created or edited in the local Discord. Lags are seconds; medians over the runs are printed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from aiohttp import web

from sandbox.discord import LocalDiscord, World
from sandbox.discord.state.events import Event
from sandbox.discord.state.records import Channel, Member, Message, User

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Some replies at once: ``streams`` of ``tokens`` tokens at ``per_s`` tokens a second, in ``channels`` channels."""

    name: str
    streams: int
    channels: int
    tokens: int
    per_s: float


SCENARIOS = (
    Scenario(name="one stream, 400 tokens", streams=1, channels=1, tokens=400, per_s=50),
    Scenario(name="five in one channel, 200 tokens", streams=5, channels=1, tokens=200, per_s=50),
    Scenario(name="fifty channels, 200 tokens", streams=50, channels=50, tokens=200, per_s=50),
    Scenario(name="forty short replies, 20 tokens", streams=40, channels=40, tokens=20, per_s=100),
)


@dataclass(slots=True, kw_only=True)
class Stream:
    """One reply as it was seen: monotonic times of the prompt, the request, each token's leaving and showing."""

    asked_at: float = 0.0
    requested_at: float = 0.0
    left_at: list[float] = field(default_factory=list)
    seen_at: list[float] = field(default_factory=list)


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


class Endpoint:
    """A fusion endpoint that writes ``#n`` tokens on a schedule; the prompt names the stream."""

    def __init__(self, scenario: Scenario, streams: Sequence[Stream]) -> None:
        self._scenario = scenario
        self._streams = streams

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        stream = self._streams[int(body["messages"][-1]["content"].rsplit("stream ", 1)[1])]
        stream.requested_at = time.monotonic()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        start = time.monotonic()
        for number in range(self._scenario.tokens):
            await asyncio.sleep(max(0.0, start + (number + 1) / self._scenario.per_s - time.monotonic()))
            last = number == self._scenario.tokens - 1
            event = {
                "code": 0,
                "msg": "ok",
                "data": {
                    "id": "x",
                    "choices": [{"delta": f"#{number} ", "finish_reason": "stop" if last else ""}],
                    "usage": {"completion_tokens": 0, "total_tokens": 0, "picture": False},
                    "status": 0,
                },
            }
            stream.left_at.append(time.monotonic())
            await response.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        await response.write(b"data: [DONE]\n\n")
        return response


@asynccontextmanager
async def serving(endpoint: Endpoint) -> AsyncIterator[str]:
    """Serve the endpoint; yields its address."""
    app = web.Application()
    app.router.add_post("/fusion", endpoint.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/fusion"
    await runner.cleanup()


class Watcher:
    """Notes when tokens become visible."""

    def __init__(self, scenario: Scenario, streams: Sequence[Stream]) -> None:
        self._tokens = scenario.tokens
        self._streams = streams
        self._prompts: dict[str, Stream] = {}
        self.done = asyncio.Event()

    def expect(self, prompt: Message, stream: Stream) -> None:
        """Tell which stream answers a prompt."""
        self._prompts[str(prompt.id)] = stream

    def __call__(self, event: Event) -> None:
        if event.t not in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
            return
        message = event.d
        reference = (message.get("message_reference") or {}).get("message_id")
        stream = self._prompts.get(reference or "")
        if stream is None:
            return
        numbers = [int(word[1:]) for word in message["content"].split() if word.startswith("#")]
        now = time.monotonic()
        if numbers:
            stream.seen_at += [now] * (max(numbers) + 1 - len(stream.seen_at))
        if all(len(one.seen_at) >= self._tokens for one in self._streams):
            self.done.set()


async def measure(scenario: Scenario) -> Result:
    """Run a scenario once."""
    streams = [Stream() for _ in range(scenario.streams)]
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Endpoint(scenario, streams)) as url, LocalDiscord(port=0) as discord:
            channels = make_channels(discord.world, scenario.channels)
            process = await start_bot(discord, url, Path(folder))
            try:
                await connected(discord)
                alice = discord.world.person("alice")
                warm = await discord.world.say(alice, discord.world.channel("code"), discord.world.bot.mention)
                await discord.world.wait_for(lambda: discord.world.reply_to(warm), timeout_s=10)
                await asyncio.sleep(5.2)  # every window that the greeting opened is over
                watcher = Watcher(scenario, streams)
                unsubscribe = discord.world.subscribe(watcher)
                people = newcomers(discord.world, scenario.streams)
                before, cpu = len(discord.requests), usage(process.pid)[0]
                for number, stream in enumerate(streams):
                    stream.asked_at = time.monotonic()
                    text = f"{discord.world.bot.mention} stream {number}"
                    watcher.expect(
                        await discord.world.say(people[number], channels[number % len(channels)], text), stream
                    )
                try:
                    async with asyncio.timeout(60 + scenario.tokens / scenario.per_s):
                        await watcher.done.wait()
                except TimeoutError:
                    print("  some tokens were never shown", file=sys.stderr)
                unsubscribe()
                await asyncio.sleep(1)
                seconds, peak_mb = usage(process.pid)
                return summary(streams, discord, before, seconds - cpu, peak_mb)
            finally:
                process.terminate()
                await process.wait()


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


def newcomers(world: World, count: int) -> list[User]:
    """Let people join the guild: nobody has many questions answered at once."""
    alice, members = world.person("alice"), world.guild().members
    people = [replace(alice, id=alice.id + 5000 + number, username=f"asker{number}") for number in range(count)]
    for user in people:
        world.users[user.id] = user
        members[user.id] = Member(user=user, joined_at=members[alice.id].joined_at)
    return people


def make_channels(world: World, count: int) -> list[Channel]:
    """Find or make text channels that the bot may write in."""
    general = world.channel("general")
    found = [general]
    while len(found) < count:
        number = len(found)
        channel = replace(general, id=general.id + number, name=f"bench-{number}", messages={})
        world.channels[channel.id] = world.guild().channels[channel.id] = channel
        found.append(channel)
    return found


async def start_bot(discord: LocalDiscord, url: str, folder: Path, **changes: str) -> asyncio.subprocess.Process:
    """Start the bot with nothing of this environment but what Python needs; ``changes`` go into its own."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_BASE": discord.api_base,
        "FUSION_URL": url,
        "FUSION_API_SECRET_KEY": "benchmark-key",
        "MIAOHUA_TOKEN": "benchmark-token",
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bot.db",
        "LOG_LEVEL": "ERROR",
        **changes,
    }
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "run", cwd=folder, env=environment)


async def connected(discord: LocalDiscord) -> None:
    """Wait for the bot's session."""
    async with asyncio.timeout(30):
        while not discord.gateway.connected:  # noqa: ASYNC110  # a listener would stay for good
            await asyncio.sleep(0.02)


def usage(pid: int) -> tuple[float, float]:
    """Read a process's CPU seconds and peak resident memory in MB (Linux's /proc)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    ticks = os.sysconf("SC_CLK_TCK")
    peak = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return (int(fields[11]) + int(fields[12])) / ticks, int(peak.split()[1]) / 1024


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="", help="part of a scenario's name")
    options = parser.parse_args()
    head = ("mean lag", "first p95", "last p95", "event→request p95", "never", "requests", "429", "CPU s", "peak MB")
    print(f"{'scenario (medians)':34}" + "".join(f"{title:>18}" for title in head))
    for scenario in SCENARIOS:
        if options.only not in scenario.name:
            continue
        results = [await measure(scenario) for _ in range(options.runs)]
        cells = [
            statistics.median(getattr(result, name) for result in results)
            for name in ("mean", "first", "last", "asked", "never", "requests", "refused", "cpu_s", "peak_mb")
        ]
        shown = [f"{cell:.3f}" if index < 4 else f"{cell:.2f}" for index, cell in enumerate(cells)]
        print(f"{scenario.name:34}" + "".join(f"{cell:>18}" for cell in shown), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
