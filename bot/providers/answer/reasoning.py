"""Takes reasoning and a model's own marks out of the text of an answer, wherever a server has left them there."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final

from bot.providers.answer.marks import (
    ANSWER,
    CLOSE,
    CLOSING,
    CODE_MARK,
    HEADER_END,
    HEADS,
    HIDDEN_END,
    LINK,
    LONGEST,
    MARK,
    MAX_TICKS,
    OPEN,
    SMALL,
    TALK_END,
    WORDS,
    header_over,
    is_final,
    is_header,
    name_of,
)

_STARTERS: Final = "<◁["
_FENCE_CHARS: Final = 3
_BLANK_CHARS: Final = 256
_SENTENCE_ENDS: Final = frozenset(".!?…。！？")
_BEHIND_WORDS: Final = frozenset(":,;)]|*\"'：，；）」』”’")


class _Mode(Enum):
    """What the text is at the moment."""

    ANSWER = auto()
    BLOCK = auto()
    """Reasoning, up to a closing mark."""
    DOUBTFUL = auto()
    """What follows an opening mark in the middle of a line: reasoning if it is closed, else words about the mark."""
    HEADER = auto()
    """The role and the channel of a message in the harmony format."""
    HIDDEN = auto()
    """A message in the harmony format that is not for the reader."""


class ThinkGate:
    """Keeps reasoning that a server leaves in the text apart from the answer.

    Blocks in the marks that models use are reasoning, at the start of the answer and later; of the harmony format only
    the channel *final* is the answer. Marks of a model's own, such as ends of a turn, are dropped. Code, inline or
    fenced, goes through untouched. A closing mark that nothing opened says that all text before it was reasoning:
    ``retracts`` is then true, if some of that was let through already. Within a line, marks may be words about them:
    such a closing mark that follows no sentence's end and ends no line, an opening mark that nothing closes, and two
    with a few words between them, which are no more than "and" where the answer had reasoning in marks before. An
    opening mark amid a sentence must be closed on its line.
    """

    def __init__(self) -> None:
        self.retracts = False
        """Whether what was let through before the last ``feed`` or ``end`` was reasoning; the caller sets it back."""
        self.thought = False
        """Whether there was any reasoning."""
        self._mode = _Mode.ANSWER
        self._plain = False  # whether the short way may be taken
        self._held = ""
        self._code = ""
        self._before = ""  # enough of the text that was let through last to tell where on its line it ends
        self._lead = ""
        self._fresh = True  # nothing but blanks was let through
        self._strip = False
        self._let_through = False
        self._closed = False
        self._wrapped = False
        self._ending = False
        self._talks = False  # the opening mark is in the middle of a sentence
        self._gathered: list[str] = []
        self._thoughts: list[str] = []
        self._answer: list[str] = []

    def feed(self, text: str) -> tuple[str, str]:
        """Take the next text; return (reasoning, answer) as far as both are certain."""
        if self._plain and "<" not in text and "`" not in text and "[" not in text and "◁" not in text:
            if text.isspace():
                self._note(text)
            elif text:
                self._before = text
            return "", text
        text, self._held = self._held + text, ""
        at = 0
        while at < len(text):
            at = self._step(text, at)
        return self._given()

    def end(self) -> tuple[str, str]:
        """Return what was held, as reasoning or answer, whichever it is."""
        self._ending = True
        reasoning, answer = self.feed("")
        held = "".join(self._gathered)
        if self._mode is _Mode.DOUBTFUL or (self._mode is _Mode.HEADER and not is_header(held)):
            self._show(held)
        if self._lead:
            self._answer.append(self._lead)
        more_reasoning, more_answer = self._given()
        return reasoning + more_reasoning, answer + more_answer

    def _given(self) -> tuple[str, str]:
        reasoning, answer = "".join(self._thoughts), "".join(self._answer)
        self._thoughts.clear()
        self._answer.clear()
        self.thought = self.thought or bool(reasoning.strip())
        self._let_through = self._let_through or bool(answer)
        self._plain = (
            self._mode is _Mode.ANSWER and not (self._held or self._code or self._fresh or self._strip)
        )  # fmt: skip
        return reasoning, answer

    def _step(self, text: str, at: int) -> int:
        """Read on from ``at``; return how far it was read."""
        match self._mode:
            case _Mode.ANSWER:
                return self._in_code(text, at) if self._code else self._in_answer(text, at)
            case _Mode.BLOCK | _Mode.DOUBTFUL:
                return self._in_block(text, at)
            case _Mode.HEADER:
                return self._in_header(text, at)
            case _Mode.HIDDEN:
                return self._in_hidden(text, at)

    def _in_code(self, text: str, at: int) -> int:
        found = CODE_MARK.search(text, at)
        if found is None:
            self._show(text[at:])
            return len(text)
        mark = found.group()
        if mark != "\n" and self._may_grow(text, found):
            return self._hold(text, at, found.start())
        # A code span that is not fenced ends with its line: a lone backtick must not hide all that follows.
        if mark == self._code or (mark == "\n" and len(self._code) < _FENCE_CHARS):
            self._code = ""
        self._show(text[at : found.end()])
        return found.end()

    def _in_answer(self, text: str, at: int) -> int:
        found = MARK.search(text, at)
        if found is None:
            return self._hold(text, at, self._begun(text, at))
        mark, begin, end = name_of(found), found.start(), found.end()
        if mark[0] == "`":
            if self._may_grow(text, found):
                return self._hold(text, at, begin)
            self._show(text[at:end])
            self._code = mark
            return end
        if mark in CLOSE and end == len(text) and not self._ending:
            return self._hold(text, at, begin)  # what follows it says what it is
        self._show(text[at:begin])
        self._meet(mark, text, begin, end)
        return end

    def _may_grow(self, text: str, ticks: re.Match[str]) -> bool:
        """Whether more backticks may follow those at the end of the text."""
        return ticks.end() == len(text) and len(ticks.group()) < MAX_TICKS and not self._ending

    def _meet(self, mark: str, text: str, begin: int, end: int) -> None:
        """Do what a mark outside of code says; what comes before it was let through."""
        if mark in OPEN:
            self._open(text[begin:end])
        elif mark in CLOSE:
            if not self._fresh and self._in_words(text[end : end + 1]):
                self._show(text[begin:end])
            else:
                self._close_unopened()
        elif mark in HEADS:
            self._mode = _Mode.HEADER
            self._gathered = [mark]
        elif mark == "<answer>" and self._fresh:
            self._wrapped, self._strip, self._lead = True, True, ""
        elif mark == "</answer>" and self._wrapped:
            self._wrapped = False
        elif mark in ANSWER:
            self._show(text[begin:end])

    def _in_words(self, following: str) -> bool:
        """Whether what was let through and what follows make a closing mark words about it."""
        return self._on_line() and self._before[-1] not in _SENTENCE_ENDS and following not in ("\r", "\n")

    def _on_line(self) -> bool:
        """Whether there is text on the line already."""
        return not self._fresh and bool(self._before.rpartition("\n")[2].strip())

    def _open(self, mark: str) -> None:
        if not self._on_line():
            self._mode, self._lead = _Mode.BLOCK, ""
        elif (
            not self._closed
            and self._before[-1].isascii()
            and (self._before[-1].isalnum() or self._before[-1] in "_'\"")
        ):
            self._show(mark)  # List<Thought>
        else:
            self._mode, self._gathered = _Mode.DOUBTFUL, [mark]
            self._talks = not self._closed and self._before.rstrip()[-1] not in _SENTENCE_ENDS

    def _close_unopened(self) -> None:
        if not self._closed and not self._fresh:
            self.retracts = self._let_through
            self._thoughts += self._answer
            self._answer.clear()
            self._let_through = False
            self._before = ""
            self._fresh = True
        self._lead = ""
        self._closed = self._strip = True

    def _in_block(self, text: str, at: int) -> int:
        doubtful = self._mode is _Mode.DOUBTFUL
        gathered = self._gathered if doubtful else self._thoughts
        found = CLOSING.search(text, at)
        if doubtful and (over := self._over(text, at, len(text) if found is None else found.start())) is not None:
            return over
        if found is None:
            keep = self._begun(text, at)
            gathered.append(text[at:keep])
            self._held = text[keep:]
            return len(text)
        gathered.append(text[at : found.start()])
        self._mode = _Mode.ANSWER
        if doubtful:
            mark, *words = gathered
            gathered.clear()
            if (LINK if self._closed else WORDS).fullmatch("".join(words)):
                self._show("".join((mark, *words, found.group())))
                return found.end()
            self._thoughts += words
        self._closed = True
        self._strip = not doubtful
        return found.end()

    def _over(self, text: str, at: int, end: int) -> int | None:
        """Say where it is certain that an opening mark is only talked about; None if it is not, up to ``end``."""
        self._talks = self._talks or (len(self._gathered) == 1 and text[at] in _BEHIND_WORDS)
        found = TALK_END.search(text, at, end) if self._talks else None
        if found is None:
            return None
        words = "".join((*self._gathered[1:], text[at : found.start()]))
        if not words.strip() and found.group() != "`":
            self._talks = False  # reasoning that begins on a line of its own
            return None
        self._mode = _Mode.ANSWER
        self._show(self._gathered[0] + words)
        return found.start()

    def _in_header(self, text: str, at: int) -> int:
        found = HEADER_END.search(text, at)
        end = self._begun(text, at) if found is None else found.start()
        self._gathered.append(text[at:end])
        header = "".join(self._gathered)
        if (over := header_over(header)) is not None:
            self._mode = _Mode.ANSWER
            self._show(header[:over])
            return end - len(header) + over
        if found is None:
            self._gathered, self._held = [header], text[end:]
            return len(text)
        self._mode = _Mode.ANSWER if is_final(header) else _Mode.HIDDEN
        self._strip = self._fresh
        return found.end()

    def _in_hidden(self, text: str, at: int) -> int:
        found = HIDDEN_END.search(text, at)
        end = self._begun(text, at) if found is None else found.start()
        self._thoughts.append(text[at:end])
        if found is None:
            self._held = text[end:]
            return len(text)
        mark = name_of(found)
        self._mode = _Mode.HEADER if mark in HEADS else _Mode.ANSWER
        self._gathered = [mark]
        return found.end()

    def _begun(self, text: str, at: int) -> int:
        """Return where the text's last part begins that may become a mark; its length if there is none."""
        if self._ending:
            return len(text)
        for begin in range(max(at, len(text) - LONGEST + 1), len(text)):
            if text[begin] in _STARTERS:
                tail = text[begin:].lower()
                if any(mark.startswith(tail) for mark in SMALL):
                    return begin
        return len(text)

    def _hold(self, text: str, at: int, keep: int) -> int:
        self._show(text[at:keep])
        self._held = text[keep:]
        return len(text)

    def _show(self, text: str) -> None:
        if self._strip:
            text = text.lstrip()
            self._strip = not text
        if not text:
            return
        if self._fresh:
            text, self._lead = self._lead + text, ""
            if text.isspace() and len(text) < _BLANK_CHARS:
                self._lead = text
                return
            self._fresh = text.isspace()
        self._answer.append(text)
        self._note(text)

    def _note(self, text: str) -> None:
        if not text.isspace() or len(self._before) > _BLANK_CHARS:
            self._before = text
        else:
            self._before += text
