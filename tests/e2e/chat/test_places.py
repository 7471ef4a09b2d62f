"""Questions in places of every kind."""

from __future__ import annotations

import pytest

from sandbox.discord.state.places import ChannelType
from sandbox.endpoint.script.samples import SAMPLES
from tests.e2e.chat.test_commands import use
from tests.e2e.conftest import Stage

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 16


@pytest.mark.parametrize(
    "kind",
    [
        ChannelType.VOICE,
        *(pytest.param(one, marks=pytest.mark.slow) for one in (ChannelType.ANNOUNCEMENT, ChannelType.STAGE)),
    ],
)
async def test_a_mention_in_an_announcement_or_a_voice_chat(stage: Stage, kind: ChannelType) -> None:
    channel = stage.discord.world.add_channel("place", kind)
    stage.endpoint.script(SAMPLES["streamed"]())
    await stage.answer(await stage.mention("hello", channel=channel), holds="Hello, world.")


async def test_a_post_that_asks(stage: Stage) -> None:
    world = stage.discord.world
    gallery = world.add_channel("pictures", ChannelType.MEDIA)
    stage.endpoint.script(SAMPLES["streamed"]())
    words = f"{world.bot.mention} hello"
    post = await world.start_post(stage.alice, gallery, "Fox", words, files=[("fox.txt", b"x")])
    await stage.ended(post.id)
    assert [one.content for one in post.messages.values() if one.author.bot] == ["Hello, world."]


async def test_a_private_thread_that_the_bot_is_let_into_by_a_mention(stage: Stage) -> None:
    world = stage.discord.world
    thread = await world.start_thread(stage.alice, stage.general, "quiet", private=True)
    await world.say(stage.alice, thread, "the bot does not hear this")
    stage.endpoint.script(SAMPLES["streamed"]())
    await stage.answer(await stage.mention("hello", channel=thread), holds="Hello, world.")


async def test_a_command_in_a_channel_that_the_bot_can_not_see(stage: Stage) -> None:
    hidden = stage.discord.world.add_channel("secret", hidden_from_bot=True)
    stage.endpoint.script(SAMPLES["streamed"]())
    _, message = await use(stage, "ask", "hello", channel=hidden)
    assert message.content.endswith("Hello, world.")
