"""A bot written with discord.js on the local Discord; it runs in Node.js as a child process.

Needs Node.js 18 or later and the npm package discord.js 14, in the folder that DISCORD_JS_HOME names or beside this
file; skipped without them.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.discord import Disturbance, LocalDiscord
from tests.integration.peers.happenings import put_through_everything, says, use_commands, use_panel

HERE = Path(__file__).parent
HOME = Path(os.environ.get("DISCORD_JS_HOME", HERE)).resolve()
NODE = shutil.which("node")
DEADLINE_S = 45.0

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="Node.js is not installed"),
    pytest.mark.skipif(
        not (HOME / "node_modules" / "discord.js").is_dir(),
        reason="discord.js is not installed: npm ci --prefix requirements/discord-js, "
        "and name that folder in DISCORD_JS_HOME",
    ),
]


class Bot:
    """The child process: what it told, in order."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.told: list[dict[str, Any]] = []
        self._new: deque[dict[str, Any]] = deque()

    async def next(self, what: str, fits: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """Return the next thing told that fits; what comes before it is kept in `told` alone."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                line = await self._line()
                assert line["what"] != "error", line["words"]
                if line["what"] == what and fits(line):
                    return line

    async def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        raw = await self._process.stdout.readline()
        assert raw, f"the bot ended after {self.told[-3:]}"
        line: dict[str, Any] = json.loads(raw)
        self.told.append(line)
        return line

    async def event(self, name: str) -> None:
        """Wait for an event of discord.js."""
        await self.next("event", lambda line: line["name"] == name)

    async def stop(self) -> None:
        """Have it log out; it must have complained of nothing."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self.next("closed")
        assert await self._process.wait() == 0


@pytest.fixture
async def bot(discord: LocalDiscord) -> AsyncIterator[Bot]:
    assert NODE is not None
    process = await asyncio.create_subprocess_exec(
        NODE,
        str(HERE / "discord_js_bot.cjs"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={
            "PATH": os.environ.get("PATH", ""),
            "DISCORD_JS_HOME": str(HOME),
            "DISCORD_API": discord.api_base.removesuffix("/v10"),
            "DISCORD_TOKEN": discord.token,
        },
    )
    bot = Bot(process)
    try:
        ready = await bot.next("ready")
        assert ready["commands"] == ["ask", "Quote"]
        assert set(ready["guilds"]) == {guild.name for guild in discord.world.guilds.values()}
        assert ready["found"] == ["alice"]
        yield bot
        await bot.stop()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_mentions_interactions_and_every_event(discord: LocalDiscord, bot: Bot) -> None:
    world = discord.world
    alice, general = world.person("alice"), world.channel("general")
    content = f"{world.bot.mention} hello"
    prompt = await world.say(alice, general, content)
    reply = await world.wait_for(lambda: says(world.reply_to(prompt), f"heard: {content}"))
    assert [(one.filename, one.description) for one in reply.attachments] == [("fox.png", "a fox")]

    await use_commands(discord)
    await use_panel(discord)
    await put_through_everything(discord)
    wanted = {
        "messageUpdate", "messageReactionAdd", "messageReactionRemove", "channelPinsUpdate", "typingStart",
        "threadCreate", "messageDeleteBulk", "roleUpdate", "channelUpdate",
    }  # fmt: skip
    await bot.event("messageDelete")
    last = await world.say(alice, general, "the last one")
    await bot.event("messageCreate")
    await world.delete(alice, last)
    await bot.event("messageDelete")
    await bot.event("messageDelete")
    assert wanted <= {line.get("name") for line in bot.told}


async def test_a_dropped_connection_is_resumed_and_nothing_is_missed(discord: LocalDiscord, bot: Bot) -> None:
    world = discord.world
    discord.gateway.disturb(Disturbance.DROP)
    content = f"{world.bot.mention} are you there?"
    prompt = await world.say(world.person("bob"), world.channel("general"), content)
    await bot.event("shardResume")
    await world.wait_for(lambda: says(world.reply_to(prompt), f"heard: {content}"))


async def test_rate_limits_are_slept_on(discord: LocalDiscord, bot: Bot) -> None:
    world = discord.world
    general = world.channel("general")
    await world.say(world.person("alice"), general, f"{world.bot.mention} many")
    await world.wait_for(
        lambda: any(one.content == "number 7" for one in general.messages.values()), timeout_s=DEADLINE_S
    )
    assert {request.status for request in discord.requests} == {200}
