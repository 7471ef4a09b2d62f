"""What an answer brings while it is sent, read from its bytes as a client would: text, finish reason, usage, pace."""

from __future__ import annotations

import json
from typing import Any, Final

_LINE_BYTES: Final = 256 * 1024
"""The longest line that is read; a longer one is counted and passed over."""
TEXT_CHARS: Final = 2_000
"""How much of the text's end is kept."""
BEAT_S: Final = 0.5
BEATS: Final = 120
"""Deltas are counted by half seconds, for the last minute."""
_WORDS_CHARS: Final = 300


class Progress:
    """One answer so far. `beats` are the deltas of each half second since the first, the latest last."""

    def __init__(self) -> None:
        self.bytes = 0
        self.deltas = 0
        self.chars = 0
        self.text = ""
        self.finish: str | None = None
        self.usage: dict[str, int] | None = None
        self.error: str | None = None
        self.beats: list[int] = []
        self._line = bytearray()
        self._first_at: float | None = None
        self._beat = 0

    def feed(self, data: bytes, at: float) -> None:
        """Take the next bytes, sent at `at` (seconds)."""
        self.bytes += len(data)
        before = self.deltas
        *lines, rest = data.split(b"\n")
        for line in lines:
            self._line += line
            self._read()
        self._line += rest
        if len(self._line) > _LINE_BYTES:
            self._line.clear()
        self._count(self.deltas - before, at)

    def finish_line(self) -> None:
        """Read what stands without an end of line: an answer of one JSON body, when it is complete."""
        self._read()

    def rate(self, at: float) -> float:
        """Return the deltas a second of the last two seconds, at `at`."""
        if self._first_at is None:
            return 0.0
        age_s = at - self._first_at
        now = int(age_s / BEAT_S)
        past = self.beats[-4 + min(now - self._beat, 4) :] if now - self._beat < 4 else []
        return round(sum(past) / max(BEAT_S, min(4 * BEAT_S, age_s)), 1)

    def as_json(self, at: float) -> dict[str, object]:
        """Return it for the panel."""
        return {
            "bytes": self.bytes,
            "deltas": self.deltas,
            "chars": self.chars,
            "text": self.text,
            "finish": self.finish,
            "usage": self.usage,
            "error": self.error,
            "beats": list(self.beats),
            "rate": self.rate(at),
        }

    def _count(self, deltas: int, at: float) -> None:
        if self._first_at is None:
            if not deltas:
                return
            self._first_at = at
        beat = max(self._beat, int((at - self._first_at) / BEAT_S))
        missing = min(beat - self._beat, BEATS) if self.beats else 1
        self.beats += [0] * missing
        del self.beats[:-BEATS]
        self._beat = beat
        self.beats[-1] += deltas

    def _read(self) -> None:
        line, self._line = bytes(self._line), bytearray()
        try:
            event = json.loads(line.strip().removeprefix(b"data:"))
        except (ValueError, RecursionError):
            return
        if isinstance(event, dict):
            self._take(event)

    def _take(self, event: dict[str, Any]) -> None:
        error = event.get("error")
        if error is not None:
            words = error.get("message") if isinstance(error, dict) else error
            self.error = str(words)[:_WORDS_CHARS]
            return
        if event.get("code") not in (None, 0, 200, "0", "200"):
            self.error = str(event.get("msg"))[:_WORDS_CHARS]
        body = event["data"] if isinstance(event.get("data"), dict) else event
        choices = body.get("choices")
        for choice in choices if isinstance(choices, list) else []:
            if isinstance(choice, dict):
                self._take_choice(choice)
        usage = body.get("usage")
        if isinstance(usage, dict) and any(usage.values()):
            self.usage = {str(key): value for key, value in list(usage.items())[:8] if isinstance(value, int)}

    def _take_choice(self, choice: dict[str, Any]) -> None:
        finish = choice.get("finish_reason")
        if isinstance(finish, str) and finish:
            self.finish = finish[:40]
        delta, message = choice.get("delta"), choice.get("message")
        if isinstance(delta, dict):
            delta = _text(delta)
        if isinstance(delta, str):
            if delta:
                self.deltas += 1
                self.chars += len(delta)
                self.text = (self.text + delta)[-TEXT_CHARS:]
            return
        whole = _text(message) if isinstance(message, dict) else choice.get("content", message)
        if isinstance(whole, str) and whole:
            self.deltas += 1
            self.chars = len(whole)
            self.text = whole[-TEXT_CHARS:]


def _text(message: dict[str, Any]) -> str:
    """Return the text of a chat-completions message or delta; pictures beside it are told in brackets."""
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(one.get("text", "[picture]")) for one in content if isinstance(one, dict))
    text = content if isinstance(content, str) else ""
    return text + "[picture]" if message.get("images") else text
