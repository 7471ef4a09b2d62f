"""A reply that grows: the reader pushes text and goes on, one writer brings the newest of it onto Discord."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bot.domain.clock import Clock
from bot.domain.reply.controls import Controls
from bot.domain.reply.ending import Ending
from bot.domain.reply.ports import unheard
from bot.errors import ErrorKind
from bot.presentation.outbound.faults import DeliveryError, DeliveryFault
from bot.presentation.reply.budget import EditBudget
from bot.presentation.reply.composition import Composition, ReplyMessage
from bot.presentation.reply.delivery import Delivery
from bot.presentation.reply.verdict import Retry, Situation, Step, Verdict, verdict, without_pictures
from bot.services.background import going_on

logger = logging.getLogger(__name__)

TYPING_AFTER_S = 1.0
"""A user waits this long without a sign before typing is shown; a quick answer then costs one request, not two."""
TYPING_LASTS_S = 9.0
"""Discord shows typing for 10 s (Discord documentation, Trigger Typing Indicator)."""
LAST_ANSWER_S = 3.0
"""How long a writer that is stopped waits for the answer to a message that it has sent."""
_keys = itertools.count()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One request that brings Discord nearer to what is wanted; without a ``page`` the message goes."""

    index: int
    page: ReplyMessage | None
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """What a message shows. ``content`` None: not known, as it stems from an earlier version."""

    content: str | None
    controls: Controls | None = None
    uploaded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """What is called when something becomes of a reply.

    ``changed`` when it gets a message, ``lost`` when Discord has taken it away for good (deleted, or no permission any
    more): what is generated after that is for nobody.
    """

    changed: Callable[[], object] = unheard
    lost: Callable[[], object] = unheard


class LiveReply:
    """The reply of one turn (fulfils ``bot.domain.reply.ports.Reply``), in the messages that stand already, if any.

    Many arguments: what it writes to and by, what it writes, and for whom.
    """

    def __init__(
        self,
        delivery: Delivery,
        budget: EditBudget,
        composition: Composition,
        clock: Clock,
        *,
        message_ids: tuple[int, ...] = (),
        listeners: Listeners | None = None,
        owner: int | None = None,
    ) -> None:
        self._owner = owner
        self._delivery = delivery
        self._budget = budget
        self._clock = clock
        self._listeners = listeners or Listeners()
        self._key = next(_keys)
        self._composition = composition
        self._ending: Ending | None = None
        self._ids = list(message_ids)
        self._standing = [_Standing(content=None) for _ in self._ids]
        self._shown_at = clock.monotonic()
        self._pictures_refused = False
        self._tries = 0
        self._news = asyncio.Event()
        self._ended = asyncio.Event()
        self.gone = False
        """Whether a message of it turned out to be deleted."""
        self.shown_chars = 0
        """How much of the pushed text stands on Discord."""
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
        self._composition.push(text)
        self._budget.text_came(self._key)
        self._news.set()

    def retract(self, text: str) -> None:
        """Go back to a beginning of what was pushed; what Discord shows beyond it goes with the next text."""
        self._composition.retract(text)
        self.shown_chars = min(self.shown_chars, len(text))
        self._news.set()

    def show_drawing(self, estimate_s: float | None = None) -> None:
        """Say that a picture is being made, and how long that took lately, in seconds; returns at once."""
        self._composition.show_drawing(estimate_s)
        self._news.set()

    def show_waiting(self, position: int) -> None:
        """Say that the turn waits at a position in the queue (1 is next, 0 waits no more); returns at once."""
        self._composition.show_waiting(position)
        self._news.set()

    def show_thinking(self) -> None:
        """Say quietly for how long the model has been thinking, from now on until there is text; returns at once."""
        self._composition.show_thinking(since=self._clock.monotonic())
        self._news.set()

    def show_retry(self, kind: ErrorKind, after_s: float) -> None:
        """Say for so many seconds that the model failed, and when it is asked again; returns at once."""
        self._composition.show_retry(kind, now=self._clock.monotonic(), after_s=after_s)
        self._news.set()

    async def finish(self, ending: Ending) -> bool:
        """Bring the last state onto Discord; False where Discord did not take it, its pictures included.

        Cancelling leaves the writer at work, so that another ending may still be given.
        """
        self._end(ending)
        return await asyncio.shield(self._writer)

    async def discard(self) -> None:
        """Take the reply away: stop the writer and delete its messages, as far as Discord lets it."""
        await self.close()
        while self._ids:
            message_id = self._ids.pop()
            try:
                await self._delivery.delete(message_id)
            except DeliveryError as error:
                logger.info("a message of a reply could not be deleted: %s", error)

    def _end(self, ending: Ending) -> None:
        self._ending = ending
        self._tries = 0
        self._composition.end(ending)
        self._budget.promote(self._key)
        self._news.set()
        self._ended.set()

    async def _write(self) -> bool:
        """Keep Discord up with the text until the last state stands there; False where Discord did not take it."""
        self._budget.open_stream(self._key, self._owner)
        try:
            await self._first_news()
            while True:
                change = self._next_change()
                if change is None:
                    if self._ending is not None:
                        return not self._pictures_refused
                    await self._more_news()
                    continue
                if not await self._try(change):
                    return False
        finally:
            self._budget.close_stream(self._key)

    async def _try(self, change: _Change) -> bool:
        """Make a change, or do what is decided about its fault; False where the reply is given up."""
        try:
            await self._apply(change)
        except DeliveryError as error:
            return await self._obey(self._judge(change, error), change, error)
        self._tries = 0
        return True

    async def _pause(self, delay_s: float) -> None:
        """Wait before another try; a last state that comes meanwhile does not wait."""
        self._ended.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(delay_s):
                await self._ended.wait()

    async def _first_news(self) -> None:
        """Wait for something to show, with typing shown where that takes long."""
        # A task of its own: Discord may be slow to take the typing, and the first text does not wait for that.
        async with going_on(self._keep_typing(), f"typing-{self._key}"):
            await self._news.wait()
        self._news.clear()

    async def _more_news(self) -> None:
        """Wait for more to show, or until a line that tells a time says another."""
        changes_at = self._composition.changes_at
        if changes_at is None:
            await self._news.wait()
        else:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, changes_at - self._clock.monotonic())):
                    await self._news.wait()
        self._news.clear()

    async def _keep_typing(self) -> None:
        await self._clock.sleep(TYPING_AFTER_S)
        while True:
            if self._budget.takes_typing():
                await self._delivery.show_typing()
            await self._clock.sleep(TYPING_LASTS_S)

    def _next_change(self) -> _Change | None:
        if self._composition.tells_time:
            self._composition.tick(self._clock.monotonic())
        wanted = self._composition.pages()
        ended = self._ending is not None
        for index, page in enumerate(wanted):
            final = ended or index < len(wanted) - 1
            if index >= len(self._ids):
                return _Change(index=index, page=page, final=final)
            standing = self._standing[index]
            missing = bool(page.files) and not standing.uploaded
            if standing.content != page.content or standing.controls != page.controls or missing:
                return _Change(index=index, page=page, final=final)
        # What shows text that was taken back goes at once; an earlier version's messages are used again until the end.
        surplus = len(self._ids) > len(wanted)
        if surplus and (ended or (wanted and self._standing[-1].content is not None)):
            return _Change(index=len(self._ids) - 1, page=None, final=True)
        return None

    async def _apply(self, change: _Change) -> None:
        if change.index >= len(self._ids):
            chars = await self._send(change)
        else:
            chars = await self._edit(change)
        if change.index == len(self._ids) - 1:
            self.shown_chars = chars
        self._shown_at = self._clock.monotonic()
        self.edits += 1

    async def _send(self, change: _Change) -> int:
        async with self._budget.sending(self._key, first=not self._ids):
            page, chars = self._newest(change).page, self._composition.chars_through(change.index)
            if page is None:  # there is no other change where a message is missing
                return chars
            await self._make(change.index, page)
        self._standing.append(_Standing(content=page.content, controls=page.controls, uploaded=bool(page.files)))
        if self.first_shown_at is None:
            self.first_shown_at = self._clock.monotonic()
        self._listeners.changed()
        return chars

    async def _make(self, index: int, page: ReplyMessage) -> None:
        """Send a message and note its id, also where the writer is stopped meanwhile: it may stand all the same."""
        send = self._delivery.send(index, page.content, page.files, controls=page.controls)
        sending = asyncio.create_task(send, name=f"send-{self._key}-{index}")
        try:
            await asyncio.wait((sending,))
        except asyncio.CancelledError:
            await asyncio.wait((sending,), timeout=LAST_ANSWER_S)
            sending.cancel()
            await asyncio.wait((sending,))
            if not sending.cancelled() and sending.exception() is None:
                self._ids.append(sending.result())
            raise
        self._ids.append(sending.result())

    async def _edit(self, change: _Change) -> int:
        index = change.index
        ended = self._ending is not None
        await self._budget.acquire(self._key, shown_at=self._shown_at, final=change.final, last=ended)
        try:
            page, chars = self._newest(change).page, self._composition.chars_through(change.index)
            if page is None:
                await self._delivery.delete(self._ids[index])
                del self._ids[index], self._standing[index]
                self._listeners.changed()
                return chars
            before = self._standing[index]
            # What an earlier version left attached goes, once; else attachments stay as they are.
            files = page.files or (() if before.content is None else None)
            if before.uploaded:
                files = None
            await self._delivery.edit(self._ids[index], page.content, files, controls=page.controls)
            self._standing[index] = _Standing(
                content=page.content, controls=page.controls, uploaded=before.uploaded or bool(page.files)
            )
            if self.first_shown_at is None:
                self.first_shown_at = self._clock.monotonic()
            return chars
        finally:
            self._budget.returned()

    def _newest(self, change: _Change) -> _Change:
        """Look again after a wait: more may have come, and what goes out is the newest."""
        newest = self._next_change()
        return newest if newest is not None and newest.index == change.index else change

    def _judge(self, change: _Change, error: DeliveryError) -> Verdict:
        known = change.index < len(self._ids)
        return verdict(
            error,
            Situation(
                inherited=known and self._standing[change.index].content is None,
                ended=self._ending is not None,
                has_files=self._composition.has_files,
                tries=self._tries + 1,
            ),
        )

    async def _obey(self, decided: Verdict, change: _Change, error: DeliveryError) -> bool:
        """Do what was decided about a change that Discord did not take; False where the reply is given up."""
        match decided:
            case Retry(after_s=after_s):
                logger.info("Discord did not take a message this time: %s", error)
                self._tries += 1
                await self._pause(after_s)
            case Step.FORGET:
                del self._ids[change.index], self._standing[change.index]
                self._listeners.changed()
            case Step.WITHOUT_FILES if self._ending is not None:
                # The words can still arrive where the file can't.
                logger.warning("Discord did not take the file: %s", error)
                self._composition.forbid_files()
                self._pictures_refused = self._pictures_refused or bool(self._ending.pictures)
                self._end(without_pictures(self._ending, error.fault))
            case _:
                if error.fault is DeliveryFault.PASSING:
                    logger.warning("gave the reply up after %s tries: %s", self._tries + 1, error)
                else:
                    logger.warning("Discord did not take the reply: %s", error)
                    self.gone = error.fault is DeliveryFault.GONE
                    self._listeners.lost()
                return False
        return True
