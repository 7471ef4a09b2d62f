"""Channels that the bot can't see: commands and buttons work there all the same, by their tokens."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator

import pytest_asyncio

from sandbox.discord.acts.permissions import change_permissions
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.interaction import Interaction
from sandbox.discord.state.records import Message
from sandbox.endpoint.script.replies import stalled_reply
from sandbox.endpoint.script.samples import fusion_events
from tests.e2e.agreement import agree, by_bot
from tests.e2e.conftest import Stage, open_stage
from tests.e2e.kill_scenes import kept, shows, text
from tests.e2e.reply.test_buttons import buttons, press


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def hidden_stage(tmp_path_factory: object) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path_factory.mktemp("hidden")) as opened:  # type: ignore[attr-defined]  # pytest's own
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def hidden(hidden_stage: Stage) -> Stage:
    """The stage with a channel of the test's own, which the bot can't see."""
    stage = hidden_stage
    stage.endpoint.clear()
    stage.discord.faults.clear()
    stage.new_general()
    if not stage.bot.running:
        await stage.bot.start()
        await stage.connected()
    hide(stage)
    return stage


def hide(stage: Stage) -> None:
    world = stage.discord.world
    change_permissions(world, world.guild(), channel=stage.general, deny=Permission.VIEW_CHANNEL)


async def asked(stage: Stage, prompt: str = "hello") -> tuple[Interaction, Message]:
    """Have Alice ask by command; returns that and the answer's first message."""
    interaction = await stage.discord.world.slash(stage.alice, stage.general, "ask", {"prompt": prompt})
    await stage.until(lambda: interaction.response is not None)
    assert interaction.response is not None
    return interaction, interaction.response


def calls(stage: Stage) -> int:
    return len(stage.endpoint.requests)


async def test_a_retry_answers_in_the_message_that_its_button_stands_under(hidden: Stage) -> None:
    stage = hidden
    stage.endpoint.script(fusion_events(["The first."]), fusion_events(["The second."]))
    interaction, reply = await asked(stage)
    await stage.ended(interaction.id)
    await press(stage, reply, "retry")
    await stage.until(lambda: "The second." in reply.content and "previous" in buttons(reply))
    await press(stage, reply, "previous")
    await stage.until(lambda: "The first." in reply.content)
    await agree(stage)


async def test_what_is_deleted_is_forgotten(hidden: Stage) -> None:
    stage = hidden
    stage.endpoint.script(fusion_events(["A SECRET."]))
    interaction, reply = await asked(stage)
    await stage.ended(interaction.id)
    await press(stage, reply, "delete")
    await stage.until(lambda: by_bot(stage) == [])
    assert (
        await stage.rows("SELECT 1 FROM messages WHERE text LIKE '%SECRET%' AND channel_id = ?", stage.general.id) == []
    )


async def test_stop_mends_what_a_kill_left(hidden: Stage) -> None:
    stage = hidden
    stage.endpoint.script(stalled_reply(*text("Half of it")))
    interaction, _ = await asked(stage)
    reply = await shows(stage, "Half of it")
    await kept(stage, interaction.id, "Half")
    await stage.bot.end(signal.SIGKILL)
    await stage.bot.start()
    await stage.connected()
    assert await stage.ended(interaction.id) == "interrupted"
    await press(stage, reply, "stop")
    await stage.until(lambda: "retry" in buttons(reply))
    assert "Half of it" in reply.content
    await agree(stage)
