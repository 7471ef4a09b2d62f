"""Long base64 inside an answer: decoded as it arrives, so that no text ever holds a picture whole.

What is cut out is replaced by a mark that is base64 itself, at a multiple of four characters: whatever reads the text
takes it for a part of the picture, and in the decoded bytes the mark's own bytes show where those belong that were cut.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Iterator
from typing import Final

from bot.errors import ErrorKind, ProviderError

PIECE_BYTES: Final = 16 * 1024
"""A run that is shorter is not cut; so much is looked at in one go."""
HEAD_CHARS: Final = 8 * 1024
"""So much of a run stays in the text, always: what is the same is cut the same way. A multiple of four."""

_PLAIN: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_STANDARD: Final = b"+/"
_FOR_URLS: Final = b"-_"
_LIKE_BASE64: Final = _PLAIN + _STANDARD + _FOR_URLS + b"\\"
"""Some servers escape the slash, as JSON allows."""
_RUNS: Final = {
    _STANDARD: re.compile(rb"(?:[A-Za-z0-9+/]++|\\/)*+"),
    _FOR_URLS: re.compile(rb"[A-Za-z0-9\-_]*+"),
}
_ESCAPE: Final = re.compile(rb"\\(?:u.{4}|.)", re.DOTALL)
_HALF_ESCAPE: Final = re.compile(rb"\\(?:u.{0,3})?\Z", re.DOTALL)
_KEY_BYTES: Final = 30
"""A multiple of three, as the digest behind it: so the mark has no padding."""
_DIGEST_BYTES: Final = 18


class Cutter:
    """Takes long runs of base64 out of bytes that arrive, and puts them back into what was made of these.

    ``max_bytes`` is the longest run. Raises ``ProviderError`` of kind ``too_large`` beyond it.
    """

    def __init__(self, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._key = secrets.token_bytes(_KEY_BYTES)
        self._cut: dict[bytes, _Run] = {}
        """By the digests of what was cut out."""
        self._window = b""
        """How the text so far ends, as far as that may be a run, if it is not long enough yet."""
        self._passed = 0
        """How much of the window has been given out."""
        self._run: _Run | None = None

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
            run = self._cut.get(part[:_DIGEST_BYTES])
            restored += [*(run.pieces if run is not None else ()), part[_DIGEST_BYTES:]]
        return b"".join(restored)

    def restore_text(self, text: str) -> str:
        """Put back what was cut out of a text, as it was written."""
        parts = text.split(base64.b64encode(self._key).decode())
        restored = [parts[0]]
        chars = _DIGEST_BYTES * 4 // 3
        for part in parts[1:]:
            run = self._cut.get(base64.b64decode(part[:chars]))
            restored += ["" if run is None else run.written(), part[chars:]]
        return "".join(restored)

    def _feed(self, piece: bytes) -> Iterator[bytes]:
        if self._run is None:
            yield from self._watch(piece)
            return
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
        for found in _ESCAPE.finditer(window):
            if found.group() != b"\\/":
                begin = found.end()
        alphabet = _FOR_URLS if any(char in window[begin:] for char in _FOR_URLS) else _STANDARD
        run = _RUNS[alphabet].match(window, begin)
        if run is None or run.end() < len(window) or len(window) - begin < PIECE_BYTES // 2:
            yield self._flush()
            self._window = window[begin:] if run is not None and run.end() == len(window) else b""
            self._passed = len(self._window)
            return
        at = max(self._passed, _head_end(window, begin))
        chars = len(window[begin:at].replace(b"\\", b""))
        yield window[self._passed : at]
        self._window, self._passed = b"", 0
        self._run = _Run(alphabet=alphabet, to_pass=-chars % 4, max_bytes=self._max_bytes)
        yield from self._feed(window[at:])

    def _end(self, rest: bytes) -> Iterator[bytes]:
        """End a run; ``rest`` is what follows it."""
        run, self._run = self._run, None
        if run is None:
            return
        if run.pieces:
            self._cut[run.digest] = run
            yield base64.b64encode(self._key + run.digest)
        yield run.rest + run.backslash
        if rest:
            yield from self._watch(rest)


def _head_end(window: bytes, begin: int) -> int:
    """Return where the head ends of a run that begins in a window."""
    escapes = 0
    while (found := window.count(b"\\", begin, begin + HEAD_CHARS + escapes)) != escapes:
        escapes = found
    end = min(begin + HEAD_CHARS + escapes, len(window))
    return end - 1 if window[end - 1 : end] == b"\\" else end


class _Run:
    """A run of base64 that goes on. ``to_pass`` is how many of its characters are still a part of the text."""

    def __init__(self, *, alphabet: bytes, to_pass: int, max_bytes: int) -> None:
        self.pieces: list[bytes] = []
        """What was cut out, decoded; each but the last is a multiple of three bytes, and so is that."""
        self.rest = b""
        """What is no whole group of four yet."""
        self._alphabet = alphabet
        self._to_pass = to_pass
        self._passed = b""
        self._left = max_bytes
        self.backslash = b""
        """One that a slash may follow."""
        self._hash = hashlib.blake2b(digest_size=_DIGEST_BYTES)

    @property
    def digest(self) -> bytes:
        """By what all that was cut out is known."""
        return self._hash.digest()

    def feed(self, piece: bytes) -> bytes | None:
        """Take the next bytes; return what follows the run once it has ended, else None."""
        piece = self.backslash + piece
        self.backslash = b""
        end = len(piece)
        if piece.translate(None, _PLAIN + self._alphabet):  # mostly there is nothing else, and this is faster
            end = _RUNS[self._alphabet].match(piece).end()  # type: ignore[union-attr]  # it matches the empty string
        self._take(piece[:end].replace(b"\\", b""))
        if end == len(piece):
            return None
        if piece[end:] == b"\\":
            self.backslash = b"\\"
            return None
        return piece[end:]

    def passed(self) -> bytes:
        """Return what of the last bytes stays in the text."""
        passed, self._passed = self._passed, b""
        return passed

    def written(self) -> str:
        """Write what was cut out as it was."""
        data = b"".join(map(base64.b64encode, self.pieces))
        return data.translate(bytes.maketrans(_STANDARD, self._alphabet)).decode()

    def _take(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            raise ProviderError(ErrorKind.TOO_LARGE, "one item of the answer is larger than the limit")
        self._passed, data = data[: self._to_pass], data[self._to_pass :]
        self._to_pass -= len(self._passed)
        data = self.rest + data
        at = len(data) - len(data) % 4
        self.rest = data[at:]
        if at:
            decoded = binascii.a2b_base64(data[:at].translate(bytes.maketrans(self._alphabet, _STANDARD)))
            self._hash.update(decoded)
            self.pieces.append(decoded)
