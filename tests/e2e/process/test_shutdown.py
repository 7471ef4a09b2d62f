"""SIGTERM: new questions are refused in words, running answers get their time, the rest are marked; exit code 0."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import aiosqlite

from sandbox.endpoint.script.replies import Chunk, reply, stalled_reply
from sandbox.endpoint.script.samples import encode_event, envelope, fusion_events
from tests.e2e.agreement import agree, buttons, by_bot
from tests.e2e.conftest import Bot, Stage, Way, open_stage
from tests.fakes.words import worded

IMPATIENT = """
import sys
import bot.client
from bot.__main__ import main
bot.client.DRAIN_S = 0.5
sys.exit(main(["run"]))
"""


class ImpatientBot(Bot):
    """The bot, which gives running answers half a second to end."""

    async def start(self) -> None:
        """Start it; returns at once."""
        with self.log_path.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", IMPATIENT, cwd=self.folder, env=self.environment, stdout=log, stderr=log
            )


async def told(stage: Stage) -> asyncio.Task[int]:
    """Tell the bot to stop, and wait until it knows."""
    ending = asyncio.create_task(stage.bot.end(signal.SIGTERM, timeout_s=30))
    async with asyncio.timeout(45):
        while "told to stop" not in stage.bot.log:
            assert not ending.done(), stage.bot.log
            await asyncio.sleep(0.02)
    return ending


async def test_new_questions_are_refused_while_a_running_answer_ends(tmp_path: Path) -> None:
    async with open_stage(tmp_path, Way.COMMAND_LINE, DEFAULT_TURN_ORDER="in_order") as stage:
        world = stage.discord.world
        go = asyncio.Event()
        last = Chunk(data=encode_event(envelope("and the rest.", finish="stop"), "sse"), after=go)
        stage.endpoint.script(reply(encode_event(envelope("Half of an answer "), "sse"), last))
        running = await stage.mention("talk")
        await stage.until(lambda: world.reply_to(running) is not None)
        waiting = await stage.mention("and then?")
        await stage.until(lambda: world.reply_to(waiting) is not None)
        ending = await told(stage)
        late = await stage.mention("one more?")
        command = await world.slash(stage.alice, stage.general, "ask", {"prompt": "and one by command?"})
        for turn in (waiting.id, late.id, command.id):
            assert await stage.ended(turn) == "failed"
        for refused in (world.reply_to(waiting), world.reply_to(late), command.response):
            assert refused is not None
            assert worded("refusal.closing") in refused.content
        go.set()
        assert await ending == 0
        shown = world.reply_to(running)
        assert shown is not None
        assert shown.content == "Half of an answer and the rest."
        states = await agree(stage)
        assert states == {running.id: "complete", waiting.id: "failed", late.id: "failed", command.id: "failed"}
        assert len(stage.endpoint.requests) == 1


async def test_what_still_runs_when_the_time_is_over_is_marked(tmp_path: Path) -> None:
    async with open_stage(tmp_path, start=False) as stage:
        world = stage.discord.world
        patient, stage.bot = stage.bot, ImpatientBot(stage.discord, stage.bot.environment, stage.bot.folder)
        await stage.bot.start()
        try:
            await stage.connected()
            stage.endpoint.default = stalled_reply(encode_event(envelope("Half of an answer"), "sse"))
            half = await stage.mention("talk")
            command = await world.slash(stage.alice, stage.general, "ask", {"prompt": "talk"})
            await stage.until(lambda: len([m for m in by_bot(stage) if "Half" in m.content]) == 2)
            stage.endpoint.default = stalled_reply()
            nothing = await stage.mention("talk")
            await stage.endpoint.wait_for_request(3)
            assert await (await told(stage)) == 0
            turns = (half.id, command.id, nothing.id)
            assert await agree(stage) == dict.fromkeys(sorted(turns), "interrupted")
        finally:
            await stage.bot.kill()
            stage.bot = patient
        await stage.bot.start()
        await stage.connected()
        stage.endpoint.default = fusion_events(["Another answer."])
        for shown in by_bot(stage):
            await world.click(stage.alice, shown, buttons(shown)["retry"])
        await stage.until(lambda: all("previous" in buttons(shown) for shown in by_bot(stage)))
        for turn in turns:
            await stage.ended(turn)
        assert await agree(stage) == dict.fromkeys(sorted(turns), "complete")
        assert len(by_bot(stage)) == 3


async def test_nothing_under_way(own_stage: Stage) -> None:
    await own_stage.answer(await own_stage.mention("hello"))
    assert await own_stage.bot.end(signal.SIGTERM) == 0
    assert await agree(own_stage)


async def test_nothing_waits_for_a_download(tmp_path: Path) -> None:
    """A picture's host sends a byte now and then; the bot is told to stop, and does not wait for the rest of it."""
    asked = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n\x89PNG\r\n\x1a\n")
        asked.set()
        left = asyncio.create_task(reader.read())
        while not (await asyncio.wait((left,), timeout=1))[0]:
            writer.write(b"\0")
        writer.close()

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with open_stage(tmp_path, Way.COMMAND_LINE, IMAGE_FETCH_ALLOW=host) as stage:
            picture = envelope(f"http://{host}/fox.png", finish="stop", picture=True)
            stage.endpoint.script(reply(encode_event(picture, "sse")))
            turn = await stage.mention("draw a fox")
            async with asyncio.timeout(30):
                await asked.wait()
            since = asyncio.get_running_loop().time()
            assert await stage.bot.end(signal.SIGTERM) == 0
            assert asyncio.get_running_loop().time() - since < 10  # turns that run have 20 s
            assert await stage.ended(turn.id) == "failed"


async def test_one_that_waits_for_the_database_before_the_start_ends_at_once(tmp_path: Path) -> None:
    async with open_stage(tmp_path, Way.COMMAND_LINE, start=False) as stage:
        stage.database.parent.mkdir()
        async with aiosqlite.connect(stage.database, isolation_level=None) as other:
            await other.execute("PRAGMA journal_mode=WAL")
            await other.execute("BEGIN EXCLUSIVE")
            await stage.bot.start()
            async with asyncio.timeout(45):
                while "No quota is set" not in stage.bot.log:  # noqa: ASYNC110  # another process writes it
                    await asyncio.sleep(0.02)
            assert await stage.bot.end(signal.SIGTERM, timeout_s=10) == 0
        await stage.bot.start()
        await stage.connected()
