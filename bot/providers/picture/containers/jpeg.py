"""JPEG: segments, of which scans are followed by pixels."""

from __future__ import annotations

import re
from struct import error as struct_error
from struct import unpack_from
from typing import Final

from bot.domain.picture.files import PictureFormat
from bot.providers.picture.containers.stripped import Container, Measure, NotAPictureError

MAGIC: Final = b"\xff\xd8\xff"
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN: Final = 0xDA
_END: Final = 0xD9
_KEPT_APPLICATION: Final = ((0xE0, b"JFIF\0"), (0xE2, b"ICC_PROFILE\0"), (0xEE, b"Adobe"))
_EXIF_ORIENTATION: Final = 0x0112
_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""What ends the pixels of a scan: 0xFF is followed there by 0, by a restart marker, or by another 0xFF."""
_MOST_STEPS: Final = 2_000
"""Segments, markers and fill bytes. A colour profile takes at most 255 segments, XMP and its like some hundred in the
largest file of 32 MiB; cameras fill a marker up with a few bytes."""
_MOST_SCANS: Final = 40
"""libjpeg's own script for a progressive picture has 10 scans, 18 for four colours; each is a walk over all pixels."""


def measure_jpeg(data: bytes) -> Measure | None:
    """Find the frame's header; None where it does not come."""
    at = 2
    for _ in range(_MOST_STEPS):
        if at + 9 > len(data) or data[at] != 0xFF:
            return None
        code = data[at + 1]
        if code in _FRAMES:
            height, width = unpack_from(">HH", data, at + 5)
            return Measure(format=PictureFormat.JPEG, width=width, height=height)
        if code in (_SCAN, _END):
            return None
        at = at + 1 if code == 0xFF else at + 2 if _is_alone(code) else at + 2 + unpack_from(">H", data, at + 2)[0]
    return None


def strip_jpeg(data: bytes) -> Container:
    """Measure and strip. Raises ``NotAPictureError``, or what a piece that breaks off raises."""
    kept = [data[:2]]
    at = 2
    size: tuple[int, int] | None = None
    orientation = 1
    scans = 0
    for _ in range(_MOST_STEPS):
        marker, code = data[at], data[at + 1]
        if marker != 0xFF:
            raise NotAPictureError("a JPEG whose segments don't follow each other")
        if code == 0xFF:  # fill bytes may stand before a marker
            at += 1
            continue
        if code == _END:
            kept.append(b"\xff\xd9")
            break
        if _is_alone(code):
            at += 2
            continue
        (length,) = unpack_from(">H", data, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise NotAPictureError("the JPEG breaks off")
        segment = data[at + 4 : end]
        if code in _FRAMES:
            if size is not None:
                raise NotAPictureError("a JPEG of several frames")
            size = unpack_from(">xHH", segment)
        if code == 0xE1 and segment.startswith(b"Exif\0\0"):
            orientation = _orientation(segment[6:])
        if _is_kept(code, segment):
            kept.append(data[at:end])
        at = end
        if code == _SCAN:
            scans += 1
            at = _scan_end(data, end)
            kept.append(data[end:at])
    else:
        raise NotAPictureError("a JPEG of too many segments")
    if size is None or scans > _MOST_SCANS:
        raise NotAPictureError("a JPEG without a frame" if size is None else f"a JPEG of {scans} scans")
    height, width = size
    return Container(
        data=b"".join(kept), format=PictureFormat.JPEG, width=width, height=height, orientation=orientation
    )


def _is_alone(code: int) -> bool:
    """Whether a marker has no segment."""
    return code == 0x01 or 0xD0 <= code <= 0xD7


def _is_kept(code: int, segment: bytes) -> bool:
    if 0xE0 <= code <= 0xEF:
        return any(code == kept and segment.startswith(name) for kept, name in _KEPT_APPLICATION)
    return code != 0xFE


def _scan_end(data: bytes, at: int) -> int:
    found = _MARKER.search(data, at)
    if found is None:
        raise NotAPictureError("the JPEG breaks off")
    return found.start()


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
