"""What a page shows that still grows: what is open is closed, and what is only begun is left out until it is there."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

from bot.domain.page.graphemes import units
from bot.domain.page.reader import Leaf, read
from bot.domain.page.seams import closing_of, nodes_at, open_nodes
from bot.domain.page.tree import ATOMS, Kind, Node

_MARKS = re.compile(r"[*_~|`\\]+\Z")
_LINE_START = re.compile(r"(?:\A|\n)[ >\t]*(?:\|\|)?(?:#{1,3}|-#?|\*|\d{1,4}\.?|>{1,3})\Z")
_ADDRESS = re.compile(r"(?<![0-9A-Za-z])(h|ht|htt|https?:?/?|https?://[^\s<]?)\Z|https?://[^\s<]+?([.,:;\"')\]]+)\Z")
"""An address that has only begun, or goes on behind what may end it."""
_SHRUG = re.compile(r"(?<!/)¯[\\_()ツ/]{0,7}\Z")
_IN_WORD = re.compile(r"[0-9A-Za-z]_[^_\n]*_\Z")
_QUOTE_START = re.compile(r"\n *>{1,3} *\Z")
_FENCE_START = re.compile(r"\n[ >]*(`{1,2})\Z")
_LOOSE = re.compile(r"[*_`\[<]|~~|\|\|")
_PREFIXED = re.compile(r">|(?:[*-]|\d\.)[ \t]")
_OPERATOR = re.compile(r"\s\|\|\s")

_MOST_TRIES = 6

MAX_CLOSING_UNITS = 40
"""How much what must be closed is thought to take at most, until it is looked at."""


def must_be_closed(source: str) -> str:
    """Write what has to be closed at the end of a page's text, wherever that may go on: code blocks and spoilers."""
    if "```" not in source and "||" not in source:
        return ""
    return _closing(source, open_nodes(read(source)[0]))


def most_to_close(source: str) -> int:
    """Tell how many units that takes at most. Within a spoiler there is none, nor a block in a block."""
    if "```" not in source and not source.endswith("`"):
        return len("||")
    # Only what is quoted or listed has something in front of the end of its code.
    return MAX_CLOSING_UNITS if _PREFIXED.search(source) else len("||\n```")


def _closing(source: str, nodes: list[Node], *, ended: bool = False) -> str:
    """Write the end of what must be closed; ``ended``: nothing follows, so that bars between spaces are an operator."""
    if ended:
        nodes = [node for node in nodes if node.kind is not Kind.SPOILER or not _OPERATOR.match(source, node.start - 1)]
    closing = closing_of(nodes, strict=True)
    if nodes and nodes[-1].kind is Kind.BLOCK and (match := _FENCE_START.search(source)):
        return closing[closing.index("```") + len(match[1]) :]
    return closing


@lru_cache(maxsize=2)
def _reading(source: str) -> tuple[Node, list[Leaf]]:
    """Read a page that grows once, where it is asked both how much of it is over and what it shows."""
    return read(source)


def settled(source: str) -> int:
    """Tell how much of a page's text is over: nothing that follows changes what its beginning is taken for."""
    end = source.rfind("\n\n")
    if end < 0:
        return 0
    root, leaves = _reading(source)
    for low, high, path in leaves:
        if low >= end:
            break
        if not (path and (path[-1] == "code" or path[-1].startswith("block"))) and _LOOSE.search(source, low, high):
            end = source.rfind("\n\n", 0, low + 1)
            break
    while end >= 0:
        index = bisect_left(root.children, end + 2, key=lambda child: child.start) - 1
        node = root.children[index] if index >= 0 else None
        if node is None or not (node.is_open or node.kind is Kind.QUOTE_ALL or node.end > end + 2):
            return end + 2
        end = source.rfind("\n\n", 0, node.start)
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a page shows that may still grow: ``text`` is sent, ``chars`` of its own text are in it."""

    text: str
    chars: int


def shown(opening: str, body: str, limit: int, *, ended: bool) -> Shown | None:
    """Write a page that ends with ``body``, ``limit`` units at most; None where nothing of it is to be shown yet.

    ``ended``: nothing follows.
    """
    if not body:
        return None
    source = opening + body
    root, leaves = _reading(source)
    if ended:
        return Shown(text=source + _closing(source, open_nodes(root), ended=True), chars=len(body))
    for tries in count():
        end = _trimmed_end(source, root, leaves)
        if end == len(source):
            text = source + closing_of(open_nodes(root))
            if (over := units(text) - limit) <= 0:
                return Shown(text=text, chars=len(source) - len(opening))
            # What ends everything is to have room: the last words are shown when the next page is there.
            end -= over
        if tries >= _MOST_TRIES:
            # Many things that have only begun, one behind the other, are no answer: leave out more at a time.
            end = max(0, min(end, len(source) - 2**tries))
        source = source[:end].rstrip()
        if len(source) <= len(opening):
            return None
        root, leaves = read(source)
    return None


def _trimmed_end(source: str, root: Node, leaves: list[Leaf]) -> int:
    nodes = open_nodes(root)
    if (match := _QUOTE_START.search(source)) and any(
        node.kind is Kind.QUOTE for node in nodes_at(root, match.start())
    ):
        return match.start()
    innermost = nodes[-1] if nodes else root
    if innermost.kind is Kind.BLOCK:
        if "\n" not in source[innermost.start :] or not source[innermost.low :].strip():
            return innermost.start
        match = _FENCE_START.search(source)
        return match.start() if match and match.start() >= innermost.low else len(source)
    if innermost.kind in ATOMS:
        return innermost.start
    if innermost.is_open and not source[innermost.low :].strip():
        return innermost.start
    if innermost.kind is not Kind.CODE and (match := _LINE_START.search(source)):
        return match.start()
    if innermost.kind is not Kind.CODE and (match := _ADDRESS.search(source)):
        return match.start(match.lastindex or 0)
    if innermost.kind is not Kind.CODE and (match := _SHRUG.search(source)):
        return match.start()
    if source.endswith("_") and (match := _IN_WORD.search(source)) and innermost.kind is not Kind.CODE:
        return len(source) - 1
    if leaves and leaves[-1][1] == len(source) and (match := _MARKS.search(source, leaves[-1][0])):
        return match.start()
    return len(source)
