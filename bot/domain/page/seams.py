"""What a page ends with and the next one begins with where a text is cut, so that both show what the whole does."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from bot.domain.page.reader import QUOTE_MARK
from bot.domain.page.tree import ATOMS, STYLES, Kind, Node, View

_MAX_STYLES = 6
_MAX_LANGUAGE_CHARS = 20
_MAX_PREFIX_CHARS = 24
"""How much is closed and opened again: a page has to hold text as well."""
_MAX_INDENT = 60
"""How far code may be indented to keep that at a page's head."""
_LASTING = frozenset({Kind.LIST, Kind.ITEM, Kind.QUOTE, Kind.QUOTE_ALL, Kind.HEADING, Kind.SMALL})
_WITHIN_LINES = ATOMS | {Kind.BLOCK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A list that goes on behind a cut: where its marks stand, and what its next item begins with.

    ``base`` is the indentation of the items that it is in, ``indent`` its own within them, ``width`` that of the lines
    of the item that is cut.
    """

    base: int
    indent: int
    width: int
    ordered: bool
    due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam:
    """A cut: ``resume`` is where the text goes on behind it."""

    resume: int
    closing: str
    opening: str
    opening_behind_block: str
    """The same without the code that is open at the cut, where that turns out to end at once."""
    levels: tuple[Level, ...]
    dedent: int
    """How many spaces the lines behind the cut lose."""
    quoted: bool
    """Whether the lines behind it are quoted one by one."""
    within_line: bool
    in_block: bool
    skips: bool
    """Whether the end of something is left out, since nothing of its inside is behind the cut."""


@dataclass(slots=True)
class Stack:
    """What is open on both sides of a place, outermost first; ``resume`` is where its text goes on."""

    nodes: list[Node]
    resume: int
    skips: bool


def stack_at(root: Node, at: int) -> Stack:
    """Find what is open at a place of the source."""
    nodes: list[Node] = []
    node = root
    skips = False
    resume = _next(root.view, at)
    while (child := _child(node, at, resume)) is not None:
        inner = child.view
        nodes.append(child)
        if child.kind is Kind.BLOCK:
            resume = _next_code(inner, at)
        elif inner is not node.view:
            resume = _next(inner, at)
        is_marked = child.kind in STYLES or child.kind is Kind.BLOCK
        if is_marked and resume >= child.high and not child.is_open:
            skips = True
            resume = child.end
            break
        node = child
    return Stack(nodes=nodes, resume=resume, skips=skips)


def nodes_at(root: Node, place: int) -> list[Node]:
    """List what a place is in or right behind, outermost first."""
    nodes = [root]
    while nodes[-1].children:
        children = nodes[-1].children
        index = bisect_left(children, place, key=lambda child: child.start) - 1
        if index < 0 or children[index].end < place:
            break
        nodes.append(children[index])
    return nodes


def _next(view: View, at: int) -> int:
    """Find the next character at or behind a place that is no white space."""
    place = view.index(at)
    text = view.text
    while place < len(text) and text[place].isspace():
        place += 1
    return view.at[place]


def _next_code(view: View, at: int) -> int:
    """Find where code goes on: blank lines are left out, but no indentation."""
    place = view.index(at)
    text = view.text
    start = place
    while place < len(text) and text[place].isspace():
        place += 1
        if text[place - 1] == "\n":
            start = place
    return view.at[start if place < len(text) and place - start <= _MAX_INDENT else place]


def _child(node: Node, at: int, resume: int) -> Node | None:
    children = node.children
    place = bisect_left(children, at, key=lambda child: child.start) - 1
    if place < 0:
        return None
    child = children[place]
    if child.is_open or child.end > resume:
        return child
    # Of what is marked up within lines the end may be left out.
    return child if child.end > at and (child.kind in STYLES or child.kind in _WITHIN_LINES) else None


def seam_at(source: str, stack: Stack, at: int) -> Seam:
    """Describe a cut at a place of the source; ``stack`` is what is open there."""
    nodes = _few_styles(stack.nodes)
    line_start = source.rfind("\n", 0, stack.resume) + 1
    within_line = line_start < at
    opening, prefix, without_block = "", "", ""
    levels: list[Level] = []
    base = 0
    quoted = False
    for depth, node in enumerate(nodes):
        last_skipped = stack.skips and depth == len(nodes) - 1
        if node.kind is Kind.QUOTE:
            quoted = True
            prefix += "> "
            opening += "> "
        elif node.kind is Kind.QUOTE_ALL:
            opening += ">>> "
        elif node.kind is Kind.LIST:
            levels.append(_level(node, nodes[depth + 1] if depth + 1 < len(nodes) else None, base, stack.resume))
        elif node.kind is Kind.ITEM:
            base += node.width
        elif node.kind is Kind.HEADING:
            opening += node.mark + " "
        elif node.kind in STYLES and not last_skipped:
            opening += node.mark
        elif node.kind is Kind.BLOCK and not last_skipped:
            without_block = opening
            opening += "```" + (node.mark if len(node.mark) <= _MAX_LANGUAGE_CHARS else "") + "\n" + prefix
    begins_item = bool(levels) and nodes[-1].kind is Kind.LIST
    dedent = base
    resume = stack.resume
    if begins_item:
        dedent = columns(source[line_start + _quote_length(source, line_start, quoted=quoted) : resume])
    in_block = bool(nodes) and nodes[-1].kind is Kind.BLOCK and not stack.skips
    return Seam(
        resume=resume,
        closing=closing_of(nodes),
        opening=opening,
        opening_behind_block=without_block,
        levels=tuple(levels),
        dedent=dedent,
        quoted=quoted,
        within_line=within_line,
        in_block=in_block,
        skips=stack.skips,
    )


def columns(spaces: str) -> int:
    """Tell how far white space indents a line; Discord takes a tab for four spaces."""
    return len(spaces) + 3 * spaces.count("\t")


def _quote_length(source: str, line_start: int, *, quoted: bool) -> int:
    match = QUOTE_MARK.match(source, line_start) if quoted else None
    return match.end() - line_start if match else 0


def _level(node: Node, item: Node | None, base: int, resume: int) -> Level:
    first = node.children[0]
    behind = bisect_left(node.children, resume, key=lambda child: child.low)
    if item is not None:
        behind = item.number - node.number + 1 if node.ordered else behind
    text = node.view.text
    start = node.view.index(node.start)
    indent = len(text[start:]) - len(text[start:].lstrip(" ")) if text[start : start + 1] == " " else 0
    return Level(
        base=base,
        indent=indent,
        width=base + (item.width if item is not None else first.width),
        ordered=node.ordered,
        due=node.number + behind if node.ordered else 0,
    )


def _few_styles(nodes: list[Node]) -> list[Node]:
    """Leave out styles that are too deep within others; a spoiler never."""
    styles = [node for node in nodes if node.kind in STYLES and node.kind is not Kind.SPOILER]
    deep = {id(node) for node in styles[_MAX_STYLES:]}
    return [node for node in nodes if id(node) not in deep]


def closing_of(nodes: list[Node], *, strict: bool = False) -> str:
    """Write what ends everything that is open, innermost first; ``strict``: code blocks and spoilers alone."""
    nodes = _few_styles(nodes)
    closing = ""
    prefixes: list[str] = []
    prefix = ""
    for node in nodes:
        prefixes.append(prefix)
        if node.kind is Kind.QUOTE:
            prefix += "> "
        elif node.kind is Kind.ITEM:
            prefix += " " * min(node.width, max(0, _MAX_PREFIX_CHARS - len(prefix)))
    for node, before in zip(reversed(nodes), reversed(prefixes), strict=True):
        if node.kind is Kind.BLOCK:
            closing += "\n" + before + "```"
        elif node.kind is Kind.SPOILER or (node.kind in STYLES and not strict):
            closing += node.mark
    return closing


def open_nodes(root: Node) -> list[Node]:
    """List what is open at the end of a text that may go on, outermost first."""
    nodes: list[Node] = []
    node = root
    end = root.end
    while node.children:
        last = node.children[-1]
        if last.is_open or (last.end >= end and last.kind in _LASTING):
            nodes.append(last)
            node = last
        else:
            break
    return nodes
