"""What no encoder makes is refused before it is decoded; what encoders make is not."""

from __future__ import annotations

import time
from io import BytesIO

import pytest
from PIL import Image

from bot.domain.picture.files import PictureFormat
from bot.providers.picture.containers.stripped import NotAPictureError
from bot.providers.picture.formats import measure, read_container
from tests.unit.providers.picture.containers.writing import (
    gif_frame,
    gif_of,
    jpeg_segment,
    png_chunk,
    png_of,
    rows_of,
    webp_chunk,
    webp_of,
)
from tests.unit.providers.picture.test_check import MAKERS, noise, saved

JPEG = saved(noise(16, 16), "JPEG")
SCAN = JPEG[JPEG.index(b"\xff\xda") : -2]
BLOCK = b"!\xfe\x01x\0"
FRAME = gif_frame(b"\x84\x51")


def within_jpeg(pieces: bytes) -> bytes:
    """Put pieces between the start of a JPEG and all else."""
    return JPEG[:2] + pieces + JPEG[2:]


REFUSED: dict[str, bytes] = {
    "PNG of many empty chunks": png_of(png_chunk(b"IDAT", rows_of(8, 8)), png_chunk(b"IDAT") * 20_001),
    "PNG of many chunks that are dropped": png_of(png_chunk(b"tEXt", b"a\0b") * 20_001, png_chunk(b"IDAT", b"")),
    "PNG of many frames": png_of(png_chunk(b"fcTL", bytes(26)) * 3_001),
    "PNG of large frames": png_of(png_chunk(b"fcTL", bytes(26)) * 100, width=6240, height=6240),
    "JPEG of many segments": within_jpeg(jpeg_segment(0xFE) * 2_001),
    "JPEG of many tables": within_jpeg(JPEG[JPEG.index(b"\xff\xdb") : JPEG.index(b"\xff\xc0")] * 1_001),
    "JPEG of many fill bytes": within_jpeg(b"\xff" * 2_001),
    "JPEG of many markers alone": within_jpeg(b"\xff\xd0" * 2_001),
    "JPEG of many scans": JPEG[:-2] + SCAN * 40 + JPEG[-2:],
    "JPEG of two frames": within_jpeg(jpeg_segment(0xC0, b"\x08\0\1\0\1\1\1\x11\0")),
    "WebP of many chunks": webp_of(webp_chunk(b"XXXX", b"") * 3_101),
    "WebP of many frames": webp_of(webp_chunk(b"ANMF", bytes(16)) * 3_001),
    "WebP of large frames": webp_of(webp_chunk(b"ANMF", bytes(16)) * 100, width=6240, height=6240),
    "WebP that begins with something else": webp_of()[:12] + webp_chunk(b"XXXX", bytes(20)) + webp_of()[12:],
    "GIF of many blocks": gif_of(BLOCK * 9_001),
    "GIF of many frames": gif_of(FRAME * 3_001),
    "GIF of large frames": gif_of(FRAME * 100, width=6240, height=6240),
    "GIF in tiny pieces": gif_of(gif_frame(*[b"x"] * 40_000)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_encoder_makes_is_refused_at_once(name: str) -> None:
    before = time.process_time()
    with pytest.raises(NotAPictureError):
        read_container(REFUSED[name])
    assert time.process_time() - before < 0.5


PASSED: dict[str, bytes] = {
    "PNG with a chunk for each row": png_of(
        *(png_chunk(b"IDAT", piece) for piece in [rows_of(8, 6240)[at : at + 25] for at in range(0, 156_500, 25)]),
        height=6240,
    ),
    "JPEG with a profile in 255 segments": within_jpeg(
        b"".join(jpeg_segment(0xE2, b"ICC_PROFILE\0" + bytes((at, 255))) for at in range(1, 256))
    ),
    "progressive JPEG of four colours": saved(noise(64, 64, "CMYK"), "JPEG", progressive=True),
    "JPEG with restart markers": saved(noise(64, 64), "JPEG", restart_marker_blocks=1),
    "JPEG with some fill bytes": within_jpeg(b"\xff" * 7),
    "GIF of a thousand frames": gif_of(b"!\xff\x0bNETSCAPE2.0\x03\1\0\0\0", (b"!\xf9\4\0\2\0\0\0" + FRAME) * 1_000),
    "GIF of 40 screens": gif_of(FRAME * 40, width=1920, height=1080),
    "GIF of full pieces": gif_of(gif_frame(*[bytes(range(1, 256))] * 20_000)),
    "WebP of a thousand frames": webp_of(webp_chunk(b"ANMF", bytes(16)) * 1_000),
}


@pytest.mark.parametrize("name", PASSED)
def test_what_encoders_make_passes(name: str) -> None:
    assert read_container(PASSED[name]).data


@pytest.mark.parametrize("name", MAKERS)
def test_first_bytes_measure_a_picture(name: str) -> None:
    make, form = MAKERS[name]
    seen = measure(make())
    assert seen is not None
    assert (seen.format, seen.width, seen.height) == (form, 31, 17)


@pytest.mark.parametrize("name", MAKERS)
def test_first_bytes_that_break_off_measure_nothing_wrong(name: str) -> None:
    make, form = MAKERS[name]
    data = make()
    for length in range(min(len(data), 700)):
        seen = measure(data[:length])
        assert seen is None or (seen.format, seen.width, seen.height) == (form, 31, 17)


def test_a_long_jpeg_is_walked_over_by_its_markers_alone() -> None:
    """Restart markers, and bytes that only look like markers, cost no step each."""
    pixels = b"\xff\x00\xff\xd3" * 500_000
    data = JPEG[:-2] + pixels + JPEG[-2:]
    before = time.process_time()
    assert read_container(data).format is PictureFormat.JPEG
    assert time.process_time() - before < 0.5


def test_pillow_reads_what_is_written_here() -> None:
    """The pieces are those of real pictures."""
    made = (png_of(png_chunk(b"IDAT", rows_of(8, 8))), gif_of(FRAME), JPEG)
    assert [Image.open(BytesIO(data)).size for data in made] == [(8, 8), (8, 8), (16, 16)]
