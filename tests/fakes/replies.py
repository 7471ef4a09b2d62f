"""Replies in memory: what was pushed, shown and ended, as the use cases see it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.domain.replies import Ending
from bot.domain.turns import Ask


class FakeReply:
    """Fulfils ``Reply``: its first message stands as soon as there is something to show."""

    def __init__(self, first_id: int, changed: Callable[[], None]) -> None:
        self.text = ""
        self.drawing = False
        self.endings: list[Ending] = []
        self.message_ids: tuple[int, ...] = ()
        self.edits = 0
        self.first_shown_at: float | None = None
        self.closed = False
        self.takes = True
        """Whether Discord takes the last state."""
        self.finish_open = asyncio.Event()
        self.finish_open.set()
        self.finish_failing: Exception | None = None
        self._first_id = first_id
        self._changed = changed

    @property
    def ending(self) -> Ending:
        """How it ended; one that was ended more than once gives the last."""
        return self.endings[-1]

    def push(self, text: str) -> None:
        self.text += text
        self._show()

    def show_drawing(self) -> None:
        self.drawing = True
        self._show()

    async def finish(self, ending: Ending) -> bool:
        self.endings.append(ending)
        await self.finish_open.wait()
        if self.finish_failing is not None:
            raise self.finish_failing
        if self.takes:
            self._show()
        return self.takes

    def _show(self) -> None:
        self.edits += 1
        if not self.message_ids:
            self.first_shown_at = asyncio.get_running_loop().time()
            self.message_ids = (self._first_id,)
            self._changed()


class FakeSink:
    """Fulfils ``ReplySink``; ``replies`` holds all that were opened, and ``prepare`` sets each up before it is used."""

    def __init__(self, *, first_id: int = 9000, prepare: Callable[[FakeReply], None] | None = None) -> None:
        self.replies: list[FakeReply] = []
        self._first_id = first_id
        self._prepare = prepare

    @property
    def reply(self) -> FakeReply:
        """The one reply; fails where there are none or several."""
        (reply,) = self.replies
        return reply

    @asynccontextmanager
    async def open_reply(self, ask: Ask, *, changed: Callable[[], None]) -> AsyncIterator[FakeReply]:
        reply = FakeReply(self._first_id + 10 * len(self.replies), changed)
        if self._prepare is not None:
            self._prepare(reply)
        self.replies.append(reply)
        try:
            yield reply
        finally:
            reply.closed = True
