"""Text → pages that fit Discord's messages, each of them good Markdown by itself, while the text still grows.

A page is full when the next character that is not white space does not fit any more. Where it is then cut depends on
nothing but the text up to that character, so a full page never changes, and text that comes in pieces gives the pages
that it gives as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.page.breaks import choose_cut
from bot.domain.page.graphemes import clip, units, whole_characters
from bot.domain.page.heads import Head
from bot.domain.page.previews import MAX_CLOSING_UNITS, most_to_close, must_be_closed, settled, shown
from bot.domain.page.reader import QUOTE_MARK
from bot.domain.page.seams import Seam

PAGE_LIMIT = 2000
"""The length of a message's content, counted so that it holds in code points and in UTF-16 units."""

__all__ = ["MIN_LIMIT", "Page", "Pager", "clip", "units"]

MIN_LIMIT = 100
"""Below this a page might not hold what must be closed and opened again and some text as well."""

_UNDECIDED = re.compile(r"[*_~|`\\]\Z|\n[ >]*(?:[*-]|\d{1,9}\.?|#{1,3})?\s*\Z")
_LOOK_CHARS = 200
_MANY_MARKS = 120
"""With more backticks and bars, a page is no answer: room for the longest end is kept without reading it again."""
_MAX_UNDECIDED_CHARS = 40
"""What may be the first part of a mark, and how long that is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page: what is sent, and from where to where of the text it shows.

    Between two pages the text has nothing but white space and marks.
    """

    text: str
    start: int
    end: int


class Pager:
    """Lays text out as it comes; work per piece is in proportion to the piece, not to the text so far."""

    def __init__(self, limit: int = 2000) -> None:
        """``limit`` is a page's length in UTF-16 units, at least ``MIN_LIMIT``; else ValueError."""
        if limit < MIN_LIMIT:
            raise ValueError(f"a page holds at least {MIN_LIMIT} units, not {limit}")
        self._limit = limit
        self._full: list[Page] = []
        self._half = ""
        self._blank: list[str] = []
        self._ended = False
        # The page under way: its text as it came, from which place on, and as it is shown, with each character's place.
        self._raw = ""
        self._raw_start = 0
        self._tail = ""
        self._places: list[int] = []
        self._head = Head()
        self._seam: Seam | None = None
        # How far the page is known to fit, and what must be closed there.
        self._fits = 0
        self._fits_units = 0
        self._closing_units = 0
        # Up to how many characters of the page fit, whatever they are.
        self._plenty = 0
        self._before = ""
        self._fitting: int | None = None
        # How much of the page is over, and up to where that was looked for.
        self._settled = self._looked = 0

    def push(self, delta: str) -> None:
        """Take the next piece of the text, of any length; a surrogate half waits for the other one."""
        if len(delta) <= self._limit and not self._half and delta.isascii():
            if delta:
                self._take(delta)
            return
        delta = self._half + delta
        self._half = delta[-1] if delta and "\ud800" <= delta[-1] <= "\udbff" else ""
        delta = whole_characters(delta[: len(delta) - len(self._half)])
        for at in range(0, len(delta), self._limit):
            self._take(delta[at : at + self._limit])

    def end(self) -> None:
        """Take note that the text is whole: what is still open in it stays as it is, but for code and spoilers."""
        self._ended = True
        self._show(*self._head.flush())
        self._cut_over()

    @property
    def full(self) -> int:
        """How many pages are full."""
        return len(self._full)

    @property
    def last(self) -> Page | None:
        """The page that still grows, closed as if the text ended here; None while there is nothing to show."""
        body = (self._tail if self._fitting is None else self._tail[: self._fitting]).rstrip()
        over = self._settle(body)
        before = self._opening + body[:over] if over else ""
        opening = "" if over else self._opening
        made = shown(opening, body[over:], self._limit - units(before), ended=self._ended)
        if made is None and not over:
            return None
        text, chars = (made.text, made.chars) if made is not None else ("", 0)
        if not chars:
            before = before.rstrip()
        end = self._places[over + chars - 1] if chars else self._places[len(body[:over].rstrip()) - 1]
        return Page(text=before + text, start=self._raw_start, end=end + 1)

    @property
    def layout(self) -> tuple[Page, ...]:
        """All pages, none of them blank."""
        last = self.last
        return (*self._full, last) if last is not None else tuple(self._full)

    @property
    def pages(self) -> list[str]:
        """The texts of all pages, none of them blank; costs more the more pages there are."""
        return [page.text for page in self.layout]

    @property
    def _opening(self) -> str:
        seam = self._seam
        if seam is None:
            return ""
        return seam.opening_behind_block if self._head.closed_block else seam.opening

    def _take(self, piece: str) -> None:
        if piece.isspace():
            self._blank.append(piece)
            return
        if self._blank:
            piece = "".join((*self._blank, piece))
            self._blank.clear()
        if not self._raw:
            bare = piece.lstrip()
            self._raw_start += len(piece) - len(bare)
            piece = bare
        start = self._raw_start + len(self._raw)
        self._raw += piece
        self._show(*self._head.feed(piece, range(start, start + len(piece))))
        self._cut_over()

    def _show(self, text: str, places: Sequence[int]) -> None:
        self._tail += text
        self._places += places

    def _cut_over(self) -> None:
        self._fitting = None
        if len(self._tail) <= self._plenty:
            return
        while (over := self._overflow()) is not None:
            self._cut(over)
        if self._fits < len(self._tail):
            self._fitting = self._fits
        self._plenty = self._fits + (self._limit - units(self._opening) - MAX_CLOSING_UNITS - self._fits_units) // 2

    def _overflow(self) -> int | None:
        """Find the end of the shortest beginning of the tail that does not fit; None where all of it does."""
        opening = self._opening
        room = self._limit - units(opening)
        tail = self._tail
        while (safe := (room - MAX_CLOSING_UNITS - self._fits_units) // 2) > 0 and self._fits < len(tail):
            stretch = tail[self._fits : self._fits + safe]
            self._fits += len(stretch)
            self._fits_units += units(stretch)
            self._before = ""
        over = 0
        while self._fits < len(tail):
            char = tail[self._fits]
            used = self._fits_units + (2 if char > "\uffff" else 1)
            if not char.isspace() and used + len("||") > room - MAX_CLOSING_UNITS:
                over = over or self._settle(tail[: self._fits])
                source = tail[over : self._fits + 1] if over else opening + tail[: self._fits + 1]
                if used + most_to_close(source) > room:
                    if source.count("`") + source.count("|") > _MANY_MARKS:
                        return self._decided(self._fits + 1)
                    if self._may_differ(char):
                        self._closing_units = units(must_be_closed(source))
                    self._before = char
                    if used + self._closing_units > room:
                        return self._decided(self._fits + 1)
                else:
                    self._before = ""
            elif char.isspace():
                self._before = char
            self._fits += 1
            self._fits_units = used
        return None

    def _may_differ(self, char: str) -> bool:
        """Tell whether a further character may change what must be closed."""
        before = self._before
        if not before or char in "`|" or before in "`|":
            return True
        return self._closing_units > 0 and not (char.isalnum() and before.isalnum())

    def _settle(self, body: str) -> int:
        """Tell how much of the page's text need not be looked at again."""
        if len(body) - self._looked >= _LOOK_CHARS:
            self._looked = len(body)
            if self._settled:
                self._settled += settled(body[self._settled :])
            else:
                self._settled = max(0, settled(self._opening + body) - len(self._opening))
        return self._settled

    def _decided(self, over: int) -> int | None:
        """Go on to where it can be told what the last marks of the text are; None while that is not there yet."""
        tail = self._tail
        last = over + _MAX_UNDECIDED_CHARS
        while over < len(tail) and (tail[over - 1].isspace() or (over < last and self._is_undecided(over))):
            over += 1
        if over == len(tail) and over < last and not self._ended and self._is_undecided(over):
            return None
        return over

    def _is_undecided(self, over: int) -> bool:
        return _UNDECIDED.search(self._tail, max(0, over - _MAX_UNDECIDED_CHARS), over) is not None

    def _cut(self, over: int) -> None:
        opening = self._opening
        cut = choose_cut(opening, self._tail[:over], self._limit)
        body = cut.body
        end = self._places[len(body) - 1] + 1
        self._full.append(Page(text=opening + body + cut.seam.closing, start=self._raw_start, end=end))
        resume = cut.seam.resume - len(opening)
        start = self._places[resume] if resume < len(self._places) else self._raw_start + len(self._raw)
        start = max(start, end)
        head = Head(cut.seam, self._head.place_at(len(body) - 1), self._head.place_at(resume))
        if head.begins_line:
            start = self._line_start(start, quoted=cut.seam.quoted)
        rest = self._raw[start - self._raw_start :]
        self._seam, self._head = cut.seam, head
        self._raw, self._raw_start = "", start
        self._tail, self._places = "", []
        self._fits = self._fits_units = self._plenty = 0
        self._before = ""
        self._settled = self._looked = 0
        if not rest.strip():
            return
        if not (cut.seam.in_block or head.begins_line):
            self._raw_start += len(rest) - len(rest.lstrip())
            rest = rest.lstrip()
        self._raw = rest
        self._show(*self._head.feed(rest, range(self._raw_start, self._raw_start + len(rest))))

    def _line_start(self, place: int, *, quoted: bool) -> int:
        """Find where the line of a place of the text begins, behind the mark of its quote."""
        start = self._raw.rfind("\n", 0, place - self._raw_start) + 1
        match = QUOTE_MARK.match(self._raw, start) if quoted else None
        return self._raw_start + (match.end() if match else start)
