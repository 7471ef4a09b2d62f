"""A picture from top to bottom, some rows at a time: one that is only made smaller need not be in memory whole."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from functools import partial
from struct import unpack_from
from typing import TYPE_CHECKING, Final, Protocol

from bot.providers.picture.containers.png import MAGIC

if TYPE_CHECKING:
    from PIL.Image import Image

_MODES: Final = {0: ("L", 1), 2: ("RGB", 3), 4: ("LA", 2), 6: ("RGBA", 4)}
"""Pillow's mode for a PNG's type of colour, and its bytes a pixel (PNG specification, 11.2.1)."""
_PIECE_BYTES: Final = 64 * 1024
_STRIP_BYTES: Final = 1024 * 1024


class Rows(Protocol):
    """A picture whose rows are read once, in order."""

    width: int
    height: int

    def window(self, top: int, bottom: int) -> Image:
        """Return the rows from ``top`` up to ``bottom``; neither may be less than the last time.

        Raises whatever a decoder raises on bytes that are no picture.
        """


class WholeRows:
    """The rows of a picture that is in memory."""

    def __init__(self, image: Image) -> None:
        self.width, self.height = image.size
        self._image = image

    def window(self, top: int, bottom: int) -> Image:
        """See ``Rows``."""
        return self._image.crop((0, top, self.width, bottom))


class PngRows:
    """The rows of a PNG, inflated as they are asked for; Pillow undoes their filters, a strip at a time."""

    def __init__(self, data: bytes, *, colour: int) -> None:
        self.width, self.height = unpack_from(">II", data, 16)
        self._mode, pixel_bytes = _MODES[colour]
        self._row_bytes = 1 + self.width * pixel_bytes
        self._pieces = _pixel_pieces(data)
        self._inflater = zlib.decompressobj()
        self._above = b""
        """The last row that was read, decoded: the next one may say how it differs from it."""
        self._held: Image | None = None
        self._top = self._bottom = 0
        """Which rows are held."""

    def window(self, top: int, bottom: int) -> Image:
        """See ``Rows``."""
        from PIL import Image

        window = Image.new(self._mode, (self.width, bottom - top), None)  # all of it is pasted over
        if self._held is not None and top < self._bottom:
            window.paste(self._held.crop((0, top - self._top, self.width, self._bottom - self._top)), (0, 0))
        strip_rows = max(16, _STRIP_BYTES // self._row_bytes)
        while self._bottom < bottom:
            strip = self._read(min(strip_rows, bottom - self._bottom))
            window.paste(strip, (0, self._bottom - top))
            self._bottom += strip.height
        self._held, self._top = window, top
        return window

    def _read(self, rows: int) -> Image:
        """Decode the next rows with the row above them, which is plain now."""
        from PIL import Image

        pixels = self._inflate(rows * self._row_bytes)
        whole = rows
        if self._above:
            pixels = b"\0" + self._above + pixels
            whole += 1
        image = Image.frombytes(self._mode, (self.width, whole), zlib.compress(pixels, 0), "zip", self._mode, 0)
        self._above = image.crop((0, whole - 1, self.width, whole)).tobytes()
        return image.crop((0, whole - rows, self.width, whole)) if whole > rows else image

    def _inflate(self, length: int) -> bytes:
        """Inflate exactly so many bytes. Raises ``EOFError`` where there are fewer."""
        found = bytearray()
        while len(found) < length:
            piece = self._inflater.unconsumed_tail or next(self._pieces, b"")
            if not piece or self._inflater.eof:
                raise EOFError("the picture breaks off")
            found += self._inflater.decompress(piece, length - len(found))
        return bytes(found)


def png_rows(data: bytes) -> Callable[[], PngRows] | None:
    """Say how to read a stripped PNG by its rows; None if it is interlaced, or its pixels are not of whole bytes."""
    depth, colour, _, _, interlaced = data[24:29]
    if depth != 8 or colour not in _MODES or interlaced or any(name == b"tRNS" for name, _ in _chunks(data)):
        return None
    return partial(PngRows, data, colour=colour)


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    whole = memoryview(data)
    at = len(MAGIC)
    while at + 12 <= len(data):
        length, name = unpack_from(">I4s", data, at)
        yield name, whole[at + 8 : at + 8 + length]
        at += 12 + length


def _pixel_pieces(data: bytes) -> Iterator[memoryview]:
    for name, body in _chunks(data):
        if name == b"IDAT":
            for at in range(0, len(body), _PIECE_BYTES):
                yield body[at : at + _PIECE_BYTES]
