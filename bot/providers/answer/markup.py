"""Pictures inside text that is shown while it arrives: taken out whole, never shown as half a URL or as base64."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from typing import Final

from bot.providers.answer.forms import DATA_HEAD, FORMS, LABEL_CHARS, states_progress
from bot.providers.answer.parts import PictureReference
from bot.providers.answer.payload import LEAST_CHARS, MAGIC, Payload, is_inside

_AT_START: Final = r"(?<![A-Za-z0-9+/_\-])"
"""Base64 and data URLs do not begin in the middle of a word, nor of other base64."""
_BASE64: Final = ("iVBORw0KGgo", "/9j/2", "/9j/4", "/9j/7", "R0lGODdh", "R0lGODlh", "UklGR")
_MARK: Final = re.compile(
    rf"`+|\n|\[?!\[|(?i:<img(?=[ \t/])|<a(?=[ \t]))|{_AT_START}(?:(?i:data:image/)|{'|'.join(_BASE64)})", re.ASCII
)


def _beginnings(*openers: str) -> str:
    begun = sorted({opener[:end] for opener in openers for end in range(1, len(opener))}, key=len, reverse=True)
    return "|".join(map(re.escape, begun))


# "<img" and "<a" themselves are among them: whether the name ends there is known with the next character.
_BEGINNING: Final = re.compile(
    rf"(?:(?i:{_beginnings('![', '[![', '<img ', '<a ')})"
    rf"|{_AT_START}(?:(?i:{_beginnings('data:image/')})|{_beginnings(*_BASE64)}))\Z",
    re.ASCII,
)
_LONGEST_BEGINNING: Final = 11
_PLAIN: Final = re.compile(r"(?:[^`\n!\[<dDiRU/]++|(?<=[A-Za-z0-9+/_\-])[dDiRU/])*+", re.ASCII)
"""What can be no beginning: most of most answers, found with one look."""
_DATA_URL: Final = re.compile(DATA_HEAD, re.IGNORECASE)
_OPEN_DATA_URL: Final = re.compile(r"data:image/[a-z0-9.+\-;=_]{0,200}\Z", re.IGNORECASE)
_DATA_IN_MARKUP: Final = re.compile(rf"(?:\]\([ \t]*<?|[\s/]src\s*=\s*[\"']?){DATA_HEAD}", re.IGNORECASE)
_STASHED: Final = re.compile(rf"({DATA_HEAD})(\d+)", re.IGNORECASE)
_MARKUP_CHARS: Final = 10_000
"""Markup that is longer, its base64 aside, is text."""
_SLICE_CHARS: Final = 256


class MarkupGate:
    """Lets text through and takes the pictures out of it.

    Code, inline or fenced, goes through untouched, unless ``code`` says to look into it, too. Of an address that
    ``takes`` says no to, a link stays in the text; None: all are taken.
    """

    def __init__(self, *, code: bool = False, takes: Callable[[PictureReference], bool] | None = None) -> None:
        self._looks_into_code = code
        self._takes = takes
        self._before = " "
        self._tail = ""
        self._code = ""
        self._opener = ""
        self._held = ""
        self._stash: list[str] = []
        self._looked = 0
        self._payload: Payload | None = None
        self._recent: deque[str] = deque(maxlen=LABEL_CHARS + 2)
        self.references: list[PictureReference] = []
        """The pictures so far, in the order of the text."""
        self.openers: list[str] = []
        """How each of them began."""

    def feed(self, text: str) -> str:
        """Take the next text; return what is certainly no picture."""
        if not self._opener and not self._tail and text and _PLAIN.fullmatch(text):
            self._before = text[-1]
            self._recent.append(text[-LABEL_CHARS - 1 :])
            return text
        if len(text) > _SLICE_CHARS:
            # With much markup, all that follows would be copied at each: a slice at a time.
            return "".join(self.feed(text[at : at + _SLICE_CHARS]) for at in range(0, len(text), _SLICE_CHARS))
        out: list[str] = []
        while text:
            text = self._collect(text, out) if self._opener else self._pass(text, out)
        return "".join(out)

    def end(self, *, well: bool = True) -> str:
        """Return what is held: it became no picture, unless it is bare base64, which nothing closes.

        Where the answer broke off, half a picture is dropped.
        """
        out: list[str] = []
        while self._opener:
            if not well:
                self._taken()
            elif self._payload is None:
                out.append(self.feed(self._let_go(out)))
            else:
                out.append(self.feed(self._ended(*self._payload.close(), out)))
        rest, self._tail = self._tail, ""
        return "".join(out) + rest

    def _emit(self, text: str, out: list[str]) -> None:
        if text:
            out.append(text)
            self._before = text[-1]
            self._recent.append(text[-LABEL_CHARS - 1 :])

    def _pass(self, text: str, out: list[str]) -> str:
        """Let text go up to the next opener outside code; return what follows from the opener on."""
        text, self._tail = self._before + self._tail + text, ""
        for found in _MARK.finditer(text, 1):
            mark = found.group()
            if self._looks_into_code and mark[0] in "`\n":
                continue
            if mark[0] == "`":
                if found.end() == len(text):
                    self._tail = mark  # more of them may follow
                    self._emit(text[1 : found.start()], out)
                    return ""
                self._code = mark if not self._code else "" if mark == self._code else self._code
            elif mark == "\n":
                # A code span that is not fenced ends with its line: a lone backtick must not hide all that follows.
                self._code = self._code if len(self._code) >= 3 else ""
            elif not self._code:
                self._emit(text[1 : found.start()], out)
                self._opener = mark if mark in _BASE64 else mark.lower()
                return text[found.start() :]
        begun = None if self._code else _BEGINNING.search(text, max(1, len(text) - _LONGEST_BEGINNING))
        keep = begun.start() if begun else len(text)
        self._tail = text[keep:]
        self._emit(text[1:keep], out)
        return ""

    def _collect(self, text: str, out: list[str]) -> str:
        """Gather what may become a picture; return the text to go on with."""
        if self._payload is not None:
            ended = self._payload.feed(text)
            return "" if ended is None else self._ended(*ended, out)
        self._held += text
        return self._markup(out) if self._opener in FORMS else self._bare(out)

    def _markup(self, out: list[str]) -> str:
        """Look whether the markup that is held is whole, or may still become so."""
        form, held = FORMS[self._opener], self._held
        data = _DATA_IN_MARKUP.search(held, self._looked)
        looked = held if data is None else held[: data.end()]
        whole = form.whole.match(looked)
        if whole is not None and whole.end() <= _MARKUP_CHARS:
            reference, words, link = form.read(whole)
            if reference is not None and not self._is_taken(reference):
                self._taken()
                self._emit(link, out)
                return held[whole.end() :]
            if reference is not None:
                self._found(reference, self._opener)
                self._taken()
                self._emit(words, out)
                return held[whole.end() :]
        if whole is not None or len(looked) > _MARKUP_CHARS or not form.open.match(looked):
            return self._let_go(out)
        if data is None:
            return ""
        self._held = looked
        self._payload = Payload(enclosed=True)
        return self._collect(held[data.end() :], out)

    def _bare(self, out: list[str]) -> str:
        """Look where base64 begins in what is held: after the head of a data URL, or at once."""
        held, head = self._held, 0
        if self._opener not in _BASE64:
            if (found := _DATA_URL.match(held)) is None:
                return "" if _OPEN_DATA_URL.match(held) else self._let_go(out)
            head = found.end()
        self._held = held[:head]
        self._payload = Payload(enclosed=False, least_line_chars=0 if head else LEAST_CHARS)
        return self._collect(held[head:], out)

    def _ended(self, data: str, rest: str, out: list[str]) -> str:
        """Take base64 that has ended: a part of the markup that is held, or the picture itself."""
        self._payload = None
        if self._opener in FORMS:
            # Out of the way, so that the markup stays short.
            self._held += str(len(self._stash))
            self._stash.append(data)
            self._looked = len(self._held)
            self._held += rest
            return self._markup(out)
        head = self._held
        if data if head else (len(data) >= LEAST_CHARS and MAGIC.match(data)):
            self._found(PictureReference(url=head + data), self._opener)
            self._taken()
            return rest
        self._held = head + data + rest
        return self._let_go(out)

    def _let_go(self, out: list[str]) -> str:
        """Give up what is held; another picture may begin inside of it."""
        opener, held, stash, looked = self._opener, self._held, self._stash, self._looked
        self._taken()
        if stash:
            # Markup that is damaged around a whole picture.
            for data in stash:
                self._found(PictureReference(url=f"data:;base64,{data}"), "data:image/")
            return held[looked:]
        chars = 1 if opener == "[![" else len(opener)
        self._emit(held[:chars], out)
        return held[chars:]

    def _taken(self) -> None:
        self._opener, self._held, self._stash, self._looked, self._payload = "", "", [], 0, None

    def _is_taken(self, reference: PictureReference) -> bool:
        return self._takes is None or is_inside(reference.url) or self._takes(reference)

    def _found(self, reference: PictureReference, opener: str) -> None:
        """Note a picture; its label is the last line before it."""
        label = "".join(self._recent)[-LABEL_CHARS - 1 :].rstrip().rpartition("\n")[2]
        self._recent.clear()
        self._before = ")"
        self.openers.append(opener)
        self.references.append(
            PictureReference(
                url=self._unstashed(reference.url),
                thumbnail=self._unstashed(reference.thumbnail),
                preview=reference.preview or states_progress(label.strip()),
            )
        )

    def _unstashed(self, url: str) -> str:
        found = _STASHED.fullmatch(url.strip()) if self._stash else None
        return url if found is None else found[1] + self._stash[int(found[2])]
