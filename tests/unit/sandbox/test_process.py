"""The bot's process: restarts, logs, stopping. Real processes, no real waiting."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from sandbox.process import MOST_RESTARTS, BotCommand, BotProcess, NotNowError, Status, read_tail


class Harness:
    """A bot made of one Python program, with waits that are only noted."""

    def __init__(
        self, folder: Path, program: str, *, ages_s: float = 0.0, stop_s: float = 20.0, forever: bool = False
    ) -> None:
        self.log = folder / "bot.log"
        self.said: list[str] = []
        self.waits: list[float] = []
        self._now = 0.0
        self._ages_s = ages_s
        self._forever = forever
        self.seen: list[Status] = []
        self._news = asyncio.Event()
        command = BotCommand(arguments=(sys.executable, "-c", program), environment={}, folder=folder, log=self.log)
        self.bot = BotProcess(command, self.said.append, sleep=self._sleep, clock=self._clock, stop_s=stop_s)
        self.bot.listen(self._note)

    def _note(self) -> None:
        self.seen.append(self.bot.state.status)
        self._news.set()

    async def _when(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(45):
            while not true():
                self._news.clear()
                await self._news.wait()

    async def until(self, status: Status) -> None:
        """Wait until the bot has been `status` since the last wait for one."""
        await self._when(lambda: status in self.seen)
        self.seen = self.seen[self.seen.index(status) + 1 :]

    async def until_running(self, *, other_than: int | None = None) -> int | None:
        await self._when(lambda: self.bot.state.status is Status.RUNNING and self.bot.state.pid != other_than)
        return self.bot.state.pid

    async def _sleep(self, delay_s: float) -> None:
        self.waits.append(delay_s)
        if len(self.waits) > 20:
            raise RuntimeError("restarted without end")
        if self._forever:
            await asyncio.Event().wait()

    def _clock(self) -> float:
        self._now += self._ages_s
        return self._now

    async def until_logged(self, text: str) -> None:
        async with asyncio.timeout(45):
            while not self.log.exists() or text not in self.log.read_text():  # noqa: ASYNC110  (a file tells nobody of its growth)
                await asyncio.sleep(0.01)


@asynccontextmanager
async def supervised(harness: Harness) -> AsyncIterator[None]:
    task = asyncio.create_task(harness.bot.supervise())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_bot_that_dies_is_restarted_with_longer_waits_and_then_given_up(tmp_path: Path) -> None:
    harness = Harness(tmp_path, "print('no luck'); raise SystemExit(3)")
    assert await harness.bot.supervise() == 3
    assert harness.waits == [1, 2, 4, 8]
    assert len(harness.waits) == MOST_RESTARTS
    assert harness.log.read_text().count("no luck") == MOST_RESTARTS + 1
    assert any("no luck" in words for words in harness.said)


async def test_a_wrong_configuration_is_not_tried_again(tmp_path: Path) -> None:
    harness = Harness(tmp_path, "print('DISCORD_TOKEN is missing'); raise SystemExit(2)")
    assert await harness.bot.supervise() == 2
    assert harness.waits == []
    assert any("DISCORD_TOKEN is missing" in words for words in harness.said)


async def test_a_bot_that_ran_long_is_given_new_chances(tmp_path: Path) -> None:
    harness = Harness(tmp_path, "raise SystemExit(1)", ages_s=100)
    with pytest.raises(RuntimeError, match="without end"):
        await harness.bot.supervise()
    assert set(harness.waits) == {1}


async def test_stopping_lets_the_bot_end_by_itself(tmp_path: Path) -> None:
    program = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('goodbye', flush=True), sys.exit(0)))\n"
        "print('up', flush=True)\n"
        "signal.pause()"
    )
    harness = Harness(tmp_path, program)
    task = asyncio.create_task(harness.bot.supervise())
    await harness.until_logged("up")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "goodbye" in harness.log.read_text()


async def test_a_bot_that_does_not_stop_is_ended_by_force(tmp_path: Path) -> None:
    program = (
        "import signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('up', flush=True)\n"
        "while True: signal.pause()"
    )
    harness = Harness(tmp_path, program, stop_s=0.2)
    task = asyncio.create_task(harness.bot.supervise())
    await harness.until_logged("up")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert any("by force" in words for words in harness.said)


def test_the_tail_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "bot.log"
    assert "can't be read" in read_tail(log)
    log.write_bytes(b"")
    assert "empty" in read_tail(log)
    log.write_text("".join(f"line {n}\n" for n in range(5000)))
    assert read_tail(log).splitlines() == [f"  line {n}" for n in range(4980, 5000)]
    assert read_tail(log, since_bytes=log.stat().st_size - len("line 4999\n")) == "  line 4999"
    log.write_bytes(b"\xff\xfe broken \xe4\n")
    assert "broken" in read_tail(log)


WAITING_PROGRAM = "import signal; print('up', flush=True); signal.pause()"


async def test_a_killed_bot_is_started_again_at_once(tmp_path: Path) -> None:
    harness = Harness(tmp_path, WAITING_PROGRAM)
    async with supervised(harness):
        first = await harness.until_running()
        for _ in range(MOST_RESTARTS + 2):
            before = harness.bot.state.pid
            harness.bot.kill()
            await harness.until_running(other_than=before)
        assert harness.bot.state.pid != first
        assert harness.bot.state.exit_code == -9
    assert harness.waits == []


async def test_a_stopped_bot_stays_down_until_it_is_started(tmp_path: Path) -> None:
    harness = Harness(tmp_path, WAITING_PROGRAM)
    async with supervised(harness):
        first = await harness.until_running()
        harness.bot.stop()
        assert harness.bot.state.status is Status.STOPPING
        await harness.until(Status.STOPPED)
        assert harness.bot.state.exit_code == -15
        for refused in (harness.bot.kill, harness.bot.stop):
            with pytest.raises(NotNowError, match="not running"):
                refused()
        harness.bot.start()
        await harness.until_running(other_than=first)
        with pytest.raises(NotNowError, match="not stopped"):
            harness.bot.start()
        harness.bot.stop()
        await harness.until(Status.STOPPED)
        harness.bot.restart()
        await harness.until(Status.RUNNING)


async def test_a_bot_that_ignores_a_restart_is_ended_by_force(tmp_path: Path) -> None:
    program = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
    harness = Harness(tmp_path, program, stop_s=0.1)
    async with supervised(harness):
        await harness.until_logged("up")
        first = harness.bot.state.pid
        harness.bot.restart()
        harness.bot.restart()
        await harness.until_running(other_than=first)
        assert harness.bot.state.exit_code == -9


async def test_a_bot_that_waits_to_be_restarted_can_be_stopped_or_started_at_once(tmp_path: Path) -> None:
    harness = Harness(tmp_path, "raise SystemExit(3)", forever=True)
    async with supervised(harness):
        await harness.until(Status.WAITING)
        harness.bot.stop()
        await harness.until(Status.STOPPED)
        harness.bot.start()
        await harness.until(Status.WAITING)
        harness.bot.start()
        await harness.until(Status.RUNNING)
        await harness.until(Status.WAITING)
    assert harness.waits == [1, 1, 2]
