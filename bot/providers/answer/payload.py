"""Base64 inside text: where it ends, also if it is broken into lines."""

from __future__ import annotations

import re
from io import StringIO
from typing import Final

MAGIC: Final = re.compile(r"iVBORw0KGgo|/9j/[247]|R0lGOD[dl]h|UklGR[A-Za-z0-9+/]{6}XRUJQ")
"""How PNG, JPEG, GIF and WebP begin in base64: their magic bytes."""
LEAST_CHARS: Final = 60
"""What begins like a picture and is shorter is text: no picture is so small."""

_OTHER: Final = re.compile(r"[^A-Za-z0-9+/=_%\-]+")
_ENDS_MARKUP: Final = re.compile(r"[^A-Za-z0-9+/=_%\-\s]|(?<!\s)[ \t]")
_LINE_BREAK: Final = re.compile(r"[ \t]*\r?\n[ \t]*")
_ENDS_LINE: Final = re.compile(r"[ \t]*\r?(?:\n|\Z)|[)\]\"'<>`]")
_LINE_CHARS: Final = range(LEAST_CHARS, 1025)
"""How long the lines are into which base64 is broken: 76 in e-mails, 64 in PEM."""
_WORD: Final = re.compile(r"[A-Z]?[a-z]{0,20}|[A-Z]{1,10}")


def is_inside(url: str) -> bool:
    """Whether what should be a picture's address is the picture itself."""
    return url[:5].lower() == "data:" or MAGIC.match(url) is not None


class Payload:
    """Takes text that begins with base64, and tells where that ends.

    ``enclosed`` in markup it ends with the first character that is none of it, line breaks aside. Otherwise lines tell:
    all but the first and the last are of one length, and what follows them is text again. ``least_line_chars`` is how
    short the first may be, which may hold a head too.
    """

    def __init__(self, *, enclosed: bool, least_line_chars: int = 0) -> None:
        self._enclosed = enclosed
        self._least_line_chars = least_line_chars
        self._taken = StringIO()
        self._line = StringIO()
        self._line_chars = 0
        self._lines = 0
        self._width = 0
        self._break = ""
        self._gap = ""
        self._last = "\n"

    def feed(self, text: str) -> tuple[str, str] | None:
        """Take the next text; return (base64, the text after it) once it has ended, else None."""
        if self._enclosed:
            return self._feed_enclosed(text)
        at = 0
        while at < len(text):
            if (found := _OTHER.match(text, at)) is not None:
                self._gap += found.group()
                at = found.end()
                if not self._gap.isspace():
                    return self._end(text[at:])
                continue
            if self._gap and not self._goes_on():
                return self._end(text[at:])
            found = _OTHER.search(text, at)
            end = len(text) if found is None else found.start()
            self._line.write(text[at:end])
            self._line_chars += end - at
            at = end
        return None

    def close(self) -> tuple[str, str]:
        """Return (base64, the text after it) once nothing more comes."""
        return self._end("")

    def _feed_enclosed(self, text: str) -> tuple[str, str] | None:
        # Nothing but base64 is the rule, and found faster.
        found = _OTHER.search(text) and _ENDS_MARKUP.search(self._last + text, 1)
        end = len(text) if found is None else found.start() - 1
        self._taken.write(text[:end])
        self._last = text[-1:] or self._last
        return None if found is None else self._end(text[end:])

    def _goes_on(self) -> bool:
        """Whether the gap may be within base64; if so, begin its next line."""
        chars = self._line_chars
        if self._lines == 0:
            fits = self._least_line_chars <= chars < _LINE_CHARS.stop
        elif self._lines == 1:
            fits = chars in _LINE_CHARS
        else:
            fits = chars == self._width
        if not fits or not _LINE_BREAK.fullmatch(self._gap):
            return False
        self._width = chars
        self._taken.write(self._line.getvalue())
        self._line, self._line_chars = StringIO(), 0
        self._break, self._gap = self._gap, ""
        self._lines += 1
        return True

    def _end(self, rest: str) -> tuple[str, str]:
        """Decide about the last line, whether it is base64 too, or the first word after it."""
        if self._enclosed:
            data = self._taken.getvalue()
            return "".join(data.split()), (" " if data[-1:].isspace() else "") + rest
        line, after = self._line.getvalue(), self._gap + rest
        if self._lines and self._is_text(line):
            line, after = "", self._break + line + after
        return self._taken.getvalue() + line, after

    def _is_text(self, line: str) -> bool:
        if line.endswith("="):
            return False
        too_long = self._lines > 1 and self._line_chars > self._width
        return too_long or not _ENDS_LINE.match(self._gap) or _WORD.fullmatch(line) is not None
