"""Lines of Discord's Markdown: code fences and quotes, told line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

QUOTE = "> "
QUOTE_ALL = ">>> "

_MAX_TICKS = 8
_MAX_LANGUAGE_CHARS = 20

MAX_CLOSING_UNITS = 1 + len(QUOTE) + _MAX_TICKS
"""The longest that ``Block.closing`` gets."""

_OPENING = re.compile(rf"[ \t]*(?:(?:[-*+]|\d{{1,9}}[.)])[ \t]+)?(`{{3,{_MAX_TICKS}}})(?!`)([^`]*)")
_OPENING_INSIDE = re.compile(rf"(?<!`)(`{{3,{_MAX_TICKS}}})([A-Za-z0-9_+#-]*)[ \t]*")
_TICKS = re.compile(r"`{3,}")
_QUOTED = re.compile(r"[ ]{0,3}> ?(?!>>)")
_LANGUAGE = re.compile(rf"[A-Za-z0-9_+\-.#]{{1,{_MAX_LANGUAGE_CHARS}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """A code fence that is open: its backticks, its language (empty: none), and whether each line is quoted."""

    ticks: str
    language: str
    quoted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What is open at the start of a line. ``quote_all`` is ``>>>``, which lasts to the end of the message."""

    fence: Fence | None = None
    quote_all: bool = False

    def opening(self, *, quoted: bool) -> str:
        """Write what a page starts with that begins here; ``quoted``: in the middle of a line quoted by ``>``."""
        head = QUOTE_ALL if self.quote_all else ""
        quote = QUOTE if quoted and not self.quote_all else ""
        if self.fence is None:
            return head + quote
        return head + (QUOTE if self.fence.quoted else "") + self.fence.ticks + self.fence.language + "\n" + quote

    def closing(self, line: str) -> str:
        """Write what a page ends with that stops here; ``line`` is the page's last line, without white space after it.

        Where it is the first part of the fence's own end, the rest of that.
        """
        if self.fence is None:
            return ""
        bare = unquoted(line).strip()
        if bare and bare == "`" * len(bare) and len(bare) < len(self.fence.ticks):
            return self.fence.ticks[len(bare) :]
        return "\n" + (QUOTE if self.fence.quoted else "") + self.fence.ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a line does: the block after it, and where its fence marker starts in it (-1: it has none)."""

    after: Block
    marker: int = -1


def is_quoted(line: str) -> bool:
    """Tell whether a line is quoted by ``>``."""
    return _QUOTED.match(line) is not None


def unquoted(line: str) -> str:
    """Take the ``>`` off a line."""
    return line[_quote_length(line) :]


def _quote_length(line: str) -> int:
    match = _QUOTED.match(line)
    return match.end() if match else 0


def read_line(block: Block, line: str) -> Line:
    """Follow one line, which may be unfinished: it is read as if the text ended with it.

    A fence opens with three to eight backticks at the start of a line, or after words at its end as Discord has it,
    and closes with as many or more that stand alone or end a line.
    """
    if block.fence is None and not block.quote_all and line.startswith(QUOTE_ALL):
        block = replace(block, quote_all=True)
        inner = read_line(block, line[len(QUOTE_ALL) :])
        return inner if inner.marker < 0 else replace(inner, marker=inner.marker + len(QUOTE_ALL))
    if "```" not in line:
        return Line(after=block)
    skip = _quote_length(line)
    if block.fence is not None:
        bare = line.rstrip()
        run = len(bare) - len(bare.rstrip("`"))
        if run >= len(block.fence.ticks):
            return Line(after=replace(block, fence=None), marker=len(bare) - run)
        return Line(after=block)
    match = _OPENING.fullmatch(line, skip)
    if match is None:
        runs = list(_TICKS.finditer(line, skip))
        match = _OPENING_INSIDE.fullmatch(line, runs[-1].start()) if len(runs) % 2 else None
    if match is None:
        return Line(after=block)
    word = match[2].split(maxsplit=1)[0] if match[2].strip() else ""
    language = word if _LANGUAGE.fullmatch(word) else ""
    fence = Fence(ticks=match[1], language=language, quoted=skip > 0 and not block.quote_all)
    return Line(after=replace(block, fence=fence), marker=match.start(1))
