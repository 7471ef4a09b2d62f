"""WebP: a RIFF file of chunks."""

from __future__ import annotations

from struct import unpack_from
from typing import Final

from bot.domain.picture.files import PictureFormat
from bot.providers.picture.containers.stripped import (
    MOST_FRAMES,
    Container,
    Measure,
    NotAPictureError,
    check_frames,
)

_KEPT: Final = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_EXIF_AND_XMP: Final = 0x08 | 0x04
_MOST_CHUNKS: Final = MOST_FRAMES + 100
"""A frame has one; beside them encoders write seven at most, and tools a few of their own."""


def measure_webp(data: bytes) -> Measure | None:
    """Read the first chunk, which has the size; None where it has not."""
    if len(data) < 30:
        return None
    name = data[12:16]
    if name == b"VP8X":
        width, height = 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    elif name == b"VP8 ":
        width, height = (side & 0x3FFF for side in unpack_from("<HH", data, 26))
    elif name == b"VP8L":
        (bits,) = unpack_from("<I", data, 21)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        return None
    return Measure(format=PictureFormat.WEBP, width=width, height=height)


def strip_webp(data: bytes) -> Container:
    """Measure and strip. Raises ``NotAPictureError``, or what a piece that breaks off raises."""
    kept: list[bytes] = []
    (total,) = unpack_from("<I", data, 4)
    if total + 8 > len(data):
        raise NotAPictureError("the WebP breaks off")
    seen = measure_webp(data)
    if seen is None:
        raise NotAPictureError("a WebP without a picture")
    at = 12
    chunks = frames = 0
    while at + 8 <= total + 8:
        name, length = unpack_from("<4sI", data, at)
        end = at + 8 + length + length % 2
        if at + 8 + length > len(data):
            raise NotAPictureError("the WebP breaks off")
        chunks += 1
        if chunks > _MOST_CHUNKS:
            raise NotAPictureError("a WebP of too many chunks")
        frames += name == b"ANMF"
        if name in _KEPT:
            kept.append(_without_promises(data[at:end]) if name == b"VP8X" else data[at:end])
        at = end
    check_frames(frames, seen.width, seen.height)
    body = b"WEBP" + b"".join(kept)
    stripped = b"RIFF" + len(body).to_bytes(4, "little") + body
    return Container(data=stripped, format=seen.format, width=seen.width, height=seen.height)


def _without_promises(header: bytes) -> bytes:
    """Have the header promise no EXIF and XMP, which are gone."""
    return header[:8] + bytes([header[8] & ~_EXIF_AND_XMP]) + header[9:]
