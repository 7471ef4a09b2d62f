"""Processes that a test did not start itself."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable
from pathlib import Path


def is_running(pid: int) -> bool:
    """Whether a process is there and has not ended; one that has may wait for long to be buried by its parent."""
    try:
        os.kill(pid, 0)
        if sys.platform == "linux":
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (ProcessLookupError, FileNotFoundError):
        return False
    return True


async def gone(pids: Iterable[int], *, timeout_s: float = 20) -> None:
    """Wait until none of them is running."""
    pids = list(pids)
    async with asyncio.timeout(timeout_s):
        while any(map(is_running, pids)):  # noqa: ASYNC110  # a process of another has no event
            await asyncio.sleep(0.01)
