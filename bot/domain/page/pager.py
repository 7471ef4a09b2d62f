"""Text → pages that fit Discord's messages, each of them good Markdown by itself, while the text still grows.

A page is full when the next character that is not white space does not fit any more. Where it is then cut depends on
nothing but the text up to that character, so a full page never changes, and text that comes in pieces gives the pages
that it gives as a whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.page.blocks import MAX_CLOSING_UNITS, Block, read_line
from bot.domain.page.breaks import choose_cut
from bot.domain.page.graphemes import clip, units, whole_characters
from bot.domain.page.inline import SPOILER, read_marks

PAGE_LIMIT = 2000
"""The length of a message's content, counted so that it holds in code points and in UTF-16 units."""

__all__ = ["MIN_LIMIT", "Page", "Pager", "clip", "units"]

MIN_LIMIT = 100
"""Below this a page might not hold what must be closed and opened again and some text as well."""

_MARKS = r"-+*>#_~|.()\[\]<!0-9"
_MARK_AT_START = re.compile(rf"\s*[{_MARKS}]")
_SIGN_AT_START = re.compile(rf"[{_MARKS}\s]*-\f*#")
_ESCAPE = "\\"
_CLOSED_TICKS = 7
"""A fence, a backtick as its code, and its end."""
_BLANK_LINES = re.compile(r"(?:[^\S\n]*\n)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page. ``body`` is the text's own, from index ``start`` to ``end``; the rest was put there to balance it.

    Between the bodies of two pages the text has nothing but white space.
    """

    opening: str
    body: str
    closing: str
    start: int
    end: int

    @property
    def text(self) -> str:
        """The page as it is sent."""
        return self.opening + self.body + self.closing


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
        # The page under way: where its text starts, the text, what it opens with and what was open there.
        self._start = 0
        self._tail = ""
        self._opening = ""
        self._opening_units = 0
        self._may_be_sign = False
        self._styles: tuple[str, ...] = ()
        self._quoted = False
        self._block = Block()
        # How far the page is known to fit, and the block at the start of the line where that is.
        self._fits = 0
        self._fits_units = 0
        self._line = 0
        self._line_block = Block()

    def push(self, delta: str) -> None:
        """Take the next piece of the text, of any length; a surrogate half waits for the other one."""
        delta = self._half + delta
        self._half = delta[-1] if delta and "\ud800" <= delta[-1] <= "\udbff" else ""
        delta = whole_characters(delta[: len(delta) - len(self._half)])
        for at in range(0, len(delta), self._limit):
            self._take(delta[at : at + self._limit])

    @property
    def last(self) -> Page | None:
        """The page that still grows, closed as if the text ended here; None while there is nothing to show."""
        body = self._tail.rstrip()
        if not body:
            return None
        closing = self._closing(len(body))
        return Page(
            opening=self._opened(body),
            body=body,
            closing=self._hidden(body, closing) + closing,
            start=self._start,
            end=self._start + len(body),
        )

    @property
    def layout(self) -> tuple[Page, ...]:
        """All pages, none of them blank."""
        last = self.last
        return (*self._full, last) if last is not None else tuple(self._full)

    @property
    def pages(self) -> list[str]:
        """The texts of all pages, none of them blank; costs more the more pages there are."""
        return [page.text for page in self.layout]

    def _take(self, piece: str) -> None:
        if piece.isspace():
            self._blank.append(piece)
            return
        piece = "".join((*self._blank, piece))
        self._blank.clear()
        if not self._tail and not self._full:
            bare = piece.lstrip()
            self._start = len(piece) - len(bare)
            piece = bare
        self._tail += piece
        while (over := self._overflow()) is not None:
            self._cut(over)

    def _overflow(self) -> int | None:
        """Find the end of the shortest beginning of the tail that does not fit; None where all of it does."""
        room = self._limit - self._opening_units
        tail = self._tail
        while (safe := (room - MAX_CLOSING_UNITS - self._fits_units) // 2) > 0 and self._fits < len(tail):
            stretch = tail[self._fits : self._fits + safe]
            self._fits += len(stretch)
            self._fits_units += units(stretch)
        while self._fits < len(tail):
            char = tail[self._fits]
            used = self._fits_units + (2 if char > "\uffff" else 1)
            if not char.isspace() and used + MAX_CLOSING_UNITS > room:
                closing = self._closing(self._fits + 1)
                if used + units(closing) > room:
                    return self._fits + 1
            self._fits += 1
            self._fits_units = used
        return None

    def _closing(self, end: int) -> str:
        """Write what closes the fence that is open at ``end`` of the tail; ``end`` never goes back on a page."""
        while (newline := self._tail.find("\n", self._line, end)) >= 0:
            line = self._tail[self._line : newline]
            self._line_block = read_line(self._line_block, line).after
            self._line = newline + 1
        line = self._tail[self._line : end]
        return read_line(self._line_block, line).after.closing(line)

    def _hidden(self, body: str, closing: str) -> str:
        """Close a spoiler that is still being written, where there is room: what it hides is not to be seen."""
        if closing or SPOILER not in self._opening + body:
            return ""
        fence = body.rfind("```")
        start = 0 if fence < 0 else fence + 3
        marks = read_marks(body, [(start, len(body))], carried=self._styles if start == 0 else ())
        is_open = any(style.mark == SPOILER and not style.closed for style in marks.styles)
        room = self._limit - self._opening_units - units(body)
        return SPOILER if is_open and units(SPOILER) <= room else ""

    def _opened(self, body: str) -> str:
        """Write what the page begins with.

        What was within a line is not to become small print, the bot's own sign, because its page begins with it.
        """
        is_sign = self._may_be_sign and _SIGN_AT_START.match(body) is not None
        return self._opening + _ESCAPE if is_sign else self._opening

    def _cut(self, over: int) -> None:
        cut = choose_cut(
            self._tail[:over],
            room=self._limit - self._opening_units,
            block=self._block,
            styles=self._styles,
            quoted=self._quoted,
        )
        body = self._tail[: cut.at].rstrip()
        self._full.append(
            Page(
                opening=self._opened(body),
                body=body,
                closing=cut.closing,
                start=self._start,
                end=self._start + len(body),
            )
        )
        rest = self._tail[cut.at :]
        if cut.block.fence is None:
            kept = rest.lstrip()
        else:
            # The code's own indentation stays; Discord shows no blank lines at the head of a code block.
            blank = _BLANK_LINES.match(rest)
            kept = rest[blank.end() :] if blank else rest
        self._start += cut.at + len(rest) - len(kept)
        self._tail = kept
        # Code that began in a quote ends with that, for Discord: a line without its mark is none. Nor is there any
        # behind so many backticks that they close themselves.
        fence = cut.block.fence
        in_code = fence is not None and (cut.quoted or not fence.quoted) and len(fence.ticks) < _CLOSED_TICKS
        # Room is kept for the escape: what makes a sign of the first mark may not have come yet.
        self._may_be_sign = not in_code and _MARK_AT_START.match(kept) is not None
        self._opening, self._opening_units = cut.opening, units(cut.opening) + self._may_be_sign
        self._styles, self._quoted = cut.styles, cut.quoted
        self._block = self._line_block = cut.block
        self._fits = self._fits_units = self._line = 0
