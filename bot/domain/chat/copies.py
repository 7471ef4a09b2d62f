"""Takes out of an answer what a model has copied of the prompt's own lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.domain.chat.notes import CHINESE, ENGLISH
from bot.domain.model.messages import PromptMessage, Role

MAX_NOTE_CHARS = 2_000
"""A copy without an end goes on up to its line's, and is at most this long."""

_DAY = "####-##-##"
_DRAWN = tuple(notes.drew_something.format(day=_DAY).removesuffix("]") for notes in (ENGLISH, CHINESE))
_NO_ANSWER = tuple(notes.no_answer for notes in (ENGLISH, CHINESE))
_BEFORE = f"(I drew a picture on {_DAY} and sent it"  # as releases up to 0.1.0 told of a drawing
_QUOTING = tuple(
    head
    for notes in (ENGLISH, CHINESE)
    for head in (notes.quotes.partition("{")[0], notes.quotes_own, notes.end_of_quote)
)
"""How notes begin; ``#`` is any digit."""
_HERE = tuple(notes.here for notes in (ENGLISH, CHINESE))
"""Words for an answer that was a picture: alone, they claim one."""
_OPENING = re.compile(r"[(\[]")
_ENDS = {"(": re.compile(r"[()\n]"), "[": re.compile(r"\\(?:[\\\[\]]|\Z)|[\[\]\n]")}
"""What ends a note, or a bracket within it; one with a backslash before it is of the recipe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a prompt has told that may be copied: how its notes begin, and words that stand for a picture."""

    heads: tuple[str, ...] = (*_DRAWN, *_NO_ANSWER, *_QUOTING, _BEFORE)
    here: tuple[str, ...] = _HERE

    def __bool__(self) -> bool:
        return bool(self.heads or self.here)


def told_in(messages: Iterable[PromptMessage]) -> Told:
    """Find what a prompt tells that may be copied; a user who merely writes like a note in a sentence tells nothing."""
    found: set[str] = set()
    for message in messages:
        text = message.content
        found.update(head for head in (*_DRAWN, *_QUOTING, _BEFORE) if head[:12] in text and _stands_in(text, head))
        if message.role is Role.ASSISTANT:
            found.update(line for line in (*_NO_ANSWER, *_HERE) if line in text and line in text.split("\n"))
    return Told(
        heads=tuple(head for head in (*_DRAWN, *_NO_ANSWER, *_QUOTING, _BEFORE) if head in found),
        here=tuple(words for words in _HERE if words in found),
    )


def _stands_in(text: str, head: str) -> bool:
    """Whether a line of a text begins like a note; that of earlier releases may be anywhere."""
    begins = "" if head == _BEFORE else "^"
    return re.search(begins + re.escape(head).replace(r"\#", r"\d"), text, re.MULTILINE) is not None


class CopyFilter:
    """Holds back what may be the beginning of a copied note, and drops the note.

    An answer that is nothing but the words for a picture (``here``) is dropped too.
    """

    def __init__(self, told: Told | None = None) -> None:
        self._told = Told() if told is None else told
        self._held = ""
        self._start: str | None = ""
        """The beginning of the answer, as long as it may be such words."""
        self._inside = ""
        """How the note began that is being dropped: with which bracket."""
        self._depth = 0
        self._dropped = 0

    def feed(self, text: str) -> str:
        """Take the next piece of an answer; returns what is surely none of a note."""
        if self._start is not None:
            text, self._start = self._start + text, None
            if _may_be(text.strip(), self._told.here):
                self._start = text
                return ""
        if not self._held and not self._inside and not _OPENING.search(text):
            return text
        self._held += text
        return "".join(self._pieces())

    def end(self) -> str:
        """Return what was held back, once nothing more comes."""
        start, self._start = self._start or "", None
        held, self._held = self._held, ""
        return "" if self._inside or start.strip() in self._told.here else start + held

    def _pieces(self) -> Iterator[str]:
        while self._held:
            if self._inside:
                if not self._drop():
                    return
                continue
            found = self._find()
            if found is None:
                yield self._take(len(self._held))
                return
            start, whole = found
            yield self._take(start)
            if not whole:
                return
            self._inside, self._depth, self._dropped = self._held[0], 0, 0

    def _take(self, chars: int) -> str:
        taken, self._held = self._held[:chars], self._held[chars:]
        return taken

    def _find(self) -> tuple[int, bool] | None:
        """Find where a note begins or may begin, and whether it surely does."""
        for opening in _OPENING.finditer(self._held):
            rest = self._held[opening.start() :]
            matching = [head for head in self._told.heads if _begins(rest, head)]
            if matching:
                return opening.start(), any(len(rest) >= len(head) for head in matching)
        return None

    def _drop(self) -> bool:
        """Drop the note, or what there is of it; False if its end has yet to come."""
        for mark in _ENDS[self._inside].finditer(self._held):
            if mark.group() == "\n":
                return self._leave(mark.start())
            if mark.group() == "\\":
                return self._wait(mark.start())
            if mark.group().startswith("\\"):
                continue
            self._depth += 1 if mark.group() == self._inside else -1
            if self._depth == 0:
                return self._leave(mark.end())
        return self._wait(len(self._held))

    def _wait(self, end: int) -> bool:
        """Drop so much, and hold the rest until more has come."""
        self._dropped += end
        self._held = self._held[end:]
        if self._dropped > MAX_NOTE_CHARS:
            self._inside = ""
        return False

    def _leave(self, end: int) -> bool:
        self._held, self._inside = self._held[end:], ""
        return True


def _may_be(text: str, wholes: tuple[str, ...]) -> bool:
    return any(whole.startswith(text) for whole in wholes)


def _begins(text: str, head: str) -> bool:
    """Whether a text, as far as it goes, begins like a head."""
    return all(char == wanted or (wanted == "#" and char.isdecimal()) for char, wanted in zip(text, head, strict=False))
