"""Pictures: what they depend on, and what they don't."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise

import pytest
from PIL import Image, ImageChops, ImageStat

from sandbox.endpoint.contracts.fusion_request import CONTROLNETS
from sandbox.endpoint.painting.animals import SPECIES
from sandbox.endpoint.painting.painter import paint
from sandbox.endpoint.painting.recipe import Recipe
from sandbox.endpoint.painting.subjects import read_wish

FOX = Recipe(prompt="draw a fox", width=192, height=160, seed=1)


def opened(recipe: Recipe) -> Image.Image:
    with Image.open(io.BytesIO(paint(recipe))) as picture:
        picture.load()
        assert picture.format == "PNG"
        assert picture.size == (recipe.width, recipe.height)
        return picture.convert("RGB")


def distance(one: Recipe, other: Recipe) -> float:
    """Return the mean difference of two pictures, 0…255."""
    means = ImageStat.Stat(ImageChops.difference(opened(one), opened(other))).mean
    return sum(means) / len(means)


def test_the_same_recipe_gives_the_same_bytes() -> None:
    assert paint(FOX) == paint(replace(FOX))


@pytest.mark.parametrize("prompt", ["draw a fox", "the meaning of time"])
def test_another_seed_is_visibly_another_picture(prompt: str) -> None:
    pictures = [replace(FOX, prompt=prompt, seed=seed) for seed in range(4)]
    for one, other in pairwise(pictures):
        assert distance(one, other) > 8


@pytest.mark.parametrize(
    "change",
    [{"prompt": "draw a cat"}, {"model": "Artist v0.4.0 Beta"}, {"scale": 20}, {"steps": 5}, {"enhance": True}],
)
def test_every_part_of_the_recipe_shows(change: dict[str, object]) -> None:
    assert distance(FOX, replace(FOX, **change)) > 0.2  # type: ignore[arg-type]  # of fields by name


@pytest.mark.parametrize("control", CONTROLNETS[1:])
def test_every_control_model_changes_the_finish(control: str) -> None:
    assert distance(FOX, replace(FOX, control=control)) > 0.5


def test_more_steps_add_detail() -> None:
    def colours(steps: int) -> int:
        found = opened(replace(FOX, prompt="stars at night", steps=steps)).getcolors(1 << 20)
        assert found is not None
        return len(found)

    assert colours(5) < colours(50) < colours(150)


def test_a_named_colour_is_used() -> None:
    blue = ImageStat.Stat(opened(replace(FOX, prompt="a blue cat"))).mean
    red = ImageStat.Stat(opened(replace(FOX, prompt="a red cat"))).mean
    assert blue[2] - blue[0] > red[2] - red[0] + 5


@pytest.mark.parametrize(
    "prompt",
    [
        *SPECIES,
        *("bird", "fish", "whale", "whale at sea", "butterfly", "robot", "house", "castle", "boat", "balloon"),
        *("rocket", "flower", "tree", "snowy forest", "rainy city at night", "desert", "space"),
        *("foggy mountains", "autumn tree", "¿?"),
    ],
)
def test_every_subject_and_place_can_be_painted(prompt: str) -> None:
    assert len(set(opened(Recipe(prompt=prompt, width=96, height=128)).tobytes())) > 50


@pytest.mark.parametrize(("width", "height"), [(64, 64), (64, 6240), (6240, 64)])
def test_extreme_sides_are_painted(width: int, height: int) -> None:
    opened(replace(FOX, width=width, height=height))


def test_words_are_read_in_both_languages() -> None:
    english = read_wish("a red fox and a white rabbit in the snowy mountains at night")
    chinese = read_wish("夜晚，雪山里的红色狐狸和白色的兔子")
    assert english == chinese
    assert [name for name, _ in english.subjects] == ["fox", "rabbit"]
    assert (english.place, english.time, english.weather) == ("mountain", "night", "snow")
    assert [name for name, _ in read_wish("熊猫").subjects] == ["panda"]
    assert read_wish("catalogue of education").empty
