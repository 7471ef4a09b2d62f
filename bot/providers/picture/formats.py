"""The containers of pictures: told by magic bytes, measured by their headers, stripped of metadata without re-encoding.

What is kept is what decodes to the same pixels: colour profile, transparency, animation, resolution. Text, EXIF, XMP,
comments, unknown blocks and whatever follows the end of the picture are dropped. What no encoder makes is refused:
pieces beyond number cost the decoder, and whoever walks over them, time for nothing.
"""

from __future__ import annotations

from struct import error as struct_error

from bot.domain.picture.files import PictureFormat
from bot.providers.picture.containers.gif import MAGICS, measure_gif, strip_gif
from bot.providers.picture.containers.jpeg import MAGIC as JPEG_MAGIC
from bot.providers.picture.containers.jpeg import measure_jpeg, strip_jpeg
from bot.providers.picture.containers.png import MAGIC as PNG_MAGIC
from bot.providers.picture.containers.png import measure_png, strip_png
from bot.providers.picture.containers.stripped import Container, Measure, NotAPictureError
from bot.providers.picture.containers.webp import measure_webp, strip_webp

_MEASURES = {
    PictureFormat.PNG: measure_png,
    PictureFormat.JPEG: measure_jpeg,
    PictureFormat.WEBP: measure_webp,
    PictureFormat.GIF: measure_gif,
}
_STRIPS = {
    PictureFormat.PNG: strip_png,
    PictureFormat.JPEG: strip_jpeg,
    PictureFormat.WEBP: strip_webp,
    PictureFormat.GIF: strip_gif,
}


def measure(head: bytes) -> Measure | None:
    """Recognise and measure a picture by its first bytes; None where they don't say."""
    form = _format_of(head)
    return None if form is None else _MEASURES[form](head)


def read_container(data: bytes) -> Container:
    """Recognise, measure and strip a picture. Raises ``NotAPictureError``."""
    form = _format_of(data)
    if form is None:
        raise NotAPictureError("neither PNG, JPEG, WebP nor GIF")
    try:
        return _STRIPS[form](data)
    except (struct_error, IndexError) as error:
        raise NotAPictureError("the picture breaks off") from error


def _format_of(head: bytes) -> PictureFormat | None:
    if head.startswith(PNG_MAGIC):
        return PictureFormat.PNG
    if head.startswith(JPEG_MAGIC):
        return PictureFormat.JPEG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return PictureFormat.WEBP
    if head[:6] in MAGICS:
        return PictureFormat.GIF
    return None
