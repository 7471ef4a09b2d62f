"""The recipe inside a PNG: written without touching the picture, read back from anything that claims to be one."""

from __future__ import annotations

import json
import zlib
from io import BytesIO
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.domain.drawing.chunk import AFTER_HEADER, CHUNK_MAX_BYTES, KEYWORD, PROMPT_MAX_CHARS, read_recipe, recipe_chunk
from bot.domain.picture.parameters import SEED_MAX, ControlNet, DrawingParameters, Recipe, Size

RECIPE = Recipe(prompt="a fox 🦊 画", parameters=DrawingParameters(seed=42, control=ControlNet.HED))
GOOD = {
    "v": 1,
    "prompt": "a fox",
    "model": "M",
    "size": "64x128",
    "seed": 1,
    "steps": 5,
    "scale": 7,
    "enhance": False,
    "control": "",
}


def png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (3, 2), (200, 10, 20)).save(out, "PNG")
    return out.getvalue()


PNG = png()


def with_chunk(chunk: bytes, data: bytes = PNG) -> bytes:
    return data[:AFTER_HEADER] + chunk + data[AFTER_HEADER:]


def text_chunk(body: bytes, *, name: bytes = b"iTXt", crc: int | None = None) -> bytes:
    return pack(">I", len(body)) + name + body + pack(">I", zlib.crc32(name + body) if crc is None else crc)


def written(fields: object, *, flag: bytes = b"\0") -> bytes:
    body = KEYWORD.encode() + b"\0" + flag + b"\0\0\0" + json.dumps(fields).encode()
    return with_chunk(text_chunk(body))


def test_what_is_written_is_read_and_every_other_reader_sees_the_same_picture() -> None:
    data = with_chunk(recipe_chunk(RECIPE))
    assert read_recipe(data) == RECIPE
    with Image.open(BytesIO(data)) as image:
        image.load()
        assert image.getpixel((0, 0)) == (200, 10, 20)
        assert json.loads(image.text[KEYWORD])["prompt"] == RECIPE.prompt  # type: ignore[attr-defined]  # of PNGs


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)
recipes = st.builds(
    Recipe,
    prompt=texts.filter(str.strip),
    parameters=st.builds(
        DrawingParameters,
        model=texts.map(str.strip).filter(lambda text: bool(text) and text.isprintable() and len(text) <= 100),
        size=st.builds(Size, width=st.integers(64, 6240), height=st.integers(64, 6240)),
        steps=st.integers(1, 150),
        scale=st.integers(1, 20),
        seed=st.integers(0, SEED_MAX),
        enhance=st.booleans(),
        control=st.sampled_from(ControlNet),
    ),
)


@settings(deadline=None, max_examples=100)
@given(recipes)
def test_every_recipe_survives(recipe: Recipe) -> None:
    assert read_recipe(with_chunk(recipe_chunk(recipe))) == recipe


@pytest.mark.parametrize("prompt", ["长" * 10_000, "🦊" * 10_000, "\x01" * 10_000, "\ud800 fox"])
def test_a_prompt_of_any_kind_fits(prompt: str) -> None:
    chunk = recipe_chunk(Recipe(prompt=prompt, parameters=RECIPE.parameters))
    assert len(chunk) <= CHUNK_MAX_BYTES
    found = read_recipe(with_chunk(chunk))
    assert found is not None
    assert len(found.prompt) <= PROMPT_MAX_CHARS


def test_the_good_fields_are_good() -> None:
    assert read_recipe(written(GOOD)) is not None
    assert read_recipe(written({**GOOD, "more": [1]})) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": None},
        {"prompt": ""},
        {"prompt": " \n"},
        {"prompt": "x" * 4001},
        {"prompt": 7},
        {"prompt": "\ud800"},
        {"prompt": "a\0b"},
        {"model": ""},
        {"model": "x" * 101},
        {"model": "a\nb"},
        {"model": ["M"]},
        {"size": "63x64"},
        {"size": "64x6241"},
        {"size": [64, 64]},
        {"seed": -1},
        {"seed": SEED_MAX + 1},
        {"seed": "1"},
        {"seed": True},
        {"seed": 1.5},
        {"seed": None},
        {"steps": 0},
        {"steps": 151},
        {"steps": 5.0},
        {"scale": 21},
        {"scale": 10**30},
        {"enhance": 1},
        {"enhance": "on"},
        {"control": "sketchy"},
        {"control": None},
    ],
    ids=str,
)
def test_a_field_that_could_not_be_drawn_makes_it_no_recipe(change: dict[str, object]) -> None:
    assert read_recipe(written({**GOOD, **change})) is None


@pytest.mark.parametrize("key", GOOD)
def test_a_field_that_is_missing_makes_it_no_recipe(key: str) -> None:
    assert read_recipe(written({name: value for name, value in GOOD.items() if name != key})) is None


@pytest.mark.parametrize("fields", [[], "text", 7, None, [GOOD]])
def test_json_that_is_no_object_is_no_recipe(fields: object) -> None:
    assert read_recipe(written(fields)) is None


def test_what_is_deeply_nested_or_no_json_is_no_recipe() -> None:
    head = KEYWORD.encode() + b"\0\0\0\0\0"
    assert read_recipe(with_chunk(text_chunk(head + b"[" * 30_000))) is None
    assert read_recipe(with_chunk(text_chunk(head + b"\xff{}"))) is None
    assert read_recipe(with_chunk(text_chunk(head + b'{"seed": ' + b"9" * 10_000 + b"}"))) is None


def test_a_compressed_recipe_is_not_unpacked() -> None:
    assert read_recipe(written(GOOD, flag=b"\1")) is None


def test_a_chunk_that_is_too_long_or_spoilt_or_another_s_is_passed_over() -> None:
    good = recipe_chunk(RECIPE)
    head = KEYWORD.encode() + b"\0\0\0\0\0"
    for other in (
        text_chunk(head + json.dumps({**GOOD, "more": "x" * CHUNK_MAX_BYTES}).encode()),
        text_chunk(head + json.dumps(GOOD).encode(), crc=7),
        text_chunk(b"Comment\0\0\0\0\0hello"),
        text_chunk(head + json.dumps(GOOD).encode(), name=b"tEXt"),
    ):
        assert read_recipe(with_chunk(other)) is None
        assert read_recipe(with_chunk(other + good)) == RECIPE


def test_what_breaks_off_or_is_no_png_has_no_recipe() -> None:
    data = with_chunk(recipe_chunk(RECIPE))
    for end in range(AFTER_HEADER + len(recipe_chunk(RECIPE))):
        assert read_recipe(data[:end]) is None
    assert read_recipe(b"GIF89a" + data) is None
    assert read_recipe(PNG) is None
    assert read_recipe(PNG + recipe_chunk(RECIPE)) is None  # behind the end of the picture


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 300), st.binary(max_size=12))
def test_a_picture_that_was_tampered_with_gives_a_recipe_that_could_be_drawn_or_none(at: int, junk: bytes) -> None:
    data = with_chunk(recipe_chunk(RECIPE))
    found = read_recipe(data[:at] + junk + data[at + len(junk) :])
    assert found is None or (found.prompt and 1 <= found.parameters.steps <= 150)
