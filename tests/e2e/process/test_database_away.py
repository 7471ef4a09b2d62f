"""A database that takes nothing when an answer ends: it is kept later, by this process or by the next one."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.discord.state.records import Message
from sandbox.endpoint.script.replies import Chunk, reply
from sandbox.endpoint.script.samples import encode_event, envelope, fusion_events
from tests.e2e.agreement import agree, buttons, by_bot
from tests.e2e.conftest import Bot, Stage, open_stage
from tests.e2e.kill_scenes import PAGE, kept, locked, shows, text

AWAY = "the database takes nothing: Could not"
BACK = "the database is back"
HASTY = """
import sys
import bot.storage.database.engine
from bot.__main__ import main
bot.storage.database.engine.BUSY_TIMEOUT_S = 0.3
sys.exit(main(["run"]))
"""
HURRIED = """
import sys
import bot.__main__, bot.client
bot.client.DRAIN_S = 0.5
bot.__main__.END_S = 9.5
sys.exit(bot.__main__.main(["run"]))
"""


class HastyBot(Bot):
    """The bot, which waits a third of a second for another writer."""

    async def start(self) -> None:
        """Start it; returns at once."""
        with self.log_path.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", HASTY, cwd=self.folder, env=self.environment, stdout=log, stderr=log
            )


@asynccontextmanager
async def hasty_stage(folder: Path) -> AsyncIterator[Stage]:
    """Set everything up, with a hasty bot."""
    async with open_stage(folder, start=False) as stage:
        other, stage.bot = stage.bot, HastyBot(stage.discord, stage.bot.environment, stage.bot.folder)
        try:
            await stage.bot.start()
            await stage.connected()
            yield stage
        finally:
            await stage.bot.kill()
            stage.bot = other


async def logged(stage: Stage, words: str, times: int = 1) -> None:
    """Wait until the bot has logged something."""
    async with asyncio.timeout(45):
        while stage.bot.log.count(words) < times:
            assert stage.bot.running, stage.bot.log
            await asyncio.sleep(0.02)


async def about_to_end(stage: Stage, *rest: str) -> tuple[Message, asyncio.Event]:
    """Have a question half answered, and kept so; the event lets the rest come."""
    go = asyncio.Event()
    pieces = [Chunk(data=data, after=go) for data in text(*rest)]
    last = Chunk(data=encode_event(envelope("The end.", finish="stop"), "sse"), after=go)
    stage.endpoint.script(reply(*text("Half of an answer. "), *pieces, last))
    prompt = await stage.mention("talk")
    await shows(stage, "Half of an answer.")
    await kept(stage, prompt.id, "Half")
    return prompt, go


@asynccontextmanager
async def away_at_the_end(stage: Stage, *rest: str) -> AsyncIterator[Message]:
    """Have a question answered to its end on Discord while the database takes nothing, as it does until the exit."""
    prompt, go = await about_to_end(stage, *rest)
    with locked(stage):
        go.set()
        await stage.until(lambda: "retry" in buttons(by_bot(stage)[-1]))
        await logged(stage, AWAY)
        yield prompt


async def test_the_answer_is_kept_when_the_database_takes_it_again(tmp_path: Path) -> None:
    async with hasty_stage(tmp_path) as stage:
        async with away_at_the_end(stage) as prompt:
            pass
        assert await stage.ended(prompt.id) == "complete"
        await logged(stage, BACK)
        stage.endpoint.script(fusion_events(["The next answer."]))
        await stage.answer(await stage.mention("and now?"))
        assert "Half of an answer. The end." in str(stage.endpoint.requests[-1].body)
        assert set((await agree(stage)).values()) == {"complete"}
        assert (stage.bot.log.count(AWAY), stage.bot.log.count(BACK)) == (1, 1)


@pytest.mark.parametrize("rest", [(), tuple(PAGE)], ids=["one message", "several messages"])
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "told to stop"])
async def test_the_next_start_keeps_what_stands_on_discord(
    tmp_path: Path, end: signal.Signals, rest: tuple[str, ...]
) -> None:
    async with hasty_stage(tmp_path) as stage:
        async with away_at_the_end(stage, *rest) as prompt:
            code = await stage.bot.end(end, timeout_s=30)
        assert code == (0 if end is signal.SIGTERM else -end)
        shown = [(message.id, message.content) for message in by_bot(stage)]
        edits = len(stage.discord.requests)
        await stage.bot.start()
        await stage.connected()
        assert await stage.ended(prompt.id, timeout_s=5) == "complete"
        assert [(message.id, message.content) for message in by_bot(stage)] == shown
        assert not [request for request in stage.discord.requests[edits:] if request.method == "PATCH"]
        assert await agree(stage) == {prompt.id: "complete"}
        stage.endpoint.script(fusion_events(["The next answer."]))
        await stage.answer(await stage.mention("and now?"))
        assert "The end." in str(stage.endpoint.requests[-1].body)


async def test_what_can_be_kept_before_the_end_is_kept(tmp_path: Path) -> None:
    async with hasty_stage(tmp_path) as stage:
        async with away_at_the_end(stage) as prompt:
            pass
        assert await stage.bot.end(signal.SIGTERM) == 0
        assert await stage.ended(prompt.id) == "complete"
        assert await agree(stage) == {prompt.id: "complete"}


async def test_what_is_deleted_meanwhile_is_gone_afterwards(tmp_path: Path) -> None:
    async with hasty_stage(tmp_path) as stage:
        stage.endpoint.script(fusion_events(["A secret."]))
        prompt = await stage.mention("what nobody is to know")
        await stage.answer(prompt)
        growing, go = await about_to_end(stage)
        with locked(stage):
            await stage.discord.world.delete(stage.alice, prompt)
            await stage.discord.world.delete(stage.alice, growing)
            await logged(stage, AWAY)
        go.set()
        await stage.until(lambda: not by_bot(stage))
        stage.endpoint.script(fusion_events(["The next answer."]))
        await stage.answer(await stage.mention("and now?"))
        asked = str(stage.endpoint.requests[-1].body)
        assert not [words for words in ("nobody", "secret", "talk", "Half") if words in asked]


class HurriedBot(HastyBot):
    """The bot, which gives itself a few seconds to end, and waits for other writers as long as ever."""

    async def start(self) -> None:
        """Start it; returns at once."""
        with self.log_path.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", HURRIED, cwd=self.folder, env=self.environment, stdout=log, stderr=log
            )


async def test_told_to_stop_it_ends_in_time_whatever_the_database_does(tmp_path: Path) -> None:
    async with open_stage(tmp_path, start=False) as stage:
        single, stage.bot = stage.bot, HurriedBot(stage.discord, stage.bot.environment, stage.bot.folder)
        try:
            await stage.bot.start()
            await stage.connected()
            prompt, _ = await about_to_end(stage)
            with locked(stage):
                # Without a bound it takes three times as long.
                assert await stage.bot.end(signal.SIGTERM, timeout_s=15) == 0
            assert "the next start sees to the rest" in stage.bot.log
        finally:
            await stage.bot.kill()
            stage.bot = single
        await stage.bot.start()
        await stage.connected()
        assert await stage.ended(prompt.id, timeout_s=5) == "interrupted"
        assert await agree(stage) == {prompt.id: "interrupted"}
