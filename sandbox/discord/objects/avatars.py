"""Avatars of people without a picture: a plain head on a colour of its own."""

from __future__ import annotations

import struct
import zlib
from typing import Final

_COLOURS: Final = ((88, 101, 242), (87, 166, 120), (214, 146, 60), (200, 84, 96), (146, 108, 196), (70, 150, 176))
AVATARS: Final = len(_COLOURS)
"""How many different ones there are."""
_AVATAR_PX: Final = 128


def paint_avatar(seed: int) -> bytes:
    """Return a plain disc as PNG, its colour by the user's id."""
    red, green, blue = _COLOURS[seed % len(_COLOURS)]
    middle = (_AVATAR_PX - 1) / 2
    rows = bytearray()
    for y in range(_AVATAR_PX):
        rows.append(0)
        for x in range(_AVATAR_PX):
            head = (x - middle) ** 2 + (y - _AVATAR_PX * 0.4) ** 2 < (_AVATAR_PX * 0.17) ** 2
            body = (x - middle) ** 2 + (y - _AVATAR_PX * 0.98) ** 2 < (_AVATAR_PX * 0.34) ** 2
            rows += bytes((255, 255, 255)) if head or body else bytes((red, green, blue))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", _AVATAR_PX, _AVATAR_PX, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b"")
    )
