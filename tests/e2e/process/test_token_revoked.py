"""The bot's token is reset in the middle of answers: the process ends in words, and the next one ends the answers."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from sandbox.discord.gateway.server import Disturbance
from sandbox.discord.state.records import Message
from sandbox.discord.traffic.faults import Fault
from sandbox.endpoint.script.replies import Chunk, reply, stalled_reply
from sandbox.endpoint.script.samples import encode_event, envelope, fusion_events
from tests.e2e.agreement import agree, buttons, by_bot
from tests.e2e.conftest import Stage, open_stage
from tests.e2e.kill_scenes import EDITS, kept, shows, text

ANOTHER = "MTAwMA.another.token-of-the-same-bot"


async def half(stage: Stage, go: asyncio.Event) -> Message:
    """Have a question half answered; the event lets more come, and no end."""
    more = Chunk(data=text("and more of it, ")[0], after=go)
    stage.endpoint.script(reply(*text("Half of an answer "), more, Chunk(data=b"", after=asyncio.Event())))
    prompt = await stage.mention("talk")
    await shows(stage, "Half of an answer")
    await kept(stage, prompt.id, "Half")
    return prompt


@pytest.mark.parametrize(
    ("gateway", "grows"),
    [(None, True), (Disturbance.DROP, True), (Disturbance.DROP, False)],
    ids=["while the gateway lives", "and it is sent away", "and it is sent away while nothing is said"],
)
async def test_the_next_start_ends_what_was_under_way(tmp_path: Path, gateway: Disturbance | None, grows: bool) -> None:
    async with open_stage(tmp_path) as stage:
        world = stage.discord.world
        go = asyncio.Event()
        talk = await half(stage, go)
        stage.endpoint.script(stalled_reply())
        drawing = await world.slash(stage.alice, stage.general, "draw", {"prompt": "a fox"})
        await stage.endpoint.wait_for_request(2)
        await kept(stage, drawing.id)
        world.reset_token(ANOTHER)
        if gateway is not None:
            stage.discord.gateway.disturb(gateway)
        if grows:
            go.set()
        assert await stage.bot.wait(timeout_s=15) == 1
        assert "Discord does not accept DISCORD_TOKEN" in stage.bot.log
        states = await stage.rows("SELECT DISTINCT state FROM turns")
        assert {str(state) for (state,) in states} <= {"queued", "streaming"}
        stage.bot.environment["DISCORD_TOKEN"] = ANOTHER
        await stage.bot.start()
        await stage.connected()
        for turn in (talk.id, drawing.id):
            assert await stage.ended(turn, timeout_s=10) == "interrupted"
        assert await agree(stage) == {talk.id: "interrupted", drawing.id: "interrupted"}
        assert all("stop" not in buttons(message) for message in by_bot(stage))
        # What is remembered is what is shown, and no more.
        (kept_text,) = await stage.rows("SELECT text FROM turns WHERE id = ?", talk.id)
        (line,) = await stage.rows("SELECT text FROM messages WHERE reply_to = ? AND role = 'assistant'", talk.id)
        assert kept_text == line
        assert str(line[0]).strip() in by_bot(stage)[0].content
        stage.endpoint.script(fusion_events(["The next answer."]))
        assert (await stage.answer(await stage.mention("and now?"))).content == "The next answer."


async def test_one_refusal_that_the_next_answer_denies_ends_nothing(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        unauthorized = json.loads('{"code": 0, "message": "401: Unauthorized"}')
        stage.discord.faults.add(Fault(method="PATCH", path=EDITS, status=401, json=unauthorized, times=2))
        go = asyncio.Event()
        rest = Chunk(data=encode_event(envelope("and the rest.", finish="stop"), "sse"), after=go)
        stage.endpoint.script(reply(*text("Half of an answer "), rest))
        prompt = await stage.mention("talk")
        await shows(stage, "Half of an answer")
        go.set()
        assert (await stage.answer(prompt)).content == "Half of an answer and the rest."
        assert stage.bot.running
        assert await agree(stage) == {prompt.id: "complete"}
