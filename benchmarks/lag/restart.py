"""A restart with many turns open: how long it takes to end them, and what Discord refuses meanwhile."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.lag.bots import Conditions, make_channels, newcomers, running
from benchmarks.lag.streams import Endpoint, Scenario, Stream, serving
from sandbox.discord import LocalDiscord
from sandbox.discord.state.events import Event

TURNS = 500
CHANNELS = 250
ASKED_WITHIN_S = 120.0
ENDED_WITHIN_S = 120.0
CATCHING_UP_S = 5.0
"""How long the bot is watched after that: it compares what it remembers with what channels show."""
ENDED = "Interrupted"
"""A word of what the bot says below a reply that a restart has broken off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """What became of the open turns; ``seconds`` from the start of the second process to the last reply's end."""

    seconds: float
    left: int
    requests: int
    refused: int


class Replies:
    """Notes which of the bot's messages stand, and which have ended."""

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.standing: set[str] = set()
        self.ended: set[str] = set()
        self.changed = asyncio.Event()

    def __call__(self, event: Event) -> None:
        if event.t not in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
            return
        prompt = (event.d.get("message_reference") or {}).get("message_id")
        if prompt in self.asked:
            self.standing.add(prompt)
            if ENDED in event.d["content"]:
                self.ended.add(prompt)
            self.changed.set()


async def restart(conditions: Conditions) -> Restart:
    """Ask ``TURNS`` questions, kill the bot while all are open, start it again, and wait until all have ended."""
    scenario = Scenario(name="", streams=TURNS, channels=CHANNELS, tokens=5, per_s=50)
    endpoint = Endpoint(scenario, [Stream() for _ in range(TURNS)], endless=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with serving(endpoint) as url, conditions.discord() as discord:
            seen = Replies()
            stop_listening = discord.world.subscribe(seen)
            async with running(discord, url, folder, conditions.checkout) as process:
                await _ask(discord, seen)
                await _until(seen, lambda: len(seen.standing) == TURNS, ASKED_WITHIN_S)
                process.kill()
            await asyncio.sleep(5.2)  # what the first process has sent counts no longer
            before, began = len(discord.requests), time.monotonic()
            async with running(discord, url, folder, conditions.checkout):
                await _until(seen, lambda: len(seen.ended) == TURNS, ENDED_WITHIN_S)
                seconds = time.monotonic() - began
                await asyncio.sleep(CATCHING_UP_S)
            stop_listening()
            requests = discord.requests[before:]
            return Restart(
                seconds=seconds,
                left=TURNS - len(seen.ended),
                requests=len(requests),
                refused=sum(request.status == 429 for request in requests),
            )


async def _ask(discord: LocalDiscord, seen: Replies) -> None:
    channels = make_channels(discord.world, CHANNELS)
    for number, person in enumerate(newcomers(discord.world, TURNS)):
        text = f"{discord.world.bot.mention} stream {number}"
        seen.asked.add(str((await discord.world.say(person, channels[number % CHANNELS], text)).id))
        if number % 10 == 9:
            await asyncio.sleep(0.2)  # faster than Discord lets the bot answer, but not all at one moment


async def _until(seen: Replies, holds: Callable[[], bool], within_s: float) -> None:
    try:
        async with asyncio.timeout(within_s):
            while not holds():
                seen.changed.clear()
                await seen.changed.wait()
    except TimeoutError:
        print(f"  {len(seen.standing)} replies stand, {len(seen.ended)} have ended", file=sys.stderr)
