"""The whole demo as a process: `python -m sandbox`, as a person starts it, with scripted answers."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
START_S = 40


@asynccontextmanager
async def open_demo(data: Path) -> AsyncIterator[str]:
    """Give the page's address once the bot is connected. `data` is its folder. Raises RuntimeError, TimeoutError."""
    arguments = ["--port", "0", "--endpoint-port", "0", "--no-open", "--scripted", "--data", str(data)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", *arguments, cwd=ROOT, env=dict(os.environ), stdout=asyncio.subprocess.PIPE
    )
    try:
        yield await _address(process)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    said = ""
    async with asyncio.timeout(START_S):
        while (found := re.search(r"connected\. Open\s+(http://\S+)", said)) is None:
            line = await process.stdout.readline()
            if not line:
                raise RuntimeError(f"the demo ended before its bot was connected: {said}")
            said += line.decode()
    return found[1].rstrip("/")
