"""GIF: a header, then blocks of sub-blocks of at most 255 bytes."""

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

MAGICS: Final = (b"GIF87a", b"GIF89a")
_MOST_BLOCKS: Final = 3 * MOST_FRAMES
"""A frame has a block and a graphic control; beside them there are some comments and application blocks."""
_LEAST_MEAN_BYTES: Final = 64
"""Encoders fill sub-blocks to 254 or 255 bytes, but for the last of a frame; this many in the mean are asked for."""


def measure_gif(data: bytes) -> Measure | None:
    """Read the header; None where it is not there."""
    if len(data) < 13:
        return None
    width, height = unpack_from("<HH", data, 6)
    return Measure(format=PictureFormat.GIF, width=width, height=height)


def strip_gif(data: bytes) -> Container:
    """Measure and strip. Raises ``NotAPictureError``, or what a piece that breaks off raises."""
    width, height, flags = unpack_from("<HHB", data, 6)
    at = 13 + _colours(flags)
    kept = [data[:at]]
    frames = blocks = 0
    left = 3 * _MOST_BLOCKS + len(data) // _LEAST_MEAN_BYTES
    while data[at] != 0x3B:
        start = at
        blocks += 1
        if data[at] == 0x2C:
            at += 10 + _colours(data[at + 9]) + 1
            wanted = True
            frames += 1
        elif data[at] == 0x21:
            label = data[at + 1]
            at += 2
            # Graphic control, and the application blocks that say how often an animation is shown.
            wanted = label == 0xF9 or (label == 0xFF and data[at + 1 : at + 12] in (b"NETSCAPE2.0", b"ANIMEXTS1.0"))
        else:
            raise NotAPictureError("a GIF whose blocks don't follow each other")
        if blocks > _MOST_BLOCKS:
            raise NotAPictureError("a GIF of too many blocks")
        while length := data[at]:
            at += 1 + length
            left -= 1
            if not left:
                raise NotAPictureError("a GIF in too small pieces")
        at += 1
        if wanted:
            kept.append(data[start:at])
    check_frames(frames, width, height)
    return Container(data=b"".join([*kept, b";"]), format=PictureFormat.GIF, width=width, height=height)


def _colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0
