"""What is within a line on its way through ``Mender``: code, formulas, links, HTML's line breaks."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.page.mends.cursor import Cursor, State
from bot.domain.page.mends.fences import TICKS
from bot.domain.page.mends.formulas import MOST_INLINE, is_formula, may_be_formula, written
from bot.domain.page.mends.links import MOST_CHARS, NAMED, NAMED_BEGUN, SCHEMES, end_of_link, is_certain, swallows

_MOST_DISPLAYED: Final = 3000
_FINDS: Final = re.compile(r"\n|`+|\\|\$|\[|\]\(|https?://|<")
_HALF_FOUND: Final = re.compile(r"(?:\]|h|ht|htt|https?|https?:|https?:/)\Z")
_CODE_END: Final = re.compile("`+|\n")
_IN_ADDRESS: Final = re.compile(r"[()\n]")
_BREAK: Final = re.compile(r"<br\s?/?>", re.IGNORECASE)
_BREAK_BEGUN: Final = re.compile(r"<(?:b(?:r(?:\s?/?)?)?)?\Z", re.IGNORECASE)
_ANGLE_END: Final = re.compile(r"[\s>]")


class Spans:
    """Reads the text of lines."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._ticks = 0
        self._brackets = 0

    def text(self) -> bool:
        """Show text up to the next thing that may have to be mended, or mend that."""
        cursor = self._cursor
        held = cursor.held
        found = _FINDS.search(held, cursor.at)
        if found is None:
            half = None if cursor.ended else _HALF_FOUND.search(held, max(cursor.at, len(held) - len(SCHEMES[0])))
            end = half.start() if half else len(held)
            return end > cursor.at and cursor.keep(end)
        if found.start() > cursor.at:
            cursor.keep(found.start())
        match found[0][0]:
            case "\n":
                return cursor.keep(found.end(), State.LINE)
            case "`":
                return self._code_begins(found.end())
            case "\\":
                return self._backslash()
            case "$":
                return self._dollar()
            case "[":
                return self._bracket()
            case "]":
                self._brackets = 1
                return cursor.keep(found.end(), State.ADDRESS)
            case "<":
                return self._angle()
        return self._link()

    def _code_begins(self, end: int) -> bool:
        if end == len(self._cursor.held) and self._cursor.waits():
            return False
        self._ticks = end - self._cursor.at
        return self._cursor.keep(end, State.CODE)

    def code(self) -> bool:
        """Show code within a line, or a block that begins within one, as it is."""
        cursor = self._cursor
        block = self._ticks >= len(TICKS)
        for match in _CODE_END.finditer(cursor.held, cursor.at):
            if match[0] == "\n":
                if not block:
                    return cursor.keep(match.end(), State.LINE)
            elif match.end() == len(cursor.held) and cursor.waits():
                return match.start() > cursor.at and cursor.keep(match.start())
            elif len(match[0]) == self._ticks or (block and len(match[0]) >= len(TICKS)):
                return cursor.keep(match.end(), State.TEXT)
        return cursor.keep(len(cursor.held))

    def _backslash(self) -> bool:
        cursor = self._cursor
        behind = cursor.held[cursor.at + 1 : cursor.at + 2]
        if not behind and cursor.waits():
            return False
        match behind:
            case "(":
                return self._formula("\\)", 2 * MOST_INLINE, "\n")
            case "[":
                return self._formula("\\]", _MOST_DISPLAYED, "\n\n")
            case "\n" | "":
                return cursor.keep(cursor.at + 1)
        return cursor.keep(cursor.at + 2)

    def _dollar(self) -> bool:
        cursor = self._cursor
        held, start = cursor.held, cursor.at + 1
        if start == len(held) and cursor.waits():
            return False
        if held.startswith("$", start):
            return self._formula("$$", _MOST_DISPLAYED, "\n\n")
        end = held.find("$", start, start + MOST_INLINE)
        inside = held[start : end if end >= 0 else start + MOST_INLINE]
        if not may_be_formula(inside):
            return cursor.keep(start)
        if (end < 0 or end + 1 == len(held)) and cursor.waits(MOST_INLINE):
            return False
        if end < 0 or not is_formula(inside, held[end + 1 : end + 2]):
            return cursor.keep(start)
        return cursor.put(written(inside), end + 1)

    def _formula(self, closing: str, most_chars: int, never: str) -> bool:
        """Mend a formula between marks of two characters; ``never`` is what it has not in it."""
        cursor = self._cursor
        start = cursor.at + 2
        end = cursor.held.find(closing, start, start + most_chars)
        inside = cursor.held[start : end if end >= 0 else start + most_chars]
        if never in inside or (end >= 0 and not inside.strip()):
            return cursor.keep(start)
        if end < 0:
            return False if cursor.waits(most_chars) else cursor.keep(start)
        return cursor.put(written(inside), end + len(closing))

    def _bracket(self) -> bool:
        """Mend a link whose words are its address; Discord shows those as they were typed."""
        cursor = self._cursor
        held, at = cursor.held, cursor.at
        if self._may_be_scheme(at + 1):
            return False
        if not held.startswith(SCHEMES, at + 1):
            return cursor.keep(at + 1)
        link = NAMED.match(held, at, at + 2 * MOST_CHARS)
        if link is None:
            begun = NAMED_BEGUN.match(held, at, at + 2 * MOST_CHARS)
            return False if begun and cursor.waits() else cursor.keep(at + 1)
        if link[1].rstrip("/").lower() != link[2].rstrip("/").lower():
            return cursor.keep(link.end())  # it leads elsewhere than it says: let that be seen
        if not is_certain(held, link.end()) and cursor.waits():
            return False
        return cursor.put(link[2] + (" " if swallows(held, link.end()) else ""), link.end())

    def address(self) -> bool:
        """Show the address of a link that has words as it is."""
        cursor = self._cursor
        for match in _IN_ADDRESS.finditer(cursor.held, cursor.at):
            self._brackets += {"(": 1, ")": -1, "\n": 0}[match[0]]
            if match[0] == "\n" or not self._brackets:
                return cursor.keep(match.start(), State.TEXT)
        return cursor.keep(len(cursor.held))

    def _angle(self) -> bool:
        cursor = self._cursor
        held, at = cursor.held, cursor.at
        if (line_break := _BREAK.match(held, at)) is not None:
            return cursor.put("\n", line_break.end(), State.LINE)
        if self._may_be_scheme(at + 1) or (cursor.waits() and _BREAK_BEGUN.match(held, at)):
            return False
        if not held.startswith(SCHEMES, at + 1):
            return cursor.keep(at + 1)
        end = _ANGLE_END.search(held, at, at + MOST_CHARS)
        if end is None and cursor.waits(MOST_CHARS):
            return False
        return cursor.keep(end.start() if end else min(len(held), at + MOST_CHARS))

    def _may_be_scheme(self, start: int) -> bool:
        """Whether what is held from ``start`` on is the beginning of a scheme, and more may come."""
        begun = self._cursor.held[start : start + len(SCHEMES[0])]
        return self._cursor.waits() and any(one.startswith(begun) and one != begun for one in SCHEMES)

    def _link(self) -> bool:
        cursor = self._cursor
        held, at = cursor.held, cursor.at
        end = end_of_link(held, at)
        if not is_certain(held, end) and cursor.waits(MOST_CHARS):
            return False
        cursor.keep(end)
        return cursor.put(" ", end) if swallows(held, end) else True
