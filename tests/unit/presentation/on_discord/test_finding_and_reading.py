"""Replies found by their nonce, and what stands in a channel."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.history.ports import Unread
from bot.domain.page.small import small
from bot.domain.reply.controls import running_controls
from bot.domain.turn.record import Turn, TurnState
from bot.errors import ErrorKind
from bot.presentation.inbound.reading import DiscordChannelReader
from bot.presentation.reply.delivery import ChannelDelivery
from bot.presentation.reply.finder import DiscordReplyFinder
from bot.presentation.reply.ways import ReplyPlace
from bot.presentation.words.replies import Words
from sandbox.discord import Fault
from sandbox.discord.state.records import Message
from tests.fakes.houses.house import kept_turn
from tests.unit.presentation.on_discord.conftest import Stage

WORDS = Words("en-US")


async def asked(stage: Stage) -> Message:
    """Have Alice ask in #general."""
    return await stage.world.say(stage.world.person("alice"), stage.world.channel("general"), "hello")


def orphan(prompt: Message, **changes: Any) -> Turn:
    plain = {"state": TurnState.STREAMING, "text": "", "reply_ids": ()}
    return kept_turn(prompt.id, channel_id=prompt.channel_id, guild_id=prompt.guild_id, **{**plain, **changes})


def delivery_to(stage: Stage, prompt: Message) -> ChannelDelivery:
    place = ReplyPlace(channel_id=prompt.channel_id, guild_id=prompt.guild_id, prompt_id=prompt.id)
    return ChannelDelivery(stage.client, stage.wire, place, WORDS)


async def begun(stage: Stage, prompt: Message, text: str) -> int:
    """Send the first message of an answer, as a process does that dies afterwards."""
    delivery = delivery_to(stage, prompt)
    return await delivery.send(0, text, controls=running_controls(prompt.id))


async def find(stage: Stage, turn: Turn) -> Turn:
    """Find a turn's reply as the next process does."""
    return (await DiscordReplyFinder(stage.client, stage.wire).find(turn)).turn


async def test_a_reply_whose_message_was_not_kept_is_found_with_its_words(stage: Stage) -> None:
    prompt = await asked(stage)
    message_id = await begun(stage, prompt, "Half of")
    found = await find(stage, orphan(prompt))
    assert (found.reply_ids, found.text) == ((message_id,), "Half of")
    assert len(stage.world.replies_to(prompt)) == 1


@pytest.mark.parametrize(
    "stands",
    [
        WORDS.thinking,
        WORDS.drawing,
        WORDS.waiting(12),
        f"-# {WORDS.thinking_for(12)}",
        WORDS.retry(ErrorKind.RATE_LIMITED, 40),
        "⚠️ It went wrong.",
    ],
)
async def test_the_bot_s_own_words_are_no_answer(stage: Stage, stands: str) -> None:
    prompt = await asked(stage)
    message_id = await begun(stage, prompt, stands)
    found = await find(stage, orphan(prompt))
    assert (found.reply_ids, found.text) == ((message_id,), "")


async def test_a_page_that_was_not_kept_is_found_behind_the_others(stage: Stage) -> None:
    prompt = await asked(stage)
    first = await begun(stage, prompt, "Page one")
    other = await asked(stage)
    await begun(stage, other, "Another question's")
    delivery = delivery_to(stage, prompt)
    second = await delivery.send(1, "Page two", controls=running_controls(prompt.id))
    found = await find(stage, orphan(prompt, reply_ids=(first,), text="Page"))
    assert (found.reply_ids, found.text) == ((first, second), "Page one\nPage two")


async def test_where_the_history_may_not_be_read_the_nonce_finds_it(stage: Stage) -> None:
    prompt = await asked(stage)
    message_id = await begun(stage, prompt, "Half of")
    stage.local.faults.add(Fault(method="GET", path="/messages$", status=403))
    found = await find(stage, orphan(prompt))
    assert (found.reply_ids, found.text) == ((message_id,), "Half of")


async def test_where_the_question_is_gone_nothing_is_begun(stage: Stage) -> None:
    await asked(stage)
    prompt = await asked(stage)
    await stage.world.delete(stage.world.person("alice"), prompt)
    found = await find(stage, orphan(prompt))
    assert (found.reply_ids, found.prompt) == ((), "")
    assert len(stage.world.channel("general").messages) == 1


async def test_text_that_was_kept_is_not_replaced_by_what_stands(stage: Stage) -> None:
    prompt = await asked(stage)
    await begun(stage, prompt, "Half")
    found = await find(stage, orphan(prompt, text="Half of it"))
    assert found.text == "Half of it"


async def test_a_turn_without_a_reply_gets_one_to_speak_in(stage: Stage) -> None:
    prompt = await asked(stage)
    found = await find(stage, orphan(prompt))
    (reply,) = stage.world.replies_to(prompt)
    assert (found.reply_ids, found.text) == ((reply.id,), "")
    assert reply.content == small(WORDS.thinking)


@pytest.mark.parametrize("fault", [Fault(path="/messages", status=403), Fault(path="/messages", reset=True)])
async def test_where_discord_does_not_take_it_the_turn_stays_as_it_is(stage: Stage, fault: Fault) -> None:
    prompt = await asked(stage)
    stage.local.faults.add(fault)
    turn = orphan(prompt, text="Half")
    assert await find(stage, turn) == turn


async def test_what_was_edited_is_read_as_it_would_have_been_kept(stage: Stage) -> None:
    world = stage.world
    bob, general = world.person("bob"), world.channel("general")
    hidden = await world.say(bob, general, "not for the bot")
    await world.edit(bob, hidden, "still not for the bot")
    plain = await world.say(bob, general, f"{world.bot.mention} never edited")
    edited = await world.say(bob, general, f"{world.bot.mention} see what")
    await world.edit(bob, edited, f"{world.bot.mention} see <#{general.id}>")
    await stage.hears(edited)
    seen = await DiscordChannelReader(stage.client).page(general.id)
    assert not isinstance(seen, Unread)
    assert {message.id: message.text for message in seen if message.id in (hidden.id, plain.id, edited.id)} == {
        hidden.id: None,
        plain.id: None,
        edited.id: "see #general",
    }


async def test_a_thread_that_the_library_does_not_know_is_read_too(stage: Stage) -> None:
    world = stage.world
    bob, general = world.person("bob"), world.channel("general")
    thread = await world.start_thread(bob, general, "foxes")
    message = await world.say(bob, thread, f"{world.bot.mention} what")
    await world.edit(bob, message, f"{world.bot.mention} see <#{general.id}>")
    await stage.hears(message)
    for guild in stage.client.guilds:
        guild._threads.clear()
    seen = await DiscordChannelReader(stage.client).page(thread.id)
    assert not isinstance(seen, Unread)
    assert [one.text for one in seen if one.id == message.id] == ["see #general"]


@pytest.mark.parametrize("fault", [Fault(path="/messages", status=403), Fault(path="/messages", reset=True)])
async def test_a_channel_that_can_not_be_read_is_told(stage: Stage, fault: Fault) -> None:
    stage.local.faults.add(fault)
    assert await DiscordChannelReader(stage.client).page(stage.world.channel("general").id) is Unread.HIDDEN


async def test_before_the_bot_knows_itself_nothing_is_read(stage: Stage) -> None:
    me, stage.client._connection.user = stage.client._connection.user, None
    try:
        assert await DiscordChannelReader(stage.client).page(stage.world.channel("general").id) is Unread.HIDDEN
    finally:
        stage.client._connection.user = me
