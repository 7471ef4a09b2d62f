"""Where a JSON value ends in a text that arrives in pieces, found without parsing it twice."""

from __future__ import annotations

import re
from typing import Final

from bot.errors import ErrorKind, ProviderError

MAX_DEPTH: Final = 64
"""Brackets within brackets; the documented answers have five."""

_OUTSIDE: Final = re.compile(r'[{}\[\]"\r\n]')
_INSIDE: Final = re.compile(r'["\\\r\n]')
_TOKEN_STARTS: Final = frozenset('{}[]",:-0123456789tfn')


class JsonValue:
    """Finds where a JSON value ends, and where it can't be one any more."""

    __slots__ = ("_escaped", "_fresh", "_last", "_quoted", "_stack", "broken", "open")

    def __init__(self) -> None:
        self.open = False
        self.begin()
        self.open = False

    def begin(self) -> None:
        """Start with the value's opening bracket as the next character."""
        self.open = True
        self.broken = False
        self._stack: list[str] = []
        self._quoted = False
        self._escaped = False
        self._fresh = False
        self._last = ""

    def scan(self, text: str, at: int) -> int:
        """Read on from ``at``; return how far the value goes, or where to read on after a broken one."""
        begin = at
        while at < len(text):
            if self._quoted:
                at = self._scan_string(text, at)
            else:
                if self._fresh:
                    at = self._scan_line_start(text, at)
                    if at == len(text):
                        break
                if not self.broken:
                    at = self._scan_structure(text, at, begin)
            if self.broken or not self.open:
                return at
        if not self._quoted:
            self._note_last(text, begin, len(text))
        return at

    def _scan_string(self, text: str, at: int) -> int:
        if self._escaped:
            self._escaped = False
            # A line end is left for the search below, which knows that the string is broken.
            if text[at] not in "\r\n":
                return at + 1
        found = _INSIDE.search(text, at)
        if found is None:
            return len(text)
        char = found.group()
        if char == '"':
            self._quoted = False
            self._last = char
        elif char == "\\":
            self._escaped = True
        else:
            self.broken = True
            return found.start()
        return found.end()

    def _scan_line_start(self, text: str, at: int) -> int:
        """Tell a continued value from a new one, or from a line of server-sent events, after a broken one."""
        while at < len(text) and text[at] in " \t\r\n":
            at += 1
        if at == len(text):
            return at
        self._fresh = False
        char = text[at]
        if char in "{[":
            fits = self._last in (":", "[") or (self._last == "," and self._stack[-1] == "[")
            self.broken = not fits
        else:
            self.broken = char not in _TOKEN_STARTS
        return at

    def _scan_structure(self, text: str, at: int, begin: int) -> int:
        found = _OUTSIDE.search(text, at)
        if found is None:
            return len(text)
        char = found.group()
        if char == '"':
            self._quoted = True
        elif char in "{[":
            self._stack.append(char)
            if len(self._stack) > MAX_DEPTH:
                raise ProviderError(ErrorKind.PROTOCOL, "the answer is nested too deeply")
        elif char in "}]":
            self._stack.pop()
            self.open = bool(self._stack)
        else:
            self._note_last(text, begin, found.start())
            self._fresh = True
        return found.end()

    def _note_last(self, text: str, begin: int, end: int) -> None:
        """Remember the last character that is no white space."""
        while end > begin and text[end - 1] in " \t\r\n":
            end -= 1
        if end > begin:
            self._last = text[end - 1]
