"""Who may talk where, quotas that are used up, and ``/usage``, end to end."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from sandbox.discord.state.records import Channel, Message, User
from tests.e2e.conftest import Stage, open_stage

QUOTAS = {
    "DEFAULT_PERSON_PICTURES_A_DAY": "1",
    "DEFAULT_PERSON_CALLS_A_DAY": "6",
    "DEFAULT_FORBIDDEN_WORDS": "spam, 垃圾",
    "DEFAULT_COST_PER_PICTURE": "0.5",
    "DEFAULT_COST_CURRENCY": "USD",
}
CHINESE = {"DEFAULT_LANGUAGE": "zh-CN", "DEFAULT_INTENT_CHECK": "confirm"}


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def rules(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A bot whose operator has set rules and quotas, for all the tests of this module; people spend in their order."""
    async with open_stage(tmp_path_factory.mktemp("ruled"), start=False) as stage:
        world = stage.discord.world
        (refused,) = (role for role in world.guild().roles.values() if role.name == "Moderator")
        world.guild().members[world.person("dora").id].roles = [refused.id]
        stage.bot.environment |= {
            **QUOTAS,
            "DEFAULT_CHANNELS_REFUSED": str(world.channel("art").id),
            "DEFAULT_ROLES_REFUSED": str(refused.id),
        }
        await stage.bot.start()
        await stage.connected()
        yield stage


@pytest_asyncio.fixture(loop_scope="session")
async def ruled_stage(rules: Stage) -> Stage:
    """The bot with its rules, and a channel of the test's own, in which nobody has spoken yet."""
    rules.new_general()
    return rules


async def said_to(stage: Stage, prompt: Message) -> Message:
    """Wait for the answer to something that is not kept."""
    await stage.until(lambda: stage.discord.world.reply_to(prompt) is not None)
    reply = stage.discord.world.reply_to(prompt)
    assert reply is not None
    return reply


async def command(
    stage: Stage, person: User, name: str, options: dict[str, str] | None = None, *, channel: Channel | None = None
) -> Message:
    """Use a command and wait until its answer stands."""
    interaction = await stage.discord.world.slash(person, channel or stage.general, name, options or {})

    def answered() -> bool:
        everything = (interaction.response, *interaction.followups.values())
        return any(message is not None and not message.loading and message.content for message in everything)

    await stage.until(answered)
    everything = (interaction.response, *interaction.followups.values())
    return next(message for message in everything if message is not None and message.content)


async def test_a_refused_channel_is_told_once_and_nothing_is_asked(ruled_stage: Stage) -> None:
    stage = ruled_stage
    art = stage.discord.world.channel("art")
    first = await stage.mention("hello", channel=art)
    assert "not to talk in this channel" in (await said_to(stage, first)).content
    await stage.mention("hello?", channel=art)
    told = await command(stage, stage.alice, "ask", {"prompt": "hello"}, channel=art)
    assert "not to talk in this channel" in told.content
    assert len([message for message in art.messages.values() if message.author is stage.discord.world.bot]) <= 2
    assert stage.endpoint.requests == []
    assert await stage.rows("SELECT id FROM turns") == []
    assert await stage.rows("SELECT id FROM messages") == []


async def test_a_refused_role_and_a_forbidden_word(ruled_stage: Stage) -> None:
    stage = ruled_stage
    world = stage.discord.world
    dora = await stage.mention("hello", person=world.person("dora"))
    assert "roles" in (await said_to(stage, dora)).content
    for words in ("some SPAM please", "这是垃\u200b圾"):
        prompt = await stage.mention(words)
        assert "not allowed on this server" in (await said_to(stage, prompt)).content
    drawn = await command(stage, world.person("xiaoming"), "draw", {"prompt": "a can of spam"})
    assert "不允许的词" in drawn.content
    assert stage.endpoint.requests == []


async def test_pictures_run_out_and_talk_goes_on(ruled_stage: Stage) -> None:
    stage = ruled_stage
    reply = await stage.answer(await stage.mention("draw me a fox"))
    assert reply.attachments
    assert "Your pictures left today: 0 of 1" in reply.content
    assert "Cost: about 0.50 USD" in reply.content
    refused = await stage.answer(await stage.mention("draw me a cat"), holds="used up your pictures for today (1)")
    assert not refused.attachments
    assert [request.body["output_img"] for request in stage.endpoint.requests] == [True, False]
    told = await command(stage, stage.alice, "draw", {"prompt": "a dog"})
    assert "used up your pictures for today (1)" in told.content
    assert len(stage.endpoint.requests) == 2
    await stage.answer(await stage.mention("hello"))
    # Somebody else has a quota of their own.
    other = await stage.answer(await stage.mention("draw me a hare", person=stage.discord.world.person("bob")))
    assert other.attachments


async def test_calls_run_out(ruled_stage: Stage) -> None:
    stage = ruled_stage
    replies = [await stage.answer(await stage.mention(f"hello {number}")) for number in range(4)]
    assert "Your requests left today: 1 of 6" in replies[1].content
    assert "Your requests left today: 0 of 6" in replies[2].content
    assert "used up your requests for today (6)" in replies[3].content
    assert "<t:" in replies[3].content
    assert await stage.rows("SELECT turn_id FROM reservations") == []


async def test_usage_is_shown_to_the_one_who_asks(ruled_stage: Stage) -> None:
    stage = ruled_stage
    bob = stage.discord.world.person("bob")
    message = await command(stage, bob, "usage")
    assert message.ephemeral
    assert f"Usage of {bob.mention}" in message.content
    assert "Your requests left today: 5 of 6" in message.content
    chart, table = message.attachments
    assert (chart.filename, table.filename) == ("usage.png", "usage.csv")
    assert chart.description is not None
    assert "Requests 1" in chart.description
    stored = [stage.discord.world.cdn.get(attachment.id) for attachment in (chart, table)]
    files = [file.data for file in stored if file is not None]
    assert Image.open(io.BytesIO(files[0])).format == "PNG"
    (row,) = csv.DictReader(io.StringIO(files[1].decode()))
    assert (row["user_id"], row["requests"], row["pictures"]) == (str(bob.id), "1", "1")


async def test_the_server_s_usage_is_for_those_who_manage_it(ruled_stage: Stage) -> None:
    stage = ruled_stage
    world = stage.discord.world
    refused = await command(stage, world.person("bob"), "usage", {"scope": "guild"})
    assert refused.ephemeral
    assert "Manage Server" in refused.content
    assert not refused.attachments
    shown = await command(stage, stage.alice, "usage", {"scope": "guild", "span": "month"})
    assert f"<@{stage.alice.id}>: requests 6 " in shown.content
    assert f"<@{world.person('bob').id}>: requests 1 " in shown.content
    assert "Cost" in shown.content
    chinese = await command(stage, world.person("xiaoming"), "usage", {"scope": "channel"})
    assert "的用量" in chinese.content
    assert f"<@{stage.alice.id}>" not in chinese.content


async def test_the_language_that_is_set_and_a_picture_that_is_agreed_to(tmp_path: Path) -> None:
    async with open_stage(tmp_path, start=True, **CHINESE) as stage:
        prompt = await stage.mention("draw me a fox")
        offer = await stage.answer(prompt, holds="要我画吗")
        assert not offer.attachments
        buttons = [button for row in offer.components for button in row["components"]]
        (draw,) = (button for button in buttons if button.get("label") == "画吧")
        await stage.discord.world.click(stage.alice, offer, draw["custom_id"])
        await stage.until(lambda: bool(offer.attachments))
        assert [request.body["output_img"] for request in stage.endpoint.requests] == [False, True]
        assert await stage.ended(prompt.id) == "complete"
