"""PNG: a signature, then chunks."""

from __future__ import annotations

from struct import unpack_from
from typing import Final

from bot.domain.picture.files import PictureFormat
from bot.providers.picture.containers.stripped import Container, Measure, NotAPictureError, check_frames

MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_KEPT: Final = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs acTL fcTL fdAT".split())
_MOST_CHUNKS: Final = 20_000
"""libpng writes 8 KiB of pixels in each, 4,096 chunks in the largest file; some write one for each of 6,240 rows."""


def measure_png(data: bytes) -> Measure | None:
    """Read the header; None where it is not there."""
    if len(data) < 24 or data[12:16] != b"IHDR":
        return None
    width, height = unpack_from(">II", data, 16)
    return Measure(format=PictureFormat.PNG, width=width, height=height)


def strip_png(data: bytes) -> Container:
    """Measure and strip. Raises ``NotAPictureError``."""
    seen = measure_png(data)
    if seen is None:
        raise NotAPictureError("a PNG without its header")
    kept = [MAGIC]
    at = len(MAGIC)
    frames = 0
    for _ in range(_MOST_CHUNKS):
        length, name = unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise NotAPictureError("the PNG breaks off")
        if name in _KEPT:
            kept.append(data[at:end])
        frames += name == b"fcTL"
        at = end
        if name == b"IEND":
            break
    else:
        raise NotAPictureError("a PNG of too many chunks")
    check_frames(frames, seen.width, seen.height)
    return Container(data=b"".join(kept), format=seen.format, width=seen.width, height=seen.height)
