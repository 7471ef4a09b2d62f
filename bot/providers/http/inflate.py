"""Decompression in bounded steps, so that a small bomb never becomes a large string."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from bot.errors import ErrorKind, ProviderError

STEP_BYTES: Final = 256 * 1024


_GZIP_MAGIC: Final = b"\x1f\x8b"


class Inflater:
    """Undoes ``Content-Encoding``: gzip of any number of members, deflate (with or without the zlib header) or none.

    Raises ``ProviderError`` of kind ``protocol`` for any other encoding, and for data that is not so encoded.
    """

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.strip().lower()
        self._engine: zlib._Decompress | None = None
        self._packed = b""
        if self._encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise ProviderError(ErrorKind.PROTOCOL, "unknown content encoding")

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give the decompressed data out, at most ``STEP_BYTES`` at a time; whoever stops asking stops the work."""
        if self._encoding in ("", "identity"):
            yield data
            return
        self._packed += data
        out = b""
        while (self._packed or len(out) == STEP_BYTES) and (engine := self._ready()) is not None:
            try:
                out = engine.decompress(self._packed, STEP_BYTES)
            except zlib.error as error:
                raise ProviderError(ErrorKind.PROTOCOL, "broken compression") from error
            self._packed = engine.unused_data if engine.eof else engine.unconsumed_tail
            if out:
                yield out

    def _ready(self) -> zlib._Decompress | None:
        """Return the engine for what is packed; None where that says nothing (yet): what follows the end is ignored."""
        if self._engine is None:
            self._engine = zlib.decompressobj(self._window_bits(self._packed[0]))
        elif self._engine.eof:
            if self._encoding == "deflate" or not _GZIP_MAGIC.startswith(self._packed[:2]):
                self._packed = b""
                return None
            if len(self._packed) < len(_GZIP_MAGIC):
                return None
            self._engine = zlib.decompressobj(self._window_bits(self._packed[0]))
        return self._engine

    def _window_bits(self, first: int) -> int:
        if self._encoding != "deflate":
            return zlib.MAX_WBITS | 16
        # Servers send both forms under this name: the zlib header starts with a byte whose low half is 8.
        return zlib.MAX_WBITS if first & 0x0F == 8 else -zlib.MAX_WBITS
