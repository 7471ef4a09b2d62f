"""The text of an answer as it is laid out on messages, and how much of it each of them brings."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.page.display import Display
from bot.domain.page.pager import MIN_LIMIT, PAGE_LIMIT, Page, Pager, units
from bot.presentation.reply.growing.messages import ReplyMessage, fits


class Layout:
    """Takes the model's text in pieces, and shows it below a ``heading``, mended, in pages.

    What a message brings is told in characters of the text as it was pushed: this is what is remembered.
    """

    def __init__(self, heading: str = "") -> None:
        self.heading = heading
        self._begin()

    def _begin(self) -> None:
        self._pager = Pager(PAGE_LIMIT)
        self._display = Display()
        self._finished = False
        self._text: list[str] = []
        self._lead_chars = 0
        """How much the pager got before the text."""
        self.chars = 0
        """How much text was pushed."""

    @property
    def text(self) -> str:
        """All that was pushed."""
        return "".join(self._text)

    def push(self, text: str) -> None:
        """Take the next piece of the answer."""
        if self.heading and not self._text:
            lead = f"{self.heading}\n"
            self._pager.push(lead)
            self._lead_chars = len(lead)
        self._text.append(text)
        self.chars += len(text)
        self._pager.push(self._display.push(text))

    def retract(self, text: str) -> None:
        """Go back to a beginning of the answer so far."""
        self._begin()
        if text:
            self.push(text)

    def drop_heading(self) -> None:
        """Do without what stands above the answer."""
        finished, self.heading = self._finished, ""
        self.retract(self.text)
        if finished:
            self.finish()

    def finish(self) -> None:
        """Take the text to end here; repeating does nothing."""
        if self._text and not self._finished:
            self._finished = True
            self._pager.push(self._display.finish())

    def is_longer(self, messages: int) -> bool:
        """Whether the text takes more than so many messages."""
        return bool(self._text) and len(self._pager.layout) > messages

    def shown(self, most: int | None = None) -> list[ReplyMessage]:
        """Lay out the text on at most so many messages; the rest is left out."""
        pages = self._pager.layout if self._text else ()
        messages = [self._of(page) for page in pages[:most]]
        if len(messages) < len(pages) or not self._text:
            return messages
        table, chars = self._growing()
        if not table:
            return [*messages[:-1], replace(messages[-1], chars=chars)] if messages else []
        last = messages.pop() if messages else None
        text = f"{last.text}\n{table}" if last is not None else table
        page = last.page if last is not None else None
        return [*messages, ReplyMessage(content=text, text=text, page=page, chars=chars)]

    def shortened(self, page: Page, words: str) -> ReplyMessage:
        """Cut a page so that words have room below it."""
        pager = Pager(max(MIN_LIMIT, PAGE_LIMIT - units(words) - 2))
        pager.push(page.opening + page.body)
        first = pager.layout[0]
        end = first.end - len(page.opening)
        return self._of(replace(page, body=page.body[:end], closing=first.closing, end=page.start + end))

    def _of(self, page: Page) -> ReplyMessage:
        chars = self._display.source_chars(max(0, page.end - self._lead_chars))
        return ReplyMessage(content=page.text, text=page.text, page=page, chars=chars)

    def _growing(self) -> tuple[str, int]:
        """Lay out the table that still grows, as far as it has room on the last page; empty if there is none.

        Returns how much of the text stands with it, too. Nothing is shown below what is hidden.
        """
        last = self._pager.last
        if self._finished or (last is not None and last.closing):
            return "", self._display.taken_chars
        table, chars = self._display.growing(PAGE_LIMIT - (units(last.text) + 1 if last is not None else 0))
        if not table or (last is not None and not fits(self._of(last), table)):
            return "", self._display.taken_chars
        return table, chars
