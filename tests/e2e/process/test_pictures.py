"""A picture that takes for ever, in the real process: nothing waits for it, and nothing of it is left."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.client import DRAIN_S
from sandbox.endpoint.script.replies import Reply, reply
from tests.e2e.agreement import agree
from tests.e2e.conftest import PATIENCE_S, Bot, Stage, open_stage
from tests.fakes.pictures.processes import gone
from tests.fakes.words import worded
from tests.unit.providers.picture.stand_ins import asked_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the processes of the bot are read from /proc")

LOOKING_FOR_EVER = """
import sys
from bot.__main__ import main
from bot.providers.picture.workshop import Workshop
Workshop.__init__.__kwdefaults__["look"] = "tests.unit.providers.picture.stand_ins:act"
sys.exit(main(["run"]))
"""


class SlowBot(Bot):
    """The bot, which looks at pictures as the stand-in does."""

    async def start(self) -> None:
        """Start it; returns at once."""
        with self.log_path.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", LOOKING_FOR_EVER, cwd=self.folder, env=self.environment, stdout=log, stderr=log
            )

    @property
    def children(self) -> list[int]:
        """The processes that it has started."""
        assert self._process is not None
        return [
            int(pid) for pid in Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        ]


def served(picture: bytes) -> Reply:
    """Have the next picture be these bytes."""
    return reply(picture, content_type="image/png", to="picture")


@asynccontextmanager
async def looking(folder: Path) -> AsyncIterator[tuple[Stage, SlowBot, int]]:
    """Have a bot look at a picture for ever; yields it, and the turn."""
    async with open_stage(folder, start=False) as stage:
        patient, stage.bot = stage.bot, SlowBot(stage.discord, stage.bot.environment, stage.bot.folder)
        bot = stage.bot
        await bot.start()
        try:
            await stage.connected()
            assert bot.children == []
            stage.endpoint.script(served(asked_for("slow")))
            prompt = await stage.mention("draw me a fox")
            async with asyncio.timeout(PATIENCE_S):
                while not bot.children:  # noqa: ASYNC110  # the world has no event for it
                    await asyncio.sleep(0.02)
            yield stage, bot, prompt.id
        finally:
            await bot.kill()
            stage.bot = patient


async def test_a_bot_that_is_told_to_stop_does_not_wait_for_a_picture(tmp_path: Path) -> None:
    async with looking(tmp_path) as (stage, bot, turn):
        children, before = bot.children, time.monotonic()
        assert await bot.end(signal.SIGTERM, timeout_s=60) == 0
        assert time.monotonic() - before < DRAIN_S - 5
        await gone(children)
        assert await stage.ended(turn) == "failed"
        (shown,) = (m for m in stage.general.messages.values() if m.author.id == stage.discord.world.bot.id)
        assert worded("error.cancelled") in shown.content
        assert await agree(stage) == {turn: "failed"}


async def test_other_talk_goes_on_while_a_picture_takes_for_ever(tmp_path: Path) -> None:
    async with looking(tmp_path) as (stage, bot, _):
        other = stage.discord.world.channel("art")
        assert (await stage.answer(await stage.mention("hello", channel=other))).content
        stage.endpoint.script(served(asked_for("picture")))
        assert (await stage.answer(await stage.mention("draw me a cat", channel=other))).attachments
        assert len(bot.children) == 2


async def test_no_process_outlives_a_bot_that_is_killed(tmp_path: Path) -> None:
    async with looking(tmp_path) as (stage, bot, turn):
        children = bot.children
        assert children
        await bot.kill()
        await gone(children)
        stage.endpoint.clear()
        await bot.start()
        await stage.connected()
        assert await stage.ended(turn) == "interrupted"
        assert not [name for name in os.listdir(bot.folder) if name not in {"bot.log", "data"}]  # noqa: PTH208  # names
