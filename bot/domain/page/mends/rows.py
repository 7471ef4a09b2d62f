"""Tables on their way through ``Mender``: held back until they are whole, since each row may widen the columns."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.page.mends.code import LEAD
from bot.domain.page.mends.cursor import MOST_LINE, Cursor, State, end_of_match
from bot.domain.page.mends.tables import Table, lay_out, parse_cells, parse_table

MOST_HELD: Final = 6000
"""Characters; a table that is longer, or has more rows, is shown in parts."""
MOST_ROWS: Final = 100
_RULING_BEGUN: Final = re.compile(r"[ \t]*(?:>[ \t]?)*[-:| \t]*")


class Tables:
    """Reads the tables of a text."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._table: Table | None = None
        self._lead = ""
        self._rows: list[tuple[str, ...]] = []
        self._sizes: list[int] = []
        """How many characters of the text the head takes, and each row."""

    def open(self, at: int, newline: int) -> bool:
        """Read a line that has a bar at ``at``, and ends at ``newline`` (-1: not yet), with the one below it."""
        cursor = self._cursor
        held = cursor.held
        if held.startswith("||", at):
            return cursor.go_on(State.TEXT)
        if newline < 0:
            return False if cursor.waits() else cursor.go_on(State.TEXT)
        below = held.find("\n", newline + 1, newline + 1 + MOST_LINE)
        if below < 0 and cursor.waits(2 * MOST_LINE) and _RULING_BEGUN.fullmatch(held, newline + 1):
            return False
        end = below if below >= 0 else min(len(held), newline + 1 + MOST_LINE)
        ruling = held[end_of_match(LEAD, held, newline + 1) : end]
        self._table = parse_table(held[at:newline], ruling)
        if self._table is None:
            return cursor.go_on(State.TEXT)
        self._lead = held[cursor.at : at]
        self._sizes = [min(end + 1, len(held)) - cursor.at]
        return cursor.go_on(State.ROWS)

    def row(self) -> bool:
        """Read the next row of the table that is held back, or its end."""
        cursor = self._cursor
        held = cursor.held
        start = cursor.at + sum(self._sizes)
        newline = held.find("\n", start, start + MOST_LINE)
        end = newline + 1 if newline >= 0 else min(len(held), start + MOST_LINE)
        at = end_of_match(LEAD, held, start)
        begins = held[at : at + 2]
        if newline < 0 and cursor.waits(MOST_HELD) and (len(begins) < 2 or begins[0] == "|" != begins[1]):
            return False
        if not begins.startswith("|") or begins == "||":
            return self.close()
        self._rows.append(parse_cells(held[at:end]))
        self._sizes.append(end - start)
        too_long = len(self._rows) >= MOST_ROWS or sum(self._sizes) >= MOST_HELD
        return self.close() if too_long else True

    def close(self) -> bool:
        """Show the table that is held back, if there is one."""
        cursor, table, lead = self._cursor, self._table, self._lead
        if table is None:
            return False
        laid_out = lay_out(table, self._rows)
        ended = cursor.held[: cursor.at + sum(self._sizes)].endswith("\n")
        lines = ["".join(f"{lead}{line}\n" for line in laid_out.head), *(f"{lead}{row}\n" for row in laid_out.rows)]
        if not laid_out.end and not ended:
            lines[-1] = lines[-1].removesuffix("\n")
        for shown, size in zip(lines, self._sizes, strict=True):
            cursor.put(shown, cursor.at + size)
        end = "\n".join(f"{lead}{line}" for line in laid_out.end)
        self._table, self._rows, self._sizes = None, [], []
        return cursor.put(f"{end}\n" if end and ended else end, cursor.at, State.LINE)

    def growing(self, most_chars: int) -> tuple[str, int]:
        """Lay out the table that is held back, as far as its whole rows have room.

        Returns what is shown, empty if there is none, and how many characters of the text behind ``taken_chars`` that
        stands for.
        """
        if self._table is None:
            return "", 0
        laid_out = lay_out(self._table, self._rows)
        count = len(self._rows)
        spent = sum(len(self._lead) + len(line) + 1 for line in (*laid_out.head, *laid_out.rows, *laid_out.end))
        while count and spent > most_chars:
            count -= 1
            spent -= len(self._lead) + len(laid_out.rows[count]) + 1
        if not count or spent > most_chars:
            return "", 0
        lines = (*laid_out.head, *laid_out.rows[:count], *laid_out.end)
        return "\n".join(self._lead + line for line in lines), sum(self._sizes[: count + 1])
