"""The text of an answer as it is laid out on messages, and how much of it each of them brings."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.domain.page.display import Display
from bot.domain.page.pager import PAGE_LIMIT, Page, Pager, units
from bot.presentation.reply.growing.messages import ReplyMessage, fits

_END_CHARS: Final = 16
"""By so many characters it is told whether a page ends as the text does; what a page may have to close is shorter."""


class Layout:
    """Takes the model's text in pieces, and shows it below a ``heading``, mended, in pages.

    What a message brings is told in characters of the text as it was pushed: this is what is remembered.
    """

    def __init__(self, heading: str = "", most: int | None = None) -> None:
        """``most``: of a text that takes more messages, what comes behind them is laid out only once it is wanted."""
        self.heading = heading
        self._most = most
        self._begin()

    def _begin(self) -> None:
        self._pager = Pager(PAGE_LIMIT)
        self._display = Display()
        self._finished = False
        self._text: list[str] = []
        self._laid_out: tuple[Page, ...] | None = ()
        """The pages; None if they must be laid out again."""
        self._lead_chars = 0
        """How much the pager got before the text."""
        self._pushed_chars = 0
        self._end = ""
        """The last characters that the pager got, up to its last white space."""
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
            self._show(lead)
            self._lead_chars = len(lead)
        self._text.append(text)
        self.chars += len(text)
        self._show(self._display.push(text))

    def _show(self, shown: str) -> None:
        for at in range(0, len(shown), PAGE_LIMIT):
            piece = shown[at : at + PAGE_LIMIT]
            if self._most is not None and self._pager.full > self._most:
                return
            self._pager.push(piece)
            self._pushed_chars += len(piece)
            self._end = (self._end + piece)[-PAGE_LIMIT:]
            self._laid_out = None

    def lay_out_all(self) -> None:
        """Lay out from now on what comes behind the first messages, too."""
        if self._most is not None:
            self._most = None
            self._again()

    def _again(self) -> None:
        finished = self._finished
        self.retract(self.text)
        if finished:
            self.finish()

    def retract(self, text: str) -> None:
        """Go back to a beginning of the answer so far."""
        self._begin()
        if text:
            self.push(text)

    def drop_heading(self) -> None:
        """Do without what stands above the answer."""
        self.heading = ""
        self._again()

    def finish(self) -> None:
        """Take the text to end here; repeating does nothing."""
        if self._text and not self._finished:
            self._finished = True
            self._show(self._display.finish())
            self._pager.end()
            self._laid_out = None

    @property
    def _pages(self) -> tuple[Page, ...]:
        if self._laid_out is None:
            self._laid_out = self._pager.layout
        return self._laid_out

    def is_longer(self, messages: int) -> bool:
        """Whether the text takes more than so many messages."""
        return len(self._pages) > messages

    def shown(self, most: int | None = None) -> list[ReplyMessage]:
        """Lay out the text on at most so many messages; the rest is left out."""
        pages = self._pages
        messages = [self._of(page) for page in pages[:most]]
        if len(messages) < len(pages) or not self._text:
            return messages
        if self._finished:
            return [*messages[:-1], replace(messages[-1], chars=self.chars)] if messages else []
        last = messages.pop() if messages else None
        if last is not None and self._shows_all(last):
            last = replace(last, chars=self._display.taken_chars)
        table, chars = self._growing(last)
        if not table:
            return [*messages, last] if last is not None else []
        text = f"{last.text}\n{table}" if last is not None else table
        page = last.page if last is not None else None
        return [*messages, ReplyMessage(content=text, text=text, page=page, chars=chars)]

    def shortened(self, page: Page, words: str) -> ReplyMessage:
        """Cut a page so that words have room below it."""
        display = Display()
        lead = f"{self.heading}\n" if self.heading else ""
        shown = f"{lead}{display.push(self.text)}{display.finish()}"
        end = page.end
        while end > page.start:
            pager = Pager(PAGE_LIMIT)
            pager.push(shown[:end])
            cut = next((each for each in pager.layout if each.start == page.start), None)
            if cut is None:
                break
            over = units(cut.text) + units(words) + 2 - PAGE_LIMIT
            if over <= 0:
                return self._of(cut)
            blank = max(shown.rfind(" ", page.start, end - over), shown.rfind("\n", page.start, end - over))
            # A text without blanks, such as a Chinese one, is cut between any two characters.
            end = blank if blank > end - over - _END_CHARS else end - over
        return self._of(replace(page, text="", end=page.start))

    def _of(self, page: Page) -> ReplyMessage:
        chars = self._display.source_chars(max(0, page.end - self._lead_chars))
        return ReplyMessage(content=page.text, text=page.text, page=page, chars=chars)

    def _growing(self, last: ReplyMessage | None) -> tuple[str, int]:
        """Lay out the table that still grows, as far as it has room on the last page; empty if there is none.

        Returns how much of the text stands with it, too. Nothing is shown below what is not over: it might be hidden.
        """
        if last is not None and not self._is_over(last):
            return "", 0
        table, chars = self._display.growing(PAGE_LIMIT - (units(last.text) + 1 if last is not None else 0))
        return (table, chars) if table and (last is None or fits(last, table)) else ("", 0)

    def _shows_all(self, last: ReplyMessage) -> bool:
        end = self._pushed_chars - (len(self._end) - len(self._end.rstrip()))
        return last.page is not None and last.page.end == end

    def _is_over(self, last: ReplyMessage) -> bool:
        """Whether the last page shows all there is, and had to close nothing for that."""
        return self._shows_all(last) and last.text.endswith(self._end.rstrip()[-_END_CHARS:])
