"""How a page's text begins and goes on where it was cut within lists, quotes or a line: still what the whole shows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.page.seams import Level, Seam

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
    """What the lists are at a place of a page: ``current`` is the level of the page's own list, -1 where it has none."""

    dedent: int
    levels: tuple[Level, ...]
    current: int


class Head:
    """Takes a page's text as it comes, with its characters' places, and gives what is shown of it.

    Lines that were indented below an item on the page before lose as much; where an outer list goes on, a blank line
    ends the inner one, and its mark is the one that is due.
    """

    def __init__(self, seam: Seam | None = None, before: Place | None = None) -> None:
        self._quoted = seam.quoted if seam else False
        self.place = _place(seam, before) if seam else Place(dedent=0, levels=(), current=-1)
        self._lines = self.place.dedent > 0 or any(level.indent or level.base for level in self.place.levels)
        self._in_block = seam.in_block if seam else False
        self._escapes = bool(seam and seam.within_line and not seam.in_block)
        self._renumbers = bool(seam and seam.renumbered)
        self._begins = self._in_block or self._escapes or self._renumbers
        self._at_line_start = False
        self._held: list[tuple[str, int]] = []
        self._shown = ""
        self.closed_block = False
        """Whether the code that the page was to begin with has ended before its first line."""

    def feed(self, text: str, places: list[int]) -> tuple[str, list[int]]:
        """Take the next piece."""
        if not (self._begins or self._lines or self._held):
            return text, places
        out: list[tuple[str, int]] = []
        for index, (char, place) in enumerate(zip(text, places, strict=True)):
            if not (self._begins or self._lines):
                return "".join(each for each, _ in out) + text[index:], [at for _, at in out] + places[index:]
            self._step(char, place, out)
        return "".join(char for char, _ in out), [at for _, at in out]

    def flush(self) -> tuple[str, list[int]]:
        """Give what was held back, at the end of the text."""
        held, self._held = self._held, []
        self._begins = self._lines = False
        return "".join(char for char, _ in held), [at for _, at in held]

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
        out += made
        if made and self._lines:
            self._shown += "".join(char for char, _ in made)
            self._at_line_start = made[-1][0] == "\n"

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
        if self._renumbers:
            if not _MARK.match(text):
                return None if _MAY_BE_MARK.match(text) else self._take()[1]
            held = self._take()[1]
            level = self.place.levels[-1]
            return _marked(level, text, held[0][1], held[-1][1])
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
        if self._quoted:
            match = _QUOTE.match(text)
            if match is None or match.end() == len(text):
                if text.strip(" ") and not text.lstrip(" ").startswith(">"):
                    return self._end()
                return None
            prefix = match.end()
        bare = text[prefix:].lstrip(" ")
        column = len(text) - prefix - len(bare)
        place = self.place
        if not bare:
            return None
        held = self._held
        if bare[0] == "\n":
            if column == 0:
                return self._end()
            self._held = []
            return [*held[:prefix], (" ", held[-1][1]), held[-1]]
        if column >= place.dedent:
            self._held = []
            return held[:prefix] + held[prefix + place.dedent :]
        if _MAY_BE_MARK.match(bare):
            return None
        level = _level_of(place.levels, column) if _MARK.match(bare) else -1
        if level < 0:
            if column == 0:
                return self._end()
            self._held = []
            return held[:prefix] + held[prefix + column :]
        self._held = []
        if level == place.current:
            return held[:prefix] + held[prefix + column :]
        return self._restarted(level, column, held[:prefix], bare, held[prefix + column :])

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
        self.place = Place(dedent=0, levels=(), current=-1)
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


def _place(seam: Seam, before: Place | None) -> Place:
    levels = seam.levels
    if before is None or not before.levels:
        current = len(levels) - 1 if seam.renumbered else -1
        return Place(dedent=seam.dedent, levels=levels, current=current)
    shift = before.dedent
    outer = before.levels if before.current < 0 else before.levels[: before.current]
    shown = list(levels)
    made = [
        Level(
            base=level.base + shift,
            indent=level.indent,
            width=level.width + shift,
            ordered=level.ordered,
            due=level.due,
        )
        for level in shown
    ]
    if before.current >= 0 and made:
        own = before.levels[before.current]
        made[0] = Level(
            base=own.base, indent=own.indent, width=made[0].width, ordered=made[0].ordered, due=made[0].due
        )
    elif before.current >= 0:
        outer = ()
    all_levels = (*outer, *made)
    return Place(
        dedent=seam.dedent + shift, levels=all_levels, current=len(all_levels) - 1 if seam.renumbered else -1
    )
