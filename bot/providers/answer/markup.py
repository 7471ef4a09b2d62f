"""Pictures inside text that is shown while it arrives: taken out whole, never shown as half a URL or as base64."""

from __future__ import annotations

import re
from typing import Final

from bot.providers.answer.pictures import ALT, reference_of_markup

_MARK: Final = re.compile(r"`+|\n|!\[|<img(?=[\s/>])|data:image/", re.IGNORECASE | re.ASCII)
_OPENERS: Final = ("![", "<img", "data:image/")
# "<img" itself is among the beginnings: whether the name ends there is known with the next character.
_BEGINNINGS: Final = sorted({"<img", *(o[:end] for o in _OPENERS for end in range(1, len(o)))}, key=len, reverse=True)
_BEGINNING: Final = re.compile(f"(?:{'|'.join(map(re.escape, _BEGINNINGS))})$", re.IGNORECASE | re.ASCII)
_STOPS: Final = {
    "![": re.compile(r"[)\n]"),
    "<img": re.compile(r"[>\n]"),
    "data:image/": re.compile(r"[\s)\"'<>`]"),
}
_OPEN_TARGET: Final = r"[ \t]*<?(?:[hd][^\s()]*(?:\([^\s()]*\)[^\s()]*)*(?:\([^\s()]*|[ \t]+(?:[\"'][^\n]*)?)?)?"
_OPEN_MARKDOWN: Final = re.compile(rf"!\[{ALT}(?:\[[^\[\]\n]{{0,200}}|\](?:\({_OPEN_TARGET})?)?$", re.IGNORECASE)
_MARKUP_CHARS: Final = 10_000
"""Markup that is longer and holds no data URL is text."""


class MarkupGate:
    """Lets text through and takes the pictures out of it; code, inline or fenced, goes through untouched."""

    def __init__(self) -> None:
        self._tail = ""
        self._code = ""
        self._opener = ""
        self._pieces: list[str] = []
        self._chars = 0
        self._long = False
        self.references: list[str] = []
        """The pictures so far, http(s) and data URLs, in the order of the text."""

    def feed(self, text: str) -> str:
        """Take the next text; return what is certainly no picture."""
        out: list[str] = []
        while text:
            text = self._collect(text, out) if self._opener else self._pass(text, out)
        return "".join(out)

    def end(self, *, well: bool = True) -> str:
        """Return what is held: it became no picture, unless it is a bare data URL, which nothing closes.

        Where the answer broke off, half a picture is dropped.
        """
        out: list[str] = []
        while self._opener:
            opener, short = self._opener, self._chars <= _MARKUP_CHARS
            markup = self._taken()
            if well and (reference := reference_of_markup(markup)):
                self.references.append(reference)
            elif well and short:
                out += [markup[: len(opener)], self.feed(markup[len(opener) :])]
        rest, self._tail = self._tail, ""
        return "".join(out) + rest

    def _pass(self, text: str, out: list[str]) -> str:
        """Let text go up to the next opener outside code; return what follows the opener's beginning."""
        text, self._tail = self._tail + text, ""
        at = 0
        for found in _MARK.finditer(text):
            mark = found.group()
            if mark[0] == "`":
                if found.end() == len(text):
                    at = len(text)
                    self._tail = mark  # more of them may follow
                    out.append(text[: found.start()])
                    return ""
                self._code = mark if not self._code else "" if mark == self._code else self._code
            elif mark == "\n":
                # A code span that is not fenced ends with its line: a lone backtick must not hide all that follows.
                self._code = self._code if len(self._code) >= 3 else ""
            elif not self._code:
                out.append(text[at : found.start()])
                self._opener = mark.lower()
                return text[found.start() :]
        begun = None if self._code else _BEGINNING.search(text, max(0, len(text) - 11))
        keep = begun.start() if begun else len(text)
        self._tail = text[keep:]
        out.append(text[at:keep])
        return ""

    def _collect(self, text: str, out: list[str]) -> str:
        """Gather markup up to its end; return the text to go on with."""
        begin = len(self._opener) if not self._pieces else 0
        found = _STOPS[self._opener].search(text, begin)
        end = len(text) if found is None else found.end()
        if found is not None and (self._opener == "data:image/" or found.group() == "\n"):
            end = found.start()  # the stop belongs to the text
        self._pieces.append(text[:end])
        self._chars += end
        rest = text[end:]
        if self._long:
            if found is None:
                return ""
            # Too long for anything but a data URL: a picture, or a broken one, which is of no use to a reader.
            if reference := reference_of_markup(self._taken()):
                self.references.append(reference)
            return rest
        markup = "".join(self._pieces)
        if found is not None and (reference := reference_of_markup(markup)):
            self.references.append(reference)
            self._taken()
            return rest
        complete = found is not None and (found.group() != ")" or self._opener != "![")
        if complete or not self._viable(markup):
            opener = self._opener
            self._taken()
            # Another picture may begin inside of what was gathered.
            out.append(markup[: len(opener)])
            return markup[len(opener) :] + rest
        self._long = self._chars > _MARKUP_CHARS
        return rest

    def _viable(self, markup: str) -> bool:
        """Whether more text may make a picture of the beginning of one."""
        if len(markup) > _MARKUP_CHARS and "data:image/" not in markup[:_MARKUP_CHARS].lower():
            return False
        return self._opener != "![" or _OPEN_MARKDOWN.match(markup) is not None

    def _taken(self) -> str:
        text = "".join(self._pieces)
        self._pieces.clear()
        self._opener, self._chars, self._long = "", 0, False
        return text
