"""Channels that the bot can't see: commands and buttons work there all the same, by their tokens."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox.discord.state.interaction import Interaction
from sandbox.discord.state.records import Message
from sandbox.endpoint.script.replies import stalled_reply
from sandbox.endpoint.script.samples import fusion_events
from tests.e2e.agreement import agree, by_bot
from tests.e2e.conftest import PATIENCE_S, Stage, open_stage
from tests.e2e.kill_scenes import kept, shows, text
from tests.e2e.reply.test_buttons import buttons, press, told
from tests.fakes.words import worded


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def hidden_stage(tmp_path_factory: object) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path_factory.mktemp("hidden")) as opened:  # type: ignore[attr-defined]  # pytest's own
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def hidden(hidden_stage: Stage) -> Stage:
    """The stage with a channel of the test's own, which the bot can't see."""
    stage = hidden_stage
    stage.endpoint.clear()
    stage.discord.faults.clear()
    stage.new_general()
    if not stage.bot.running:
        await stage.bot.start()
        await stage.connected()
    stage.discord.world.hide(stage.general)
    return stage


async def asked(stage: Stage, prompt: str = "hello") -> tuple[Interaction, Message]:
    """Have Alice ask by command; returns that and the answer's first message."""
    interaction = await stage.discord.world.slash(stage.alice, stage.general, "ask", {"prompt": prompt})
    await stage.until(lambda: interaction.response is not None)
    assert interaction.response is not None
    return interaction, interaction.response


async def test_a_retry_answers_in_the_message_that_its_button_stands_under(hidden: Stage) -> None:
    stage = hidden
    stage.endpoint.script(fusion_events(["The first."]), fusion_events(["The second."]))
    interaction, reply = await asked(stage)
    await stage.ended(interaction.id)
    await press(stage, reply, "retry")
    await stage.until(lambda: "The second." in reply.content and "previous" in buttons(reply))
    await press(stage, reply, "previous")
    await stage.until(lambda: "The first." in reply.content)
    await agree(stage)


async def restart(stage: Stage) -> None:
    await stage.bot.end(signal.SIGKILL)
    await stage.bot.start()
    await stage.connected()


async def holds(stage: Stage, words: str) -> bool:
    """Whether the database has words of a question or an answer of the channel."""
    like = (f"%{words}%", stage.general.id)
    return bool(
        await stage.rows("SELECT 1 FROM messages WHERE text LIKE ? AND channel_id = ?", *like)
        or await stage.rows("SELECT 1 FROM turns WHERE text LIKE ? AND channel_id = ?", *like)
    )


async def forgotten(stage: Stage, words: str) -> None:
    """Wait until the database has no more of them: what is deleted is forgotten right behind that."""
    async with asyncio.timeout(PATIENCE_S):
        while await holds(stage, words):  # noqa: ASYNC110  # another process's
            await asyncio.sleep(0.02)


async def test_what_is_deleted_is_forgotten(hidden: Stage) -> None:
    stage = hidden
    stage.endpoint.script(fusion_events(["A SECRET."]))
    interaction, reply = await asked(stage)
    await stage.ended(interaction.id)
    assert await holds(stage, "SECRET")
    await press(stage, reply, "delete")
    await stage.until(lambda: by_bot(stage) == [])
    await forgotten(stage, "SECRET")


async def test_what_can_not_be_deleted_is_not_forgotten(hidden: Stage) -> None:
    stage = hidden
    stage.endpoint.script(fusion_events(["A SECRET. ", *(f"Sentence number {n}. " for n in range(150))]))
    interaction, _ = await asked(stage)
    await stage.ended(interaction.id)
    first, last = by_bot(stage)
    await restart(stage)
    refused = await press(stage, last, "delete")
    assert await told(stage, refused) == f"-# ⚠️ {worded('press_refused.out_of_reach')}"
    assert by_bot(stage) == [first, last]
    assert await holds(stage, "SECRET")
    await agree(stage)


@pytest.mark.slow
async def test_within_the_life_of_its_token_a_long_answer_is_deleted_whole(hidden: Stage) -> None:
    stage = hidden
    stage.endpoint.script(fusion_events([f"Sentence number {n}. " for n in range(150)]))
    interaction, _ = await asked(stage)
    await stage.ended(interaction.id)
    _, last = by_bot(stage)
    await press(stage, last, "delete")
    await stage.until(lambda: by_bot(stage) == [])
    await forgotten(stage, "Sentence")


@pytest.mark.slow
async def test_a_drawing_is_drawn_again_and_deleted(hidden: Stage) -> None:
    stage = hidden
    drawn = await stage.discord.world.slash(stage.alice, stage.general, "draw", {"prompt": "a fox"})
    await stage.ended(drawn.id)
    (card,) = by_bot(stage)
    assert card.attachments
    again = await press(stage, card, "again")
    await stage.ended(again.id)
    _, further = by_bot(stage)
    assert further.attachments
    for each in (card, further):
        await press(stage, each, "delete")
        await stage.until(lambda each=each: each not in by_bot(stage))  # type: ignore[misc]  # a default binds it
    async with asyncio.timeout(PATIENCE_S):
        while await stage.rows("SELECT 1 FROM drawings"):  # noqa: ASYNC110  # another process's
            await asyncio.sleep(0.02)


async def test_an_answer_goes_on_where_its_channel_is_hidden_in_the_middle(hidden: Stage) -> None:
    stage = hidden
    stage.discord.world.show(stage.general)
    stage.endpoint.script(fusion_events(["The first."]), fusion_events([f"word{n} " for n in range(40)], delay_s=0.05))
    interaction, reply = await asked(stage)
    await stage.ended(interaction.id)
    await press(stage, reply, "retry")
    await stage.until(lambda: "word1 " in reply.content)
    stage.discord.world.hide(stage.general)
    await stage.until(lambda: "word39" in reply.content and "retry" in buttons(reply))
    await stage.ended(interaction.id)
    await agree(stage)


async def test_stop_mends_what_a_kill_left(hidden: Stage) -> None:
    stage = hidden
    stage.endpoint.script(stalled_reply(*text("Half of it")))
    interaction, _ = await asked(stage)
    reply = await shows(stage, "Half of it")
    await kept(stage, interaction.id, "Half")
    await restart(stage)
    assert await stage.ended(interaction.id) == "interrupted"
    await press(stage, reply, "stop")
    await stage.until(lambda: "retry" in buttons(reply))
    assert "Half of it" in reply.content
    await agree(stage)


@pytest.mark.slow
async def test_a_group_of_people_is_answered_by_tokens(hidden: Stage) -> None:
    stage = hidden
    world = stage.discord.world
    world.install_for(stage.alice)
    stage.general = world.open_group(stage.alice, world.person("bob"))
    stage.endpoint.script(fusion_events(["The first."]), fusion_events(["The second."]))
    interaction, reply = await asked(stage)
    await stage.ended(interaction.id)
    await press(stage, reply, "retry")
    await stage.until(lambda: "The second." in reply.content and "delete" in buttons(reply))
    await press(stage, reply, "delete")
    await stage.until(lambda: by_bot(stage) == [])
    await forgotten(stage, "The second.")
