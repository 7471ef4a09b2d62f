"""Tables, which Discord does not know: a code block with aligned columns, or a list if that would not fit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MOST_COLUMNS_WIDE: Final = 72
"""The widest table that is shown as one, in columns of a fixed-width font; a wider one's lines would be broken."""
_GAP: Final = "  "
_RULE: Final = "─"
_CELL_END: Final = re.compile(r"(?<!\\)\|")
_RULING: Final = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_LINK: Final = re.compile(r"\[[^\[\]]*\]\([^()\s]*\)|https?://")
_BREAK: Final = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)
_PAIRS: Final = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)|(\*\*|__|~~|\*)(?=\S)(.+?)(?<=\S)\3")
_UNSEEN: Final = frozenset({"Mn", "Me", "Cf"})
_FENCE: Final = "```"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that is being read: its head's cells, and how each column is aligned (``<``, ``^`` or ``>``)."""

    head: tuple[str, ...]
    sides: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A table as it is shown: lines for its head, one line for each row, and lines for its end."""

    head: tuple[str, ...]
    rows: tuple[str, ...]
    end: tuple[str, ...]


def parse_cells(line: str) -> tuple[str, ...]:
    """Read a row's cells."""
    inside = line.strip().removeprefix("|")
    cells = _CELL_END.split(inside)
    if not cells[-1].strip() and len(cells) > 1:
        cells.pop()
    return tuple(cell.strip().replace("\\|", "|") for cell in cells)


def parse_table(head: str, ruling: str) -> Table | None:
    """Read a table's first two lines; None if they begin no table."""
    if "|" not in ruling or _RULING.fullmatch(ruling) is None:
        return None
    cells, rules = parse_cells(head), parse_cells(ruling)
    if len(cells) != len(rules):
        return None
    return Table(head=cells, sides=tuple(_side(rule) for rule in rules))


def _side(rule: str) -> str:
    if rule.endswith(":"):
        return "^" if rule.startswith(":") else ">"
    return "<"


def columns_wide(text: str) -> int:
    """Count the columns that a text takes in a fixed-width font: two for Chinese, Japanese, Korean and emoji.

    After Unicode Standard Annex 11 (East Asian Width, wide and fullwidth).
    """
    wide = 0
    joined = False
    for char in text:
        if char == "\u200d" or char == "\ufe0f":
            joined = joined or char == "\u200d"
            continue
        if unicodedata.category(char) in _UNSEEN:
            continue
        if not joined:
            wide += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        joined = False
    return wide


def lay_out(table: Table, rows: Sequence[tuple[str, ...]]) -> Layout:
    """Lay out what is known of a table."""
    cells = [*table.head, *(cell for row in rows for cell in row)]
    if any(len(cell) > MOST_COLUMNS_WIDE or _LINK.search(cell) for cell in cells):
        # A code block would take links away.
        return _as_list(table, rows)
    shown = [_bare(row, len(table.head)) for row in (table.head, *rows)]
    widths = [max(columns_wide(row[index]) for row in shown) for index in range(len(table.head))]
    if sum(widths) + len(_GAP) * (len(widths) - 1) > MOST_COLUMNS_WIDE:
        return _as_list(table, rows)
    head, *lines = (_aligned(row, widths, table.sides) for row in shown)
    rule = _GAP.join(_RULE * width for width in widths)
    return Layout(head=(_FENCE, head, rule), rows=tuple(lines), end=(_FENCE,))


def _as_list(table: Table, rows: Sequence[tuple[str, ...]]) -> Layout:
    return Layout(head=(), rows=tuple(_item(table, row) for row in rows), end=())


def _bare(row: tuple[str, ...], count: int) -> list[str]:
    """Return as many cells as the head has, without marks, which a code block would show."""
    cells = (*row, *("" for _ in range(count - len(row))))[:count]
    return [_without_marks(cell) for cell in cells]


def _without_marks(cell: str) -> str:
    cell = _BREAK.sub(" / ", cell)
    for _ in range(3):  # marks within marks
        cell = _PAIRS.sub(r"\2\4", cell)
    # What would end the block is no longer its end.
    return cell.replace("`", "ˋ") if _FENCE in cell else cell


def _aligned(row: Sequence[str], widths: Sequence[int], sides: Sequence[str]) -> str:
    cells = []
    for text, width, side in zip(row, widths, sides, strict=True):
        room = max(0, width - columns_wide(text))
        before = {"<": 0, "^": room // 2, ">": room}[side]
        cells.append(f"{' ' * before}{text}{' ' * (room - before)}")
    return _GAP.join(cells).rstrip()


def _item(table: Table, row: tuple[str, ...]) -> str:
    """Write a row as an item of a list: its first cell, then the others with their columns' names."""
    cells = [_BREAK.sub(" / ", cell) for cell in row]
    first = cells[0] if cells else ""
    if 0 < len(first) <= MOST_COLUMNS_WIDE and _PAIRS.search(first) is None and _LINK.search(first) is None:
        first = f"**{first}**"
    rest = []
    for index, cell in enumerate(cells[1:], 1):
        name = table.head[index] if index < len(table.head) else ""
        if cell:
            rest.append(f"{name}: {cell}" if name else cell)
    return f"- {' · '.join(filter(None, (first, *rest)))}"
