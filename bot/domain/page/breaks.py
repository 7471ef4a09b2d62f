"""Where a page that is full ends: the best place to cut a text that no longer fits."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from bot.domain.page.blocks import Block, is_quoted, read_line
from bot.domain.page.graphemes import is_boundary, units
from bot.domain.page.inline import Marks, open_styles, read_marks

_PARAGRAPH = re.compile(r"(?<!\n)\n(?=[ \t\r]*\n)")
_LINE = re.compile(r"(?<!\n)\n")
_SENTENCE = re.compile(r"""(?<!\d)[.!?…]["'”’)\]*_~|]*(?=\s)|[。！？…｡．]+[」』”’）】》〉"')\]]*""")
_CLAUSE = re.compile(r"[,;:—–](?=\s)|[，、；：]")

_CLOSING = frozenset(
    "」』”’）】》〉〕］｝!?,.;:)]}%。，、；：！？…‥·・～ー々〻ぁぃぅぇぉっゃゅょァィゥェォッャュョ｡､｣％‰℃"
)
_OPENING = frozenset("「『“‘（【《〈〔［｛([{￥＄$#@｢")
_BLOCK_START = re.compile(r"(?:[-*+#>]|-#|#{2,3}|>>>|\d{1,9}[.)])(?:\s|$)|`{3}")
_HEADING = re.compile(r"(?:>>> |> )?#{1,3}[ ]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Where a page ends: ``at`` is the index behind its text, then come what is open there and in whose line."""

    at: int
    closing: str
    opening: str
    block: Block
    styles: tuple[str, ...]
    quoted: bool


class _Depth(IntEnum):
    """How much a cut at a place tears, least first."""

    NOTHING = 0
    STYLE = 1
    ATOM = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A line of the text: ``start`` to ``end`` without its newline, with the block before and after it."""

    start: int
    end: int
    before: Block
    after: Block
    marker: int


class _Page:
    """A text that is too long for a page by its last character, with everything known about its places."""

    def __init__(self, text: str, block: Block, styles: tuple[str, ...], *, quoted: bool) -> None:
        self.text = text
        self._quoted = quoted
        self.rows = list(_rows(text, block))
        self._starts = [row.start for row in self.rows]
        self.marks: Marks = read_marks(text, _stretches(self.rows, len(text)), carried=styles)
        self._in_atom = _covered(self.marks.atoms, len(text))
        self._in_style = _covered(((style.start, style.end) for style in self.marks.styles), len(text))

    def row(self, at: int) -> _Row:
        return self.rows[bisect_right(self._starts, at) - 1]

    def depth(self, at: int) -> _Depth:
        """Tell what a cut at ``at`` would tear."""
        row = self.row(at)
        text = self.text
        if at == row.end and at < len(text):
            # Never between a fence's marker and its first line, between its last line and its end, nor behind a
            # heading that is not all there is.
            index = bisect_right(self._starts, at)
            following = self.rows[index] if index < len(self.rows) else None
            opens = row.after.fence is not None and row.marker >= 0
            ends = following is not None and row.after.fence is not None and self._ends_fence(following)
            heads = row.start > 0 and row.before.fence is None and _HEADING.match(text, row.start) is not None
            torn = opens or ends or heads
        else:
            torn = self._tears_line(row, at)
        if torn or self._in_atom[at] or not is_boundary(text, at):
            return _Depth.ATOM
        return _Depth.STYLE if self._in_style[at] else _Depth.NOTHING

    def _tears_line(self, row: _Row, at: int) -> bool:
        """Tell whether a cut within a line is inside its fence marker, or makes its rest look like a block's start."""
        if row.marker >= 0:
            marker = row.start + row.marker
            return at > marker or (at == marker and row.before.fence is not None)
        return row.before.fence is None and _BLOCK_START.match(self.text, _behind_space(self.text, at)) is not None

    def _ends_fence(self, row: _Row) -> bool:
        bare = self.text[row.start : row.end].strip(" \t>")
        return row.after.fence is None or (bare != "" and bare == "`" * len(bare))

    def cut(self, at: int) -> Cut:
        """Describe a cut at ``at``."""
        row = self.row(at)
        in_line = at < row.end
        line = self.text[row.start : at].rstrip()
        block = read_line(row.before, line).after if in_line else row.after
        styles = open_styles(self.marks, at) if block.fence is None else ()
        quoted = in_line and (is_quoted(line) or (row.start == 0 and self._quoted))
        marks = "".join(styles)
        return Cut(
            at=at,
            closing=marks_reversed(styles) + block.closing(line),
            opening=block.opening(quoted=quoted) + marks,
            block=block,
            styles=styles,
            quoted=quoted,
        )


def marks_reversed(styles: tuple[str, ...]) -> str:
    """Write the ends of styles, innermost first."""
    return "".join(reversed(styles))


def _behind_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _rows(text: str, block: Block) -> Iterator[_Row]:
    start = 0
    while True:
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line = read_line(block, text[start:end])
        yield _Row(start=start, end=end, before=block, after=line.after, marker=line.marker)
        block = line.after
        start = end + 1
        if start > len(text):
            return


def _stretches(rows: list[_Row], length: int) -> list[tuple[int, int]]:
    """List where the text is outside fences."""
    found: list[tuple[int, int]] = []
    start = 0 if rows[0].before.fence is None else None
    for row in rows:
        if start is not None and row.after.fence is not None:
            found.append((start, row.start + row.marker))
            start = None
        elif start is None and row.after.fence is None:
            start = row.end
    if start is not None:
        found.append((start, length))
    return found


def _covered(spans: Iterable[tuple[int, int]], length: int) -> bytearray:
    """Mark the places that are strictly inside a span."""
    inside = bytearray(length + 1)
    for start, end in spans:
        low, high = max(0, start + 1), min(end, length + 1)
        if low < high:
            inside[low:high] = b"\1" * (high - low)
    return inside


def choose_cut(text: str, *, room: int, block: Block, styles: tuple[str, ...], quoted: bool) -> Cut:
    """Choose where the page ends whose text, ``text``, is too long for ``room`` units by its last character.

    ``block``, ``styles`` and ``quoted`` tell what is open where the text starts. Paragraphs go before
    lines, these before sentences, clauses, words (for Chinese and Japanese: places where a line may be broken) and
    grapheme clusters, as long as the page is then filled well enough. Looks at nothing behind ``text``: what comes
    later does not change the choice.
    """
    page = _Page(text, block, styles, quoted=quoted)
    first = _behind_space(text, 0) + 1
    last = len(text) - 1
    tries: tuple[tuple[Callable[[str, int, int], Iterator[int]], _Depth, float], ...] = (
        (_ends_of(_PARAGRAPH, behind=False), _Depth.NOTHING, 0.6),
        (_ends_of(_LINE, behind=False), _Depth.NOTHING, 0.5),
        (_ends_of(_SENTENCE, behind=True), _Depth.NOTHING, 0.6),
        (_ends_of(_CLAUSE, behind=True), _Depth.NOTHING, 0.7),
        (_words, _Depth.NOTHING, 0.5),
        (_ends_of(_SENTENCE, behind=True), _Depth.STYLE, 0.6),
        (_words, _Depth.STYLE, 0.5),
        (_ends_of(_LINE, behind=False), _Depth.NOTHING, 0.1),
        (_words, _Depth.STYLE, 0.1),
        (_clusters, _Depth.STYLE, 0.1),
        (_clusters, _Depth.ATOM, 0.0),
    )
    for places, depth, fill in tries:
        low = max(first, int(last * fill))
        for at in places(text, low, last):
            if page.depth(at) <= depth and _fits(page, at, room):
                return page.cut(at)
    at = last
    while at > first and not _fits(page, at, room):
        at -= 1
    return page.cut(at)


def _fits(page: _Page, at: int, room: int) -> bool:
    cut = page.cut(at)
    return units(page.text[:at].rstrip()) + units(cut.closing) <= room


def _ends_of(pattern: re.Pattern[str], *, behind: bool) -> Callable[[str, int, int], Iterator[int]]:
    def places(text: str, low: int, last: int) -> Iterator[int]:
        found = [match.end() if behind else match.start() for match in pattern.finditer(text, low)]
        return (at for at in reversed(found) if low <= at <= last)

    return places


def _words(text: str, low: int, last: int) -> Iterator[int]:
    """Give the places between words, last first; between ideographs as East Asian typesetting has it."""
    for at in range(last, low - 1, -1):
        after = text[at]
        if after.isspace():
            if not text[at - 1].isspace():
                yield at
            continue
        before = text[at - 1]
        if before.isspace() or after in _CLOSING or before in _OPENING:
            continue
        if (_is_wide(before) or _is_wide(after)) and is_boundary(text, at):
            yield at


def _is_wide(char: str) -> bool:
    """Tell whether lines may be broken beside a character: ideographs, kana and their punctuation."""
    return (
        "\u2e80" <= char <= "\u9fff"
        or "\uf900" <= char <= "\ufaff"
        or "\uff00" <= char <= "\uffef"
        or ("\U00020000" <= char <= "\U0003ffff")
    )


def _clusters(text: str, low: int, last: int) -> Iterator[int]:
    """Give the places between grapheme clusters, last first, white space aside."""
    return (at for at in range(last, low - 1, -1) if not text[at - 1].isspace() and is_boundary(text, at))
