"""What is known of a picture before it is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.picture.files import PictureFormat

MAX_PIXELS: Final = 40_000_000
"""The largest size of the fusion document, 6240 × 6240, is 38.9 million; decoded at most 160 MB."""
MOST_FRAMES: Final = 3_000
"""Of an animation: a minute at 50 frames a second, the most that GIF's clock and browsers have."""
MOST_FRAME_PIXELS: Final = 2_500_000_000
"""Of all frames, at the size of the whole: a minute of 1920 × 1080 at 20 frames a second."""


class NotAPictureError(ValueError):
    """Bytes that are in none of the four formats, break off, or are put together as no encoder does it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What the first bytes of a picture say of it."""

    format: PictureFormat
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A picture without its metadata, not yet decoded. ``orientation`` is what its EXIF said, 1…8; 1 is upright."""

    data: bytes
    format: PictureFormat
    width: int
    height: int
    orientation: int = 1


def check_frames(frames: int, width: int, height: int) -> None:
    """Refuse an animation that is longer or larger than any is. Raises ``NotAPictureError``."""
    if frames > MOST_FRAMES or (frames > 1 and frames * width * height > MOST_FRAME_PIXELS):
        raise NotAPictureError(f"{frames} frames of {width}x{height}")
