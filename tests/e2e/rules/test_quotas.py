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
from tests.fakes.words import worded, worded_in, wording

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
    stage: Stage, user: User, name: str, options: dict[str, str] | None = None, *, channel: Channel | None = None
) -> Message:
    """Use a command and wait until its answer stands."""
    interaction = await stage.discord.world.slash(user, channel or stage.general, name, options or {})

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
    assert wording("refusal.channel_elsewhere").search((await said_to(stage, first)).content)
    await stage.mention("hello?", channel=art)
    told = await command(stage, stage.alice, "ask", {"prompt": "hello"}, channel=art)
    assert wording("refusal.channel_elsewhere").search(told.content)
    assert len([message for message in art.messages.values() if message.author is stage.discord.world.bot]) <= 2
    assert stage.endpoint.requests == []
    assert await stage.rows("SELECT id FROM turns") == []
    assert await stage.rows("SELECT id FROM messages") == []


async def test_a_refused_role_and_a_forbidden_word(ruled_stage: Stage) -> None:
    stage = ruled_stage
    world = stage.discord.world
    dora = await stage.mention("hello", user=world.person("dora"))
    assert worded("refusal.role") in (await said_to(stage, dora)).content
    for words in ("some SPAM please", "这是垃\u200b圾"):
        prompt = await stage.mention(words)
        assert worded("refusal.forbidden_word") in (await said_to(stage, prompt)).content
    drawn = await command(stage, world.person("xiaoming"), "draw", {"prompt": "a can of spam"})
    assert worded_in("zh-CN", "refusal.forbidden_word") in drawn.content
    assert stage.endpoint.requests == []


async def test_pictures_run_out_and_talk_goes_on(ruled_stage: Stage) -> None:
    stage = ruled_stage
    reply = await stage.answer(await stage.mention("draw me a fox"))
    assert reply.attachments
    assert wording("quota.left.person.pictures", left=0, limit=1).search(reply.content)
    assert worded("quota.cost", cost="0.50 USD") in reply.content
    used_up = wording("quota.used_up.person.pictures", limit=1)
    refused = await stage.answer(await stage.mention("draw me a cat"))
    assert used_up.search(refused.content)
    assert not refused.attachments
    assert [request.body["output_img"] for request in stage.endpoint.requests] == [True, False]
    told = await command(stage, stage.alice, "draw", {"prompt": "a dog"})
    assert used_up.search(told.content)
    assert len(stage.endpoint.requests) == 2
    await stage.answer(await stage.mention("hello"))
    # Somebody else has a quota of their own.
    other = await stage.answer(await stage.mention("draw me a hare", user=stage.discord.world.person("bob")))
    assert other.attachments


async def test_calls_run_out(ruled_stage: Stage) -> None:
    stage = ruled_stage
    replies = [await stage.answer(await stage.mention(f"hello {number}")) for number in range(4)]
    assert wording("quota.left.person.calls", left=1, limit=6).search(replies[1].content)
    assert wording("quota.left.person.calls", left=0, limit=6).search(replies[2].content)
    assert wording("quota.used_up.person.calls", limit=6).search(replies[3].content)
    assert "<t:" in replies[3].content
    assert await stage.rows("SELECT turn_id FROM reservations") == []


async def test_usage_is_shown_to_the_one_who_asks(ruled_stage: Stage) -> None:
    stage = ruled_stage
    bob = stage.discord.world.person("bob")
    message = await command(stage, bob, "usage")
    assert message.ephemeral
    assert worded("usage.title.person", name=bob.mention) in message.content
    assert wording("quota.left.person.calls", left=5, limit=6).search(message.content)
    chart, table = message.attachments
    assert (chart.filename, table.filename) == ("usage.png", "usage.csv")
    assert chart.description is not None
    assert f"{worded('usage.table.requests')} 1" in chart.description
    stored = [stage.discord.world.cdn.get(attachment.id) for attachment in (chart, table)]
    files = [file.data for file in stored if file is not None]
    assert Image.open(io.BytesIO(files[0])).format == "PNG"
    (row,) = csv.DictReader(io.StringIO(files[1].decode("utf-8-sig")))
    columns = [worded(f"usage.column.{name}") for name in ("user_id", "requests", "pictures")]
    assert [row[column] for column in columns] == [str(bob.id), "1", "1"]


async def test_the_server_s_usage_is_for_those_who_manage_it(ruled_stage: Stage) -> None:
    stage = ruled_stage
    world = stage.discord.world
    refused = await command(stage, world.person("bob"), "usage", {"scope": "guild"})
    assert refused.ephemeral
    assert worded("usage.refusal.not_a_manager", usage="`/usage`") in refused.content
    assert not refused.attachments
    shown = await command(stage, stage.alice, "usage", {"scope": "guild", "span": "month"})
    for user, calls in ((stage.alice, 6), (world.person("bob"), 1)):
        assert wording("usage.share", who=f"<@{user.id}>", calls=calls).search(shown.content)
    assert worded("usage.table.cost") in shown.content
    chinese = await command(stage, world.person("xiaoming"), "usage", {"scope": "channel"})
    assert worded_in("zh-CN", "usage.title.channel", name=f"<#{stage.general.id}>") in chinese.content
    assert f"<@{stage.alice.id}>" not in chinese.content


async def test_the_language_that_is_set_and_a_picture_that_is_agreed_to(tmp_path: Path) -> None:
    async with open_stage(tmp_path, start=True, **CHINESE) as stage:
        prompt = await stage.mention("draw me a fox")
        offer = await stage.answer(prompt, holds=worded_in("zh-CN", "drawing_denied.confirm"))
        assert not offer.attachments
        buttons = [button for row in offer.components for button in row["components"]]
        (draw,) = (button for button in buttons if button.get("label") == worded_in("zh-CN", "button.draw"))
        await stage.discord.world.click(stage.alice, offer, draw["custom_id"])
        await stage.until(lambda: bool(offer.attachments))
        assert [request.body["output_img"] for request in stage.endpoint.requests] == [False, True]
        assert await stage.ended(prompt.id) == "complete"
