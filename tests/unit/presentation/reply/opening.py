"""Replies opened for tests, and what has to hold when they are done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

from bot.domain.page.pager import PAGE_LIMIT
from bot.domain.reply.controls import Controls
from bot.domain.reply.ending import ReplyOptions
from bot.domain.reply.ports import unheard
from bot.presentation.reply.budget import EditBudget
from bot.presentation.reply.composition import Composition
from bot.presentation.reply.live import Listeners, LiveReply
from bot.presentation.words.replies import Words
from tests.fakes.clock import FakeClock
from tests.fakes.reply.delivery import FakeDelivery

WORDS = Words("en-US")
Open = Callable[..., AbstractAsyncContextManager[LiveReply]]
"""Opens a reply in the messages of an earlier version; ``heading``, ``changed`` and fields of ``ReplyOptions``."""


def now() -> float:
    return asyncio.get_running_loop().time()


@asynccontextmanager
async def opening(
    delivery: FakeDelivery,
    budget: EditBudget,
    *,
    controls: Controls | None = None,
    lost: Callable[[], object] = unheard,
) -> AsyncIterator[Open]:
    """Open replies; afterwards no task is left, and nothing was ever sent empty or too long."""

    @asynccontextmanager
    async def open_reply(
        *message_ids: int, heading: str = "", changed: Callable[[], None] = unheard, **options: object
    ) -> AsyncIterator[LiveReply]:
        plain = ReplyOptions(controls=controls)
        chosen = replace(plain, **options)  # type: ignore[arg-type]  # fields of ReplyOptions
        reply = LiveReply(
            delivery,
            budget,
            Composition(WORDS, chosen, heading=heading),
            FakeClock(),
            message_ids=message_ids,
            listeners=Listeners(changed=changed, lost=lost),
        )
        try:
            yield reply
        finally:
            await reply.close()

    yield open_reply
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []
    assert budget.idle
    for request in delivery.requests:
        if request.action in ("send", "edit"):
            assert request.content or request.files
            assert len(request.content) <= PAGE_LIMIT
