"""Replies of turns that are answered in a thread of their own: their question stands in the thread's channel."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.reply.controls import running_controls
from bot.domain.turn.record import Turn, TurnState
from bot.presentation.reply.delivery import ChannelDelivery
from bot.presentation.reply.finder import DiscordReplyFinder
from bot.presentation.reply.ways import ReplyPlace
from bot.presentation.words.replies import Words
from sandbox.discord import Fault
from sandbox.discord.state.records import Message
from tests.fakes.houses.house import kept_turn
from tests.unit.presentation.on_discord.conftest import Stage

WORDS = Words("en-US")


async def orphan(stage: Stage, *, answered: str | None = "Half of") -> tuple[Message, Turn]:
    """Have Alice ask, and a process die that has started a thread for the answer, and begun it."""
    world = stage.world
    general = world.channel("general")
    await world.say(world.person("bob"), general, "something else")
    prompt = await world.say(world.person("alice"), general, "hello")
    thread = await world.start_thread(world.bot, prompt, "hello")
    turn = kept_turn(prompt.id, channel_id=thread.id, guild_id=prompt.guild_id, parent_id=general.id)
    if answered is not None:
        place = ReplyPlace(channel_id=thread.id, guild_id=prompt.guild_id, prompt_id=prompt.id)
        delivery = ChannelDelivery(stage.client, stage.wire, place, WORDS)
        await delivery.send(0, answered, controls=running_controls(prompt.id))
    return prompt, replace(turn, state=TurnState.STREAMING, text="", reply_ids=())


def said_in(stage: Stage, turn: Turn) -> list[Message]:
    return [one for one in stage.world.channels[turn.channel_id].messages.values() if one.author is stage.world.bot]


async def find(stage: Stage, turn: Turn) -> Turn:
    """Find a turn's reply as the next process does."""
    return (await DiscordReplyFinder(stage.client, stage.wire).find(turn)).turn


async def test_an_answer_in_a_thread_of_its_own_is_found(stage: Stage) -> None:
    _, turn = await orphan(stage)
    found = await find(stage, turn)
    (reply,) = said_in(stage, turn)
    assert (found.prompt, found.reply_ids, found.text) == (turn.prompt, (reply.id,), "Half of")


async def test_a_thread_without_an_answer_gets_one_to_speak_in(stage: Stage) -> None:
    _, turn = await orphan(stage, answered=None)
    found = await find(stage, turn)
    (reply,) = said_in(stage, turn)
    assert (found.prompt, found.reply_ids) == (turn.prompt, (reply.id,))


async def test_where_the_question_is_gone_from_the_channel_the_answer_goes_from_the_thread(stage: Stage) -> None:
    prompt, turn = await orphan(stage)
    await stage.world.delete(stage.world.person("alice"), prompt)
    found = await find(stage, turn)
    (reply,) = said_in(stage, turn)
    assert (found.prompt, found.reply_ids) == ("", (reply.id,))


async def test_where_the_channel_can_not_be_read_the_question_is_taken_to_be_there(stage: Stage) -> None:
    prompt, turn = await orphan(stage)
    stage.local.faults.add(Fault(method="GET", path=f"/{prompt.channel_id}/messages$", status=403))
    assert (await find(stage, turn)).prompt == turn.prompt
