"""``answer_in_thread`` and ``listening``: answers in threads of their own, also to what nobody said to the bot."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox.discord.state.records import Channel, Message
from sandbox.endpoint.script.samples import fusion_events
from tests.e2e.agreement import buttons
from tests.e2e.conftest import Stage, open_stage


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def wishful_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A stage for these tests, whose operator wants all that they are about."""
    async with open_stage(
        tmp_path_factory.mktemp("wishful"),
        DISCORD_MESSAGE_CONTENT="on",
        DEFAULT_LISTENING="all",
        DEFAULT_ANSWER_IN_THREAD="on",
        DEFAULT_FORBIDDEN_WORDS="unicorn",
    ) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def stage(wishful_stage: Stage) -> Stage:
    """The stage with a channel of the test's own and four quick answers."""
    wishful_stage.endpoint.clear()
    wishful_stage.endpoint.script(*(fusion_events([f"Answer {number}."]) for number in range(4)))
    wishful_stage.new_general()
    return wishful_stage


def said_in(thread: Channel, stage: Stage) -> list[Message]:
    """What the bot said in a thread."""
    return [message for message in thread.messages.values() if message.author is stage.discord.world.bot]


async def test_a_question_is_answered_in_a_thread_of_its_own(stage: Stage) -> None:
    world = stage.discord.world
    prompt = await stage.mention("what is a fox, in a few words?")
    assert await stage.ended(prompt.id) == "complete"
    thread = world.channels[prompt.id]
    assert thread.name == "what is a fox, in a few words?"
    assert len(said_in(thread, stage)) == 1
    assert said_in(stage.general, stage) == []
    assert thread.thread is not None
    assert stage.alice.id in thread.thread.members
    # Talk goes on in the thread, with what was said there.
    further = await stage.mention("and a hare?", channel=thread)
    await stage.answer(further)
    sent = stage.endpoint.requests[-1].body["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "user"]
    # An edited question is answered anew in the thread, a deleted one takes its answer with it.
    await world.edit(stage.alice, prompt, f"{world.bot.mention} what is a wolf?")
    await stage.until(lambda: "wolf" in str(stage.endpoint.requests[-1].body["messages"]))
    await stage.ended(prompt.id)
    first = said_in(thread, stage)[0].id
    await world.delete(stage.alice, prompt)
    await stage.until(lambda: first not in thread.messages)
    # Where no thread can be started the answer comes in the channel.
    direct = await world.open_dm(stage.alice)
    await stage.answer(await stage.mention("hello", channel=direct))


async def test_an_answer_in_a_thread_is_ended_after_a_kill(stage: Stage) -> None:
    stage.endpoint.clear()
    stage.endpoint.script(fusion_events(["One two three. "] * 200, delay_s=0.1))
    prompt = await stage.mention("count")
    channels = stage.discord.world.channels
    await stage.until(lambda: prompt.id in channels and "One" in str(said_in(channels[prompt.id], stage)))
    await stage.bot.end(signal.SIGKILL)
    stage.endpoint.clear()
    await stage.bot.start()
    await stage.connected()
    assert await stage.ended(prompt.id) == "interrupted"
    (reply,) = said_in(channels[prompt.id], stage)
    assert reply.content.startswith("One two three.")
    stage.endpoint.script(fusion_events(["Another answer."]))
    await stage.discord.world.click(stage.alice, reply, buttons(reply)["retry"])
    await stage.until(lambda: reply.content == "Another answer.")
    assert await stage.ended(prompt.id) == "complete"
    assert said_in(stage.general, stage) == []


async def test_all_that_is_said_is_answered_but_not_what_is_said_to_others(stage: Stage) -> None:
    world, channel = stage.discord.world, stage.general
    bob = world.person("bob")
    first = await world.say(stage.alice, channel, "hello, anybody?")
    assert await stage.ended(first.id) == "complete"
    for user, words, reply_to in (
        (stage.alice, f"<@{bob.id}> are you there?", None),
        (bob, "yes, I am", first),
        (bob, "a unicorn, which is forbidden here", None),
    ):
        await world.say(user, channel, words, reply_to=reply_to)
    last = await world.say(bob, channel, "good night")
    assert await stage.ended(last.id) == "complete"
    further = await world.say(bob, world.channels[last.id], "or is it morning?")
    assert await stage.ended(further.id) == "complete"
    asked = [str(request.body["messages"][-1]["content"]) for request in stage.endpoint.requests]
    assert [words.split(": ")[-1] for words in asked] == ["hello, anybody?", "good night", "or is it morning?"]
    assert said_in(channel, stage) == []
    threads = [one for one in world.guild().threads.values() if one.parent_id == channel.id]
    assert [len(said_in(thread, stage)) for thread in threads] == [1, 2]
