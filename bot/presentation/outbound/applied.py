"""Sending a request without waiting for the library's sleep behind it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Coroutine
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Answer:
    """What is waited for of an answer: its status alone, or its body too."""

    seen: asyncio.Future[bytes]
    with_body: bool
    good: bool = False


_awaited: ContextVar[_Answer | None] = ContextVar("awaited", default=None)
_sleeping: set[asyncio.Task[object]] = set()


def note_answer(status: int) -> None:
    """Note the status of an answer from Discord, as the library's session sees it come in."""
    answer = _awaited.get()
    if answer is not None and 200 <= status < 300:
        answer.good = True
        if not answer.with_body and not answer.seen.done():
            answer.seen.set_result(b"")


def note_body(body: bytes) -> None:
    """Note the whole body of an answer from Discord, as the library's session has read it."""
    answer = _awaited.get()
    if answer is not None and answer.good and not answer.seen.done():
        answer.seen.set_result(body)


async def applied(request: Coroutine[Any, Any, Any], *, with_body: bool = False) -> Any:
    """Wait until Discord has carried a request out, without the sleep behind it; returns the answer ``with_body``.

    The library sleeps inside the call that empties a bucket until the bucket is full again, up to 5 s after the request
    was carried out (discord.md, section "What discord.py does"). Whoever waits for that shows old text, or holds a turn
    open that has long ended. Here the sleep goes on in a task of its own, which keeps the library's count right.
    Raises what the request raises.
    """
    answer = _Answer(seen=asyncio.get_running_loop().create_future(), with_body=with_body)
    token = _awaited.set(answer)
    try:
        task = asyncio.ensure_future(request)
    finally:
        _awaited.reset(token)
    try:
        await asyncio.wait((task, answer.seen), return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if task.done():
        return task.result()
    _sleeping.add(task)
    task.add_done_callback(_woken)
    return json.loads(answer.seen.result()) if with_body else None


async def end_sleeps() -> None:
    """Give up the sleeps that are left; to be called when the client closes."""
    for task in _sleeping:
        task.cancel()
    if _sleeping:
        await asyncio.wait(set(_sleeping))


def _woken(task: asyncio.Task[object]) -> None:
    _sleeping.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        # It was carried out; what failed was reading the rest of the answer.
        logger.info("an answer of Discord's broke off: %s", type(error).__name__)
