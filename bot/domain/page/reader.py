"""Reads a text as Discord's client does, by the rules that two ports of its parser have in common.

What one would not guess: a blank line ends a list; a list has the kind of its first mark; an item ends at the first
line that is not indented; the first three backticks end a code block; bars hide what is between them, code too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from bot.domain.page.inline import SPECIAL, Marks, Span, open_at, span_at
from bot.domain.page.tree import ATOMS, Kind, Node, View

_QUOTE = re.compile(r" *> [^\n]*(?:\n *> [^\n]*)*\n?")
_QUOTE_ALL = re.compile(r" *>>> ")
QUOTE_MARK = re.compile(r" *> ?")
_HEADING = re.compile(r"(#{1,3}) +([^\n]+)(?:\n|\Z)")
_SMALL = re.compile(r"-# +([^\n]+)(?:\n|\Z)")
_LIST = re.compile(r"( *)([*-]|\d+\.) (?=[\s\S])")
_ITEM = re.compile(r"( *)([*-]|\d+\.) +")
_PREPARED = re.compile(r"[\t\r\f]")
_MAX_DEPTH = 60

Leaf = tuple[int, int, tuple[str, ...]]
"""From where to where of the source text is seen, and how it is marked up."""


def read(source: str, *, grows: bool = True) -> tuple[Node, list[Leaf]]:
    """Read a text: its tree, and what is seen of it, in order.

    ``grows``: it may go on, so what has no end yet is taken to be open.
    """
    reader = _Reader()
    view = _whole(source, grows=grows)
    end = len(source)
    root = Node(kind=Kind.ROOT, start=0, end=end, low=0, high=end, view=view)
    reader.scope(root, 0, len(view.text), (), quoted=False, depth=0)
    return root, reader.leaves


def _whole(source: str, *, grows: bool) -> View:
    """View a text without what Discord takes out before anything else."""
    if not _PREPARED.search(source):
        return View(text=source, at=range(len(source) + 1), grows=grows)
    text: list[str] = []
    at: list[int] = []
    for place, char in enumerate(source):
        made = _prepared(char, source[place - 1 : place])
        text.append(made)
        at += [place] * len(made)
    return View(text="".join(text), at=[*at, len(source)], grows=grows)


def _prepared(char: str, before: str) -> str:
    if char == "\t":
        return "    "
    if char == "\r":
        return "\n"
    return "" if char == "\f" or (char == "\n" and before == "\r") else char


class _Reader:
    def __init__(self) -> None:
        self.leaves: list[Leaf] = []
        self._marks: dict[int, Marks] = {}
        # Whether the last thing that was read ended a line: Discord asks that, also where a new scope begins.
        self._line_ended = True

    def scope(self, node: Node, low: int, high: int, path: tuple[str, ...], *, quoted: bool, depth: int) -> None:
        """Read a part of a node's view."""
        view = node.view
        at = low
        while at < high:
            if self._line_ended and (next_at := self._block(node, at, high, path, quoted=quoted, depth=depth)) > at:
                at = next_at
                continue
            span = self._span(view, at, low, high)
            if span is None:
                at = self._plain(view, at, high, path)
                continue
            if span.kind is Kind.TEXT:
                self._leaf(view, span.low, span.high, path)
            else:
                self._inline(node, span, at, path, quoted=quoted, depth=depth)
            self._line_ended = False
            at = span.end

    def _span(self, view: View, at: int, low: int, high: int) -> Span | None:
        if SPECIAL.match(view.text, at, high) is None:
            return None
        marks = self._marks.get(id(view))
        if marks is None:
            marks = self._marks[id(view)] = Marks(view.text)
        span = span_at(view.text, at, high, marks)
        if view.grows and high == len(view.text) and (span is None or _is_half_open(view.text, at, span)):
            return open_at(view.text, at, high, low=low) or span
        return span

    def _plain(self, view: View, at: int, high: int, path: tuple[str, ...]) -> int:
        text = view.text
        if text[at] == "\n":
            self._leaf(view, at, at + 1, path)
            self._line_ended = True
            return at + 1
        match = SPECIAL.search(text, at + 1, high)
        end = match.start() if match else high
        self._leaf(view, at, end, path)
        self._line_ended = False
        return end

    def _leaf(self, view: View, low: int, high: int, path: tuple[str, ...]) -> None:
        at = view.at
        if low >= high:
            return
        if at[high - 1] - at[low] == high - 1 - low:
            self.leaves.append((at[low], at[high - 1] + 1, path))
            return
        start = low
        for place in range(low, high):
            if place + 1 == high or at[place + 1] != at[place] + 1:
                self.leaves.append((at[start], at[place] + 1, path))
                start = place + 1

    def _inline(self, node: Node, span: Span, start: int, path: tuple[str, ...], *, quoted: bool, depth: int) -> None:
        view = node.view
        made = Node(
            kind=span.kind,
            start=view.at[start],
            end=view.at[span.end - 1] + 1,
            low=view.at[span.low],
            high=view.at[span.high],
            view=view,
            mark=span.mark,
            is_open=span.is_open,
        )
        node.children.append(made)
        path = (*path, made.label)
        is_plain = span.kind in (Kind.BLOCK, Kind.CODE) or (span.kind in ATOMS and span.mark != "[")
        if is_plain or depth > _MAX_DEPTH:
            self._leaf(view, span.low, span.high, path)
        else:
            self.scope(made, span.low, span.high, path, quoted=quoted, depth=depth + 1)

    def _block(self, node: Node, at: int, high: int, path: tuple[str, ...], *, quoted: bool, depth: int) -> int:
        """Read the block that begins at the start of a line; returns where it ends, or ``at``."""
        view = node.view
        text = view.text
        char = text[at]
        if char not in " >#*-0123456789" or depth > _MAX_DEPTH:
            return at
        may_quote = not quoted and char in " >"
        if may_quote and (match := _QUOTE_ALL.match(text, at, high)):
            inner = _part(view, [(match.end(), high)], grows=view.grows and high == len(text))
            return self._contain(node, Kind.QUOTE_ALL, at, high, inner, path, depth=depth)
        if may_quote and (match := _QUOTE.match(text, at, high)):
            grows = view.grows and match.end() == len(text)
            inner = _part(view, _unquoted(text, at, match.end()), grows=grows)
            return self._contain(node, Kind.QUOTE, at, match.end(), inner, path, depth=depth)
        if char in "#-" and (match := (_HEADING if char == "#" else _SMALL).match(text, at, high)):
            kind = Kind.HEADING if char == "#" else Kind.SMALL
            mark = match[1] if char == "#" else "-#"
            inside = match.span(match.lastindex or 0)
            made = self._made(node, kind, at, match.end(), inside, mark=mark)
            self.scope(made, *inside, (*path, made.label), quoted=quoted, depth=depth + 1)
            self._line_ended = text[match.end() - 1] == "\n"
            return match.end()
        if match := _LIST.match(text, at, high):
            return self._list(node, at, high, path, match, quoted=quoted, depth=depth)
        return at

    def _made(self, node: Node, kind: Kind, at: int, end: int, inside: tuple[int, int], mark: str = "") -> Node:
        view = node.view
        made = Node(
            kind=kind,
            start=view.at[at],
            end=view.at[end - 1] + 1,
            low=view.at[inside[0]],
            high=view.at[inside[1]],
            view=view,
            mark=mark,
        )
        node.children.append(made)
        return made

    def _contain(
        self, node: Node, kind: Kind, at: int, end: int, inner: View, path: tuple[str, ...], *, depth: int
    ) -> int:
        view = node.view
        made = Node(
            kind=kind,
            start=view.at[at],
            end=view.at[end - 1] + 1,
            low=inner.at[0],
            high=inner.at[-1],
            view=inner,
        )
        node.children.append(made)
        self._line_ended = True
        self.scope(made, 0, len(inner.text), (*path, made.label), quoted=True, depth=depth + 1)
        self._line_ended = view.text[end - 1] == "\n"
        return end

    def _list(
        self, node: Node, at: int, high: int, path: tuple[str, ...], match: re.Match[str], *, quoted: bool, depth: int
    ) -> int:
        view = node.view
        text = view.text
        again = _next_item(len(match[1]))
        inside_end, end, items = _list_items(text, at, match.end(), high, again)
        ordered = len(match[2]) > 1
        made = self._made(node, Kind.LIST, at, end, (at, inside_end))
        made.ordered, made.number = ordered, int(match[2][:-1]) if ordered else 0
        # Discord counts a list's first item alone as one whose line has just begun.
        for number, (start, stop) in enumerate(items):
            prefix = _ITEM.match(text, start, stop)
            width = len(prefix[0]) if prefix else 0
            grows = view.grows and stop == len(text)
            inner = _part(view, _unindented(text, start + width, stop, width), grows=grows)
            item = Node(
                kind=Kind.ITEM,
                start=view.at[start],
                end=view.at[stop - 1] + 1,
                low=inner.at[0],
                high=inner.at[-1],
                view=inner,
                ordered=ordered,
                number=made.number + number if ordered else 0,
                width=width,
                mark=prefix[2] if prefix else "",
            )
            made.children.append(item)
            self.leaves.append((item.start, item.start, (*path, item.label)))
            self.scope(item, 0, len(inner.text), (*path, item.label), quoted=quoted, depth=depth + 1)
        self._line_ended = text[end - 1] == "\n"
        return end


def _is_half_open(text: str, at: int, span: Span) -> bool:
    """Tell whether something that ends is most likely what begins with more marks and has no end yet."""
    if span.kind is Kind.CODE:
        return text.startswith("`", at + len(span.mark))
    if span.end < len(text) or text[at] != "*":
        return False
    # The end of what began with two stars, or with three, of which not all are there.
    return text.startswith("***", at) if span.kind is Kind.BOLD else text.count("**", span.low, span.high) % 2 == 1


@lru_cache(maxsize=128)
def _next_item(spaces: int) -> re.Pattern[str]:
    return re.compile(rf" {{{spaces}}}(?:[*-]|\d+\.) ")


@lru_cache(maxsize=128)
def _spaces(most: int) -> re.Pattern[str]:
    return re.compile(f" {{0,{most}}}")


def _list_items(
    text: str, start: int, content: int, high: int, again: re.Pattern[str]
) -> tuple[int, int, list[tuple[int, int]]]:
    """Find where a list's own text ends, where the empty lines behind it end, and from where to where its items are."""
    items: list[tuple[int, int]] = []
    newline = text.find("\n", content - 1, high)
    while newline >= 0:
        after = newline + 1
        is_item = after < high and again.match(text, after, high) is not None
        if after < high and not is_item and text[after] != " " and newline > content:
            items.append((start, after))
            end = after
            while end < high and text[end] == "\n":
                end += 1
            return after, end, items
        if is_item:
            items.append((start, after))
            start = after
        newline = text.find("\n", after, high)
    if start < high:
        items.append((start, high))
    return high, high, items


def _unquoted(text: str, at: int, end: int) -> list[tuple[int, int]]:
    return list(_stripped(text, at, end, lambda start: QUOTE_MARK.match(text, start, end)))


def _unindented(text: str, at: int, end: int, width: int) -> list[tuple[int, int]]:
    while end > at and text[end - 1] == "\n":
        end -= 1
    spaces = _spaces(width)
    return list(_stripped(text, at, end, lambda start: spaces.match(text, start, end) if start > at else None))


def _stripped(text: str, at: int, end: int, prefix: Callable[[int], re.Match[str] | None]) -> Iterator[tuple[int, int]]:
    start = at
    while start < end:
        newline = text.find("\n", start, end)
        stop = end if newline < 0 else newline + 1
        match = prefix(start)
        yield (match.end() if match else start, stop)
        start = stop


def _part(view: View, parts: list[tuple[int, int]], *, grows: bool) -> View:
    if len(parts) == 1:
        low, high = parts[0]
        return View(text=view.text[low:high], at=_slice(view.at, low, high + 1), grows=grows)
    at: list[int] = []
    for low, high in parts:
        at.extend(view.at[low:high])
    last = parts[-1][1] if parts else 0
    at.append(view.at[last])
    return View(text="".join(view.text[low:high] for low, high in parts), at=at, grows=grows)


def _slice(at: Sequence[int], low: int, high: int) -> Sequence[int]:
    """Take a part of the places, as a range where they follow one another: that costs the same for any length."""
    first, last = at[low], at[high - 1]
    return range(first, last + 1) if last - first == high - 1 - low else at[low:high]
