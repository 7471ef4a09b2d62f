"""Bytes that claim to be a picture: checked by decoding them, stripped, and made to fit a limit.

Everything here blocks and belongs at the bench: into a process of its own, where Pillow is imported too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Final

from bot.domain.picture.files import Picture, PictureFormat
from bot.errors import ErrorKind, ProviderError
from bot.providers.picture.bench.rows import Rows, WholeRows, png_rows
from bot.providers.picture.bench.smaller import MOST_PIXELS, MOST_WORK, encode, make_smaller, smaller_size
from bot.providers.picture.containers.stripped import MAX_PIXELS, Container, NotAPictureError
from bot.providers.picture.formats import read_container

if TYPE_CHECKING:
    from PIL.Image import Image

_NAMES: Final = {
    PictureFormat.PNG: "PNG",
    PictureFormat.JPEG: "JPEG",
    PictureFormat.WEBP: "WEBP",
    PictureFormat.GIF: "GIF",
}
_UPRIGHT_QUALITY: Final = 95


def check_picture(data: bytes, *, limit_bytes: int, max_pixels: int = MAX_PIXELS) -> Picture:
    """Prove that bytes are a picture and return it without metadata, at most ``limit_bytes`` long.

    Raises ``ProviderError``: ``picture_fetch`` where they are no picture, ``too_large`` where it has too many pixels
    or can't be reduced to the limit.
    """
    try:
        container = read_container(data)
    except NotAPictureError as error:
        raise ProviderError(ErrorKind.PICTURE_FETCH, f"no picture: {error}") from error
    del data
    if not 0 < container.width * container.height <= max_pixels:
        raise ProviderError(ErrorKind.TOO_LARGE, f"{container.width}x{container.height} pixels")
    try:
        fitting = _fitting(container, limit_bytes, max_pixels)
    except (ProviderError, MemoryError):
        raise
    except Exception as error:  # Pillow raises dozens of types on hostile bytes
        raise ProviderError(ErrorKind.PICTURE_FETCH, f"undecodable {container.format}") from error
    return fitting


def _fitting(container: Container, limit_bytes: int, max_pixels: int) -> Picture:
    if len(container.data) > limit_bytes:
        return _reduced(container, limit_bytes, max_pixels)
    image = _open(container, max_pixels)
    image.load()
    if container.orientation == 1:
        return replace(_picture(container), width=image.width, height=image.height)
    image = _upright(image, container.orientation)
    profile = image.info.get("icc_profile")
    turned = encode(image.convert("RGB"), _UPRIGHT_QUALITY, profile)
    if len(turned.data) <= limit_bytes:
        return _picture(turned)
    size = smaller_size(*image.size, math.sqrt(limit_bytes / len(turned.data)))
    return _picture(make_smaller(partial(WholeRows, image), size, limit_bytes, profile), reduced=True)


def _reduced(container: Container, limit_bytes: int, max_pixels: int) -> Picture:
    """Make a picture fit that is too long; of an animation the first picture only.

    Bytes go roughly with the area, and the new encoding is mostly the denser one.
    """
    if len(container.data) * container.width * container.height > MOST_WORK:
        raise ProviderError(ErrorKind.TOO_LARGE, "too many bytes and pixels to make it smaller")
    image = _open(container, max_pixels)
    share = min(limit_bytes / len(container.data), MOST_PIXELS / (image.width * image.height))
    size, profile = smaller_size(*image.size, math.sqrt(share)), image.info.get("icc_profile")
    read: Callable[[], Rows] | None = None
    if container.format is PictureFormat.PNG:
        read = png_rows(container.data)
    if read is None:
        image.draft("RGB", size)  # a JPEG is decoded at the half, the quarter or the eighth
        image.load()
        if container.orientation != 1:
            image = _upright(image, container.orientation)
            size = size if container.orientation < 5 else size[::-1]
        read = partial(WholeRows, image)
    del image
    return _picture(make_smaller(read, size, limit_bytes, profile), reduced=True)


def _picture(container: Container, *, reduced: bool = False) -> Picture:
    return Picture(
        data=container.data,
        format=container.format,
        width=container.width,
        height=container.height,
        reduced=reduced,
    )


def _open(container: Container, max_pixels: int) -> Image:
    """Open the (first) picture, not decoded yet. Raises ``ProviderError`` (``too_large``) and what Pillow raises."""
    from PIL import Image, WebPImagePlugin  # noqa: F401  # WebP is not loaded by itself

    image: Image.Image = Image.open(BytesIO(container.data), formats=[_NAMES[container.format]])
    # The container's header and Pillow may differ on the size of a picture that was made to deceive.
    if image.width * image.height > max_pixels:
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
