"""Work that goes on beside other work, and ends with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def going_on(work: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    """Let something go on in the background while inside; on leaving it is cancelled, and has ended."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait((task,))


async def within(seconds: float, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
    """Wait for work for so long at most; then it goes on by itself.

    For what a database keeps waiting: cancelled, it would be waited for.
    """
    await asyncio.wait((asyncio.create_task(work(), name=name),), timeout=seconds)
