"""Bytes that claim to be pictures: recognised, measured before they are decoded, stripped, reduced."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from bot.domain.picture.files import PictureFormat
from bot.domain.picture.ports import Errand
from bot.errors import ErrorKind, ProviderError
from bot.providers.picture.check import check_picture
from bot.providers.picture.containers.stripped import NotAPictureError
from bot.providers.picture.fetcher import PictureFetcher
from bot.providers.picture.formats import read_container
from tests.fakes.pictures.inline import InlineWorkshop
from tests.unit.providers.servers import FUZZ_FACTOR, FakeClock

LIMIT = 10_000_000
SECRET = b"prompt that must go"


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    size = width * height * len(mode)
    return Image.frombytes(mode, (width, height), random.Random(7).randbytes(size))


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def png() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", SECRET.decode())
    info.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return saved(noise(31, 17), "PNG", pnginfo=info, exif=exif(1)) + SECRET


def jpeg(orientation: int = 1, **options: object) -> bytes:
    return saved(noise(31, 17), "JPEG", exif=exif(orientation), comment=SECRET, **options) + SECRET


def webp(**options: object) -> bytes:
    return saved(noise(31, 17), "WEBP", exif=exif(1), xmp=SECRET, **options)


def gif() -> bytes:
    frames = [noise(31, 17).quantize(16) for _ in range(3)]
    return saved(frames[0], "GIF", save_all=True, append_images=frames[1:], comment=SECRET, loop=0) + SECRET


def exif(orientation: int) -> bytes:
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010E] = SECRET.decode()
    return data.tobytes()


MAKERS: dict[str, tuple[Callable[[], bytes], PictureFormat]] = {
    "png": (png, PictureFormat.PNG),
    "jpeg": (jpeg, PictureFormat.JPEG),
    "progressive jpeg": (lambda: jpeg(progressive=True), PictureFormat.JPEG),
    "webp": (webp, PictureFormat.WEBP),
    "lossless webp": (lambda: webp(lossless=True), PictureFormat.WEBP),
    "plain webp": (lambda: saved(noise(31, 17), "WEBP"), PictureFormat.WEBP),
    "plain lossless webp": (lambda: saved(noise(31, 17), "WEBP", lossless=True), PictureFormat.WEBP),
    "gif": (gif, PictureFormat.GIF),
    "animated webp": (
        lambda: saved(noise(31, 17), "WEBP", save_all=True, append_images=[noise(31, 17).rotate(90)]),
        PictureFormat.WEBP,
    ),
}


@pytest.mark.parametrize("name", MAKERS)
def test_metadata_goes_and_pixels_stay(name: str) -> None:
    make, form = MAKERS[name]
    data = make()
    picture = check_picture(data, limit_bytes=LIMIT)
    assert (picture.format, picture.width, picture.height, picture.reduced) == (form, 31, 17, False)
    assert SECRET not in picture.data
    before, after = Image.open(BytesIO(data)), Image.open(BytesIO(picture.data))
    assert before.convert("RGB").tobytes() == after.convert("RGB").tobytes()
    assert getattr(before, "n_frames", 1) == getattr(after, "n_frames", 1)
    assert before.info.get("loop") == after.info.get("loop")
    assert len(after.getexif()) == 0
    if picture.data[12:16] == b"VP8X":
        assert not picture.data[20] & 0x0C, "the header promises EXIF or XMP"


@pytest.mark.parametrize("orientation", range(2, 9))
def test_turned_jpeg_is_set_upright(orientation: int) -> None:
    image = Image.new("RGB", (64, 32), "white")
    image.paste("red", (0, 0, 32, 16))
    picture = check_picture(saved(image, "JPEG", exif=exif(orientation)), limit_bytes=LIMIT)
    assert (picture.width, picture.height) == ((32, 64) if orientation >= 5 else (64, 32))
    corner = {2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}[orientation]
    pixel = Image.open(BytesIO(picture.data)).getpixel(
        (corner[0] * (picture.width - 1), corner[1] * (picture.height - 1))
    )
    assert isinstance(pixel, tuple)
    assert pixel[1] < 60, "the red quarter is elsewhere"
    assert not picture.reduced


@pytest.mark.parametrize(("mode", "form"), [("RGB", PictureFormat.JPEG), ("RGBA", PictureFormat.WEBP)])
@pytest.mark.parametrize("limit", [60_000, 20_000, 3000])
def test_reduced_to_the_limit(mode: str, form: PictureFormat, limit: int) -> None:
    data = saved(noise(300, 200, mode), "PNG")
    picture = check_picture(data, limit_bytes=limit)
    assert picture.reduced
    assert len(picture.data) <= limit
    assert picture.format is form
    image = Image.open(BytesIO(picture.data))
    assert image.size == (picture.width, picture.height)
    assert abs(image.width / image.height - 1.5) < 0.1


def test_limit_that_nothing_fits() -> None:
    with pytest.raises(ProviderError) as caught:
        check_picture(saved(noise(300, 200), "PNG"), limit_bytes=100)
    assert caught.value.kind is ErrorKind.TOO_LARGE


def test_pixels_are_counted_before_decoding() -> None:
    """A header that claims a hundred million pixels, with next to nothing behind it."""
    header = struct.pack(">II5B", 10_000, 10_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    end = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    with pytest.raises(ProviderError) as caught:
        check_picture(b"\x89PNG\r\n\x1a\n" + chunk + end, limit_bytes=LIMIT)
    assert caught.value.kind is ErrorKind.TOO_LARGE
    with pytest.raises(ProviderError) as caught:
        check_picture(jpeg(), limit_bytes=LIMIT, max_pixels=31 * 17 - 1)
    assert caught.value.kind is ErrorKind.TOO_LARGE


def test_header_that_deceives() -> None:
    """A screen of one pixel does not hide the size of the frame on it, which the decoder sees."""
    data = bytearray(saved(noise(31, 17).quantize(16), "GIF"))
    data[6:10] = struct.pack("<HH", 1, 1)
    assert kind_of(bytes(data), max_pixels=1000) is None
    assert kind_of(bytes(data), max_pixels=100) is ErrorKind.TOO_LARGE


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"\xff\xd8\xff", b"\xff\xd8\xff\xd9", b"<svg/>"])
def test_no_picture(data: bytes) -> None:
    with pytest.raises(NotAPictureError):
        read_container(data)


@settings(max_examples=300 * FUZZ_FACTOR, deadline=None)
@given(st.data())
def test_broken_pictures_raise_nothing_else(data: st.DataObject) -> None:
    """Bytes changed, cut and added anywhere: a picture comes out, or the project's own error."""
    make, _ = MAKERS[data.draw(st.sampled_from(sorted(MAKERS)))]
    body = bytearray(make())
    for _ in range(data.draw(st.integers(0, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    body = body[: data.draw(st.integers(0, len(body)))] if data.draw(st.booleans()) else body
    kind = kind_of(bytes(body))
    assert kind in (None, ErrorKind.PICTURE_FETCH, ErrorKind.TOO_LARGE)


def kind_of(data: bytes, max_pixels: int = 1_000_000) -> ErrorKind | None:
    try:
        check_picture(data, limit_bytes=LIMIT, max_pixels=max_pixels)
    except ProviderError as error:
        return error.kind
    return None


@settings(max_examples=200 * FUZZ_FACTOR, deadline=None)
@given(
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\xff\0\0\0WEBP", b"GIF89a"]), st.binary(max_size=300)
)
@example(b"GIF89a", bytes(7) + b";")  # a whole one, of no frame: such may come up by chance too
def test_random_containers_raise_nothing_else(magic: bytes, rest: bytes) -> None:
    with suppress(NotAPictureError):
        assert read_container(magic + rest).data.startswith(magic[:4])


async def test_accept_counts_bytes() -> None:
    fetcher = PictureFetcher(workshop=InlineWorkshop(), clock=FakeClock(), max_bytes=100)
    with pytest.raises(ProviderError) as caught:
        await fetcher.accept(png(), limit_bytes=LIMIT, errand=Errand())
    assert caught.value.kind is ErrorKind.TOO_LARGE
    fetcher = PictureFetcher(workshop=InlineWorkshop(), clock=FakeClock())
    assert (await fetcher.accept(png(), limit_bytes=LIMIT, errand=Errand())).width == 31
