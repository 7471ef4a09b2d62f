"""The containers of pictures: told by magic bytes, measured by their headers, stripped of metadata without re-encoding.

What is kept is what decodes to the same pixels: colour profile, transparency, animation, resolution. Text, EXIF, XMP,
comments, unknown blocks and whatever follows the end of the picture are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import error as struct_error
from struct import unpack_from
from typing import Final

from bot.domain.picture.files import PictureFormat

_PNG_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT: Final = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs acTL fcTL fdAT".split())
_WEBP_KEPT: Final = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_WEBP_EXIF_AND_XMP: Final = 0x08 | 0x04
_JPEG_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_KEPT_APPLICATION: Final = ((0xE0, b"JFIF\0"), (0xE2, b"ICC_PROFILE\0"), (0xEE, b"Adobe"))
_EXIF_ORIENTATION: Final = 0x0112


class NotAPictureError(ValueError):
    """Bytes that are in none of the four formats, or break off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A picture without its metadata, not yet decoded. ``orientation`` is what its EXIF said, 1…8; 1 is upright."""

    data: bytes
    format: PictureFormat
    width: int
    height: int
    orientation: int = 1


def read_container(data: bytes) -> Container:
    """Recognise, measure and strip a picture. Raises ``NotAPictureError``."""
    try:
        if data.startswith(_PNG_MAGIC):
            return _png(data)
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
        if data[:6] in (b"GIF87a", b"GIF89a"):
            return _gif(data)
    except (struct_error, IndexError) as error:
        raise NotAPictureError("the picture breaks off") from error
    raise NotAPictureError("neither PNG, JPEG, WebP nor GIF")


def _png(data: bytes) -> Container:
    if data[12:16] != b"IHDR":
        raise NotAPictureError("a PNG without its header")
    width, height = unpack_from(">II", data, 16)
    kept = [_PNG_MAGIC]
    at = len(_PNG_MAGIC)
    name = b""
    while name != b"IEND":
        length, name = unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise NotAPictureError("the PNG breaks off")
        if name in _PNG_KEPT:
            kept.append(data[at:end])
        at = end
    return Container(data=b"".join(kept), format=PictureFormat.PNG, width=width, height=height)


def _jpeg(data: bytes) -> Container:
    kept = [data[:2]]
    at = 2
    size: tuple[int, int] | None = None
    orientation = 1
    while True:
        marker, code = data[at], data[at + 1]
        if marker != 0xFF:
            raise NotAPictureError("a JPEG whose segments don't follow each other")
        if code == 0xFF:  # fill bytes may stand before a marker
            at += 1
            continue
        if code == 0xD9:
            kept.append(b"\xff\xd9")
            break
        if code == 0x01 or 0xD0 <= code <= 0xD7:
            at += 2
            continue
        (length,) = unpack_from(">H", data, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise NotAPictureError("the JPEG breaks off")
        segment = data[at + 4 : end]
        if code in _JPEG_FRAMES and size is None:
            size = unpack_from(">xHH", segment)
        if code == 0xE1 and segment.startswith(b"Exif\0\0"):
            orientation = _orientation(segment[6:])
        if _jpeg_kept(code, segment):
            kept.append(data[at:end])
        at = end
        if code == 0xDA:
            at = _scan_end(data, end)
            kept.append(data[end:at])
    if size is None:
        raise NotAPictureError("a JPEG without a frame")
    height, width = size
    return Container(
        data=b"".join(kept), format=PictureFormat.JPEG, width=width, height=height, orientation=orientation
    )


def _jpeg_kept(code: int, segment: bytes) -> bool:
    if 0xE0 <= code <= 0xEF:
        return any(code == kept and segment.startswith(name) for kept, name in _JPEG_KEPT_APPLICATION)
    return code != 0xFE


def _scan_end(data: bytes, at: int) -> int:
    """Find the marker after entropy-coded data: 0xFF there is followed by 0 or by a restart marker."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise NotAPictureError("the JPEG breaks off")
        if data[at + 1] == 0 or 0xD0 <= data[at + 1] <= 0xD7:
            at += 2
        elif data[at + 1] == 0xFF:
            at += 1
        else:
            return at


def _orientation(exif: bytes) -> int:
    """Read the orientation out of EXIF: 1 (upright) where there is none."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return 1
    try:
        (first,) = unpack_from(f"{order}I", exif, 4)
        (count,) = unpack_from(f"{order}H", exif, first)
        for index in range(min(count, 100)):
            tag, value = unpack_from(f"{order}H6xH", exif, first + 2 + 12 * index)
            if tag == _EXIF_ORIENTATION:
                return int(value) if 1 <= value <= 8 else 1
    except struct_error:
        return 1
    return 1


def _webp(data: bytes) -> Container:
    size: tuple[int, int] | None = None
    kept: list[bytes] = []
    (total,) = unpack_from("<I", data, 4)
    if total + 8 > len(data):
        raise NotAPictureError("the WebP breaks off")
    at = 12
    while at + 8 <= total + 8:
        name, length = unpack_from("<4sI", data, at)
        end = at + 8 + length + length % 2
        if at + 8 + length > len(data):
            raise NotAPictureError("the WebP breaks off")
        chunk = data[at:end]
        size = size or _webp_size(name, chunk)
        if name == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~_WEBP_EXIF_AND_XMP]) + chunk[9:]
        if name in _WEBP_KEPT:
            kept.append(chunk)
        at = end
    if size is None:
        raise NotAPictureError("a WebP without a picture")
    body = b"WEBP" + b"".join(kept)
    stripped = b"RIFF" + len(body).to_bytes(4, "little") + body
    return Container(data=stripped, format=PictureFormat.WEBP, width=size[0], height=size[1])


def _webp_size(name: bytes, chunk: bytes) -> tuple[int, int] | None:
    if name == b"VP8X":
        return 1 + int.from_bytes(chunk[12:15], "little"), 1 + int.from_bytes(chunk[15:18], "little")
    if name == b"VP8 ":
        width, height = unpack_from("<HH", chunk, 14)
        return width & 0x3FFF, height & 0x3FFF
    if name == b"VP8L":
        (bits,) = unpack_from("<I", chunk, 9)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def _gif(data: bytes) -> Container:
    width, height, flags = unpack_from("<HHB", data, 6)
    at = 13 + _gif_colours(flags)
    kept = [data[:at]]
    while data[at] != 0x3B:
        start = at
        if data[at] == 0x2C:
            at += 10 + _gif_colours(data[at + 9]) + 1
            wanted = True
        elif data[at] == 0x21:
            label = data[at + 1]
            at += 2
            # Graphic control, and the application blocks that say how often an animation is shown.
            wanted = label == 0xF9 or (label == 0xFF and data[at + 1 : at + 12] in (b"NETSCAPE2.0", b"ANIMEXTS1.0"))
        else:
            raise NotAPictureError("a GIF whose blocks don't follow each other")
        at = max(_gif_blocks(data, at), default=at)
        if wanted:
            kept.append(data[start:at])
    return Container(data=b"".join([*kept, b";"]), format=PictureFormat.GIF, width=width, height=height)


def _gif_colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _gif_blocks(data: bytes, at: int) -> Iterator[int]:
    """Walk over sub-blocks, to after the empty one that ends them."""
    while True:
        length = data[at]
        at += 1 + length
        yield at
        if not length:
            return
