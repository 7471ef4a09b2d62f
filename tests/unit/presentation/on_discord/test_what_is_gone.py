"""Told apart: what is gone from Discord, and what the bot may not see or can't be told right now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.history.ports import NEWEST, SeenMessage, Unread
from bot.domain.turn.ask import Source
from bot.presentation.inbound.reading import DiscordChannelReader
from bot.presentation.reply.finder import DiscordReplyFinder
from sandbox.discord import Fault
from sandbox.discord.acts.channels import leave, publish_channel
from sandbox.discord.acts.permissions import change_permissions
from sandbox.discord.acts.threads import delete_channel
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.records import Channel
from tests.unit.presentation.on_discord.conftest import Stage
from tests.unit.presentation.on_discord.test_finding_and_reading import begun, orphan


@pytest.fixture
def empty(stage: Stage) -> Channel:
    """Open a channel in which nothing was ever said."""
    world = stage.world
    old = world.channel("general")
    fresh = replace(old, id=old.id + 1000, name="empty", messages={}, last_message_id=None)
    world.channels[fresh.id] = world.guild().channels[fresh.id] = fresh
    publish_channel(world, "CHANNEL_CREATE", fresh)
    return fresh


async def hide(stage: Stage) -> None:
    """Take the right to read what was said from the bot."""
    change_permissions(stage.world, stage.world.guild(), deny=Permission.READ_MESSAGE_HISTORY)
    everyone = stage.world.guild().everyone
    change_permissions(stage.world, stage.world.guild(), role=everyone, deny=Permission.READ_MESSAGE_HISTORY)


async def test_an_empty_channel_is_told_from_one_whose_messages_are_hidden(stage: Stage, empty: Channel) -> None:
    world, reader = stage.world, DiscordChannelReader(stage.client)
    alice = world.person("alice")
    message = await world.say(alice, empty, "hello")
    assert not await reader.is_gone(empty.id, message.id)
    await world.delete(alice, message)
    assert await reader.page(empty.id) == []
    assert await reader.is_gone(empty.id, message.id)
    message = await world.say(alice, empty, "hello")
    await hide(stage)
    assert await reader.page(empty.id) == []
    assert not await reader.is_gone(empty.id, message.id)
    await world.delete(alice, message)
    assert not await reader.is_gone(empty.id, message.id)  # nobody can tell


async def test_pages_follow_each_other(stage: Stage, empty: Channel) -> None:
    world, reader = stage.world, DiscordChannelReader(stage.client)
    said = [(await world.say(world.person("alice"), empty, str(number))).id for number in range(NEWEST + 5)]
    first = await reader.page(empty.id)
    assert not isinstance(first, Unread)
    assert sorted(message.id for message in first) == said[5:]
    second = await reader.page(empty.id, before=said[5])
    assert not isinstance(second, Unread)
    assert sorted(message.id for message in second) == said[:5]


@pytest.mark.parametrize("in_forum", [False, True], ids=["a message's thread", "a forum's post"])
async def test_what_a_thread_grew_from_is_told_from_what_can_not_be_seen(stage: Stage, in_forum: bool) -> None:
    world, reader = stage.world, DiscordChannelReader(stage.client)
    alice, text = world.person("alice"), f"{world.bot.mention} hello"
    if in_forum:
        thread = await world.start_post(alice, world.channel("questions"), "a post", text)
        message = thread.messages[thread.id]
    else:
        message = await world.say(alice, world.channel("general"), text)
        thread = await world.start_thread(alice, message, "a thread")
    assert await reader.starter(thread.id) == SeenMessage(id=thread.id, text=None)
    await world.edit(alice, message, f"{world.bot.mention} good day")
    seen = await reader.starter(thread.id)
    assert isinstance(seen, SeenMessage)
    assert seen.text == "good day"
    assert seen.edited_at is not None
    await world.delete(alice, message)
    assert await reader.starter(thread.id) is Unread.GONE
    assert await reader.starter(world.channel("general").id) is Unread.HIDDEN
    await hide(stage)
    assert await reader.starter(thread.id) is Unread.HIDDEN


async def test_a_channel_that_was_deleted_is_told_from_one_that_can_not_be_seen(stage: Stage, empty: Channel) -> None:
    world, reader = stage.world, DiscordChannelReader(stage.client)
    assert await reader.page(world.channel("staff").id) is Unread.HIDDEN
    delete_channel(world, empty)
    assert await reader.page(empty.id) is Unread.GONE


@pytest.mark.parametrize(
    "fault", [Fault(status=404, json={"message": "Not Found"}), Fault(status=403, json={}), Fault(reset=True)], ids=str
)
async def test_what_discord_does_not_say_itself_is_not_taken_for_gone(stage: Stage, fault: Fault) -> None:
    general = stage.world.channel("general")
    stage.local.faults.add(fault)
    reader = DiscordChannelReader(stage.client)
    assert await reader.page(general.id) is Unread.HIDDEN
    assert not await reader.is_gone(general.id, general.id)
    assert await reader.starter(general.id) is Unread.HIDDEN
    assert not await reader.guild_is_gone(stage.world.guild().id)


async def test_a_server_that_the_bot_was_taken_out_of_is_gone(stage: Stage) -> None:
    world, reader = stage.world, DiscordChannelReader(stage.client)
    studio = world.guild("画室")
    assert not await reader.guild_is_gone(studio.id)
    leave(world, world.bot, studio)
    assert await reader.guild_is_gone(studio.id)


@pytest.mark.parametrize("hidden", [False, True])
async def test_a_question_that_was_all_there_was_is_missed(stage: Stage, empty: Channel, hidden: bool) -> None:
    world = stage.world
    prompt = await world.say(world.person("alice"), empty, "hello")
    await world.delete(world.person("alice"), prompt)
    if hidden:
        await hide(stage)
    found = await DiscordReplyFinder(stage.client, stage.wire).find(orphan(prompt))
    assert found.turn.prompt == ("hello" if hidden else "")
    assert (found.turn.reply_ids == ()) is not hidden  # else an answer is begun, as it was


@pytest.mark.parametrize("gone", [False, True], ids=["it stands", "it is gone"])
async def test_the_question_that_a_forum_s_post_begins_with_is_looked_for_in_the_post(stage: Stage, gone: bool) -> None:
    world, alice = stage.world, stage.world.person("alice")
    forum = world.channel("questions")
    post = await world.start_post(alice, forum, "a post", f"{world.bot.mention} hello")
    question = post.messages[post.id]
    await world.say(alice, post, "something else")
    if gone:
        await world.delete(alice, question)
    found = await DiscordReplyFinder(stage.client, stage.wire).find(orphan(question, parent_id=forum.id))
    assert found.turn.prompt == ("" if gone else "hello")
    assert (found.turn.reply_ids == ()) is gone


@pytest.mark.parametrize("hidden", [False, True])
async def test_a_command_whose_answer_was_deleted_is_gone_with_it(stage: Stage, empty: Channel, hidden: bool) -> None:
    world = stage.world
    prompt = await world.say(world.person("alice"), empty, "said before it")
    answer = await begun(stage, prompt, "Half of")
    await world.say(world.person("alice"), empty, "said behind it")
    await world.delete(world.person("alice"), empty.messages[answer])
    if hidden:
        await hide(stage)
    turn = orphan(prompt, source=Source.INTERACTION, reply_ids=(answer,))
    found = await DiscordReplyFinder(stage.client, stage.wire).find(turn)
    assert found.turn.prompt == ("hello" if hidden else "")
