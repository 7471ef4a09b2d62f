"""Replies in memory: what was pushed, shown and ended, as the use cases see it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from bot.domain.reply.closing import curtailed
from bot.domain.reply.ending import Ending, ReplyOptions
from bot.domain.reply.ports import unheard
from bot.domain.turn.ask import Ask
from bot.errors import ErrorKind, Trouble


class FakeReply:
    """Fulfils ``Reply``: its first message stands as soon as there is something to show."""

    def __init__(
        self,
        first_id: int,
        changed: Callable[[], object] = unheard,
        *,
        lost: Callable[[], object] = unheard,
        options: ReplyOptions | None = None,
    ) -> None:
        self.options = options or ReplyOptions()
        self.lost = lost
        """What a test calls where Discord is to take no more of it."""
        self.text = ""
        self.shown_limit: int | None = None
        """How much of the text gets onto Discord; None: all."""
        self.drawing = False
        self.estimates: list[float | None] = []
        """What was said of how long drawings take, each time."""
        self.places: list[int] = []
        self.thoughts = 0
        """How many times it was said that the model thinks."""
        self.retries: list[tuple[ErrorKind, float]] = []
        """What it was said for that the model is asked again, and in how many seconds."""
        self.endings: list[Ending] = []
        self.message_ids: tuple[int, ...] = self.options.message_ids
        self.edits = 0
        self.first_shown_at: float | None = None
        self.closed = False
        self.discarded = False
        self.gone = False
        self.loss: Trouble | None = None
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
        return curtailed(self.endings[-1], self.loss)

    @property
    def outcome(self) -> Ending:
        """How it ended, whatever buttons it got."""
        return replace(self.ending, controls=None)

    @property
    def shown_chars(self) -> int:
        return len(self.text[: self.shown_limit])

    def push(self, text: str) -> None:
        self.text += text
        self._show()

    def retract(self, text: str) -> None:
        assert self.text.startswith(text)
        self.text = text
        self._show()

    def show_drawing(self, estimate_s: float | None = None) -> None:
        self.drawing = True
        self.estimates.append(estimate_s)
        self._show()

    def show_waiting(self, position: int) -> None:
        self.places.append(position)
        self._show()

    def show_thinking(self) -> None:
        self.thoughts += 1
        self._show()

    def show_retry(self, kind: ErrorKind, after_s: float) -> None:
        self.retries.append((kind, after_s))
        self._show()

    async def finish(self, ending: Ending) -> bool:
        self.endings.append(ending)
        await self.finish_open.wait()
        if self.finish_failing is not None:
            raise self.finish_failing
        if self.takes:
            self._show()
        return self.takes

    async def discard(self) -> bool:
        self.closed = self.discarded = True
        if self.takes:
            self.message_ids = ()
        return self.takes

    async def close(self) -> None:
        self.closed = True

    def _show(self) -> None:
        self.edits += 1
        if self.first_shown_at is None:
            self.first_shown_at = asyncio.get_running_loop().time()
        if not self.message_ids:
            self.message_ids = (self._first_id,)
            self._changed()


class FakeSink:
    """Fulfils ``ReplySink``; ``replies`` holds all that were opened, and ``prepare`` sets each up before it is used."""

    def __init__(self, *, first_id: int = 9000, prepare: Callable[[FakeReply], None] | None = None) -> None:
        self.replies: list[FakeReply] = []
        self.asks: list[Ask] = []
        """What was answered by each, as it was then."""
        self.lasts_s: float | None = None
        self.outlasts = False
        """Whether something leads to the reply when ``lasts_s`` is over."""
        self.in_reach = True
        """Whether all messages of the reply can be changed."""
        self._first_id = first_id
        self._prepare = prepare

    @property
    def reply(self) -> FakeReply:
        """The one reply; fails where there are none or several."""
        (reply,) = self.replies
        return reply

    async def ends(self) -> bool:
        return not self.outlasts

    async def reaches(self, message_ids: Sequence[int]) -> bool:  # of the protocol
        return self.in_reach

    @asynccontextmanager
    async def open_reply(
        self,
        ask: Ask,
        options: ReplyOptions,
        *,
        changed: Callable[[], object] = unheard,
        lost: Callable[[], object] = unheard,
    ) -> AsyncIterator[FakeReply]:
        reply = FakeReply(self._first_id + 10 * len(self.replies), changed, lost=lost, options=options)
        if self._prepare is not None:
            self._prepare(reply)
        self.replies.append(reply)
        self.asks.append(ask)
        try:
            yield reply
        finally:
            reply.closed = True
