"""The answer's text on its way to the reader: what is new of it, fit to be stored, without what must not be shown."""

from __future__ import annotations

import hashlib
import re
from typing import Final

SENTINEL: Final = "This is a drawing request*&^**#"
"""What the fusion endpoint answers instead of drawing when ``output_img`` is false (endpoints.md, section 1)."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_BLANK_CHARS: Final = 256
_OPEN_THINK: Final = "<think>"
_CLOSE_THINK: Final = "</think>"


def held_suffix(text: str, target: str) -> int:
    """Return where the longest suffix of ``text`` begins that is a proper prefix of ``target``; its length if none."""
    for at in range(max(0, len(text) - len(target) + 1), len(text)):
        if target.startswith(text[at:]):
            return at
    return len(text)


class Unseen:
    """Tells what of a text is new, whether it comes as increments or complete.

    Of what was seen, only the length and a digest are kept: memory stays flat however long the answer gets.
    """

    def __init__(self) -> None:
        self._chars = 0
        self._digest = hashlib.blake2b(digest_size=16)
        self._increments = False

    def piece(self, text: str) -> str:
        """Take an increment; all of it is new."""
        self._increments = self._increments or bool(text)
        return self._take(text)

    def whole(self, text: str) -> str:
        """Take complete text; return the rest that was not seen.

        Text that contradicts the increments adds nothing. Where there were none, "complete" texts that don't repeat
        what came before were increments after all.
        """
        if self._digest_of(text[: self._chars]) == self._digest.digest():
            return self._take(text[self._chars :])
        return "" if self._increments else self._take(text)

    def _take(self, text: str) -> str:
        self._chars += len(text)
        self._digest.update(text.encode("utf-8", "surrogatepass"))
        return text

    def _digest_of(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Cleaner:
    """Makes text storable: no NUL, no half of a surrogate pair; pairs that were cut apart are joined."""

    def __init__(self) -> None:
        self._high = ""

    def feed(self, text: str) -> str:
        """Take the next text; half a pair at its end waits for the other half."""
        if self._high and text:
            text, self._high = self._high + text, ""
        if not text.isascii() and _SURROGATE.search(text):
            if "\ud800" <= text[-1] <= "\udbff":
                text, self._high = text[:-1], text[-1]
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return text.replace("\0", "")

    def end(self) -> str:
        """Return what stands for a half whose other half never came."""
        rest, self._high = self._high, ""
        return "\N{REPLACEMENT CHARACTER}" if rest else ""


class SentinelGate:
    """Lets text through, but never the sentinel nor a beginning of it that may become one."""

    def __init__(self) -> None:
        self._held = ""
        self._passed = False
        self.met = False
        """Whether the sentinel was taken out somewhere."""

    def feed(self, text: str) -> str:
        """Take the next text; return what is certainly no part of the sentinel."""
        text, self._held = self._held + text, ""
        if SENTINEL in text:
            if not self._passed and text.strip() == SENTINEL:
                self._held = text
                return ""
            self.met = True
            text = text.replace(SENTINEL, "")
        if not self._passed and not text.strip() and len(text) < _BLANK_CHARS:
            self._held = text
            return ""
        at = held_suffix(text, SENTINEL)
        # What is blank so far stays with the suffix: an intent comes without any text.
        if not self._passed and not text[:at].strip() and at < _BLANK_CHARS:
            at = 0
        text, self._held = text[:at], text[at:]
        self._passed = self._passed or bool(text)
        return text

    @property
    def intent(self) -> bool:
        """Whether the whole text so far is the sentinel."""
        return not self._passed and self._held.strip() == SENTINEL

    def end(self) -> str:
        """Let the rest go when the answer ended well: it did not become the sentinel."""
        rest, self._held = self._held, ""
        if SENTINEL in rest:
            self.met = True
            rest = rest.replace(SENTINEL, "")
        return rest if self._passed or rest.strip() else ""


class ThinkGate:
    """Keeps ``<think>…</think>`` at the start of an answer apart from it."""

    def __init__(self) -> None:
        self._held = ""
        self._state = "start"

    def feed(self, text: str) -> tuple[str, str]:
        """Take the next text; return (reasoning, answer) as far as both are certain."""
        if self._state == "answer":
            return "", text
        text, self._held = self._held + text, ""
        if self._state == "start":
            begun = text.lstrip()
            if _OPEN_THINK.startswith(begun) and begun != _OPEN_THINK and len(text) < _BLANK_CHARS:
                self._held = text
                return "", ""
            if not begun.startswith(_OPEN_THINK):
                self._state = "answer"
                return "", text
            self._state = "think"
            text = begun[len(_OPEN_THINK) :]
        if self._state == "think":
            at = text.find(_CLOSE_THINK)
            if at < 0:
                at = held_suffix(text, _CLOSE_THINK)
                self._held = text[at:]
                return text[:at], ""
            self._state = "after"
            reasoning, text = text[:at], text[at + len(_CLOSE_THINK) :]
        else:
            reasoning = ""
        text = text.lstrip()
        if text:
            self._state = "answer"
        return reasoning, text

    def end(self) -> tuple[str, str]:
        """Return what was held, as reasoning or answer, whichever it is."""
        rest, self._held = self._held, ""
        return (rest, "") if self._state == "think" else ("", rest)
