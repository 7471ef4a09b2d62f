"""What a page shows that still grows: what is open is closed, and what is only begun is left out until it is there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.page.graphemes import units
from bot.domain.page.reader import Leaf, read
from bot.domain.page.seams import closing_of, open_nodes
from bot.domain.page.tree import ATOMS, Kind, Node

_MARKS = re.compile(r"[*_~|`\\]+\Z")
_LINE_START = re.compile(r"(?:\A|\n)[ >]*(?:#{1,3}|-#?|\*|\d{1,4}\.?|>{1,3})\Z")
_ADDRESS = re.compile(r"(?<![0-9A-Za-z])(h|ht|htt|https?:?/?|https?://[^\s<]?)\Z|https?://[^\s<]+?([.,:;\"')\]]+)\Z")
"""An address that has only begun, or goes on behind what may end it."""
_IN_WORD = re.compile(r"[0-9A-Za-z]_[^_\n]*_\Z")
_QUOTE_START = re.compile(r"\n *>{1,3} *\Z")
_FENCE_START = re.compile(r"\n[ >]*(`{1,2})\Z")
_OPERATOR = re.compile(r"\s\|\|\s")


def must_be_closed(source: str, *, ended: bool = False) -> str:
    """Write what has to be closed at the end of a page's text, wherever that may go on: code blocks and spoilers.

    ``ended``: it does not go on, so that bars between spaces are an operator.
    """
    if "```" not in source and "||" not in source:
        return ""
    nodes = open_nodes(read(source)[0])
    if ended:
        nodes = [node for node in nodes if node.kind is not Kind.SPOILER or not _OPERATOR.match(source, node.start - 1)]
    closing = closing_of(nodes, source, len(source), strict=True)
    if nodes and nodes[-1].kind is Kind.BLOCK and (match := _FENCE_START.search(source)):
        return closing[closing.index("```") + len(match[1]) :]
    return closing


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a page shows that may still grow: ``text`` is sent, ``chars`` of its own text are in it."""

    text: str
    chars: int


def shown(opening: str, body: str, limit: int, *, ended: bool) -> Shown | None:
    """Write a page that ends with ``body``; None where nothing of it is to be shown yet. ``ended``: nothing follows."""
    source = opening + body
    strict = Shown(text=source + must_be_closed(source, ended=ended), chars=len(body))
    if ended or not body:
        return strict if body else None
    trimmed = _trimmed(opening, body)
    if not trimmed:
        return None
    source = opening + trimmed
    nodes = open_nodes(read(source)[0])
    for is_strict in (False, True):
        text = source + closing_of(nodes, source, len(source), strict=is_strict)
        if units(text) <= limit:
            return Shown(text=text, chars=len(trimmed))
    return strict


def _trimmed(opening: str, body: str) -> str:
    """Leave out what is begun at the end of a text and is no sign of its own once it is whole."""
    while body:
        source = opening + body
        root, leaves = read(source)
        end = _trimmed_end(source, root, leaves)
        if end >= len(source):
            return body
        body = source[len(opening) : end].rstrip()
    return body


def _trimmed_end(source: str, root: Node, leaves: list[Leaf]) -> int:
    nodes = open_nodes(root)
    quoted = any(node.kind is Kind.QUOTE for node in nodes)
    if quoted and (match := _QUOTE_START.search(source)):
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
    if source.endswith("_") and (match := _IN_WORD.search(source)) and innermost.kind is not Kind.CODE:
        return len(source) - 1
    if leaves and leaves[-1][1] == len(source) and (match := _MARKS.search(source, leaves[-1][0])):
        return match.start()
    return len(source)
