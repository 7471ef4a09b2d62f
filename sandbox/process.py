"""The bot as a child process: restarted with back-off when it dies; killed, stopped and started when that is asked."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.orphans import end_with_parent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

MOST_RESTARTS: Final = 4
FIRST_DELAY_S: Final = 1.0
STEADY_S: Final = 60.0
"""A bot that ran this long has started well: its restarts are counted anew."""
STOP_S: Final = 25.0
"""How long the bot may take to stop; it gives running turns 20 s itself."""
CONFIGURATION_FAULT: Final = 2
"""The exit code that says: the configuration is wrong. Starting again would not help."""
_TAIL_LINES: Final = 20
_TAIL_BYTES: Final = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class BotCommand:
    """How the bot is started."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log: Path


class Status(StrEnum):
    """How the process stands."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    """It was asked to end."""
    STOPPED = "stopped"
    """It ended as asked and stays down until it is started."""
    WAITING = "waiting"
    """It died and is started again after a while."""
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class BotState:
    """The process now: `since` when (Unix seconds) it has been so, `exit_code` that of its last end."""

    status: Status = Status.STARTING
    since: float = 0.0
    pid: int | None = None
    exit_code: int | None = None


class NotNowError(Exception):
    """What was asked of the bot does not go with how it stands; the words say why."""


class BotProcess:
    """One bot, supervised. `say` is given words for the person at the terminal.

    `kill`, `stop`, `start` and `restart` return at once; what comes of them is told to listeners.
    """

    def __init__(
        self,
        command: BotCommand,
        say: Callable[[str], None],
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        stop_s: float = STOP_S,
    ) -> None:
        self._command = command
        self._say = say
        self._sleep = sleep
        self._clock = clock
        self._stop_s = stop_s
        self._wall_clock = wall_clock
        self._process: asyncio.subprocess.Process | None = None
        self._state = BotState(since=wall_clock())
        self._then: Status | None = None  # what follows the end that somebody asked for
        self._wake = asyncio.Event()
        self._force: asyncio.TimerHandle | None = None
        self._listeners: list[Callable[[], None]] = []

    @property
    def state(self) -> BotState:
        """How the process stands."""
        return self._state

    def listen(self, listener: Callable[[], None]) -> None:
        """Have `listener` called after each change of `state`; it must neither block nor raise. Listeners stay."""
        self._listeners.append(listener)

    def kill(self) -> None:
        """End the bot as a crash does (SIGKILL); it is started again at once. Raises NotNowError."""
        process = self._alive()
        self._then = self._then or Status.STARTING
        process.kill()

    def stop(self) -> None:
        """Ask the bot to end (SIGTERM), by force if it takes too long; it stays down. Raises NotNowError."""
        if self._state.status is Status.WAITING:
            self._then = Status.STOPPED
            self._wake.set()
            return
        self._end(self._alive(), then=Status.STOPPED)

    def start(self) -> None:
        """Start a bot that was stopped, or that waits to be started again, at once. Raises NotNowError."""
        if self._state.status not in (Status.STOPPED, Status.WAITING):
            raise NotNowError("The bot is not stopped.")
        self._wake.set()

    def restart(self) -> None:
        """Ask the bot to end, and start it again. Raises NotNowError."""
        if self._state.status in (Status.STOPPED, Status.WAITING):
            self._wake.set()
            return
        self._end(self._alive(), then=Status.STARTING)

    def _alive(self) -> asyncio.subprocess.Process:
        process = self._process
        if process is None or process.returncode is not None:
            raise NotNowError("The bot is not running.")
        return process

    def _end(self, process: asyncio.subprocess.Process, *, then: Status) -> None:
        self._then = then
        if self._force is None:
            self._force = asyncio.get_running_loop().call_later(self._stop_s, process.kill)
        process.terminate()
        self._become(Status.STOPPING, pid=process.pid)

    def _become(self, status: Status, *, pid: int | None = None, exit_code: int | None = None) -> None:
        code = self._state.exit_code if exit_code is None else exit_code
        self._state = BotState(status=status, since=self._wall_clock(), pid=pid, exit_code=code)
        for listener in self._listeners:
            listener()

    async def supervise(self) -> int:
        """Run the bot until it can't be kept alive and return its last exit code; cancelling stops it.

        A bot that ends by itself with 0 is restarted as well: in the demo it is to be there.
        """
        restarts = 0
        try:
            while True:
                began = self._clock()
                began_bytes = self._command.log.stat().st_size if self._command.log.exists() else 0
                code = await self._run_once()
                if self._then is not None:
                    restarts = 0
                    await self._as_asked(code)
                    continue
                if self._clock() - began >= STEADY_S:
                    restarts = 0
                self._say(f"\nThe bot ended with exit code {code}. The end of its log ({self._command.log}):")
                self._say(read_tail(self._command.log, since_bytes=began_bytes))
                if code == CONFIGURATION_FAULT or restarts >= MOST_RESTARTS:
                    self._say("It is not started again.")
                    self._become(Status.GIVEN_UP, exit_code=code)
                    return code
                delay_s = FIRST_DELAY_S * 2**restarts
                restarts += 1
                self._say(f"It is started again in {delay_s:.0f} s ({restarts} of {MOST_RESTARTS}).")
                self._become(Status.WAITING, exit_code=code)
                await self._pause(delay_s)
                if self._then is not None:
                    restarts = 0
                    await self._as_asked(code)
        finally:
            await self._stop()

    async def _as_asked(self, code: int) -> None:
        """Do what was to follow the bot's end: start it again at once, or wait until it is to be started."""
        then, self._then = self._then, None
        if then is Status.STOPPED:
            self._say("The bot was stopped.")
            self._wake.clear()
            self._become(Status.STOPPED, exit_code=code)
            await self._wake.wait()
        self._become(Status.STARTING, exit_code=code)
        self._say("The bot is started again.")

    async def _pause(self, delay_s: float) -> None:
        """Wait a while, or until somebody wants something else."""
        self._wake.clear()
        tasks = {asyncio.ensure_future(self._sleep(delay_s)), asyncio.create_task(self._wake.wait())}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _run_once(self) -> int:
        # Opening and starting are quick; what the bot writes goes to the file without passing through here.
        with self._command.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command.arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self._command.environment),
                cwd=self._command.folder,
                # Ctrl-C reaches every process of a terminal's group: the bot is to hear of it from here, once.
                start_new_session=True,
                # It makes one system call between fork and exec, which no other thread can hold up.
                preexec_fn=end_with_parent(),
            )
        self._become(Status.RUNNING, pid=self._process.pid)
        try:
            return await self._process.wait()
        finally:
            if self._force is not None:
                self._force.cancel()
                self._force = None

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(self._stop_s):
                await process.wait()
        except TimeoutError:
            self._say(f"The bot did not stop within {self._stop_s:.0f} s and is ended by force.")
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def read_tail(log: Path, *, since_bytes: int = 0) -> str:
    """Return the last lines of a log, at most 20, none of them from before `since_bytes`."""
    try:
        with log.open("rb") as file:
            end = file.seek(0, 2)
            file.seek(max(since_bytes, end - _TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError as error:
        return f"  (it can't be read: {error.strerror})"
    return "\n".join(f"  {line}" for line in text.splitlines()[-_TAIL_LINES:]) or "  (it is empty)"
