"""Marks within lines of Discord's Markdown: what must stay whole, and what may be closed and opened again."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      \\.                                                   # escaped: no mark
    | (?P<code>`+)
    | (?P<atom>
        <(?:@[!&]?\d+ | \#\d+ | a?:\w+:\d+ | t:-?\d+(?::\w)? | id:\w+ | /[^<>\n]{1,120}:\d+ | https?://[^\s<>]+)>
      | <(?:@[!&]?\d* | \#\d* | a?:\w*(?::\d*)? | t:?-?\d*(?::\w?)? | https?://[^\s<>]*)\Z   # still being written
      | !?\[[^\[\]\n]{1,300}\]\((?:[^\s()]|\([^\s()]*\))*(?:[ ]"[^"\n]*")?(?:\)|\Z)
      | \[[^\[\]\n]{1,300}\]?\Z
      | https?://[^\s<>，。、；：！？）】》」』”’]+
      )
    | (?P<style>\*{1,3} | _{1,3} | ~~ | \|\|)
    | (?P<paragraph>\n[ \t\r]*\n)
    | (?P<line>\n)
    """,
    re.VERBOSE,
)

_PARAGRAPH = re.compile(r"\n[ \t\r]*\n")

SPOILER = "||"
_MAX_DEPTH = 3
"""How many styles are followed inside each other; more is taken for plain text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A stretch in bold, italics, strike-through or behind a spoiler: ``start`` and ``end`` are those of its inside.

    ``closed`` False: no end was found, it is taken to last to the end of its line (a spoiler's: of the text).
    """

    start: int
    end: int
    mark: str
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The marks of a text, in order. No cut belongs strictly inside an atom (start, end)."""

    atoms: tuple[tuple[int, int], ...]
    styles: tuple[Style, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    start: int
    mark: str


class _Reader:
    """Collects the marks of one stretch of text that has no fence in it."""

    def __init__(self, text: str, start: int, end: int, carried: Sequence[str]) -> None:
        self._text = text
        self._at, self._end = start, end
        self.atoms: list[tuple[int, int]] = []
        self.styles: list[Style] = []
        self.open: list[_Open] = [_Open(start=start, mark=mark) for mark in carried]
        self._paragraphs = [match.start() for match in _PARAGRAPH.finditer(text, start, end)]

    def read(self) -> None:
        """Walk over the stretch."""
        ends = self._code_ends()
        while (match := _TOKEN.search(self._text, self._at, self._end)) is not None:
            self._at = match.end()
            kind = match.lastgroup
            if kind == "code":
                self._code(match, ends)
            elif kind == "atom":
                self.atoms.append(match.span())
            elif kind == "style":
                self._style(match[0], match.start())
            elif kind in ("line", "paragraph"):
                self._close_line(match.start())
        self._close_line(self._end)

    def finish(self) -> None:
        """End what is still open with the stretch."""
        for one in self.open:
            self.styles.append(Style(start=one.start, end=self._end, mark=one.mark, closed=False))
        self.open.clear()

    def _code_ends(self) -> dict[int, list[int]]:
        """List where runs of backticks start, by their length, last first."""
        runs: dict[int, list[int]] = {}
        for match in re.finditer("`+", self._text[self._at : self._end]):
            runs.setdefault(len(match[0]), []).append(self._at + match.start())
        for starts in runs.values():
            starts.reverse()
        return runs

    def _code(self, match: re.Match[str], ends: dict[int, list[int]]) -> None:
        """Take a code span whole; an end that is not there may still come, in the same paragraph."""
        length = len(match["code"])
        starts = ends.get(length, [])
        while starts and starts[-1] < match.end():
            starts.pop()
        following = bisect_left(self._paragraphs, match.end())
        last = following == len(self._paragraphs)
        limit = self._end if last else self._paragraphs[following]
        if starts and starts[-1] < limit:
            self._at = starts[-1] + length
            self.atoms.append((match.start(), self._at))
        elif last:
            self.atoms.append((match.start(), self._end + 1))

    def _style(self, mark: str, start: int) -> None:
        after = start + len(mark)
        before_char = self._text[start - 1] if start > 0 else " "
        after_char = self._text[after] if after < self._end else " "
        self.atoms.append((start - 1, after + 1))
        for depth in range(len(self.open) - 1, -1, -1):
            one = self.open[depth]
            if one.mark == mark and start > one.start and not before_char.isspace():
                del self.open[depth:]
                self.styles.append(Style(start=one.start, end=start, mark=mark, closed=True))
                return
        # Within a word of the Latin script the mark is no mark: x**2, snake_case.
        in_word = before_char.isascii() and before_char.isalnum()
        if not after_char.isspace() and not in_word and len(self.open) < _MAX_DEPTH:
            self.open.append(_Open(start=after, mark=mark))

    def _close_line(self, end: int) -> None:
        """End at a line's end whatever but a spoiler is open: models do not mark text up over lines."""
        for one in self.open:
            # A single mark without its partner is more often a footnote's star or a name's underscore.
            if one.mark != SPOILER and len(one.mark) > 1 and one.start < end:
                self.styles.append(Style(start=one.start, end=end, mark=one.mark, closed=False))
        self.open = [one for one in self.open if one.mark == SPOILER]


def read_marks(text: str, stretches: Sequence[tuple[int, int]], *, carried: Sequence[str] = ()) -> Marks:
    """Find the marks in the ``stretches`` (start, end) of ``text`` that are outside fences, in order.

    ``carried`` are the styles that are open at the start of the text. Takes time linear in the text, but for links
    that never end, which cost at most 300 characters each.
    """
    atoms: list[tuple[int, int]] = []
    styles: list[Style] = []
    for index, (start, end) in enumerate(stretches):
        reader = _Reader(text, start, end, carried if index == 0 else ())
        reader.read()
        reader.finish()
        atoms += reader.atoms
        styles += reader.styles
    return Marks(atoms=tuple(atoms), styles=tuple(sorted(styles, key=lambda style: (style.start, -style.end))))


def open_styles(marks: Marks, at: int) -> tuple[str, ...]:
    """Name the styles that a cut at ``at`` would be inside of, outermost first."""
    return tuple(style.mark for style in marks.styles if style.start < at < style.end)
