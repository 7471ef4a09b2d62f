"""A reply that grows: the reader pushes text and goes on, one writer brings the newest of it onto Discord."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bot.domain.clock import Clock
from bot.domain.reply.ending import Ending
from bot.domain.reply.ports import unheard
from bot.errors import ErrorKind, Trouble
from bot.presentation.outbound.faults import DeliveryError, DeliveryFault
from bot.presentation.reply.budget import EditBudget
from bot.presentation.reply.composition import Composition
from bot.presentation.reply.course import Course
from bot.presentation.reply.delivery import Delivery
from bot.presentation.reply.growing.messages import Change, ReplyMessage, StandingMessages
from bot.presentation.reply.growing.verdict import Retry, Step, Verdict, verdict
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
        self._course = Course(composition, StandingMessages(message_ids))
        self._shown_at = clock.monotonic()
        self._tries = 0
        self._failing_since = 0.0
        """When what fails was tried first, monotonic seconds."""
        self._sent: ReplyMessage | None = None
        """What was sent last, or was to be."""
        self._news = asyncio.Event()
        self._ended = asyncio.Event()
        self.gone = False
        """Whether a message of it turned out to be deleted."""
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
        return self._course.messages.ids

    @property
    def shown_chars(self) -> int:
        """How much of the pushed text stands on Discord."""
        return self._course.messages.shown_chars

    @property
    def loss(self) -> Trouble | None:
        """Why Discord does not take all of it; None while it does."""
        return self._course.loss

    @property
    def ending(self) -> Ending | None:
        """How it ended, which is not what it was given if Discord did not take that."""
        return self._course.ending

    def push(self, text: str) -> None:
        """Take the next piece of the answer; returns at once."""
        self._composition.push(text)
        self._budget.text_came(self._key)
        self._news.set()

    def retract(self, text: str) -> None:
        """Go back to a beginning of what was pushed; what Discord shows beyond it goes with the next text."""
        self._course.retract(text)
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

        What it takes less than was wanted is told by ``ending`` and ``shown_chars``. Cancelling leaves the writer at
        work, so that another ending may still be given.
        """
        self._end(ending)
        return await asyncio.shield(self._writer)

    async def discard(self) -> bool:
        """Take the reply away: stop the writer and delete its messages; False if Discord keeps some of them."""
        await self.close()
        gone = True
        while (message_id := self._course.messages.take_last()) is not None:
            try:
                await self._delivery.delete(message_id)
            except DeliveryError as error:
                logger.info("a message of a reply could not be deleted: %s", error)
                gone = False
        return gone

    def _end(self, ending: Ending) -> None:
        self._tries = 0
        self._course.end(ending)
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
                    if self.ending is not None:
                        await self._clear()
                        return not self._course.pictures_refused
                    await self._more_news()
                elif not await self._try(change):
                    return False
        finally:
            self._budget.close_stream(self._key)

    async def _clear(self) -> None:
        """Take away what was left and shows no more than that something was to come, with its button."""
        while (message_id := self._course.messages.take_blank()) is not None:
            try:
                await self._delivery.delete(message_id)
            except DeliveryError as error:
                logger.info("a message that says nothing could not be deleted: %s", error)
                self._course.messages.keep_left(message_id)
                return
            self._listeners.changed()

    async def _try(self, change: Change) -> bool:
        """Make a change, or do what is decided about its fault; False where the reply is given up."""
        self._sent = change.message
        if not self._tries:
            self._failing_since = self._clock.monotonic()
        try:
            await self._apply(change)
        except DeliveryError as error:
            failing_s = self._clock.monotonic() - self._failing_since
            now = self._course.situation(change.index, self._sent, tries=self._tries + 1, failing_s=failing_s)
            return await self._obey(verdict(error, now), change, error)
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
        """Wait for more to show, or until a line that tells a time says another; of what is lost, for its end."""
        changes_at = self._composition.changes_at
        if self._course.stopped:
            await self._ended.wait()
        elif changes_at is None:
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

    def _next_change(self) -> Change | None:
        stopped = self._course.stopped
        change = self._course.next_change(self._clock.monotonic())
        if self._course.stopped and not stopped:
            self._stop()
        return change

    async def _apply(self, change: Change) -> None:
        if change.index >= len(self._course.messages):
            await self._send(change)
        else:
            await self._edit(change)
        self._shown_at = self._clock.monotonic()
        self.edits += 1

    async def _send(self, change: Change) -> None:
        async with self._budget.sending(self._key, first=not self.message_ids):
            message = self._newest(change)
            if message is None:  # there is no other change where a message is missing
                return
            await self._make(change.index, message)
        self._listeners.changed()

    async def _make(self, index: int, message: ReplyMessage) -> None:
        """Send a message and note its id, also where the writer is stopped meanwhile: it may stand all the same."""
        number = index + self._course.messages.left
        send = self._delivery.send(number, message.content, message.files, controls=message.controls)
        sending = asyncio.create_task(send, name=f"send-{self._key}-{number}")
        try:
            await asyncio.wait((sending,))
        except asyncio.CancelledError:
            await asyncio.wait((sending,), timeout=LAST_ANSWER_S)
            sending.cancel()
            await asyncio.wait((sending,))
            if not sending.cancelled() and sending.exception() is None:
                self._note(index, message, made=sending.result())
            raise
        self._note(index, message, made=sending.result())

    async def _edit(self, change: Change) -> None:
        index, messages = change.index, self._course.messages
        await self._budget.acquire(self._key, shown_at=self._shown_at, final=change.final, last=self.ending is not None)
        try:
            message = self._newest(change)
            if message is None:
                await self._delivery.delete(messages.id_of(index))
                messages.forget(index)
                self._listeners.changed()
                return
            files = messages.files_for(index, message)
            await self._delivery.edit(messages.id_of(index), message.content, files, controls=message.controls)
            self._note(index, message)
        finally:
            self._budget.returned()

    def _note(self, index: int, message: ReplyMessage, made: int | None = None) -> None:
        self._course.note(index, message, made)
        if self.first_shown_at is None:
            self.first_shown_at = self._clock.monotonic()

    def _newest(self, change: Change) -> ReplyMessage | None:
        """Look again after a wait: more may have come, and what goes out is the newest; None is to go."""
        newest = self._next_change()
        same = newest if newest is not None and newest.index == change.index else change
        self._sent = same.message
        return same.message

    async def _obey(self, decided: Verdict, change: Change, error: DeliveryError) -> bool:
        """Do what was decided about a change that Discord did not take; False where the reply is given up."""
        if isinstance(decided, Retry):
            logger.info("Discord did not take a message this time: %s", error)
            self._tries += 1
            await self._pause(decided.after_s)
            return True
        logger.warning("Discord did not take a message: %s, so %s", error, decided.name)
        growing = not self._course.stopped
        self._tries = 0
        self._course.take(decided, error, change.index)
        if decided is Step.FORGET:
            self._listeners.changed()
        if self._course.stopped and growing:
            self._stop()
        if decided is not Step.GIVE_UP:
            return True
        self.gone = error.fault is DeliveryFault.GONE
        if self.ending is not None and not self.gone:
            told = await self._delivery.tell(self._composition.last_words(self.ending))
            logger.info("how the reply ended was %s", "told in another way" if told else "told in no way")
        return False

    def _stop(self) -> None:
        """Let it be known that what is generated from now on is for nobody, and wait for the end."""
        self._ended.clear()
        self._listeners.lost()
