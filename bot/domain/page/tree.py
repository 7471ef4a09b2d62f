"""A text as Discord shows it: what is marked up in it, and which of its characters are seen."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a part of a text is."""

    TEXT = "text"
    ROOT = "root"
    QUOTE = "quote"
    QUOTE_ALL = "quote all"
    LIST = "list"
    ITEM = "item"
    HEADING = "heading"
    SMALL = "small"
    BLOCK = "block"
    CODE = "code"
    BOLD = "bold"
    ITALICS = "italics"
    UNDERLINE = "underline"
    STRIKE = "strike"
    SPOILER = "spoiler"
    LINK = "link"
    SIGN = "sign"


STYLES = frozenset({Kind.CODE, Kind.BOLD, Kind.ITALICS, Kind.UNDERLINE, Kind.STRIKE, Kind.SPOILER})
"""What may be closed at any place and opened again."""
ATOMS = frozenset({Kind.LINK, Kind.SIGN})
"""What must stay whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Text without what its containers put before each line; ``at`` tells where each character is in the source.

    ``at`` has one entry more than the text: the place behind it.
    """

    text: str
    at: Sequence[int]
    grows: bool
    """Whether it reaches to the end of a source that may go on."""

    def index(self, source: int) -> int:
        """Tell where the first character is that stands at ``source`` or behind it."""
        return bisect_left(self.at, source)


@dataclass(slots=True, kw_only=True)
class Node:
    """A part of a text, from ``start`` to ``end`` of the source with its marks; its inside from ``low`` to ``high``.

    ``is_open``: no end was found; it is taken to last, as it will where the text goes on. ``view`` is the text that
    its inside is read from. ``number`` is a list's first or an item's own, ``width`` how far an item's lines are
    indented, ``mark`` what opens a style, a code block's language, or an item's own mark.
    """

    kind: Kind
    start: int
    end: int
    low: int
    high: int
    view: View
    mark: str = ""
    is_open: bool = False
    ordered: bool = False
    number: int = 0
    width: int = 0
    children: list[Node] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Name it so that two parts which look alike have equal names."""
        if self.kind is Kind.ITEM:
            return f"{self.number}." if self.ordered else "-"
        if self.kind is Kind.HEADING:
            return self.mark
        if self.kind is Kind.BLOCK:
            return f"block {self.mark}"
        return "quote" if self.kind is Kind.QUOTE_ALL else self.kind.value
