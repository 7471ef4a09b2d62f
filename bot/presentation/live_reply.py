"""A reply that grows: the reader pushes text and goes on, one writer brings the newest of it onto Discord."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.drawings import DrawingDenial
from bot.domain.events import FinishReason
from bot.domain.pages import Pager, units
from bot.domain.ports import Clock
from bot.domain.replies import Ending, PictureFile
from bot.errors import ErrorKind, ProviderError
from bot.presentation.delivery import Delivery, DeliveryError, DeliveryFault
from bot.presentation.edit_budget import EditBudget
from bot.presentation.text import Words, notice

logger = logging.getLogger(__name__)

TYPING_AFTER_S = 1.0
"""A person waits this long without a sign before typing is shown; a quick answer then costs one request, not two."""
TYPING_LASTS_S = 9.0
"""Discord shows typing for 10 s (Discord documentation, Trigger Typing Indicator)."""
PAGE_LIMIT = 2000
"""The length of a message's content, counted so that it holds in code points and in UTF-16 units."""
FINAL_TRIES = 6
BACKOFF_S = (0.5, 1.0, 2.0, 4.0, 8.0)
_keys = itertools.count()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One request that brings Discord nearer to what is wanted."""

    index: int
    content: str
    files: tuple[PictureFile, ...]
    final: bool


class LiveReply:
    """The reply of one turn (fulfils ``bot.domain.ports.Reply``); ``changed`` is called when it gets a message."""

    def __init__(
        self,
        delivery: Delivery,
        budget: EditBudget,
        words: Words,
        clock: Clock,
        *,
        changed: Callable[[], None],
        heading: str = "",
    ) -> None:
        self._delivery = delivery
        self._budget = budget
        self._words = words
        self._clock = clock
        self._changed = changed
        self._heading = heading
        self._key = next(_keys)
        self._pager = Pager(PAGE_LIMIT)
        self._begun = False
        self._drawing = False
        self._ending: Ending | None = None
        self._final_pages: list[str] = []
        self._ids: list[int] = []
        self._shown: list[str] = []
        self._shown_at = clock.monotonic()
        self._uploaded = False
        self._pictures_refused = False
        self._tries = 0
        self._news = asyncio.Event()
        self.edits = 0
        """Requests that changed or made a message, for the turn's line in the log."""
        self.first_shown_at: float | None = None
        """When the first message stood on Discord, monotonic seconds."""
        self._writer = asyncio.create_task(self._write(), name=f"reply-writer-{self._key}")

    async def close(self) -> None:
        """Stop the writer where it still runs, and leave what stands on Discord."""
        self._writer.cancel()
        await asyncio.wait((self._writer,))

    @property
    def message_ids(self) -> tuple[int, ...]:
        """The Discord messages so far, first page first."""
        return tuple(self._ids)

    def push(self, text: str) -> None:
        """Take the next piece of the answer; returns at once."""
        if self._heading and not self._begun:
            self._pager.push(f"{self._heading}\n")
        self._begun = True
        self._pager.push(text)
        self._news.set()

    def show_drawing(self) -> None:
        """Say that a picture is being made; returns at once."""
        self._drawing = True
        self._news.set()

    async def finish(self, ending: Ending) -> bool:
        """Bring the last state onto Discord; False where Discord did not take it, its pictures included.

        Cancelling leaves the writer at work, so that another ending may still be given.
        """
        self._end(ending)
        return await asyncio.shield(self._writer)

    def _end(self, ending: Ending) -> None:
        self._ending = ending
        self._tries = 0
        self._final_pages = self._compose(ending)
        self._budget.promote(self._key)
        self._news.set()

    async def _write(self) -> bool:
        """Keep Discord up with the text until the last state stands there; False where Discord did not take it."""
        self._budget.open_stream()
        try:
            await self._first_news()
            while True:
                change = self._next_change()
                if change is None:
                    if self._ending is not None:
                        return not self._pictures_refused
                    await self._news.wait()
                    self._news.clear()
                    continue
                try:
                    await self._apply(change)
                    self._tries = 0
                except DeliveryError as error:
                    if not self._recover(error):
                        return False
                    if error.fault is DeliveryFault.PASSING:
                        self._tries += 1
                        if self._ending is not None and self._tries >= FINAL_TRIES:
                            logger.warning("gave the reply up after %s tries: %s", self._tries, error)
                            return False
                        await self._clock.sleep(BACKOFF_S[min(self._tries, len(BACKOFF_S)) - 1])
        finally:
            self._budget.close_stream()

    async def _first_news(self) -> None:
        """Wait for something to show, with typing shown where that takes long."""
        # A task of its own: Discord may be slow to take the typing, and the first text does not wait for that.
        typing = asyncio.create_task(self._keep_typing(), name=f"typing-{self._key}")
        try:
            await self._news.wait()
        finally:
            typing.cancel()
            await asyncio.wait((typing,))
        self._news.clear()

    async def _keep_typing(self) -> None:
        await self._clock.sleep(TYPING_AFTER_S)
        while True:
            await self._delivery.show_typing()
            await self._clock.sleep(TYPING_LASTS_S)

    def _wanted(self) -> list[str]:
        if self._ending is not None:
            return self._final_pages
        pages = self._pager.pages
        return [self._under_heading(self._words.drawing)] if self._drawing and not pages else pages

    def _next_change(self) -> _Change | None:
        wanted = self._wanted()
        files = self._ending.pictures if self._ending is not None and not self._uploaded else ()
        last = len(wanted) - 1
        for index, content in enumerate(wanted):
            new = index >= len(self._ids)
            with_files = files if index == last else ()
            if new or self._shown[index] != content or with_files:
                final = self._ending is not None or index < last
                return _Change(index=index, content=content, files=with_files, final=final)
        return None

    async def _apply(self, change: _Change) -> None:
        if change.index >= len(self._ids):
            await self._budget.admit_send(first=not self._ids)
            change = self._newest(change)
            message_id = await self._delivery.send(change.index, change.content, change.files)
            self._ids.append(message_id)
            self._shown.append(change.content)
            if self.first_shown_at is None:
                self.first_shown_at = self._clock.monotonic()
            self._changed()
        else:
            await self._budget.acquire(self._key, shown_at=self._shown_at, final=change.final)
            try:
                change = self._newest(change)
                await self._delivery.edit(self._ids[change.index], change.content, change.files or None)
            finally:
                self._budget.returned()
            self._shown[change.index] = change.content
        self._uploaded = self._uploaded or bool(change.files)
        self._shown_at = self._clock.monotonic()
        self.edits += 1

    def _newest(self, change: _Change) -> _Change:
        """Look again after a wait: more may have come, and what goes out is the newest."""
        newest = self._next_change()
        return newest if newest is not None and newest.index == change.index else change

    def _recover(self, error: DeliveryError) -> bool:
        """Decide what to do about a message that Discord did not take; False to give the reply up."""
        if error.fault is DeliveryFault.PASSING:
            logger.info("Discord did not take a message this time: %s", error)
            return True
        ending = self._ending
        if ending is not None and ending.pictures and not self._uploaded:
            # The words can still arrive where the picture can't.
            logger.warning("Discord did not take the picture: %s", error)
            too_large = error.fault is DeliveryFault.TOO_LARGE
            problem = ProviderError(ErrorKind.TOO_LARGE) if too_large else DrawingDenial.CANNOT_ATTACH
            if error.fault in (DeliveryFault.TOO_LARGE, DeliveryFault.FORBIDDEN):
                self._pictures_refused = True
                self._end(Ending(state=ending.state, reason=ending.reason, problem=problem))
                return True
        logger.warning("Discord did not take the reply: %s", error)
        return False

    def _under_heading(self, words: str) -> str:
        return "\n".join(filter(None, (self._heading, words)))

    def _compose(self, ending: Ending) -> list[str]:
        pages = self._pager.pages
        notes: list[str] = []
        if any(file.picture.reduced for file in ending.pictures):
            notes.append(f"-# {self._words.reduced}")
        if ending.reason is FinishReason.LENGTH:
            notes.append(f"-# {self._words.cut_by_length}")
        if ending.problem is not None:
            notes.append(notice(self._words.problem(ending.problem)))
        if notes:
            words = "\n".join(notes)
            if not pages:
                pages = [self._under_heading(words)]
            elif units(pages[-1]) + units(words) + 2 <= PAGE_LIMIT:
                pages = [*pages[:-1], f"{pages[-1]}\n\n{words}"]
            else:
                pages = [*pages, words]
        return pages or [self._heading]
