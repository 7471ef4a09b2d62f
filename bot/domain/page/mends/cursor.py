"""Where the mending of a text is: what was taken of it, what is held back, and what is shown for it."""

from __future__ import annotations

import re
from bisect import bisect_left
from enum import Enum, auto
from typing import Final

MOST_LINE: Final = 2000
"""Characters of a line, or of a link, that are waited for."""


class State(Enum):
    """What is read next."""

    LINE = auto()
    """A line's beginning."""
    TEXT = auto()
    CODE = auto()
    """Code in a line, or a block that begins within one."""
    ADDRESS = auto()
    """The address of a link that has words."""
    BLOCK_LINE = auto()
    """A line's beginning in a block of code."""
    BLOCK_TEXT = auto()
    ROWS = auto()
    """The rows of a table, which is held back."""


class Cursor:
    """Goes through a text that comes in pieces, and knows what of the text each part of what is shown stands for."""

    def __init__(self) -> None:
        self.held = ""
        """The text that is not taken yet, from index ``at`` on."""
        self.at = 0
        self.ended = False
        """Whether nothing comes behind what is held."""
        self.state = State.LINE
        self.taken_chars = 0
        """How much of the text is taken."""
        self._shown: list[str] = []
        self._shown_chars = 0
        # Where what is shown is not the text itself: starts and ends there, and in the text.
        self._starts: list[int] = []
        self._changes: list[tuple[int, int, int]] = []

    def passes(self, words: str) -> str:
        """Take a piece that is shown as it is, while nothing is held; returns it."""
        self._shown_chars += len(words)
        self.taken_chars += len(words)
        return words

    def keep(self, end: int, state: State | None = None) -> bool:
        """Show the text as it is up to ``end``; goes on in ``state``. True, for a step that has moved on."""
        self._show(self.held[self.at : end], end)
        self.state = state or self.state
        return True

    def put(self, words: str, end: int, state: State | None = None) -> bool:
        """Show ``words`` for the text up to ``end``; goes on in ``state``. True, for a step that has moved on."""
        if words != self.held[self.at : end]:
            start = self.taken_chars
            self._starts.append(self._shown_chars)
            self._changes.append((self._shown_chars + len(words), start, start + end - self.at))
        self._show(words, end)
        self.state = state or self.state
        return True

    def go_on(self, state: State) -> bool:
        """Read what is held in another state. True, for a step that has moved on."""
        self.state = state
        return True

    def waits(self, most_chars: int = MOST_LINE) -> bool:
        """Whether to wait for more of what begins here, which holds so many characters at most."""
        return not self.ended and len(self.held) - self.at < most_chars

    def taken(self) -> str:
        """Return what was shown since the last call, and let go of the text for it."""
        self.held = self.held[self.at :]
        self.at = 0
        shown = "".join(self._shown)
        self._shown.clear()
        return shown

    def source_chars(self, shown_chars: int) -> int:
        """Tell how much of the text the first ``shown_chars`` of what was shown stand for.

        What was written in other words counts once all of it is there.
        """
        index = bisect_left(self._starts, shown_chars) - 1
        if index < 0:
            return shown_chars
        end, source_start, source_end = self._changes[index]
        return source_end + shown_chars - end if shown_chars >= end else source_start

    def _show(self, words: str, end: int) -> None:
        self._shown.append(words)
        self._shown_chars += len(words)
        self.taken_chars += end - self.at
        self.at = end


def end_of_match(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Find where a pattern ends that begins at ``at``; ``at`` where it does not."""
    found = pattern.match(text, at)
    return found.end() if found else at


def run_at(text: str, at: int) -> str:
    """Return the run of one character that begins at ``at``."""
    end = at
    while end < len(text) and text[end] == text[at]:
        end += 1
    return text[at:end]
