"""What is cut out of a text while it arrives: base64, decoded a piece at a time."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Final

from bot.errors import ErrorKind, ProviderError

PLAIN: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
STANDARD: Final = b"+/"
FOR_URLS: Final = b"-_"
RUNS: Final = {
    STANDARD: re.compile(rb"(?:[A-Za-z0-9+/]++|\\/)*+"),
    FOR_URLS: re.compile(rb"[A-Za-z0-9\-_]*+"),
}
"""Runs of either alphabet; some servers escape the slash, as JSON allows."""
KEY_BYTES: Final = 30
"""A multiple of three, as the digest behind it: so the mark of both has no padding."""
DIGEST_BYTES: Final = 18
MARK_CHARS: Final = (KEY_BYTES + DIGEST_BYTES) * 4 // 3


class Decoded:
    """What was cut out of a text. Raises ``ProviderError`` of kind ``too_large`` beyond ``max_bytes`` of base64."""

    def __init__(self, *, max_bytes: int) -> None:
        self.pieces: list[bytes] = []
        """Decoded; each is a multiple of three bytes."""
        self._left = max_bytes
        self._hash = hashlib.blake2b(digest_size=DIGEST_BYTES)

    @property
    def digest(self) -> bytes:
        """By what all that was cut out is known."""
        return self._hash.digest()

    def decode(self, text: bytes) -> None:
        """Take base64 of the standard alphabet, in whole groups of four."""
        self._left -= len(text)
        if self._left < 0:
            raise ProviderError(ErrorKind.TOO_LARGE, "one item of the answer is larger than the limit")
        if text:
            decoded = binascii.a2b_base64(text)
            self._hash.update(decoded)
            self.pieces.append(decoded)


class Run(Decoded):
    """A run of base64 that goes on. ``to_pass`` is how many of its characters are still a part of the text."""

    def __init__(self, *, alphabet: bytes, to_pass: int, max_bytes: int) -> None:
        super().__init__(max_bytes=max_bytes)
        self.rest = b""
        """What is no whole group of four yet."""
        self._alphabet = alphabet
        self._to_pass = to_pass
        self._passed = b""
        self.backslash = b""
        """One that a slash may follow."""

    def feed(self, piece: bytes) -> bytes | None:
        """Take the next bytes; return what follows the run once it has ended, else None."""
        piece = self.backslash + piece
        self.backslash = b""
        end = len(piece)
        if piece.translate(None, PLAIN + self._alphabet):  # mostly there is nothing else, and this is faster
            end = RUNS[self._alphabet].match(piece).end()  # type: ignore[union-attr]  # it matches the empty string
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

    def finish(self, key: bytes) -> bytes:
        """Return what stays in the text, with the mark."""
        mark = base64.b64encode(key + self.digest) if self.pieces else b""
        return mark + self.rest + self.backslash

    def written(self) -> str:
        """Write what was cut out as it was."""
        data = b"".join(map(base64.b64encode, self.pieces))
        return data.translate(bytes.maketrans(STANDARD, self._alphabet)).decode()

    def _take(self, data: bytes) -> None:
        self._passed, data = data[: self._to_pass], data[self._to_pass :]
        self._to_pass -= len(self._passed)
        data = self.rest + data
        at = len(data) - len(data) % 4
        self.rest = data[at:]
        self.decode(data[:at].translate(bytes.maketrans(self._alphabet, STANDARD)))
