"""The bots in examples/, each as a process of its own, on the local Discord.

The one with discord.js needs Node.js and the npm package discord.js 14 in the folder that DISCORD_JS_HOME names; it is
skipped without them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.discord import LocalDiscord

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
PACKAGES = Path(os.environ.get("DISCORD_JS_HOME", EXAMPLES)).resolve() / "node_modules"
NODE = shutil.which("node")
READY_S, LEAVE_S = 45.0, 20.0

needs_discord_js = pytest.mark.skipif(
    NODE is None or not (PACKAGES / "discord.js").is_dir(),
    reason="no Node.js, or no discord.js: npm ci --prefix requirements/discord-js, "
    "and name that folder in DISCORD_JS_HOME",
)


@asynccontextmanager
async def running(discord: LocalDiscord, *command: str) -> AsyncIterator[None]:
    """Run an example until it has connected and registered its command; it must not end by itself or print an error."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env={
            "PATH": os.environ["PATH"],
            "NODE_PATH": str(PACKAGES),
            "DISCORD_TOKEN": discord.token,
            "DISCORD_API_BASE": discord.api_base,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output = asyncio.create_task(process.communicate())
    try:
        ready = asyncio.create_task(is_ready(discord))
        await asyncio.wait({ready, output}, timeout=READY_S, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            pytest.fail("the example did not connect and register its command")
        yield
        assert process.returncode is None
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait({output}, timeout=LEAVE_S)
        if process.returncode is None:
            process.kill()
        printed = (await output)[0].decode(errors="replace")
        sys.stdout.write(printed)  # pytest shows it when the test fails
    assert "Error" not in printed


async def is_ready(discord: LocalDiscord) -> None:
    """Wait until a bot has a session and a command; looked at after each request and each change of a session."""
    changed = asyncio.Event()
    discord.log.listen(lambda _request: changed.set())
    discord.gateway.listen(lambda _what: changed.set())
    while not (discord.gateway.connected and discord.world.application.commands):
        changed.clear()
        await changed.wait()


@pytest.mark.parametrize(
    "command",
    [
        pytest.param((sys.executable, "with_discord_py.py"), id="discord.py"),
        pytest.param((sys.executable, "with_hikari.py"), id="hikari"),
        pytest.param((str(NODE), "with_discord_js.cjs"), id="discord.js", marks=needs_discord_js),
    ],
)
async def test_an_example_answers_a_mention_a_command_and_a_button(command: tuple[str, str]) -> None:
    program, script = command
    async with LocalDiscord(port=0) as discord, running(discord, program, str(EXAMPLES / script)):
        world = discord.world
        alice, general = world.person("alice"), world.channel("general")
        prompt = await world.say(alice, general, f"{world.bot.mention} hi")
        reply = await world.wait_for(lambda: world.reply_to(prompt))
        assert reply.content == "Hello!"

        used = await world.answered(await world.slash(alice, general, "count"))
        counter = used.response
        assert counter is not None
        assert counter.content == "Count: 0"
        for number in (1, 2):
            await world.answered(await world.click(alice, counter, "add"))
            assert counter.content == f"Count: {number}"
