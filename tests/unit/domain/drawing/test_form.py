"""What is filled in for a drawing: every range, forgiving reading, and forms that read as they were written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.drawing.form import (
    NUMBERS,
    SHOWN_CHARS,
    DrawForm,
    WishFault,
    WishField,
    check_form,
    check_values,
    form_of,
    option_values,
    write_numbers,
)
from bot.domain.drawing.recipes import PROMPT_MAX_CHARS
from bot.domain.drawing.wish import DrawWish
from bot.domain.picture.parameters import SEED_MAX, ControlNet, DrawingParameters, Recipe, Size

ENGLISH = {field: field.value for field in NUMBERS}
CHINESE = dict(zip(NUMBERS, ("步数", "引导系数", "种子", "张数"), strict=True))
PROMPT = {WishField.PROMPT: "a fox"}


def fault_of(field: WishField, value: Any) -> WishFault:
    (fault,) = check_values({**PROMPT, field: value}).faults
    return fault


def test_a_prompt_alone_asks_for_what_the_place_has() -> None:
    checked = check_values({**PROMPT, **dict.fromkeys(set(WishField) - {WishField.PROMPT}, None)})
    assert (checked.prompt, checked.wish, checked.faults) == ("a fox", DrawWish(), ())


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        (WishField.MODEL, "Artist V0.3.0 Beta", "Artist V0.3.0 Beta"),
        (WishField.MODEL, "m" * 100, "m" * 100),
        (WishField.SIZE, "64x6240", Size(width=64, height=6240)),
        (WishField.SIZE, " 512 × 768 ", Size(width=512, height=768)),
        (WishField.STEPS, 1, 1),
        (WishField.STEPS, 150, 150),
        (WishField.SCALE, 1, 1),
        (WishField.SCALE, 20, 20),
        (WishField.SEED, -1, -1),
        (WishField.SEED, 0, 0),
        (WishField.SEED, SEED_MAX, SEED_MAX),
        (WishField.ENHANCE, True, True),
        (WishField.ENHANCE, False, False),
        (WishField.CONTROL, "off", ControlNet.OFF),
        (WishField.CONTROL, "fake_scribble", ControlNet.FAKE_SCRIBBLE),
        (WishField.COUNT, 1, 1),
        (WishField.COUNT, 4, 4),
    ],
)
def test_what_is_in_range_is_taken(field: WishField, value: Any, read: Any) -> None:
    checked = check_values({**PROMPT, field: value})
    assert checked.faults == ()
    assert checked.wish == DrawWish(**{field.value: read})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (WishField.MODEL, "m" * 101),
        *((WishField.SIZE, size) for size in ("63x64", "64x6241", "960", "axb", "960x960x960", "", 960, "-64x64")),
        *((WishField.STEPS, steps) for steps in (0, 151, -1, "many", 2**70, 1.5, True, [5], {"a": 1})),
        *((WishField.SCALE, scale) for scale in (0, 21, "7.5", "", False)),
        *((WishField.SEED, seed) for seed in (-2, SEED_MAX + 1, "x")),
        *((WishField.ENHANCE, enhance) for enhance in ("perhaps", 2, [True])),
        *((WishField.CONTROL, control) for control in ("cannny", 5, "canny depth")),
        *((WishField.COUNT, count) for count in (0, 5, -1, "two", True, 10**30, "٣")),
    ],
)
def test_what_is_out_of_range_is_one_fault_with_its_field(field: WishField, value: Any) -> None:
    fault = fault_of(field, value)
    assert fault.field is field
    assert len(fault.given) <= SHOWN_CHARS + 1
    assert "\n" not in fault.given


@pytest.mark.parametrize("prompt", ["", "   ", None, 5, "x" * (PROMPT_MAX_CHARS + 1)])
def test_a_prompt_has_some_text_and_not_too_much(prompt: Any) -> None:
    (fault,) = check_values({WishField.PROMPT: prompt}).faults
    assert fault.field is WishField.PROMPT


def test_every_fault_is_told_at_once() -> None:
    checked = check_values({**PROMPT, WishField.STEPS: 0, WishField.SCALE: 99, WishField.SIZE: "big"})
    assert [fault.field for fault in checked.faults] == [WishField.STEPS, WishField.SCALE, WishField.SIZE]


@pytest.mark.parametrize(
    "numbers",
    [
        "steps 30, scale 5, seed 4711, count 2",
        "STEPS: 30; Scale=5; seed = 4711; pictures 2",
        "30 steps, 5 scale, 4711 seed, 2 pictures",
        "steps 30 scale 5 seed 4711 count 2",
        "seed 4711\ncount 2\nsteps 30\nscale 5",
        "步数 30，引导系数 5，种子 4711，张数 2",
        "步数：３０、cfg 5、种子=4711、张 2",  # full-width, as an input method writes it
        "30步 5引导 4711种子 2张",
        "seed 4711 · 30 steps · scale 5 · 2 pictures",  # as it stands on a card
        "种子 4711 · 30 步 · 引导系数 5 · 2 张",
    ],
)
def test_numbers_are_read_forgivingly(numbers: str) -> None:
    checked = check_form(DrawForm(prompt="a fox", numbers=numbers))
    assert checked.faults == ()
    assert checked.wish == DrawWish(steps=30, scale=5, seed=4711, count=2)


@pytest.mark.parametrize("seed", ["seed -1", "seed random", "随机 种子", "种子 随机"])
def test_a_random_seed_has_words_too(seed: str) -> None:
    assert check_form(DrawForm(prompt="a fox", numbers=seed)).wish == DrawWish(seed=-1)


@pytest.mark.parametrize("numbers", ["steps", "50", "steps 50 7", "stops 50", "steps fifty", "steps 5.5.5", "{}", "🦊"])
def test_what_can_not_be_read_is_a_fault_of_the_line(numbers: str) -> None:
    (fault,) = check_form(DrawForm(prompt="a fox", numbers=numbers)).faults
    assert fault == WishFault(field=WishField.NUMBERS, given=numbers)


def test_a_number_out_of_its_range_is_that_number_s_fault() -> None:
    faults = check_form(DrawForm(prompt="a fox", numbers="steps 999, scale 7, seed -7, count 9")).faults
    assert [(fault.field, fault.given) for fault in faults] == [
        (WishField.STEPS, "999"),
        (WishField.SEED, "-7"),
        (WishField.COUNT, "9"),
    ]


@pytest.mark.parametrize("options", ["canny+depth", "enhance", "off+", "nonsense"])
def test_an_option_that_is_none_is_a_fault(options: str) -> None:
    (fault,) = check_form(DrawForm(prompt="a fox", options=options)).faults
    assert fault.field is WishField.CONTROL


def test_an_empty_form_is_a_prompt_alone() -> None:
    assert check_form(DrawForm(prompt=" a fox ", model=" ", size="", numbers=" ", options="")).wish == DrawWish()


def test_there_are_as_many_options_as_a_menu_holds() -> None:
    assert len({value for value, _, _ in option_values()}) == 2 * len(ControlNet) <= 25


recipes = st.builds(
    Recipe,
    prompt=st.text(min_size=1, max_size=50).map(str.strip).filter(bool),
    parameters=st.builds(
        DrawingParameters,
        model=st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=100),
        size=st.builds(Size, width=st.integers(64, 6240), height=st.integers(64, 6240)),
        steps=st.integers(1, 150),
        scale=st.integers(1, 20),
        seed=st.integers(0, SEED_MAX),
        enhance=st.booleans(),
        control=st.sampled_from(ControlNet),
    ),
)


@pytest.mark.parametrize("names", [ENGLISH, CHINESE])
@given(recipe=recipes, count=st.integers(1, 4))
def test_a_recipe_reads_back_from_its_form(names: dict[WishField, str], recipe: Recipe, count: int) -> None:
    checked = check_form(form_of(recipe, count, names))
    made = recipe.parameters
    assert checked.faults == ()
    assert checked.prompt == recipe.prompt
    assert checked.wish == DrawWish(
        model=made.model,
        size=made.size,
        steps=made.steps,
        scale=made.scale,
        seed=made.seed,
        enhance=made.enhance,
        control=made.control,
        count=count,
    )


@given(prompt=st.text(), model=st.text(), size=st.text(), numbers=st.text(), options=st.text())
def test_no_text_breaks_the_reading(prompt: str, model: str, size: str, numbers: str, options: str) -> None:
    checked = check_form(DrawForm(prompt=prompt, model=model, size=size, numbers=numbers, options=options))
    assert checked.faults or checked.prompt


def test_a_line_of_some_numbers_has_those_alone() -> None:
    assert write_numbers({WishField.SEED: "x", WishField.STEPS: "5"}, ENGLISH) == "steps 5, seed x"
