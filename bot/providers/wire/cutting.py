"""Long base64 inside an answer: decoded as it arrives, so that no text ever holds a picture whole.

What is cut out is replaced by a mark that is base64 itself, at a multiple of four characters: whatever reads the text
takes it for a part of the picture, and in the decoded bytes the mark's own bytes show where those belong that were cut.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterator
from typing import Final

from bot.providers.wire.lines import WrappedRun, Wrapping
from bot.providers.wire.runs import DIGEST_BYTES, FOR_URLS, KEY_BYTES, PLAIN, RUNS, STANDARD, Run

PIECE_BYTES: Final = 16 * 1024
"""A run that is shorter is not cut; so much is looked at in one go."""
HEAD_CHARS: Final = 8 * 1024
"""So much of a run stays in the text, always: what is the same is cut the same way. A multiple of four."""

_LIKE_BASE64: Final = PLAIN + STANDARD + FOR_URLS + b"\\"
"""What may be within a run, escapes included."""
_ESCAPE: Final = re.compile(rb"\\(?:u.{4}|.)", re.DOTALL)
_HALF_ESCAPE: Final = re.compile(rb"\\(?:u.{0,3})?\Z", re.DOTALL)


class Cutter:
    """Takes long runs of base64 out of bytes that arrive, and puts them back into what was made of these.

    ``max_bytes`` is the longest run. Raises ``ProviderError`` of kind ``too_large`` beyond it.
    """

    def __init__(self, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._key = secrets.token_bytes(KEY_BYTES)
        self._cut: dict[bytes, Run | WrappedRun] = {}
        """By the digests of what was cut out."""
        self._window = b""
        """How the text so far ends, as far as that may be a run, if it is not long enough yet."""
        self._passed = 0
        """How much of the window has been given out."""
        self._run: Run | WrappedRun | None = None
        self.diverted = 0
        """How many bytes came while a run went on; whoever counts them sets it back."""

    def __bool__(self) -> bool:
        """Whether anything was cut out."""
        return bool(self._cut)

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes; return them without what was cut out of them. What may be a run is held back."""
        if self._run is None and not self._window and len(data) < PIECE_BYTES and data[-1:] not in _LIKE_BASE64:
            return data
        pieces = (data[at : at + PIECE_BYTES] for at in range(0, len(data), PIECE_BYTES))
        return b"".join(part for piece in pieces for part in self._feed(piece))

    def close(self) -> bytes:
        """Return what is left of a run that nothing ended."""
        return b"".join(self._end(b"")) + self._flush()

    def restore(self, data: bytes) -> bytes:
        """Put back what was cut out of decoded base64."""
        parts = data.split(self._key)
        restored = [parts[0]]
        for part in parts[1:]:
            run = self._cut.get(part[:DIGEST_BYTES])
            restored += [*(run.pieces if run is not None else ()), part[DIGEST_BYTES:]]
        return b"".join(restored)

    def restore_text(self, text: str) -> str:
        """Put back what was cut out of a text, as it was written."""
        parts = text.split(base64.b64encode(self._key).decode())
        restored = [parts[0]]
        chars = DIGEST_BYTES * 4 // 3
        for part in parts[1:]:
            run = self._cut.get(base64.b64decode(part[:chars]))
            restored += ["" if run is None else run.written(), part[chars:]]
        return "".join(restored)

    def _feed(self, piece: bytes) -> Iterator[bytes]:
        if self._run is None:
            yield from self._watch(piece)
            return
        self.diverted += len(piece)
        rest = self._run.feed(piece)
        yield self._run.passed()
        if rest is not None:
            yield from self._end(rest)

    def _watch(self, piece: bytes) -> Iterator[bytes]:
        """Give out what is no run or too short for one; begin one that is long enough."""
        if begin := len(piece.rstrip(_LIKE_BASE64)):
            yield self._flush()
            yield piece[:begin]
            piece = piece[begin:]
        self._window += piece
        if len(self._window) >= PIECE_BYTES and not _HALF_ESCAPE.search(self._window, len(self._window) - 5):
            yield from self._begin()
        # A word is not to wait for the next read.
        if self._passed < len(self._window) <= HEAD_CHARS:
            yield self._window[self._passed :]
            self._passed = len(self._window)

    def _flush(self) -> bytes:
        """Give up the window; return what of it was held back."""
        rest = self._window[self._passed :]
        self._window, self._passed = b"", 0
        return rest

    def _begin(self) -> Iterator[bytes]:
        """Divert what follows the head of a run, unless too little of the window is base64 of one alphabet."""
        window, begin = self._window, 0
        if (wrapped := Wrapping.of(window, least=PIECE_BYTES // 2)) is not None:
            wrapping, begin = wrapped
            at = begin + -(-HEAD_CHARS // wrapping.unit) * wrapping.unit
            if self._passed <= at <= wrapping.after(window, begin):
                yield from self._divert(at, WrappedRun(wrapping, max_bytes=self._max_bytes))
                return
            begin = 0
        for found in _ESCAPE.finditer(window):
            if found.group() != b"\\/":
                begin = found.end()
        alphabet = FOR_URLS if any(char in window[begin:] for char in FOR_URLS) else STANDARD
        run = RUNS[alphabet].match(window, begin)
        if run is None or run.end() < len(window) or len(window) - begin < PIECE_BYTES // 2:
            yield self._flush()
            self._window = window[begin:] if run is not None and run.end() == len(window) else b""
            self._passed = len(self._window)
            return
        at = max(self._passed, _head_end(window, begin))
        chars = len(window[begin:at].replace(b"\\", b""))
        yield from self._divert(at, Run(alphabet=alphabet, to_pass=-chars % 4, max_bytes=self._max_bytes))

    def _divert(self, at: int, run: Run | WrappedRun) -> Iterator[bytes]:
        """Begin a run at a place in the window."""
        window, passed = self._window, self._passed
        self._window, self._passed = b"", 0
        yield window[passed:at]
        self._run = run
        yield from self._feed(window[at:])

    def _end(self, rest: bytes) -> Iterator[bytes]:
        """End a run; ``rest`` is what follows it."""
        run, self._run = self._run, None
        if run is None:
            return
        yield run.finish(self._key)
        if run.pieces:
            self._cut[run.digest] = run
        if rest:
            yield from self._watch(rest)


def _head_end(window: bytes, begin: int) -> int:
    """Return where the head ends of a run that begins in a window."""
    escapes = 0
    while (found := window.count(b"\\", begin, begin + HEAD_CHARS + escapes)) != escapes:
        escapes = found
    end = min(begin + HEAD_CHARS + escapes, len(window))
    return end - 1 if window[end - 1 : end] == b"\\" else end
