"""Blocks of code on their way through ``Mender``: told from text, and written as Discord knows them."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.page.mends.cursor import MOST_LINE, Cursor, State, end_of_match, run_at
from bot.domain.page.mends.fences import MOST_INFO_CHARS, RUN, TICKS, OpenFence, broken, language_of, open_fence

LEAD: Final = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*")
"""What a line may have before a fence or a table: its indentation, and the marks of a quote."""
_TICKS_OR_BREAK: Final = re.compile("`{3,}|\n")
_SPACES: Final = re.compile(" *")
_MOST_LEAD: Final = 200


class CodeBlocks:
    """Follows the blocks of a text."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._fence: OpenFence | None = None
        self._indent = ""

    def open(self, at: int, newline: int, indent: str) -> bool:
        """Read a line that has backticks or tildes at ``at``, and ends at ``newline`` (-1: not yet).

        ``indent`` is how far the block is indented in an item of a list. All of it has to be, blank lines too: the
        item ends at the first line that is not.
        """
        cursor = self._cursor
        run = run_at(cursor.held, at)
        if newline < 0 and cursor.waits() and (at + len(run) == len(cursor.held) or len(run) >= len(TICKS)):
            return self._waits_for_info(at + len(run), run)
        info = cursor.held[at + len(run) : newline]
        if newline < 0 or not _may_open(run, info):
            return cursor.go_on(State.TEXT)
        self._fence = open_fence(run, info)
        self._indent = indent
        cursor.keep(at)
        cursor.put(TICKS + language_of(info), newline)
        return cursor.keep(newline + 1, State.BLOCK_LINE)

    def _waits_for_info(self, start: int, run: str) -> bool:
        info = self._cursor.held[start:]
        return False if not info or _may_open(run, info) else self._cursor.go_on(State.TEXT)

    def line(self) -> bool:
        """Read the beginning of a line in a block: it may be the block's end."""
        cursor = self._cursor
        held = cursor.held
        at = end_of_match(LEAD, held, cursor.at)
        if at == len(held) and cursor.waits(_MOST_LEAD):
            return False
        if not held.startswith(self._indent, cursor.at):
            spaces = min(end_of_match(_SPACES, held, cursor.at), at) - cursor.at
            cursor.put(self._indent[spaces:], cursor.at)
        if at == len(held) or held[at] not in "`~":
            return cursor.go_on(State.BLOCK_TEXT)
        run = run_at(held, at)
        newline = held.find("\n", at, at + MOST_LINE)
        if newline < 0 and cursor.waits(MOST_INFO_CHARS + len(run)):
            return False
        line_end = newline if newline >= 0 else min(len(held), at + MOST_LINE)
        if RUN.fullmatch(run) and self._fence is not None:
            self._fence = self._fence.after(run, held[at + len(run) : line_end])
        if self._fence is not None:
            return cursor.go_on(State.BLOCK_TEXT)
        cursor.keep(at)
        return cursor.put(TICKS, line_end, State.TEXT)

    def text(self) -> bool:
        """Show a line of a block; backticks in it must not end the block."""
        cursor = self._cursor
        held = cursor.held
        found = _TICKS_OR_BREAK.search(held, cursor.at)
        if found is None:
            end = len(held) if cursor.ended else max(cursor.at, len(held.rstrip("`")))
            return end > cursor.at and cursor.keep(end)
        if found[0] == "\n":
            return cursor.keep(found.end(), State.BLOCK_LINE)
        if found.end() == len(held) and cursor.waits():
            return found.start() > cursor.at and cursor.keep(found.start())
        cursor.keep(found.start())
        return cursor.put(broken(found[0]), found.end())


def _may_open(run: str, info: str) -> bool:
    if RUN.fullmatch(run) is None or len(info) > MOST_INFO_CHARS:
        return False
    return run[0] == "~" or "`" not in info
