"""How a page's text begins and goes on where it was cut within lists, quotes or a line: still what the whole shows."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.page.seams import Level, Seam, columns

_MARK = re.compile(r"(?:[*-]|\d+\.) ")
_MAY_BE_MARK = re.compile(r"(?:[*-]|\d+\.?)\Z")
_QUOTE = re.compile(r" *> ?")
_LISTED = re.compile(r"(?m)^[> ]*(?:[*-]|\d+\.) ")
_ESCAPE = "\\"

_BLOCK_START = re.compile(r"(?:[*-]|#{1,3}|>|>>>) ")
_MAY_BE_START = re.compile(r"(?:[*-]|#{1,3}|>{1,3}|\d+)\Z")
_NUMBER = re.compile(r"(\d+)\.")
_MAY_BE_SIGN = re.compile(r"[-+*>#_~|.()\[\]<!0-9\s]*-?\f*\Z")
_SIGN = re.compile(r"[-+*>#_~|.()\[\]<!0-9\s]*-\f*#")
_MAX_SIGN_CHARS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the lists are at a place of a page: ``current`` is the level of the page's own list, -1: it has none."""

    dedent: int
    levels: tuple[Level, ...]
    current: int


_NOWHERE = Place(dedent=0, levels=(), current=-1)


class Head:
    """Takes a page's text as it comes, with its characters' places, and gives what is shown of it.

    Lines that were indented below an item on the page before lose as much; where an outer list goes on, a blank line
    ends the inner one, and its mark is the one that is due.
    """

    def __init__(self, seam: Seam | None = None, before: Place | None = None, behind: Place | None = None) -> None:
        """``before`` is what the lists were at the end of the page before, ``behind`` at its first line that is cut."""
        self._quoted = seam.quoted if seam else False
        self.place = _place(seam, before, behind) if seam else _NOWHERE
        self._in_block = seam.in_block if seam else False
        self._escapes = bool(seam and seam.within_line and not seam.in_block)
        self._begins = self._in_block or self._escapes
        self._at_line_start = not self._begins
        self._lines = bool(self.place.levels)
        # The first line has no mark of a quote any more: that is in what the page is opened with.
        self._is_first = True
        self._held: list[tuple[str, int]] = []
        self._shown = ""
        self._emitted = 0
        self._places: list[tuple[int, Place]] = []
        self.closed_block = False
        """Whether the code that the page was to begin with has ended before its first line."""

    def feed(self, text: str, places: Sequence[int]) -> tuple[str, Sequence[int]]:
        """Take the next piece."""
        if not (self._begins or self._lines or self._held):
            return text, places
        out: list[tuple[str, int]] = []
        for index, (char, place) in enumerate(zip(text, places, strict=True)):
            if not (self._begins or self._lines):
                return "".join(each for each, _ in out) + text[index:], [*(at for _, at in out), *places[index:]]
            self._step(char, place, out)
        return "".join(char for char, _ in out), [at for _, at in out]

    def flush(self) -> tuple[str, list[int]]:
        """Give what was held back, at the end of the text."""
        held, self._held = self._held, []
        self._begins = self._lines = False
        return "".join(char for char, _ in held), [at for _, at in held]

    def place_at(self, at: int) -> Place | None:
        """Tell what the lists were at a character of what was given."""
        index = bisect_right(self._places, at, key=lambda each: each[0]) - 1
        return self._places[index][1] if index >= 0 else None

    @property
    def begins_line(self) -> bool:
        """Whether it has to be given the first line with its indentation."""
        return self._lines and self._at_line_start

    @property
    def is_waiting(self) -> bool:
        """Whether something was held back."""
        return bool(self._held)

    def _step(self, char: str, place: int, out: list[tuple[str, int]]) -> None:
        if self._begins:
            self._held.append((char, place))
            if (made := self._beginning()) is not None:
                self._begins = self._in_block and not self._held
                self._emit(made, out)
        elif self._at_line_start:
            self._held.append((char, place))
            if (made := self._line()) is not None:
                self._at_line_start = False
                self._emit(made, out)
        else:
            self._emit([(char, place)], out)

    def _emit(self, made: list[tuple[str, int]], out: list[tuple[str, int]]) -> None:
        if not self._places or self._places[-1][1] is not self.place:
            self._places.append((self._emitted, self.place))
        out += made
        self._emitted += len(made)
        if made and self._lines:
            self._shown += "".join(char for char, _ in made)
            self._at_line_start = made[-1][0] == "\n"
            self._is_first = False

    def _take(self) -> tuple[str, list[tuple[str, int]]]:
        held, self._held = self._held, []
        return "".join(char for char, _ in held), held

    def _beginning(self) -> list[tuple[str, int]] | None:
        """Decide how the page begins; None while that can't be told yet."""
        text = "".join(char for char, _ in self._held)
        if self._in_block:
            if self.closed_block:
                if text.isspace():
                    self._held.clear()
                    return None
                self._in_block = False
                return self._take()[1]
            bare = text.lstrip()
            if bare.startswith("```"):
                self.closed_block = True
                self._held.clear()
                return None
            if bare == "" or bare in ("`", "``"):
                return None
            self._in_block = False
            return self._take()[1]
        if _SIGN.match(text) or _BLOCK_START.match(text):
            held = self._take()[1]
            return [(_ESCAPE, held[0][1]), *held]
        if match := _NUMBER.match(text):
            held = self._take()[1]
            return [*held[: match.end(1)], (_ESCAPE, held[match.end(1)][1]), *held[match.end(1) :]]
        if _MAY_BE_START.match(text) or (len(text) < _MAX_SIGN_CHARS and _MAY_BE_SIGN.match(text)):
            return None
        return self._take()[1]

    def _line(self) -> list[tuple[str, int]] | None:
        """Decide what becomes of a line's beginning; None while that can't be told yet."""
        text = "".join(char for char, _ in self._held)
        prefix = 0
        if self._quoted and not self._is_first:
            match = _QUOTE.match(text)
            if match is None or match.end() == len(text):
                if text.strip(" ") and not text.lstrip(" ").startswith(">"):
                    return self._end()
                return None
            prefix = match.end()
        bare = text[prefix:].lstrip(" \t")
        spaces = len(text) - prefix - len(bare)
        column = columns(text[prefix : prefix + spaces])
        place = self.place
        if not bare:
            return None
        held = self._held
        if bare[0] == "\n":
            if column == 0:
                return self._end()
            self._held = []
            return [*held[:prefix], (" ", held[-1][1]), held[-1]]
        if self._is_first and _MAY_BE_MARK.match(bare):
            return None
        is_item = self._is_first and _MARK.match(bare) is not None and _level_of(place.levels, column) >= 0
        if column >= place.dedent and not is_item:
            self._held = []
            dropped = next(n for n in range(spaces + 1) if columns(text[prefix : prefix + n]) >= place.dedent)
            return held[:prefix] + held[prefix + dropped :]
        if _MAY_BE_MARK.match(bare):
            return None
        level = _level_of(place.levels, column) if _MARK.match(bare) else -1
        if level < 0:
            if column == 0:
                return self._end()
            self._held = []
            return held[:prefix] + held[prefix + spaces :]
        self._held = []
        if level == place.current:
            return held[:prefix] + held[prefix + spaces :]
        return self._restarted(level, column, held[:prefix], bare, held[prefix + spaces :])

    def _restarted(
        self, level: int, column: int, prefix: list[tuple[str, int]], bare: str, rest: list[tuple[str, int]]
    ) -> list[tuple[str, int]]:
        """Go on with an outer list."""
        self.place = Place(dedent=column, levels=self.place.levels[: level + 1], current=level)
        at = rest[0][1]
        made = list(prefix)
        if _LISTED.search(self._shown):
            quote = "".join(char for char, _ in prefix)
            made += [(char, at) for char in "\n" + quote]
        made += _marked(self.place.levels[level], bare, at, rest[-1][1])
        self._lines = column > 0
        return made

    def _end(self) -> list[tuple[str, int]]:
        """Do nothing more: the lists have ended."""
        self._lines = False
        self.place = _NOWHERE
        return self._take()[1]


def _marked(level: Level, text: str, first: int, last: int) -> list[tuple[str, int]]:
    mark = f"{level.due}." if level.ordered else (text[0] if text[0] in "*-" else "-")
    return [*((char, first) for char in mark), (" ", last)]


def _level_of(levels: tuple[Level, ...], column: int) -> int:
    for index, level in enumerate(levels):
        inner = max(0, column - level.base)
        if inner == level.indent:
            return index
        if inner == 0:
            return -1
    return -1


def _place(seam: Seam, before: Place | None, behind: Place | None) -> Place:
    """Put the lists that are open at a cut below those whose items have begun before the page that is cut."""
    if before is not None and behind is not before and behind is not None and behind.levels:
        return replace(before, current=-1)  # an outer list goes on right behind the cut
    if before is None or behind is not before or not before.dedent:
        return Place(dedent=seam.dedent, levels=seam.levels, current=-1)
    shift = before.dedent
    outer = before.levels if before.current < 0 else before.levels[: before.current]
    made = [replace(level, base=level.base + shift, width=level.width + shift) for level in seam.levels]
    if made and before.current >= 0:
        own = before.levels[before.current]
        made[0] = replace(made[0], base=own.base, indent=own.indent)
    return Place(dedent=seam.dedent + shift, levels=(*outer, *made), current=-1)
