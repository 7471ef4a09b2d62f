"""``answer_in_thread``: an answer in a thread of its own, and what people do to the question afterwards."""

from __future__ import annotations

from pathlib import Path

from sandbox.discord.values import Channel, Message
from tests.e2e.conftest import Stage, open_stage


def said_in(thread: Channel, stage: Stage) -> list[Message]:
    """What the bot said in a thread."""
    return [message for message in thread.messages.values() if message.author is stage.discord.world.bot]


async def test_a_question_is_answered_in_a_thread_of_its_own(tmp_path: Path) -> None:
    async with open_stage(tmp_path, DEFAULT_ANSWER_IN_THREAD="on") as stage:
        world = stage.discord.world
        prompt = await stage.mention("what is a fox, in a few words?")
        assert await stage.ended(prompt.id) == "complete"
        thread = world.channels[prompt.id]
        assert thread.name == "what is a fox, in a few words?"
        assert len(said_in(thread, stage)) == 1
        assert said_in(stage.general, stage) == []
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
