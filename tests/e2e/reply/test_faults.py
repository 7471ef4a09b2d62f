"""The endpoint, Discord and the machine at their worst: words in the reply, and a database that agrees with it."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from sandbox.discord.traffic.faults import Fault
from sandbox.endpoint.script.replies import Chunk, reply
from sandbox.endpoint.script.samples import SAMPLES, fusion_events
from tests.e2e.conftest import Stage, open_stage
from tests.fakes.words import worded


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        ("unauthorized", worded("error.authentication")),
        ("forbidden", worded("error.permission")),
        ("in_band_error", "⚠️"),
        ("html_ok", worded("error.protocol")),
        ("garbage", "⚠️"),
        ("empty", "⚠️"),
    ],
)
async def test_a_failing_endpoint_is_told_in_the_reply(stage: Stage, sample: str, words: str) -> None:
    stage.endpoint.default = SAMPLES[sample]()
    prompt = await stage.mention("hello")
    shown = await stage.answer(prompt, holds=words, timeout_s=30)
    assert "<html" not in shown.content.lower()
    assert await stage.ended(prompt.id) == "failed"


async def test_the_endpoint_is_down_and_comes_back(stage: Stage) -> None:
    stage.endpoint.set_faults("down")
    await stage.answer(await stage.mention("hello"), holds=worded("error.network"), timeout_s=30)
    stage.endpoint.set_faults()
    assert "⚠️" not in (await stage.answer(await stage.mention("hello"))).content


async def test_a_broken_stream_keeps_what_came(stage: Stage) -> None:
    stage.endpoint.script(SAMPLES["reset_midway"]())
    prompt = await stage.mention("hello")
    shown = await stage.answer(prompt)
    assert shown.content.startswith("Hel")
    assert "⚠️" in shown.content
    assert await stage.rows("SELECT state, text FROM turns WHERE id = ?", prompt.id) == [("failed", "Hel")]


async def test_memory_outlives_a_restart(own_stage: Stage) -> None:
    stage = own_stage
    await stage.answer(await stage.mention("my name is Ann"))
    assert await stage.bot.end(signal.SIGTERM) == 0
    await stage.bot.start()
    await stage.connected()
    await stage.answer(await stage.mention("what is my name?"), holds="Ann")


async def test_a_wrong_token(tmp_path: Path) -> None:
    async with open_stage(tmp_path, start=False, DISCORD_TOKEN="d3Jvbmc.token.here") as stage:
        await stage.bot.start()
        assert await stage.bot.wait() == 1
        assert "DISCORD_TOKEN" in stage.bot.log
        assert "d3Jvbmc.token.here" not in stage.bot.log


async def test_discord_is_not_there_yet(tmp_path: Path) -> None:
    async with open_stage(tmp_path, start=False) as stage:
        stage.discord.faults.add(Fault(path="/gateway$", status=503, times=1))
        await stage.bot.start()
        await stage.connected()
        assert "trying again" in stage.bot.log
        await stage.answer(await stage.mention("hello"))


async def test_the_total_is_kept_when_many_speak_at_once(stage: Stage) -> None:
    stage.endpoint.default = reply(*(Chunk(data=c.data) for c in fusion_events(["one ", "two"]).chunks))
    people = [stage.alice, stage.discord.world.person("bob")]
    prompts = [await stage.mention(f"question {n}", user=people[n % 2]) for n in range(8)]
    for prompt in prompts:
        assert (await stage.answer(prompt, timeout_s=40)).content == "one two"
    assert not [r for r in stage.discord.requests if r.status == 429]
