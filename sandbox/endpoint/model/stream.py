"""The model's streamed answer, line by line."""

from __future__ import annotations

import json
from typing import Final

from sandbox.endpoint.answers.pace import Piece

_LOOP_CHARS: Final = 400
_LONGEST_CHARS: Final = 100
_LEAST_CHARS: Final = 60
"""A ruler of signs, or a few equal words, is no loop yet."""


def repeats(text: str) -> bool:
    """Tell whether a text ends in the same again and again: at least four times, and at least 60 characters of it."""
    for length in range(1, min(_LONGEST_CHARS, len(text) // 4) + 1):
        end = text[-max(_LEAST_CHARS, 4 * length) :]
        if len(end) >= _LEAST_CHARS and end[:-length] == end[length:]:
            return True
    return False


class ModelStream:
    """Makes pieces of the lines of one streamed answer (server-sent events of chat completions)."""

    def __init__(self) -> None:
        self.done = False
        """Whether the last line was heard."""
        self.said = False
        """Whether there was any text."""
        self.looping = False
        """Whether it says the same over and over."""
        self._held, self._held_tokens = "", 0
        self._tail = ""
        self._finish = ""
        self._tokens = 0
        self._usage: dict[str, int] = {}

    def hear(self, line: bytes) -> Piece | None:
        """Return the text of a line, if it has any; blanks before the first word are left out.

        Raises ValueError for what is no answer.
        """
        if not line.startswith(b"data:"):
            return None
        data = line[5:].strip()
        if data == b"[DONE]":
            self.done = True
            return None
        event = json.loads(data)
        if "error" in event:
            raise ValueError("the model told an error")
        self._usage = event.get("usage") or self._usage
        for choice in event.get("choices", ()):
            self._finish = choice.get("finish_reason") or self._finish
            text = choice.get("delta", {}).get("content") or ""
            if text:
                return self._say(text)
        return None

    def _say(self, text: str) -> Piece | None:
        self._tokens += 1
        self._held_tokens += 1
        self._held += text
        shown = self._held if self.said else self._held.lstrip()
        if not shown:
            return None
        piece = Piece(text=shown, tokens=self._held_tokens)
        self.said, self._held, self._held_tokens = True, "", 0
        self._tail = (self._tail + shown)[-_LOOP_CHARS:]
        self.looping = repeats(self._tail)
        return piece

    def end(self) -> Piece:
        """Return the last piece: how the answer ended, and the tokens not counted yet (its end is one too)."""
        rest = max(0, self._usage.get("completion_tokens", 0) - self._tokens)
        finish = "length" if self._finish == "length" else "stop"
        return Piece(text="", tokens=rest, finish=finish, prompt_tokens=self._usage.get("prompt_tokens"))
