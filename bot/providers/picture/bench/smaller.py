"""Makes a picture smaller: first of fewer pixels, then encoded, once or twice in all."""

from __future__ import annotations

import math
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Final

from bot.domain.picture.files import PictureFormat
from bot.errors import ErrorKind, ProviderError
from bot.providers.picture.bench.rows import Rows, WholeRows
from bot.providers.picture.containers.stripped import Container

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_WORK: Final = 1_200_000_000_000_000
"""Bytes × pixels of what is made smaller: 30 MB at 40 megapixels, 32 MiB at 35. It bounds time and memory together."""
_QUALITIES: Final = (85, 80, 75, 60)
"""Of the encodings. The first is mostly the last; those after the second are for limits of some kilobytes, which heads
and a colour profile may nearly fill."""
_ROOM: Final = 0.92
"""What is encoded again aims at this part of the sides that would just fit."""
_SMALLEST_SIDE: Final = 16
MOST_PIXELS: Final = 16_000_000
"""Of what has to be made smaller anyway: more than the 14.7 million of a 5K screen."""
_MOST_CLEAR_PIXELS: Final = 6_000_000
"""Of a picture with transparency: WebP takes six times as long for each as JPEG, and 18 bytes of memory."""
_LONGEST_CLEAR_SIDE: Final = 16_383
"""The longest that WebP has (RFC 9649, section 2.6)."""
_MOST_OPTIMISED_PIXELS: Final = 4_000_000
"""For optimal tables the whole picture is held in coefficients, three bytes for each pixel, to save a twentieth."""
_STRIP_PIXELS: Final = 500_000


def smaller_size(width: int, height: int, factor: float) -> tuple[int, int]:
    """Scale both sides by a factor of at most 1, to one pixel at least."""
    factor = min(1.0, factor)
    return max(1, round(width * factor)), max(1, round(height * factor))


def make_smaller(read: Callable[[], Rows], size: tuple[int, int], limit_bytes: int, profile: bytes | None) -> Container:
    """Encode a picture anew so that it fits, of this size or a smaller one; ``read`` begins to read it.

    Raises ``ProviderError`` of kind ``too_large`` if even a tiny picture does not fit, and whatever a decoder raises.
    """
    image = shrink(read(), size)
    if image is None:
        image = shrink(read(), _clear_size(*size), clear=True)
    del read
    for quality in _QUALITIES:
        if image is None:
            break
        container = encode(image, quality, profile)
        if len(container.data) <= limit_bytes:
            return container
        size = smaller_size(*image.size, _ROOM * math.sqrt(limit_bytes / len(container.data)))
        if min(size) < min(_SMALLEST_SIDE, *image.size):
            break
        image = shrink(WholeRows(image), size, clear=True)
    raise ProviderError(ErrorKind.TOO_LARGE, f"no picture fits into {limit_bytes} bytes")


def shrink(rows: Rows, size: tuple[int, int], *, clear: bool = False) -> Image | None:
    """Scale a picture down, a strip at a time. It keeps its transparency where there is any in its pixels.

    Returns None, unless it may be ``clear``, if it has transparency and this size is too large for that.
    """
    from PIL import Image

    width, height = size
    across, down = rows.width / width, rows.height / height
    target, alpha = Image.new("RGB", size), None
    margin = math.ceil(down) + 1  # the filter looks as far
    step = max(1, int(_STRIP_PIXELS / across / down / width))
    for top in range(0, height, step):
        bottom = min(height, top + step)
        first, last = math.floor(top * down), math.ceil(bottom * down)
        first, last = max(0, first - margin), min(rows.height, last + margin)
        window = _plain(rows.window(first, last))
        box = (0, top * down - first, rows.width, min(bottom * down - first, last - first))
        strip = window.resize((width, bottom - top), Image.Resampling.HAMMING, box)
        if strip.mode == "RGBA":
            if not clear and _clear_size(*size) != size:
                return None
            alpha = alpha or Image.new("L", size, 255)
            alpha.paste(strip.getchannel("A"), (0, top))
            strip = strip.convert("RGB")
        target.paste(strip, (0, top))
    if alpha is not None:
        target.putalpha(alpha)
    return target


def encode(image: Image, quality: int, profile: bytes | None) -> Container:
    """Encode a picture: JPEG, or WebP where it has transparency. The colour profile is kept."""
    out = BytesIO()
    if image.mode == "RGBA":
        image.save(out, "WEBP", quality=quality, method=_effort(image), icc_profile=profile or b"", exif=b"")
        kind = PictureFormat.WEBP
    else:
        optimize = image.width * image.height <= _MOST_OPTIMISED_PIXELS
        image.save(out, "JPEG", quality=quality, icc_profile=profile, optimize=optimize)
        kind = PictureFormat.JPEG
    return Container(data=out.getvalue(), format=kind, width=image.width, height=image.height)


def _plain(image: Image) -> Image:
    """Bring a picture to RGB, or to RGBA where a pixel of it is not opaque."""
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut off at the 256th step
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        image = image if image.mode == "RGBA" else image.convert("RGBA")
        if image.getchannel("A").getextrema() != (255, 255):
            return image
    return image.convert("RGB")


def _clear_size(width: int, height: int) -> tuple[int, int]:
    factor = min(math.sqrt(_MOST_CLEAR_PIXELS / (width * height)), _LONGEST_CLEAR_SIDE / max(width, height))
    return smaller_size(width, height, factor) if factor < 1 else (width, height)


def _effort(image: Image) -> int:
    """Choose WebP's method, 0…6: the fifth takes three times as long as the first, for files a twelfth smaller."""
    return 4 if image.width * image.height <= _MOST_OPTIMISED_PIXELS else 0
