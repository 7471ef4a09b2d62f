"""A model's text, as it comes → the text that Discord shows rightly.

What is mended, each by the rules of a file beside this one: fences within fences and fences of other marks than three
backticks, tables, headings beyond the third kind, rules, HTML's line breaks, formulas in LaTeX, bare links before text
without a blank, and links whose words are their own address. Code stays as it is.

A text comes in pieces. What can't be told yet is held back until it can, mostly a few characters; of a table that
still grows, ``Mender.growing`` is what it looks like so far. Pieces give what the whole gives, and work is linear in
the text. Only what is shown is mended: memory, prompts and files have the model's own text, and ``source_chars`` says
how much of that stands if a part of what is shown stands.
"""

from __future__ import annotations

import re
from typing import Final

from bot.domain.page.mends.code import LEAD, CodeBlocks
from bot.domain.page.mends.cursor import MOST_LINE, Cursor, State, end_of_match, run_at
from bot.domain.page.mends.rows import Tables
from bot.domain.page.mends.spans import Spans

RULED_LINE: Final = "─" * 12
"""What a rule is shown as; Discord knows none."""
_MOST_BEGUN: Final = 200
_BULLET: Final = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]+")
_BULLET_BEGUN: Final = re.compile(r"(?:[-*+]|\d{1,9}[.)]?)?")
_RULE: Final = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*")
_RULE_BEGUN: Final = re.compile(r" {0,3}(?:([-*_])(?:[ \t]*\1){0,80}[ \t]*)?")
_DEEP: Final = re.compile("#{4,6}")
_PLAIN: Final = re.compile(r"(?:[^\n`\\$\[\]<h]|h(?!t|\Z))+")
"""Text of a line in which nothing is mended, or begins that may be."""


class Mender:
    """Mends one text."""

    def __init__(self) -> None:
        self._cursor = cursor = Cursor()
        self._code = CodeBlocks(cursor)
        self._tables = Tables(cursor)
        self._spans = Spans(cursor)
        self._in_list = False
        self._steps = {
            State.LINE: self._line,
            State.TEXT: self._spans.text,
            State.CODE: self._spans.code,
            State.ADDRESS: self._spans.address,
            State.BLOCK_LINE: self._code.line,
            State.BLOCK_TEXT: self._code.text,
            State.ROWS: self._tables.row,
        }

    def push(self, delta: str) -> str:
        """Take the next piece; returns what is shown of all that is certain by now."""
        cursor = self._cursor
        if cursor.state is State.TEXT and not cursor.held and _PLAIN.fullmatch(delta):
            return cursor.passes(delta)
        cursor.held += delta
        self._go_on()
        return cursor.taken()

    def finish(self) -> str:
        """Take the text to end here; returns what is shown of the rest. Nothing may be pushed after that."""
        self._cursor.ended = True
        self._go_on()
        if self._tables.close():
            self._go_on()
        return self._cursor.taken()

    @property
    def taken_chars(self) -> int:
        """How much of the text what was returned so far stands for; the rest is held back."""
        return self._cursor.taken_chars

    def source_chars(self, shown_chars: int) -> int:
        """Tell how much of the text the first ``shown_chars`` of what was returned stand for."""
        return self._cursor.source_chars(shown_chars)

    def growing(self, most_chars: int) -> tuple[str, int]:
        """Lay out the table that is held back, if there is one, in at most so many characters.

        Returns what is shown, empty if there is none, and how much of the text stands once that does.
        """
        shown, chars = self._tables.growing(most_chars)
        return shown, self.taken_chars + chars

    def _go_on(self) -> None:
        cursor = self._cursor
        while cursor.at < len(cursor.held) and self._steps[cursor.state]():
            pass

    def _line(self) -> bool:
        """Read the beginning of a line."""
        cursor = self._cursor
        held, start = cursor.held, cursor.at
        newline = held.find("\n", start, start + MOST_LINE)
        line_end = newline if newline >= 0 else len(held)
        if newline < 0 and cursor.waits(_MOST_BEGUN) and _RULE_BEGUN.fullmatch(held, start):
            return False
        if _RULE.fullmatch(held, start, line_end):
            return cursor.put(RULED_LINE, line_end, State.TEXT)
        lead = end_of_match(LEAD, held, start)
        if newline < 0 and cursor.waits(_MOST_BEGUN) and _BULLET_BEGUN.fullmatch(held, lead):
            return False
        at = end_of_match(_BULLET, held, lead)
        if at == len(held):
            return False if cursor.waits(_MOST_BEGUN) else cursor.go_on(State.TEXT)
        self._in_list = at > lead or (self._in_list and (lead > start or held[at] == "\n"))
        if held[at] in "`~":
            in_item = self._in_list and at == lead
            return self._code.open(at, newline, " " * (lead - start) if in_item and held[start] == " " else "")
        if held[at] == "#" and at == lead:
            return self._heading(at)
        if held[at] == "|" and at == lead:
            return self._tables.open(at, newline)
        return cursor.go_on(State.TEXT)

    def _heading(self, at: int) -> bool:
        cursor = self._cursor
        hashes = run_at(cursor.held, at)
        end = at + len(hashes)
        if end == len(cursor.held) and cursor.waits():
            return False
        if _DEEP.fullmatch(hashes) and cursor.held[end : end + 1] in (" ", "\t"):
            cursor.keep(at)
            cursor.put("###", end)
        return cursor.go_on(State.TEXT)
