"""Two processes of one bot on one database: the second waits, takes over, and nothing is answered or paid twice."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.discord.state.records import Message
from sandbox.endpoint.script.replies import Chunk, reply, stalled_reply
from sandbox.endpoint.script.samples import encode_event, envelope, fusion_events
from tests.e2e.agreement import agree, buttons, by_bot
from tests.e2e.conftest import Bot, Stage, open_stage, tracebacks
from tests.e2e.kill_scenes import kept, shows
from tests.fakes.words import worded

WAITS = "waiting for it to stop"
TAKEN = "this process's now"
TAKEN_OVER = 3
"""The exit code of a process whose place another has taken."""


class OneOfTwo(Bot):
    """A bot beside another one, whose session stays when this one goes."""

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process is not None
        return self._process.pid

    async def logged(self, words: str, *, timeout_s: float = 45.0) -> None:
        """Wait until it has logged something."""
        async with asyncio.timeout(timeout_s):
            while words not in self.log:  # noqa: ASYNC110  # another process writes it
                await asyncio.sleep(0.02)

    async def _gone(self) -> None:
        return


@asynccontextmanager
async def two(folder: Path, **changes: str) -> AsyncIterator[tuple[Stage, OneOfTwo, OneOfTwo]]:
    """Set everything up, with a first process that runs and a second one that has not been started."""
    async with open_stage(folder, start=False, **changes) as stage:
        single = stage.bot
        bots = []
        for name in ("first", "second"):
            (folder / name).mkdir()
            environment = {**single.environment, "PICTURES_DIR": str(folder / "pictures")}
            bots.append(OneOfTwo(stage.discord, environment, folder / name, single._prepared))
        first, second = bots
        try:
            stage.bot = first
            await first.start()
            await stage.connected()
            yield stage, first, second
            for bot in bots:
                assert not tracebacks(bot.log), bot.log
        finally:
            for bot in bots:
                if bot.running:
                    os.kill(bot.pid, signal.SIGCONT)
                await bot.kill()
            stage.bot = single


async def half(stage: Stage, go: asyncio.Event) -> Message:
    """Have a question half answered; the event lets the rest come."""
    rest = Chunk(data=encode_event(envelope("and the rest.", finish="stop"), "sse"), after=go)
    stage.endpoint.script(reply(encode_event(envelope("Half of an answer "), "sse"), rest))
    prompt = await stage.mention("talk")
    await shows(stage, "Half of an answer")
    await kept(stage, prompt.id, "Half")
    return prompt


async def test_the_second_waits_while_the_first_streams_and_draws(tmp_path: Path) -> None:
    async with two(tmp_path) as (stage, _, second):
        world = stage.discord.world
        go = asyncio.Event()
        talk = await half(stage, go)
        stage.endpoint.script(stalled_reply())
        drawing = await world.slash(stage.alice, stage.general, "draw", {"prompt": "a fox"})
        await stage.endpoint.wait_for_request(2)
        await second.start()
        await second.logged(WAITS)
        async with asyncio.timeout(45):
            while await stage.rows("SELECT beats FROM leases WHERE beats < 3"):  # noqa: ASYNC110  # another process renews it
                await asyncio.sleep(0.1)
        assert TAKEN not in second.log
        assert not [one for one in by_bot(stage) if worded("trouble.interrupted") in one.content]
        go.set()
        assert (await stage.answer(talk)).content == "Half of an answer and the rest."
        await world.click(stage.alice, by_bot(stage)[-1], buttons(by_bot(stage)[-1])["stop"])
        await stage.ended(drawing.id)
        assert len(stage.endpoint.requests) == 2
        assert await agree(stage) == {talk.id: "complete", drawing.id: "stopped"}


async def test_told_to_stop_the_first_ends_its_turns_and_the_second_takes_over_in_a_moment(tmp_path: Path) -> None:
    async with two(tmp_path) as (stage, first, second):
        go = asyncio.Event()
        talk = await half(stage, go)
        await second.start()
        await second.logged(WAITS)
        ending = asyncio.create_task(first.end(signal.SIGTERM))
        await first.logged("told to stop")
        assert TAKEN not in second.log
        go.set()
        assert await ending == 0
        stage.bot = second
        await second.logged(TAKEN, timeout_s=5)
        await stage.connected()
        assert await agree(stage) == {talk.id: "complete"}
        assert by_bot(stage)[-1].content == "Half of an answer and the rest."
        stage.endpoint.script(fusion_events(["The next answer."]))
        assert (await stage.answer(await stage.mention("and now?"))).content == "The next answer."
        assert len(stage.endpoint.requests) == 2


async def test_killed_the_first_is_followed_at_once(tmp_path: Path) -> None:
    async with two(tmp_path) as (stage, first, second):
        talk = await half(stage, asyncio.Event())
        await second.start()
        await second.logged(WAITS)
        await first.end(signal.SIGKILL)
        stage.bot = second
        await second.logged(TAKEN, timeout_s=5)
        assert await stage.ended(talk.id, timeout_s=10) == "interrupted"
        await stage.connected()
        assert await agree(stage) == {talk.id: "interrupted"}


async def test_held_up_the_first_writes_nothing_more_and_ends_in_words(tmp_path: Path) -> None:
    async with two(tmp_path) as (stage, first, second):
        go = asyncio.Event()
        talk = await half(stage, go)
        os.kill(first.pid, signal.SIGSTOP)
        await second.start()
        await second.logged(TAKEN)
        assert await stage.ended(talk.id) == "interrupted"
        before = by_bot(stage)[-1].content
        edits = [one for one in stage.discord.requests if one.method == "PATCH"]
        go.set()
        stage.bot = second
        os.kill(first.pid, signal.SIGCONT)
        assert await first.wait() == TAKEN_OVER
        assert "Another process has taken over all shards" in first.log
        assert by_bot(stage)[-1].content == before
        assert [one for one in stage.discord.requests if one.method == "PATCH"] == edits
        assert await agree(stage) == {talk.id: "interrupted"}
        stage.endpoint.script(fusion_events(["The next answer."]))
        assert (await stage.answer(await stage.mention("and now?"))).content == "The next answer."


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_one_that_waits_can_be_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    async with two(tmp_path) as (stage, _, second):
        await second.start()
        await second.logged(WAITS)
        assert await second.end(number, timeout_s=10) == 0
        stage.endpoint.script(fusion_events(["The next answer."]))
        assert (await stage.answer(await stage.mention("and now?"))).content == "The next answer."


async def test_other_shards_are_not_waited_for(tmp_path: Path) -> None:
    async with two(tmp_path, SHARD_COUNT="2", SHARD_IDS="0") as (stage, _, second):
        second.environment["SHARD_IDS"] = "1"
        await second.start()
        await second.logged("ready as")
        assert WAITS not in second.log
        assert len(await stage.rows("SELECT holder FROM leases WHERE holder <> ''")) == 2


async def test_held_up_for_a_moment_it_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    async with two(tmp_path) as (stage, first, second):
        go = asyncio.Event()
        talk = await half(stage, go)
        await second.start()
        await second.logged(WAITS)
        async with asyncio.timeout(45):
            beats = await stage.rows("SELECT beats FROM leases")
            while await stage.rows("SELECT beats FROM leases") == beats:  # noqa: ASYNC110  # another process renews it
                await asyncio.sleep(0.05)
        os.kill(first.pid, signal.SIGSTOP)
        beats = await stage.rows("SELECT beats FROM leases")
        # Longer than the lease is certain without a renewal, shorter than until it is taken.
        await asyncio.sleep(13)
        assert await stage.rows("SELECT beats FROM leases") == beats
        os.kill(first.pid, signal.SIGCONT)
        go.set()
        assert (await stage.answer(talk)).content == "Half of an answer and the rest."
        assert TAKEN not in second.log
        assert await agree(stage) == {talk.id: "complete"}
