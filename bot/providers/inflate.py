"""Decompression in bounded steps, so that a small bomb never becomes a large string."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from bot.errors import ErrorKind, ProviderError

STEP_BYTES: Final = 256 * 1024


class Inflater:
    """Undoes ``Content-Encoding``: gzip, deflate (with or without the zlib header) or none.

    Raises ``ProviderError`` of kind ``protocol`` for any other encoding, and for data that is not so encoded.
    """

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.strip().lower()
        self._engine: zlib._Decompress | None = None
        if self._encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise ProviderError(ErrorKind.PROTOCOL, "unknown content encoding")

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give the decompressed data out, at most ``STEP_BYTES`` at a time; whoever stops asking stops the work."""
        if self._encoding in ("", "identity"):
            yield data
            return
        if self._engine is None and data:
            self._engine = zlib.decompressobj(self._window_bits(data[0]))
        out = b""
        while self._engine is not None and not self._engine.eof and (data or len(out) == STEP_BYTES):
            try:
                out = self._engine.decompress(data, STEP_BYTES)
            except zlib.error as error:
                raise ProviderError(ErrorKind.PROTOCOL, "broken compression") from error
            data = self._engine.unconsumed_tail
            if out:
                yield out

    def _window_bits(self, first: int) -> int:
        if self._encoding != "deflate":
            return zlib.MAX_WBITS | 16
        # Servers send both forms under this name: the zlib header starts with a byte whose low half is 8.
        return zlib.MAX_WBITS if first & 0x0F == 8 else -zlib.MAX_WBITS
