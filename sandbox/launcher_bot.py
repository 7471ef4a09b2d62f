"""The bot as a child process: started, restarted with back-off when it dies, stopped in good order."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

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


class BotProcess:
    """One bot, supervised. `say` is given words for the person at the terminal."""

    def __init__(
        self,
        command: BotCommand,
        say: Callable[[str], None],
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        stop_s: float = STOP_S,
    ) -> None:
        self._command = command
        self._say = say
        self._sleep = sleep
        self._clock = clock
        self._stop_s = stop_s
        self._process: asyncio.subprocess.Process | None = None

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
                if self._clock() - began >= STEADY_S:
                    restarts = 0
                self._say(f"\nThe bot ended with exit code {code}. The end of its log ({self._command.log}):")
                self._say(read_tail(self._command.log, since_bytes=began_bytes))
                if code == CONFIGURATION_FAULT or restarts >= MOST_RESTARTS:
                    self._say("It is not started again.")
                    return code
                delay_s = FIRST_DELAY_S * 2**restarts
                restarts += 1
                self._say(f"It is started again in {delay_s:.0f} s ({restarts} of {MOST_RESTARTS}).")
                await self._sleep(delay_s)
        finally:
            await self._stop()

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
            )
        return await self._process.wait()

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
