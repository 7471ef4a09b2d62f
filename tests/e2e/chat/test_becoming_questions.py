"""Questions that come by an edit or by a proxy, and refusals that go with their messages, by the real process."""

from __future__ import annotations

import pytest

from bot.domain.reply.controls import Action, custom_id
from sandbox.discord.interactions.create import create_interaction
from sandbox.discord.state.interaction import Kind
from sandbox.discord.state.records import Message
from sandbox.endpoint.script.samples import fusion_events
from tests.e2e.conftest import Stage
from tests.fakes.words import worded

BUTTON = 2
SLOW = [f"word{number} " for number in range(60)]


async def said_to(stage: Stage, prompt: Message) -> Message:
    await stage.until(lambda: stage.discord.world.reply_to(prompt) is not None)
    reply = stage.discord.world.reply_to(prompt)
    assert reply is not None
    return reply


def standing(stage: Stage) -> list[str]:
    """Tell what of the bot's stands in the channel."""
    bot = stage.discord.world.bot
    return [one.content for one in stage.general.messages.values() if one.author.id == bot.id]


@pytest.mark.parametrize(
    "said", ["what is a fox?", "{bot}", "{bot} hello"], ids=["to nobody", "a greeting", "answered"]
)
async def test_an_edited_message_is_a_question_once(stage: Stage, said: str) -> None:
    world = stage.discord.world
    prompt = await world.say(stage.alice, stage.general, said.format(bot=world.bot.mention))
    first = None if said == "what is a fox?" else await said_to(stage, prompt)
    if "hello" in said:
        await stage.ended(prompt.id)
    calls = len(stage.endpoint.requests)
    await world.edit(stage.alice, prompt, f"{world.bot.mention} what is a fox?")
    await stage.until(lambda: len(stage.endpoint.requests) > calls)
    reply = await stage.answer(prompt)
    assert first is None or reply.id == first.id
    assert stage.endpoint.requests[-1].body["messages"][-1]["content"].endswith("what is a fox?")
    assert len(standing(stage)) == 1


async def test_a_refusal_goes_with_its_message(stage: Stage) -> None:
    world = stage.discord.world
    prompt = await stage.mention("")
    await said_to(stage, prompt)
    await world.delete(stage.alice, prompt)
    await stage.until(lambda: standing(stage) == [])


async def test_an_update_that_is_no_edit_answers_nothing_anew(stage: Stage) -> None:
    world = stage.discord.world
    bob = world.person("bob")
    prompt = await stage.mention(f"say hello to {bob.mention}")
    reply = await stage.answer(prompt)
    stands = reply.content
    await world.set_nick(bob, "Bobby")
    await world.pin(stage.alice, prompt)
    await world.set_nick(bob, None)  # others share the world
    await world.unfurl(prompt, {"type": "rich", "title": "a fox"}, partial=True)
    await world.tell_again(prompt)
    await stage.answer(await stage.mention("something else"))
    assert len(stage.endpoint.requests) == 2
    assert reply.content == stands
    assert " ERROR " not in stage.bot.log


@pytest.mark.parametrize("delete_first", [True, False], ids=["deleted first", "said again first"])
async def test_a_proxy_s_message_takes_the_question_over(stage: Stage, delete_first: bool) -> None:
    world = stage.discord.world
    bob = world.person("bob")
    stage.endpoint.script(fusion_events(SLOW, delay_s=0.03))
    prompt = await stage.mention("what is a fox?", user=bob)
    reply = await said_to(stage, prompt)
    copy = await world.proxy(prompt, "Luna", delete_first=delete_first, delay_s=0.3)
    await stage.ended(prompt.id)
    assert reply.id in stage.general.messages
    assert reply.content == "".join(SLOW).strip()
    assert len(stage.endpoint.requests) == 1
    await stage.answer(await stage.mention("and a wolf?"))
    assert stage.endpoint.requests[-1].body["messages"][0]["content"] == "Luna: what is a fox?"

    calls = len(stage.endpoint.requests)
    for name in ("dora", "bob"):  # the buttons are the person's who wrote it
        assert len(stage.endpoint.requests) == calls
        body = {"component_type": BUTTON, "custom_id": custom_id(Action.RETRY, prompt.id), "id": 1}
        user = world.person(name)
        pressed = create_interaction(world, Kind.COMPONENT, world.application, user, stage.general, body, source=reply)
        await world.answered(pressed)
    await stage.until(lambda: len(stage.endpoint.requests) == calls + 1)
    await stage.ended(prompt.id)
    await world.delete(stage.alice, copy)
    await stage.until(lambda: reply.id not in stage.general.messages)


async def test_a_question_that_no_proxy_says_again_goes_with_its_answer(stage: Stage) -> None:
    world = stage.discord.world
    prompt = await stage.mention("what is a fox?")
    await stage.answer(prompt)
    await world.delete(stage.alice, prompt)
    await world.webhook_says(await world.webhook(stage.general), f"{world.bot.mention} what is a dog?")
    await stage.until(lambda: standing(stage) == [])
    assert len(stage.endpoint.requests) == 1


async def test_a_reply_without_the_ping_is_told_once_how_to_reply(stage: Stage) -> None:
    world = stage.discord.world
    first = await stage.answer(await stage.mention("hello"))
    prompt = await world.say(stage.alice, stage.general, "and now?", reply_to=first, ping=False)
    hint = await said_to(stage, prompt)
    assert worded("refusal.unreadable") in hint.content
    assert stage.alice not in hint.mentions
    again = await world.say(stage.alice, stage.general, "and now??", reply_to=first, ping=False)
    await stage.answer(await stage.mention("something else"))
    assert world.reply_to(again) is None


async def test_a_reply_to_a_command_s_answer_is_told_to_mention(stage: Stage) -> None:
    world = stage.discord.world
    interaction = await world.slash(stage.alice, stage.general, "ask", {"prompt": "hello"})
    await stage.ended(interaction.id)
    assert interaction.response is not None
    prompt = await world.say(stage.alice, stage.general, "and now?", reply_to=interaction.response)
    assert worded("refusal.never_pings") in (await said_to(stage, prompt)).content
