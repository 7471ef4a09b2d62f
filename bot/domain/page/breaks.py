"""Where a page that is full ends: the best place to cut a text that no longer fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from bot.domain.page.graphemes import is_boundary, units
from bot.domain.page.reader import read
from bot.domain.page.seams import Seam, nodes_at, seam_at, stack_at
from bot.domain.page.tree import ATOMS, STYLES, Kind, Node

_PARAGRAPH = re.compile(r"(?<!\n)\n(?=[ \t\r]*\n)")
_LINE = re.compile(r"(?<!\n)\n")
_SENTENCE = re.compile(r"""(?<!\d)[.!?…]["'”’)\]*_~|]*(?=\s)|[。！？…｡．]+[」』”’）】》〉"')\]]*""")
_LINES = frozenset({Kind.QUOTE, Kind.QUOTE_ALL, Kind.ITEM, Kind.HEADING, Kind.SMALL})
_EMPTY_QUOTED = re.compile(r"(?:\n *> *)+\Z")
_CLAUSE = re.compile(r"[,;:—–](?=\s)|[，、；：]")

_CLOSING = frozenset(
    "」』”’）】》〉〕］｝!?,.;:)]}%。，、；：！？…‥·・～ー々〻ぁぃぅぇぉっゃゅょァィゥェォッャュョ｡､｣％‰℃"
)
_OPENING = frozenset("「『“‘（【《〈〔［｛([{￥＄$#@｢")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Where a page ends: ``body`` is what it has of the text."""

    body: str
    seam: Seam


class _Depth(IntEnum):
    """How much a cut at a place tears, least first."""

    NOTHING = 0
    ITEM = 1
    STYLE = 2
    ATOM = 3


class _Page:
    """A text that is too long for a page by its last character, with everything known about its places."""

    def __init__(self, opening: str, text: str, limit: int) -> None:
        self.text = text
        self._opened = len(opening)
        self._source = opening + text
        self._room = limit - units(opening)
        self._root, _ = read(self._source)

    def depth(self, at: int) -> _Depth:
        """Tell what a cut at ``at`` would tear."""
        if not is_boundary(self.text, at):
            return _Depth.ATOM
        place = at + self._opened
        stack = stack_at(self._root, place)
        if stack.skips or any(_torn(node, self._source, place) for node in stack.nodes):
            return _Depth.ATOM
        if _behind_heading(self._root, place, self._opened):
            return _Depth.ATOM
        kinds = {node.kind for node in stack.nodes}
        if kinds & STYLES or Kind.HEADING in kinds or Kind.SMALL in kinds:
            return _Depth.STYLE
        return _Depth.ITEM if Kind.ITEM in kinds else _Depth.NOTHING

    def cut(self, at: int) -> Cut:
        """Describe a cut at ``at``."""
        place = at + self._opened
        return Cut(body=self._body(at), seam=seam_at(self._source, stack_at(self._root, place), place))

    def _body(self, at: int) -> str:
        """Take the text up to a place, without empty lines at its end, quoted ones neither."""
        body = self.text[:at].rstrip()
        match = _EMPTY_QUOTED.search(body)
        if match and any(node.kind is Kind.QUOTE for node in nodes_at(self._root, match.start() + self._opened)):
            body = body[: match.start()]
        return body

    def fits(self, at: int) -> bool:
        """Whether the text up to ``at`` fits, with what closes it."""
        if units(self.text[:at].rstrip()) > self._room:
            return False
        cut = self.cut(at)
        return cut.body != "" and units(cut.body) + units(cut.seam.closing) <= self._room


def _torn(node: Node, source: str, place: int) -> bool:
    """Tell whether a place is within a thing that must stay whole, or at the marks of one."""
    if node.kind in ATOMS:
        return True
    if node.kind in _LINES:
        return place <= node.low
    if node.kind is Kind.BLOCK and "\n" not in source[node.start : place]:
        return True
    if node.kind in STYLES or node.kind is Kind.BLOCK:
        return place <= node.low or not source[node.low : place].strip() or (not node.is_open and place > node.high)
    return False


def _behind_heading(root: Node, place: int, opened: int) -> bool:
    """Tell whether a place is right behind a heading that is not all there is."""
    node = nodes_at(root, place)[-1]
    return node.kind is Kind.HEADING and node.high <= place <= node.end and node.start > opened


def choose_cut(opening: str, text: str, limit: int) -> Cut:
    """Choose where the page ends whose text, ``text``, is too long for ``limit`` units by its last character.

    Paragraphs go before lines, these before sentences, clauses, words (for Chinese and Japanese: places where a line
    may be broken) and grapheme clusters, as long as the page is then filled well enough. Looks at nothing behind
    ``text``: what comes later does not change the choice.
    """
    page = _Page(opening, text, limit)
    first = _behind_space(text, 0) + 1
    last = len(text) - 1
    tries: tuple[tuple[Callable[[str, int, int], Iterator[int]], _Depth, float], ...] = (
        (_ends_of(_PARAGRAPH, behind=False), _Depth.NOTHING, 0.6),
        (_ends_of(_LINE, behind=False), _Depth.NOTHING, 0.5),
        (_ends_of(_LINE, behind=False), _Depth.ITEM, 0.5),
        (_ends_of(_SENTENCE, behind=True), _Depth.ITEM, 0.6),
        (_ends_of(_CLAUSE, behind=True), _Depth.ITEM, 0.7),
        (_words, _Depth.ITEM, 0.5),
        (_ends_of(_SENTENCE, behind=True), _Depth.STYLE, 0.6),
        (_words, _Depth.STYLE, 0.5),
        (_ends_of(_LINE, behind=False), _Depth.ITEM, 0.1),
        (_words, _Depth.STYLE, 0.1),
        (_clusters, _Depth.STYLE, 0.1),
        (_clusters, _Depth.ATOM, 0.0),
    )
    for places, depth, fill in tries:
        low = max(first, int(last * fill))
        for at in places(text, low, last):
            if page.depth(at) <= depth and page.fits(at):
                return page.cut(at)
    at = last
    while at > first and not page.fits(at):
        at -= 1
    return page.cut(at)


def _behind_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


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
