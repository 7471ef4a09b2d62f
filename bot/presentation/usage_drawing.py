"""Has charts drawn by a process of their own, one at a time."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from bot.presentation.usage_chart import ChartData

logger = logging.getLogger(__name__)

TIMEOUT_S: Final = 30.0
"""The first chart of all looks through the fonts of the machine, which takes seconds."""
WAITING: Final = 20
"""Charts that wait at most; who asks for more gets the table."""
_PASSED_ON: Final = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "PYTHONPATH", "VIRTUAL_ENV")
"""What the process gets of the environment: nothing that holds a secret."""


class UsageCharts:
    """Draws charts; ``close`` ends what is under way."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S, command: tuple[str, ...] | None = None) -> None:
        self._timeout_s = timeout_s
        self._command = command or (sys.executable, "-m", "bot.presentation.usage_chart")
        self._one = asyncio.Lock()
        self._waiting = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    async def draw(self, data: ChartData) -> bytes | None:
        """Draw a chart as a PNG; None where that failed, which is logged: the table tells the same."""
        if self._waiting >= WAITING:
            logger.warning("too many charts are waiting")
            return None
        self._waiting += 1
        try:
            async with self._one:
                return await self._run(json.dumps(data).encode())
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Take away what was kept between charts."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    async def _run(self, data: bytes) -> bytes | None:
        try:
            if self._folder is None:
                # What is known of the fonts is kept there, wherever the bot's home may not be written to.
                self._folder = tempfile.TemporaryDirectory(prefix="fusion-bot-charts-")
            process = await asyncio.create_subprocess_exec(
                *self._command,
                env=self._environment(self._folder.name),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except OSError as error:
            logger.warning("no chart can be drawn: %s", error)
            return None
        try:
            async with asyncio.timeout(self._timeout_s):
                out, err = await process.communicate(data)
        except TimeoutError:
            logger.warning("a chart was not drawn within %.0f s", self._timeout_s)
            return None
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode or not out.startswith(b"\x89PNG"):
            reason = err.decode(errors="replace").strip().splitlines()[-1:] or ["no words"]
            logger.warning("no chart was drawn: exit code %s, %s", process.returncode, reason[0][:200])
            return None
        return out

    def _environment(self, folder: str) -> dict[str, str]:
        passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        root = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, (root, passed.get("PYTHONPATH"))))
        return {**passed, "PYTHONPATH": path, "MPLCONFIGDIR": folder, "HOME": folder}
