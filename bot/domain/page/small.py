r"""Small print: the sign by which the bot's own lines in a reply are told from the model's.

Every line of the bot's in a message is small print, ``-# ``. No line of the model's can be: where it would be one, it
is shown as ``-\#``, which Discord writes as ``-#`` and takes for nothing. What is stored stays as the model wrote it.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from bot.domain.page.foreign import is_unseen

SMALL = "-# "

_BREAK = re.compile("([\n\r\x0b\x1c-\x1e\x85\u2028\u2029])")
"""Where a line may begin: Discord's parser takes the second for the first."""
_DROPPED = "\f"
"""What that parser takes out before anything else."""
_MARKS = frozenset("-+*>#_~|.()[]<!0123456789")
"""What may stand at the start of a line before small print: quotes, lists, headings, and styles around them."""
_MANY_MARKS = re.compile(r"[+*>_~|.()[\]<!0-9]{8,}")
"""A run of those that are no part of the sign, nor of a block: one of them is as good as all."""
_FENCE = re.compile(r"```[A-Za-z0-9_+\-.#]*[ \t]*")
_FENCE_END = re.compile(r"[^`]*```[ \t]*")
_BULLET = re.compile(r"[ \t]*(?:[*+-]|\d{1,9}\.)[ \t](?=[ \t]*\S)")
_EMPTY_BULLET = re.compile(r"\s*(?:[*+-]|\d{1,9}\.)\s*")
_INSIDE = r"[^\\`*_~|\[\]<]"
_PAIRED = re.compile(
    rf"""
    (?=[`*_~|\[<])(?:
      (?<!`)`[^`]+`(?!`) | (?<!`)``[^`]+``(?!`)
    | \*\*{_INSIDE}+\*\*(?!\*) | (?<!\*)\*(?!\s){_INSIDE}+(?<!\s)\*(?!\*)
    | __{_INSIDE}+__(?!_) | (?<!\w)_(?!\s){_INSIDE}+(?<!\s)_(?!\w)
    | ~~{_INSIDE}+~~(?![_~]) | (?<!~)~(?!~) | \|\|{_INSIDE}+\|\|(?!\|) | (?<!\|)\|(?!\|)
    | \[{_INSIDE}*\](?:\([^()\s\\<]*\)|(?!\()) | <[^\s<>:@+]*> | <(?=[ ])
    )""",
    re.VERBOSE,
)
"""Marks that are closed in their own line, or are none."""
_LOOSE = re.compile(r"[\\`*_~|\[<]")


def small(words: str) -> str:
    """Write the bot's own words as small print, each line of them."""
    return "\n".join(f"{SMALL}{line}" if line else line for line in words.split("\n"))


class _Lines:
    """Follows a text: what its line begins with, and whether it is in a code block.

    A block counts as one only while nothing before it can reach over its beginning, in whatever way Discord reads it:
    else a text could end it where nobody expects that.
    """

    def __init__(self) -> None:
        self._line: list[str] = []
        self._ticks = 0
        self._in_code = False
        self._blank = True
        self._tidy = True
        self.begins = True
        """Whether the line has marks only, so far, and may become small print."""
        self.dash = False
        """Whether the last character that is seen is a dash that may be the first half of the sign."""

    def add(self, piece: str) -> None:
        """Take a piece of a line, with which nothing is done but to find its marks when it ends."""
        if self._tidy:
            self._line.append(piece)

    def step(self, char: str) -> bool:
        """Take a character while the line begins; True if it makes small print of the line."""
        makes = self.dash and char == "#"
        if char != _DROPPED and char.isspace():
            self.dash = False
        elif not is_unseen(char):
            self._ticks += char == "`"
            self.dash = char == "-" and (not self._in_code or self._ticks >= 3)
            # Where code has ended at a line's start, the line may begin behind it.
            self.begins = char in _MARKS or (char == "`" and (self._in_code or not self._tidy))
        return makes

    def end(self, mark: str) -> None:
        """End the line."""
        line = "".join(self._line).replace(_DROPPED, "")
        self._line.clear()
        self.begins, self.dash, self._ticks = True, False, 0
        if not self._tidy:
            return
        if self._in_code:
            if "```" in line:
                self._in_code = False
                # A block with nothing in it has no end there: what follows is its inside.
                self._tidy = _FENCE_END.fullmatch(line) is not None and not (self._blank and line.startswith("```"))
            self._blank = self._blank and not line.strip()
        elif mark == "\n" and _FENCE.fullmatch(line):
            self._in_code = self._blank = True
        else:
            self._tidy = mark == "\n" and _is_tidy(line)


def _is_tidy(line: str) -> bool:
    """Whether nothing that a line begins lasts beyond it. An item of a list that is empty takes the next line in."""
    if _EMPTY_BULLET.fullmatch(line):
        return False
    if _LOOSE.search(line) is None:
        return True
    return _LOOSE.search(_PAIRED.sub("", _BULLET.sub("", line, count=1))) is None


class ModelLines:
    """Keeps the lines of a model's text, which comes in pieces, from being small print; work is linear in the text."""

    def __init__(self) -> None:
        self._lines = _Lines()
        self._added: list[int] = []
        self._shown_chars = 0

    def push(self, delta: str) -> str:
        """Take the next piece of the text; returns what is shown of it."""
        if not self._lines.begins and _BREAK.search(delta) is None:
            self._lines.add(delta)
            self._shown_chars += len(delta)
            return delta
        return "".join(map(self._shown, _BREAK.split(delta)))

    def source_chars(self, shown_chars: int) -> int:
        """Tell how much of the text the first ``shown_chars`` of what is shown stand for."""
        return shown_chars - bisect_left(self._added, shown_chars)

    def _shown(self, piece: str) -> str:
        if _BREAK.fullmatch(piece):
            self._lines.end(piece)
        else:
            self._lines.add(piece)
            piece = self._defused(piece) if self._lines.begins else piece
        self._shown_chars += len(piece)
        return piece

    def _defused(self, piece: str) -> str:
        parts: list[str] = []
        start = at = 0
        while at < len(piece) and self._lines.begins:
            if self._lines.step(piece[at]):
                self._added.append(self._shown_chars + at + len(parts))
                parts.append(piece[start:at])
                start = at
            many = _MANY_MARKS.match(piece, at)
            at = many.end() if many else at + 1
        return "\\".join((*parts, piece[start:]))


def model_text(shown: str) -> str:
    """Read back what the model wrote where that is shown; one that wrote ``-\\#`` itself loses its backslash."""
    lines = _Lines()
    found: list[str] = []
    for piece in _BREAK.split(shown):
        if _BREAK.fullmatch(piece):
            lines.end(piece)
            found.append(piece)
        else:
            written = _restored(lines, piece) if lines.begins else piece
            lines.add(written)
            found.append(written)
    return "".join(found)


def _restored(lines: _Lines, piece: str) -> str:
    kept: list[str] = []
    start = 0
    for at, char in enumerate(piece):
        if char == "\\" and lines.dash and piece.startswith("#", at + 1):
            kept.append(piece[start:at])
            start = at + 1
            continue
        lines.step(char)
        if not lines.begins:
            break
    return "".join((*kept, piece[start:]))
