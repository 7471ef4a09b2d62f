"""Several messages of one person that are one question, and what is sent while the answer grows."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox.endpoint.script.samples import fusion_events
from tests.e2e.conftest import Stage, open_stage
from tests.fakes.words import worded

SLOW = [f"word{n} " for n in range(60)]
MOMENT = {"DISCORD_MESSAGE_CONTENT": "on", "DEFAULT_JOIN_WITHIN_S": "5"}
"""As long as may be: the tests write at once, however slow the machine is."""


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def patient_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A stage for these tests, where what comes at once is one question."""
    async with open_stage(tmp_path_factory.mktemp("patient"), start=True, **MOMENT) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def stage(patient_stage: Stage) -> Stage:
    """The stage with a channel of the test's own."""
    patient_stage.endpoint.clear()
    patient_stage.new_general()
    return patient_stage


def asked(stage: Stage) -> list[str]:
    """The question of each request, as the model got it."""
    return [request.body["messages"][-1]["content"] for request in stage.endpoint.requests]


async def turns(stage: Stage) -> list[object]:
    found = await stage.rows("SELECT id FROM turns WHERE channel_id = ? ORDER BY id", stage.general.id)
    return [turn for (turn,) in found]


async def test_a_picture_and_its_caption_are_one_question(stage: Stage) -> None:
    world = stage.discord.world
    picture = await world.say(stage.alice, stage.general, world.bot.mention, files=[("fox.txt", b"a fox")])
    caption = await world.say(stage.alice, stage.general, "what is this?")
    await stage.answer(picture)
    assert asked(stage) == ["[attachment: fox.txt]\nwhat is this?"]
    assert world.reply_to(caption) is None
    # Without its caption it is another question.
    await world.delete(stage.alice, caption)
    await stage.until(lambda: len(stage.endpoint.requests) == 2)
    assert await stage.ended(picture.id) == "complete"
    assert asked(stage)[1] == "[attachment: fox.txt]"
    assert await stage.rows("SELECT 1 FROM messages WHERE id = ? AND text != ''", caption.id) == []


async def test_a_long_paste_in_pieces_is_one_question(stage: Stage) -> None:
    world = stage.discord.world
    first = await world.say(stage.alice, stage.general, f"{world.bot.mention} {'a' * 1_970}")
    await world.say(stage.alice, stage.general, "b" * 300)
    await stage.answer(first)
    assert asked(stage) == [f"{'a' * 1_970}\n{'b' * 300}"]
    assert await turns(stage) == [first.id]


async def test_two_people_at_once_are_answered_each_by_themselves(stage: Stage) -> None:
    bob = stage.discord.world.person("bob")
    first = await stage.mention("see this:")
    second = await stage.mention("what is a fox?", user=bob)
    await stage.answer(second)
    await stage.answer(first)
    assert await turns(stage) == [first.id, second.id]


async def test_a_mention_and_then_the_words_are_a_question_and_no_greeting(stage: Stage) -> None:
    world = stage.discord.world
    bare = await world.say(stage.alice, stage.general, world.bot.mention)
    words = await world.say(stage.alice, stage.general, "what is a fox?")
    await stage.answer(words)
    assert asked(stage) == ["what is a fox?"]
    assert world.reply_to(bare) is None


async def test_a_picture_right_before_the_mention_is_part_of_the_question(stage: Stage) -> None:
    world = stage.discord.world
    await world.say(stage.alice, stage.general, "", files=[("fox.txt", b"a fox")])
    prompt = await stage.mention("what is this?")
    await stage.answer(prompt)
    assert asked(stage) == ["[attachment: fox.txt]\nwhat is this?"]


async def test_what_follows_while_the_answer_grows_is_answered_in_its_message(stage: Stage) -> None:
    world = stage.discord.world
    stage.endpoint.script(fusion_events(SLOW, delay_s=0.1), fusion_events(["Both."]))
    prompt = await stage.mention("what is a fox?")
    await stage.until(lambda: world.reply_to(prompt) is not None)
    reply = world.reply_to(prompt)
    assert reply is not None
    further = await stage.mention("and a dog?")
    await stage.until(lambda: reply.content == "Both.")
    assert await stage.ended(prompt.id) == "complete"
    assert asked(stage) == ["what is a fox?", "what is a fox?\nand a dog?"]
    assert (world.reply_to(further), await turns(stage)) == (None, [prompt.id])


@pytest.mark.slow
@pytest.mark.parametrize("steering", ["queue", "join", "anew"])
async def test_what_is_sent_behind_the_moment_steers_as_it_is_set(tmp_path: Path, steering: str) -> None:
    async with open_stage(tmp_path, DEFAULT_WHILE_ANSWERING=steering) as stage:
        world = stage.discord.world
        stage.endpoint.script(fusion_events(SLOW[:20], delay_s=0.1), fusion_events(["Next."]))
        prompt = await stage.mention("what is a fox?")
        await stage.until(lambda: world.reply_to(prompt) is not None)
        further = await stage.mention("and a dog?")
        if steering == "anew":
            await stage.until(lambda: getattr(world.reply_to(prompt), "content", "") == "Next.")
            assert world.reply_to(further) is None
            return
        assert (await stage.answer(further)).content == "Next."
        first = await stage.answer(prompt)
        if steering == "queue":
            assert first.content == "".join(SLOW[:20]).strip()
            return
        assert first.content.startswith("word0")
        assert first.content.endswith(f"-# {worded('trouble.steered')}")
        sent = stage.endpoint.requests[1].body["messages"]
        assert [message["role"] for message in sent] == ["user", "assistant", "user"]
        assert first.content.startswith(sent[1]["content"].strip())


async def test_a_kill_within_the_moment_leaves_the_whole_question_to_be_asked_again(tmp_path: Path) -> None:
    async with open_stage(tmp_path, start=True, **MOMENT) as stage:
        world = stage.discord.world
        prompt = await stage.mention("see this:")
        part = await world.say(stage.alice, stage.general, "a fox,")
        while not await stage.rows("SELECT 1 FROM messages WHERE id = ? AND part_of = ?", part.id, prompt.id):
            assert stage.bot.running, stage.bot.log
        await stage.bot.end(signal.SIGKILL)
        assert stage.endpoint.requests == []
        await stage.bot.start()
        reply = await stage.answer(prompt)
        assert worded("trouble.interrupted") in reply.content
        (row,) = [row["components"] for row in reply.components]
        retry = next(str(one["custom_id"]) for one in row if "retry" in str(one["custom_id"]))
        await world.answered(await world.click(stage.alice, reply, retry))
        await stage.until(lambda: len(stage.endpoint.requests) == 1)
        assert asked(stage) == ["see this:\na fox,"]
