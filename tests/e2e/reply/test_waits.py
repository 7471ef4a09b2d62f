"""What a user sees while the model keeps them waiting, and below an answer that broke off."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from sandbox.discord.state.records import Message
from sandbox.endpoint.script.replies import Reply, rate_limited, reply, reset_reply, stalled_reply
from sandbox.endpoint.script.samples import SAMPLES, chat_events, encode_event, envelope, fusion_events
from tests.e2e.chat.test_commands import use
from tests.e2e.conftest import Stage, open_stage
from tests.e2e.reply.test_buttons import buttons, growing, press
from tests.fakes.words import worded, worded_in, wording

BEGUN = encode_event(envelope("One, two"), "sse")


def seconds(message: Message, word: str) -> int:
    """How many seconds a line tells, and that it is there."""
    assert re.search(wording(word), message.content), message.content
    found = re.search(r"\d+", message.content)
    assert found is not None
    return int(found[0])


@pytest.mark.parametrize("command", ["mention", "draw"])
async def test_a_wait_for_another_try_says_so_and_can_be_stopped(stage: Stage, command: str) -> None:
    stage.endpoint.script(rate_limited("40"))
    if command == "mention":
        prompt = await stage.mention("hello")
        turn, shown = prompt.id, await growing(stage, prompt)
    else:
        world = stage.discord.world
        interaction = await world.slash(stage.alice, stage.general, "draw", {"prompt": "a fox"})
        await stage.until(lambda: interaction.response is not None and not interaction.response.loading)
        assert interaction.response is not None
        turn, shown = interaction.id, interaction.response
        await stage.until(lambda: "40" in shown.content)
    assert 30 <= seconds(shown, "reply.retry_busy") <= 60
    assert set(buttons(shown)) == {"stop"}
    await press(stage, shown, "stop")
    assert await stage.ended(turn, timeout_s=10) == "stopped"
    assert shown.content.endswith(f"-# {worded('trouble.stopped')}")
    assert not re.search(wording("reply.retry_busy"), shown.content)
    assert len(stage.endpoint.requests) == 1


async def test_a_wait_for_another_try_goes_when_the_answer_begins(stage: Stage) -> None:
    stage.endpoint.script(rate_limited("4"), fusion_events(["Hello."]))
    prompt = await stage.mention("hello")
    shown = await growing(stage, prompt)
    assert seconds(shown, "reply.retry_busy") >= 4
    await stage.answer(prompt)
    assert shown.content == "Hello."
    assert await stage.rows("SELECT text FROM messages WHERE id = ?", shown.id) == [("Hello.",)]


async def test_a_thought_is_counted_and_goes_when_the_answer_begins(tmp_path: Path) -> None:
    async with open_stage(tmp_path, PROVIDER="chat_completions") as stage:
        stage.endpoint.script(chat_events(["Hello."], thoughts=["hm "] * 5, delay_s=1.0))
        prompt = await stage.mention("hello")
        shown = await growing(stage, prompt)
        assert shown.content.startswith("-# ")
        assert seconds(shown, "reply.thinking_for") >= 1
        await stage.until(lambda: "4" in shown.content)
        await stage.answer(prompt)
        assert shown.content == "Hello."
        assert await stage.rows("SELECT text FROM messages WHERE id = ?", shown.id) == [("Hello.",)]


async def test_a_thought_that_a_crash_ends_is_no_answer(tmp_path: Path) -> None:
    async with open_stage(tmp_path, PROVIDER="chat_completions") as stage:
        stage.endpoint.script(chat_events(["Hello."], thoughts=["hm "] * 60, delay_s=1.0))
        prompt = await stage.mention("hello")
        shown = await growing(stage, prompt)
        await stage.bot.kill()
        await stage.bot.start()
        await stage.connected()
        assert await stage.ended(prompt.id) == "interrupted"
        await stage.until(lambda: worded("trouble.interrupted") in shown.content)
        assert shown.content == f"-# ⚠️ {worded('trouble.interrupted')}"
        assert "continue" not in buttons(shown)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (reply(BEGUN), "broke_off.connection"),
        (reply(BEGUN, ending="truncate"), "broke_off.connection"),
        (reset_reply(BEGUN), "broke_off.connection"),
        (reply(BEGUN, encode_event({"error": {"code": 14, "message": "Overloaded."}}, "sse")), "broke_off.busy"),
    ],
    ids=["an end without a reason", "truncated", "reset", "overloaded in the middle"],
)
async def test_an_answer_that_broke_off_says_so_and_goes_on(stage: Stage, broken: Reply, words: str) -> None:
    stage.endpoint.script(broken, fusion_events([", three."]))
    prompt = await stage.mention("count")
    shown = await stage.answer(prompt)
    assert shown.content == f"One, two\n\n-# ⚠️ {worded(words)}"
    assert list(buttons(shown)) == ["retry", "continue", "delete"]
    await press(stage, shown, "continue")
    await stage.until(lambda: shown.content == "One, two, three.")
    assert stage.endpoint.requests[1].body["messages"][1]["content"] == "One, two"
    assert await stage.ended(prompt.id) == "complete"
    assert await stage.rows("SELECT text FROM messages WHERE id = ?", shown.id) == [("One, two, three.",)]


async def test_an_answer_that_is_cut_without_a_reason_says_so_and_goes_on(tmp_path: Path) -> None:
    async with open_stage(tmp_path, PROVIDER="chat_completions") as stage:
        stage.endpoint.script(SAMPLES["chat_cut"](), chat_events(["lo."]))
        shown = await stage.answer(await stage.mention("hello"))
        assert shown.content == f"Hel\n\n-# ⚠️ {worded('broke_off.cut')}"
        await press(stage, shown, "continue")
        await stage.until(lambda: shown.content == "Hello.")


async def test_a_thought_in_the_text_is_counted_like_any_other(stage: Stage) -> None:
    stage.endpoint.set_faults("thinking")
    prompt = await stage.mention("count to 9")
    shown = await growing(stage, prompt)
    assert seconds(shown, "reply.thinking_for") >= 1
    await stage.answer(prompt)
    assert shown.content == "1 2 3 4 5 6 7 8 9"


async def test_a_command_s_answer_that_broke_off_goes_on_in_its_language(stage: Stage) -> None:
    stage.endpoint.script(reply(BEGUN), fusion_events([", three."]))
    _, shown = await use(stage, "ask", "count", user=(user := stage.discord.world.person("xiaoming")))
    assert shown.content == f"> -# count\nOne, two\n\n-# ⚠️ {worded_in('zh-CN', 'broke_off.connection')}"
    await press(stage, shown, "continue", user=user)
    await stage.until(lambda: shown.content == "> -# count\nOne, two, three.")


async def test_what_broke_off_goes_on_after_a_restart_also_if_that_broke_it_off(own_stage: Stage) -> None:
    stage = own_stage
    stage.endpoint.script(reply(BEGUN), stalled_reply(BEGUN))
    broken = await stage.answer(await stage.mention("count"))
    prompt = await stage.mention("count")
    interrupted = await growing(stage, prompt)
    assert await stage.bot.end(signal.SIGTERM) == 0
    assert interrupted.content == f"One, two\n\n-# ⚠️ {worded('broke_off.interrupted')}"
    await stage.bot.start()
    await stage.connected()
    for shown in (broken, interrupted):
        stage.endpoint.script(fusion_events([", three."]))
        await press(stage, shown, "continue")
        await stage.until(lambda shown=shown: shown.content == "One, two, three.")  # type: ignore[misc]  # bound early
