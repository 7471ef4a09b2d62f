"""Bytes that claim to be a picture: checked by decoding them, stripped, and made to fit a limit.

Everything here blocks and belongs in a thread.
Pillow is imported here and only when the first picture comes: the bot's memory without pictures stays small.
"""

from __future__ import annotations

import math
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Final

from bot.domain.picture.files import Picture, PictureFormat
from bot.errors import ErrorKind, ProviderError
from bot.providers.picture.formats import Container, NotAPictureError, read_container

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS: Final = 40_000_000
"""The largest size of the fusion document, 6240 × 6240, is 38.9 million; decoded at most 160 MB."""

_QUALITIES: Final = (90, 80, 65)
_SHRINKINGS: Final = 8
_SMALLEST_SIDE: Final = 16


def check_picture(data: bytes, *, limit_bytes: int, max_pixels: int = MAX_PIXELS) -> Picture:
    """Prove that bytes are a picture and return it without metadata, at most ``limit_bytes`` long.

    Raises ``ProviderError``: ``picture_fetch`` where they are no picture, ``too_large`` where it has too many pixels
    or can't be reduced to the limit.
    """
    try:
        container = read_container(data)
    except NotAPictureError as error:
        raise ProviderError(ErrorKind.PICTURE_FETCH, f"no picture: {error}") from error
    if not 0 < container.width * container.height <= max_pixels:
        raise ProviderError(ErrorKind.TOO_LARGE, f"{container.width}x{container.height} pixels")
    image = _decode(container, max_pixels)
    if container.orientation != 1:
        image = _upright(image, container.orientation)
        container = _encoded(image, 95)
    if len(container.data) <= limit_bytes:
        return replace(_picture(container), width=image.width, height=image.height)
    return _reduce(image, limit_bytes)


def _picture(container: Container, *, reduced: bool = False) -> Picture:
    return Picture(
        data=container.data,
        format=container.format,
        width=container.width,
        height=container.height,
        reduced=reduced,
    )


def _decode(container: Container, max_pixels: int) -> Image:
    """Decode the (first) picture. Raises ``ProviderError`` of kind ``picture_fetch`` where that fails."""
    from PIL import Image, WebPImagePlugin  # noqa: F401  # WebP is not loaded by itself

    names = {PictureFormat.PNG: "PNG", PictureFormat.JPEG: "JPEG", PictureFormat.WEBP: "WEBP", PictureFormat.GIF: "GIF"}
    try:
        image = Image.open(BytesIO(container.data), formats=[names[container.format]])
        # The container's header and Pillow may differ on the size of a picture that was made to deceive.
        honest = image.width * image.height <= max_pixels
        if honest:
            image.load()
    except Exception as error:  # Pillow raises dozens of types on hostile bytes
        raise ProviderError(ErrorKind.PICTURE_FETCH, f"undecodable {container.format}") from error
    if not honest:
        raise ProviderError(ErrorKind.TOO_LARGE, f"{image.width}x{image.height} pixels")
    return image


def _upright(image: Image, orientation: int) -> Image:
    """Turn a picture as its EXIF orientation says, which goes away with the metadata."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return image.transpose(turns[orientation])


def _reduce(image: Image, limit_bytes: int) -> Picture:
    """Encode a picture anew to fit: first with less quality, then smaller. An animation keeps its first picture only.

    Raises ``ProviderError`` of kind ``too_large`` where even a tiny picture does not fit.
    """
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    quality, *lower = _QUALITIES
    container = _encoded(image, quality)
    for quality in lower:
        if len(container.data) <= limit_bytes:
            break
        container = _encoded(image, quality)
    for _ in range(_SHRINKINGS):
        if len(container.data) <= limit_bytes:
            return _picture(container, reduced=True)
        # Bytes go roughly with the area; a little less, so that one step is mostly enough.
        factor = min(0.9, math.sqrt(limit_bytes / len(container.data)) * 0.95)
        size = (int(image.width * factor), int(image.height * factor))
        if min(size) < _SMALLEST_SIDE:
            break
        image = image.resize(size)
        container = _encoded(image, quality)
    raise ProviderError(ErrorKind.TOO_LARGE, f"no picture fits into {limit_bytes} bytes")


def _encoded(image: Image, quality: int) -> Container:
    """Encode a picture: JPEG, or WebP where it has transparency. The colour profile is kept."""
    out = BytesIO()
    profile = image.info.get("icc_profile")
    if image.mode == "RGBA":
        image.save(out, "WEBP", quality=quality, icc_profile=profile or b"", exif=b"")
        kind = PictureFormat.WEBP
    else:
        image.save(out, "JPEG", quality=quality, icc_profile=profile, optimize=True)
        kind = PictureFormat.JPEG
    return Container(data=out.getvalue(), format=kind, width=image.width, height=image.height)
