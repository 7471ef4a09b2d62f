"""Threads that Discord tells of late, or not at all: the rules and settings around them hold all the same."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox.discord.state.records import Channel, Message
from sandbox.endpoint.script.samples import fusion_events
from tests.e2e.conftest import Stage, open_stage
from tests.e2e.reply.test_buttons import press, told
from tests.e2e.rules.settings_acts import SettingsActs
from tests.fakes.words import wording


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def late_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A stage of these tests' own, with rules for the whole server."""
    async with open_stage(tmp_path_factory.mktemp("late"), DISCORD_MESSAGE_CONTENT="on") as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def late(late_stage: Stage) -> AsyncIterator[Stage]:
    """The stage with a channel of the test's own, and no rules."""
    stage = late_stage
    stage.new_general()
    stage.endpoint.clear()
    await SettingsActs(stage, channel=stage.general).use("settings reset", {"key": "all", "scope": "guild"})
    yield stage
    stage.discord.gateway.release()


async def rule(stage: Stage, **settings: str) -> None:
    for key, value in settings.items():
        await SettingsActs(stage, channel=stage.general).use("settings set", {"key": key, "value": value})


async def unknown_thread(stage: Stage) -> Channel:
    """Have a thread started that the bot hears nothing of."""
    stage.discord.gateway.hold("THREAD_CREATE", after=None)
    return await stage.discord.world.start_thread(stage.alice, stage.general, "a late thread")


def around(stage: Stage, which: str) -> str:
    """Name the channel, or its category."""
    general = stage.general
    return f"<#{general.id if which == 'channel' else general.parent_id}>"


async def is_refused(stage: Stage, prompt: Message) -> None:
    await stage.until(lambda: stage.discord.world.reply_to(prompt) is not None)
    reply = stage.discord.world.reply_to(prompt)
    assert reply is not None
    assert any(wording(word).search(reply.content) for word in ("refusal.channel_elsewhere", "refusal.channel"))
    assert stage.endpoint.requests == []


@pytest.mark.parametrize("which", ["channel", "category"])
async def test_a_thread_of_a_refused_channel_is_refused(late: Stage, which: str) -> None:
    await rule(late, channels_refused=around(late, which))
    await is_refused(late, await late.mention("hello", channel=await unknown_thread(late)))


@pytest.mark.parametrize("which", ["channel", "category"])
async def test_a_thread_of_an_allowed_channel_is_answered(late: Stage, which: str) -> None:
    await rule(late, channels_allowed=around(late, which))
    thread = await unknown_thread(late)
    before = len(looks(late, thread))
    for text in ("hello", "and again?"):
        await late.answer(await late.mention(text, channel=thread))
    assert len(looks(late, thread)) == before + 1  # once, and kept


def looks(stage: Stage, thread: Channel) -> list[str]:
    path = f"/api/v10/channels/{thread.id}"
    return [one.path for one in stage.discord.requests if one.method == "GET" and one.path == path]


@pytest.mark.slow
async def test_an_edit_in_a_thread_of_a_refused_channel_is_not_answered(late: Stage) -> None:
    thread = await unknown_thread(late)
    prompt = await late.mention("hello", channel=thread)
    reply = await late.answer(prompt)
    await rule(late, channels_refused=around(late, "channel"))
    late.endpoint.clear()
    await late.discord.world.edit(late.alice, prompt, f"{late.discord.world.bot.mention} bye")
    await late.until(lambda: wording("refusal.channel").search(reply.content) is not None)
    assert late.endpoint.requests == []


@pytest.mark.slow
async def test_a_press_in_a_thread_of_a_refused_channel_is_refused(late: Stage) -> None:
    thread = await unknown_thread(late)
    late.endpoint.script(fusion_events(["An answer."]))
    reply = await late.answer(await late.mention("hello", channel=thread))
    await rule(late, channels_refused=around(late, "category"))
    late.endpoint.clear()
    refused = await press(late, reply, "retry")
    assert wording("refusal.channel").search(await told(late, refused))
    assert late.endpoint.requests == []


@pytest.mark.slow
@pytest.mark.parametrize("command", ["ask", "draw"])
async def test_a_command_in_a_thread_of_a_refused_category_is_refused(late: Stage, command: str) -> None:
    thread = await unknown_thread(late)
    await rule(late, channels_refused=around(late, "category"))
    used = await late.discord.world.slash(late.alice, thread, command, {"prompt": "a fox"})
    await told(late, used)
    assert late.endpoint.requests == []


@pytest.mark.slow
async def test_what_is_set_for_a_channel_holds_in_its_unknown_thread(late: Stage) -> None:
    await SettingsActs(late, channel=late.general).use(
        "settings set", {"key": "persona", "value": "You are a PIRATE", "scope": "channel"}
    )
    await late.answer(await late.mention("hello", channel=await unknown_thread(late)))
    assert "PIRATE" in str(late.endpoint.requests[-1].body)


@pytest.mark.slow
async def test_where_a_channel_listens_to_everything_so_does_its_unknown_thread(late: Stage) -> None:
    await SettingsActs(late, channel=late.general).use(
        "settings set", {"key": "listening", "value": "all", "scope": "channel"}
    )
    thread = await unknown_thread(late)
    said = await late.discord.world.say(late.alice, thread, "hello, everybody")
    assert await late.ended(said.id) == "complete"
