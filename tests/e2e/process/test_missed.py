"""What was deleted while the bot heard nothing is not told to the model again, wherever it stood."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio

from sandbox.discord.gateway.server import Disturbance
from sandbox.discord.state.records import Channel, Message
from sandbox.endpoint.script.samples import fusion_events
from tests.e2e.conftest import PATIENCE_S, Stage, open_stage
from tests.e2e.process.test_gone import SECRET, gone, holds, restart


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def deaf_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path_factory.mktemp("deaf")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def deaf(deaf_stage: Stage) -> Stage:
    """The stage with a channel of the test's own and the bot running."""
    stage = deaf_stage
    stage.endpoint.clear()
    stage.discord.log.clear()
    stage.new_general()
    await begun(stage)  # each test ends with a session that has begun
    return stage


async def place(stage: Stage, kind: str) -> Channel:
    """Return an empty place of a kind."""
    world = stage.discord.world
    if kind == "direct message":
        return await world.open_dm(world.person("bob"))
    if kind == "thread":
        return await world.start_thread(stage.alice, stage.general, "a thread")
    return stage.general


async def asked(stage: Stage, channel: Channel, *words: str) -> list[Message]:
    """Have questions answered; returns all that then stands there."""
    world = stage.discord.world
    user = world.person("bob") if channel.is_dm else stage.alice
    for each in words:
        stage.endpoint.script(fusion_events([f"Noted: {each}."]))
        await stage.ended((await world.say(user, channel, f"{world.bot.mention} my {each} is x")).id)
    return sorted(channel.messages.values(), key=lambda one: one.id)


async def begun(stage: Stage, *, behind: int = 0) -> None:
    """Wait until the bot says, behind so many letters of its log, that a session has begun."""
    async with asyncio.timeout(PATIENCE_S):
        while "ready as" not in stage.bot.log[behind:]:
            assert stage.bot.running, stage.bot.log
            await asyncio.sleep(0.05)


@asynccontextmanager
async def session(stage: Stage) -> AsyncIterator[None]:
    """Wait, on leaving, until the bot has begun another session."""
    before = stage.bot.log
    yield
    await begun(stage, behind=len(before))


def unheard(channel: Channel, messages: Sequence[Message]) -> None:
    """Take messages away without a word to the bot."""
    for message in messages:
        del channel.messages[message.id]


@pytest.mark.parametrize(
    ("kind", "left", "how"),
    [
        ("channel", 1, "a restart"),
        ("channel", 0, "a new session"),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in (
                ("channel", 0, "a restart"),
                ("thread", 0, "a restart"),
                ("thread", 1, "a restart"),
                ("direct message", 0, "a restart"),
                ("direct message", 1, "a restart"),
                ("channel", 1, "a new session"),
            )
        ),
    ],
)
async def test_what_is_gone_is_forgotten(deaf: Stage, kind: str, left: int, how: str) -> None:
    stage = deaf
    channel = await place(stage, kind)
    standing = await asked(stage, channel, SECRET, "name")
    assert await holds(stage, f"my {SECRET}")
    async with session(stage):
        if how == "a restart":
            await stage.bot.end(signal.SIGTERM)
        unheard(channel, standing[: len(standing) - left])
        if how == "a restart":
            await restart(stage)
        else:
            stage.discord.gateway.disturb(Disturbance.INVALID_SESSION)
    await gone(stage, f"my {SECRET}")
    await stage.until(lambda: not [one for one in channel.messages.values() if SECRET in one.content])
    await asked(stage, channel, "colour")
    assert SECRET not in str(stage.endpoint.requests[-1].body["messages"])


@pytest.mark.parametrize("kind", [pytest.param("channel", marks=pytest.mark.slow), "thread"])
async def test_where_the_history_may_not_be_read_nothing_is_forgotten(deaf: Stage, kind: str) -> None:
    stage = deaf
    world = stage.discord.world
    channel = await place(stage, kind)
    standing = await asked(stage, channel, SECRET)
    await stage.bot.end(signal.SIGKILL)
    world.deny(stage.general, "READ_MESSAGE_HISTORY")
    stage.discord.log.clear()
    async with session(stage):
        await restart(stage)
    one = f"/channels/{channel.id}/messages/{standing[-1].id}"
    async with asyncio.timeout(PATIENCE_S):
        while not (looks := [each.status for each in stage.discord.requests if each.path.endswith(one)]):  # noqa: ASYNC110  # another process's
            await asyncio.sleep(0.05)
    assert looks[0] == 403
    await asked(stage, channel, "colour")
    assert SECRET in str(stage.endpoint.requests[-1].body["messages"])
