"""Pictures that are made smaller: shrunk first, by strips, and encoded once or twice."""

from __future__ import annotations

import random
import struct
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageCms

from bot.domain.picture.files import PictureFormat
from bot.errors import ErrorKind, ProviderError
from bot.providers.picture import check
from bot.providers.picture.bench import smaller
from bot.providers.picture.bench.rows import WholeRows, png_rows
from bot.providers.picture.bench.smaller import shrink
from bot.providers.picture.check import check_picture
from bot.providers.picture.containers.stripped import Container
from bot.providers.picture.formats import read_container
from tests.unit.providers.picture.containers.writing import png_chunk, png_of, rows_of
from tests.unit.providers.picture.test_check import exif, noise, saved


def soft(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Paint what compresses as a photograph does: soft blots, and grain over them."""
    grain = random.Random(5)
    bands = []
    for _ in mode:
        blots = Image.frombytes("L", (9, 7), grain.randbytes(63)).resize((width, height), Image.Resampling.BICUBIC)
        dust = Image.frombytes("L", (width, height), grain.randbytes(width * height)).point(lambda value: value // 24)
        bands.append(ImageChops.add(blots, dust))
    return Image.merge(mode, bands) if len(bands) > 1 else bands[0]


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def apart(one: Image.Image, other: Image.Image) -> float:
    """Tell how far two pictures differ, in the mean of their pixels, 0…255."""
    assert one.size == other.size
    data = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).tobytes()
    return sum(data) / len(data)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("windows", [((0, 97),), ((0, 1), (1, 2), (2, 97)), ((0, 40), (30, 70), (69, 97)), ((50, 97),)])
def test_rows_are_those_that_the_decoder_sees(mode: str, windows: tuple[tuple[int, int], ...]) -> None:
    image = soft(53, 97, mode)
    open_rows = png_rows(read_container(saved(image, "PNG")).data)
    assert open_rows is not None
    rows = open_rows()
    assert (rows.width, rows.height) == (53, 97)
    for top, bottom in windows:
        window = rows.window(top, bottom)
        if top >= 50:
            continue  # rows that were passed over are not what is asked for
        assert window.mode == mode
        assert window.tobytes() == image.crop((0, top, 53, bottom)).tobytes()


@pytest.mark.parametrize(
    "pixels",
    [rows_of(80, 30), rows_of(80, 60)[:-9000], b"\x78\x01" + b"\xff" * 20_000, b""],
    ids=["too few rows", "no end", "not compressed", "nothing"],
)
def test_rows_that_break_off_are_no_picture(pixels: bytes) -> None:
    data = png_of(png_chunk(b"IDAT", pixels), width=80, height=60)
    with pytest.raises(ProviderError) as caught:
        check_picture(data, limit_bytes=len(data) - 1)
    assert caught.value.kind is ErrorKind.PICTURE_FETCH


@pytest.mark.parametrize(
    ("image", "options"),
    [
        (noise(120, 90).quantize(16), {}),
        (noise(120, 90).quantize(16), {"transparency": 3}),
        (Image.frombytes("I;16", (120, 90), random.Random(1).randbytes(21_600)), {}),
        (noise(120, 90).convert("1"), {}),
        (noise(120, 90), {"transparency": (1, 2, 3)}),
    ],
    ids=["palette", "palette with transparency", "16 bits", "one bit", "a transparent colour"],
)
def test_other_pngs_are_read_whole(image: Image.Image, options: dict[str, object]) -> None:
    data = saved(image, "PNG", **options)
    assert png_rows(data) is None
    assert check_picture(data, limit_bytes=len(data) // 2 + 300).reduced


def test_strips_leave_no_seams() -> None:
    image = soft(1500, 1400)
    data = read_container(saved(image, "PNG")).data
    whole = image.resize((1111, 1037), Image.Resampling.HAMMING)
    open_rows = png_rows(data)
    assert open_rows is not None
    for rows in (open_rows(), WholeRows(image)):
        made = shrink(rows, (1111, 1037))
        assert made is not None
        difference = ImageChops.difference(made, whole).getextrema()
        assert all(most <= 1 for _, most in difference)  # type: ignore[misc]  # of several bands


@pytest.mark.parametrize(
    ("mode", "form", "kept"),
    [
        ("RGB", "PNG", PictureFormat.JPEG),
        ("L", "PNG", PictureFormat.JPEG),
        ("RGB", "JPEG", PictureFormat.JPEG),
        ("CMYK", "JPEG", PictureFormat.JPEG),
        ("RGB", "WEBP", PictureFormat.JPEG),
        ("RGBA", "PNG", PictureFormat.WEBP),
        ("RGBA", "WEBP", PictureFormat.WEBP),
    ],
)
def test_what_is_made_smaller_looks_the_same(mode: str, form: str, kept: PictureFormat) -> None:
    data = saved(soft(900, 600, mode), form, quality=97)
    picture = check_picture(data, limit_bytes=len(data) // 2)
    assert (picture.reduced, picture.format) == (True, kept)
    assert abs(picture.width / picture.height - 1.5) < 0.01
    assert 500 < picture.width <= 900
    small = opened(data).convert(opened(picture.data).mode).resize((picture.width, picture.height))
    assert apart(opened(picture.data), small) < 4


def test_an_alpha_channel_that_hides_nothing_goes() -> None:
    image = soft(300, 200)
    image.putalpha(255)
    data = saved(image, "PNG")
    picture = check_picture(data, limit_bytes=len(data) // 2)
    assert picture.format is PictureFormat.JPEG
    assert apart(opened(picture.data), image.resize((picture.width, picture.height))) < 4


def test_transparency_stays_where_it_is() -> None:
    """Only the last rows are transparent: what was scaled down until then goes on with them."""
    image = soft(800, 1200)
    alpha = Image.new("L", image.size, 255)
    alpha.paste(0, (0, 1100, 400, 1200))
    image.putalpha(alpha)
    data = saved(image, "PNG")
    picture = check_picture(data, limit_bytes=len(data) // 2)
    made = opened(picture.data).getchannel("A")
    assert picture.format is PictureFormat.WEBP
    width, height = made.size
    assert made.getpixel((width // 4, height * 95 // 100)) == 0
    assert made.getpixel((width * 3 // 4, height * 95 // 100)) == 255
    assert made.getpixel((width // 4, height // 2)) == 255


def test_pictures_with_transparency_have_fewer_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smaller, "_MOST_CLEAR_PIXELS", 10_000)
    clear, opaque = soft(400, 400, "RGBA"), soft(400, 400)
    sizes = [
        check_picture(data, limit_bytes=len(data) * 3 // 4).width
        for data in (saved(clear, "PNG"), saved(opaque, "PNG"))
    ]
    assert sizes[0] == 100
    assert sizes[1] > 300


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_turned_jpeg_is_made_smaller_upright(orientation: int) -> None:
    image = soft(900, 600)
    image.paste("red", (0, 0, 450, 300))
    data = saved(image, "JPEG", quality=97, exif=exif(orientation))
    picture = check_picture(data, limit_bytes=len(data) // 3)
    assert picture.reduced
    assert (picture.width > picture.height) == (orientation < 5)
    corner = {1: (0, 0), 3: (1, 1), 6: (1, 0), 8: (0, 1)}[orientation]
    pixel = opened(picture.data).getpixel((corner[0] * (picture.width - 1), corner[1] * (picture.height - 1)))
    assert isinstance(pixel, tuple)
    assert pixel[0] > 230
    assert pixel[1] < 40


def test_one_encoding_is_mostly_enough_and_two_nearly_always(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    encode = smaller.encode

    def counted(image: Image.Image, quality: int, profile: bytes | None) -> Container:
        made.append(quality)
        return encode(image, quality, profile)

    monkeypatch.setattr(smaller, "encode", counted)
    for data, most in (
        (saved(soft(600, 400), "PNG"), 1),
        (saved(soft(600, 400), "JPEG", quality=97), 1),
        (saved(soft(1500, 1000), "JPEG", quality=60), 2),
        (saved(noise(600, 400), "PNG"), 1),
        (saved(noise(600, 400, "RGBA"), "PNG"), 1),
    ):
        for part in (2, 5):
            made.clear()
            check_picture(data, limit_bytes=len(data) // part)
            assert len(made) <= most


def test_a_jpeg_is_decoded_at_a_part_of_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[tuple[int, int]] = []

    def counted(image: Image.Image) -> WholeRows:
        sizes.append(image.size)
        return WholeRows(image)

    monkeypatch.setattr(check, "WholeRows", counted)
    data = saved(noise(800, 800), "JPEG", quality=97)
    picture = check_picture(data, limit_bytes=len(data) // 30)
    assert sizes == [(200, 200)]
    assert picture.width <= 200


def test_the_colour_profile_stays() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for form in ("PNG", "JPEG", "WEBP"):
        data = saved(soft(300, 200), form, icc_profile=profile)
        assert opened(check_picture(data, limit_bytes=len(data) // 2).data).info["icc_profile"] == profile


def test_beyond_a_limit_on_bytes_and_pixels_nothing_is_made_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    data = saved(soft(300, 200), "PNG")
    monkeypatch.setattr(check, "MOST_WORK", len(data) * 300 * 200 - 1)
    assert not check_picture(data, limit_bytes=len(data)).reduced
    with pytest.raises(ProviderError) as caught:
        check_picture(data, limit_bytes=len(data) - 100)
    assert caught.value.kind is ErrorKind.TOO_LARGE


def test_grey_of_16_bits_is_not_cut_off() -> None:
    ramp = Image.frombytes("I;16", (256, 64), b"".join(struct.pack("<H", x * 257) for x in range(256)) * 64)
    data = saved(ramp, "PNG", compress_level=0)
    made = opened(check_picture(data, limit_bytes=len(data) // 2).data).convert("L")
    left, right = made.getpixel((4, 4)), made.getpixel((made.width // 2, 4))
    assert isinstance(left, int)
    assert isinstance(right, int)
    assert left < 20
    assert 110 < right < 145
