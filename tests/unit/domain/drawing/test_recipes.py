"""What is drawn: wishes, defaults, ceilings, seeds; sizes; recipes in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.drawing.plan import Clamp
from bot.domain.drawing.recipes import (
    KNOWN_SIZES,
    PROMPT_MAX_CHARS,
    Shape,
    changed_prompt,
    fit_size,
    next_size,
    plan_drawing,
    resolved,
    shape_of,
    sizes_within,
    told_drawing,
    wish_of,
)
from bot.domain.drawing.wish import DrawWish, Origin
from bot.domain.picture.parameters import SEED_MAX, ControlNet, DrawingParameters, Size, SizeCeiling
from bot.domain.settings.catalogue import Settings

sides = st.integers(64, 6240)
sizes = st.builds(Size, width=sides, height=sides)


def size(text: str) -> Size:
    width, height = text.split("x")
    return Size(width=int(width), height=int(height))


def ceiling(sides: str, pixels: int = 39_000_000) -> SizeCeiling:
    return SizeCeiling(sides=size(sides), pixels=pixels)


# --- sizes ---------------------------------------------------------------------------------------------------------


def test_the_known_sizes_are_those_of_the_contract_with_their_transposes() -> None:
    assert [str(one) for one in KNOWN_SIZES] == [
        *("512x512", "640x640", "768x768", "960x960", "1024x1024"),
        *("512x768", "640x960", "768x1152", "1024x1536"),
        *("768x512", "960x640", "1152x768", "1536x1024"),
    ]


@pytest.mark.parametrize(
    ("text", "shape"), [("64x64", Shape.SQUARE), ("512x768", Shape.PORTRAIT), ("768x512", Shape.LANDSCAPE)]
)
def test_a_size_has_a_shape(text: str, shape: Shape) -> None:
    assert shape_of(size(text)) is shape


@pytest.mark.parametrize(
    ("text", "larger"),
    [
        ("64x64", "512x512"),
        ("512x512", "640x640"),
        ("960x960", "1024x1024"),
        ("1024x1024", None),
        ("768x1152", "1024x1536"),
        ("1000x1500", "1024x1536"),
        ("1152x768", "1536x1024"),
        ("1024x1536", None),
        ("640x480", None),
    ],
)
def test_the_next_larger_size_has_the_same_shape(text: str, larger: str | None) -> None:
    assert next_size(size(text)) == (size(larger) if larger else None)


def test_a_size_over_the_ceiling_is_no_next_one_and_not_offered() -> None:
    assert next_size(size("640x960"), ceiling("1024x1024")) is None
    assert next_size(size("640x960"), ceiling("6240x6240", 800_000)) is None
    assert sizes_within(ceiling("640x768")) == (size("512x512"), size("640x640"), size("512x768"))
    assert sizes_within(ceiling("6240x6240", 400_000)) == tuple(map(size, ("512x512", "512x768", "768x512")))


@settings(deadline=None, max_examples=200)
@given(sizes, sizes)
def test_a_size_is_scaled_down_to_a_ceiling_and_keeps_its_shape(asked: Size, ceiling: Size) -> None:
    given = fit_size(asked, SizeCeiling(sides=ceiling, pixels=ceiling.pixels))
    assert 64 <= given.width <= ceiling.width
    assert 64 <= given.height <= ceiling.height
    assert (given.width <= asked.width, given.height <= asked.height) == (True, True)
    if asked.width <= ceiling.width and asked.height <= ceiling.height:
        assert given == asked
        return
    assert given.width % 8 == given.height % 8 == 0
    factor = min(ceiling.width / asked.width, ceiling.height / asked.height)
    for one, whole in ((given.width, asked.width), (given.height, asked.height)):
        assert one == 64 or whole * factor - 9 <= one <= whole * factor + 1e-6


@settings(deadline=None, max_examples=300)
@given(sizes, sizes, st.integers(100_000, 39_000_000))
def test_no_size_is_larger_than_its_ceiling_in_any_way(asked: Size, sides: Size, pixels: int) -> None:
    allowed = SizeCeiling(sides=sides, pixels=pixels)
    given = fit_size(asked, allowed)
    assert allowed.allows(given)
    assert min(given.width, given.height) >= 64
    assert fit_size(given, allowed) == given


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("6240x6240", "1544x1544"),
        ("1920x1080", "1920x1080"),
        ("4096x2160", "2128x1120"),
        ("6240x64", "6240x64"),
        ("64x6240", "64x6240"),
        ("1024x1536", "1024x1536"),
    ],
)
def test_what_is_built_in_allows_2_4_megapixels_of_any_shape(asked: str, given: str) -> None:
    assert fit_size(size(asked), Settings().size_ceiling) == size(given)


@given(sizes, st.integers(1, 150), st.integers(1, 4), st.integers(1, 150), sizes, st.floats(0.1, 39))
def test_no_plan_is_beyond_a_ceiling_whatever_was_wished_and_whatever_is_the_default(
    wished: Size, steps: int, count: int, most_steps: int, most_size: Size, megapixels: float
) -> None:
    place = Settings(
        size=wished, steps=steps, max_size=most_size, max_steps=most_steps, max_megapixels=megapixels, max_count=2
    )
    for wish in (DrawWish(count=count), DrawWish(size=wished, steps=steps, count=count)):
        plan = plan_drawing(wish, place, random_seed=0)
        assert len(plan.pictures) <= 2
        for picture in plan.pictures:
            assert place.size_ceiling.allows(picture.size)
            assert picture.steps <= most_steps
        assert plan.larger is None or place.size_ceiling.allows(plan.larger)


# --- planning ------------------------------------------------------------------------------------------------------


def test_without_a_wish_the_place_s_defaults_are_drawn_with_a_seed() -> None:
    plan = plan_drawing(DrawWish(), Settings(steps=30), random_seed=4711)
    assert plan.pictures == (DrawingParameters(steps=30, seed=4711),)
    assert (plan.clamps, plan.unused, plan.spoiler, plan.private, plan.origin) == ((), (), False, False, None)


def test_a_wish_goes_before_the_defaults() -> None:
    origin = Origin(channel_id=1, message_id=2)
    wish = DrawWish(
        model="M",
        size=size("64x128"),
        steps=5,
        scale=20,
        seed=0,
        enhance=True,
        control=ControlNet.HED,
        private=True,
        spoiler=True,
        origin=origin,
    )
    plan = plan_drawing(wish, Settings(seed=77), random_seed=4711)
    assert plan.pictures == (
        DrawingParameters(
            model="M", size=size("64x128"), steps=5, scale=20, seed=0, enhance=True, control=ControlNet.HED
        ),
    )
    assert (plan.private, plan.spoiler, plan.origin) == (True, True, origin)


@pytest.mark.parametrize(
    ("wished", "setting", "seed"),
    [(None, -1, 4711), (None, 77, 77), (-1, 77, 4711), (0, 77, 0), (SEED_MAX, -1, SEED_MAX)],
)
def test_a_seed_is_resolved_once(wished: int | None, setting: int, seed: int) -> None:
    place = Settings(seed=setting)
    kept = resolved(DrawWish(seed=wished), place, random_seed=4711, honoured=frozenset({"seed"}))
    assert kept.seed == seed
    for later in (1, 2):
        assert plan_drawing(kept, place, random_seed=later).pictures[0].seed == seed


def test_where_seeds_are_not_heeded_none_is_made_up() -> None:
    assert resolved(DrawWish(), Settings(), random_seed=1, honoured=()) == DrawWish()
    plan = plan_drawing(DrawWish(), Settings(), random_seed=1, honoured=())
    assert (plan.unused, plan.honoured) == ((), frozenset())


def test_several_pictures_have_the_seeds_after_the_first_round_the_end() -> None:
    plan = plan_drawing(DrawWish(count=3, seed=SEED_MAX - 1), Settings(), random_seed=0)
    assert [picture.seed for picture in plan.pictures] == [SEED_MAX - 1, SEED_MAX, 0]


def test_what_is_built_in_is_60_steps_and_4_pictures() -> None:
    plan = plan_drawing(DrawWish(steps=61, count=4), Settings(), random_seed=0)
    assert [picture.steps for picture in plan.pictures] == [60] * 4
    assert plan.clamps == (Clamp(field="steps", asked="61", given="60"),)


def test_ceilings_clamp_and_say_so() -> None:
    place = Settings(max_size=size("1024x1024"), max_steps=40, max_count=2)
    plan = plan_drawing(DrawWish(size=size("2048x1024"), steps=150, count=4), place, random_seed=0)
    assert [(picture.size, picture.steps) for picture in plan.pictures] == [(size("1024x512"), 40)] * 2
    assert plan.clamps == (
        Clamp(field="size", asked="2048x1024", given="1024x512"),
        Clamp(field="steps", asked="150", given="40"),
        Clamp(field="count", asked="4", given="2"),
    )


def test_what_the_endpoint_does_not_heed_is_told_where_it_was_asked_for() -> None:
    wish = DrawWish(model="M", steps=5, seed=-1, enhance=False, control=ControlNet.OFF)
    assert plan_drawing(wish, Settings(), random_seed=0, honoured={"model"}).unused == ("steps",)
    wish = DrawWish(seed=1, enhance=True, control=ControlNet.HED)
    assert plan_drawing(wish, Settings(), random_seed=0, honoured={"model"}).unused == ("control", "enhance", "seed")


@pytest.mark.parametrize(
    ("wished", "setting", "age_restricted", "hidden"),
    [
        (None, False, False, False),
        (None, True, False, True),
        (None, False, True, True),
        (False, True, False, True),
        (False, False, False, False),
        (False, False, True, True),
        (True, False, False, True),
    ],
)
def test_a_picture_is_a_spoiler_by_wish_by_setting_and_by_age(
    wished: bool | None, setting: bool, age_restricted: bool, hidden: bool
) -> None:
    plan = plan_drawing(
        DrawWish(spoiler=wished), Settings(spoilers=setting), random_seed=0, age_restricted=age_restricted
    )
    assert plan.spoiler is hidden


def test_a_wish_for_the_same_picture_gives_the_same_parameters() -> None:
    made = DrawingParameters(model="M", size=size("512x768"), steps=9, scale=3, seed=5, enhance=True)
    assert plan_drawing(wish_of(made), Settings(), random_seed=0).pictures == (made,)
    again = replace(wish_of(made), seed=-1)
    assert plan_drawing(again, Settings(seed=3), random_seed=8).pictures == (replace(made, seed=8),)
    assert wish_of(made, honoured={"model"}) == DrawWish(model="M")


# --- words ---------------------------------------------------------------------------------------------------------


def test_a_change_becomes_part_of_the_prompt() -> None:
    assert changed_prompt(" a fox ", " make it darker ") == "a fox, make it darker"


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=3000), st.text(max_size=3000))
def test_a_changed_prompt_stays_short_enough_for_the_command(prompt: str, change: str) -> None:
    assert len(changed_prompt(prompt, change)) <= PROMPT_MAX_CHARS


def test_a_drawing_is_told_with_its_recipe() -> None:
    made = DrawingParameters(seed=42, enhance=True, control=ControlNet.HED)
    told = told_drawing("a\nfox", (made, replace(made, seed=43)))
    assert told == (
        "a fox (model Artist_V0.1.3, 960x960, seeds 42, 43, steps 50, scale 7, prompt enhanced, control hed)"
    )
    assert told_drawing("a fox", (made,), {"model", "seed"}) == "a fox (model Artist_V0.1.3, seed 42)"
    assert told_drawing("a fox", (made,), ()) == "a fox"
    long = told_drawing("x" * 5000, (made,))
    assert len(long) < 1_100
    assert long.endswith("control hed)")
