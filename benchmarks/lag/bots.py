"""The bot of a checkout as a process, against a local Discord behind a network, and the people who ask it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sandbox.discord import Limits, LocalDiscord, Network, World
from sandbox.discord.state.records import Channel, Member, User

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Which checkout's bot, how Discord counts, and whether its requests take 80 to 300 ms there and back."""

    checkout: Path
    sliding: bool
    far: bool
    seed: int = 0

    def discord(self) -> LocalDiscord:
        """Make the local Discord."""
        network = Network(seed=self.seed) if self.far else None
        return LocalDiscord(port=0, limits=Limits(sliding=self.sliding), network=network)


@asynccontextmanager
async def running(
    discord: LocalDiscord, url: str, folder: Path, checkout: Path, **changes: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the bot until the block ends; it is connected when the block begins."""
    process = await start_bot(discord, url, folder, checkout, **changes)
    try:
        await connected(discord)
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def start_bot(
    discord: LocalDiscord, url: str, folder: Path, checkout: Path = ROOT, **changes: str
) -> asyncio.subprocess.Process:
    """Start the bot with nothing of this environment but what Python needs; ``changes`` go into its own."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(checkout),
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


def usage(pid: int) -> tuple[float, float]:
    """Read a process's CPU seconds and peak resident memory in MB (Linux's /proc)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    ticks = os.sysconf("SC_CLK_TCK")
    peak = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return (int(fields[11]) + int(fields[12])) / ticks, int(peak.split()[1]) / 1024
