"""The forms about drawings: within Discord's limits, and read back as they were written."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.drawing.form import DrawForm, WishField, check_form, form_of
from bot.domain.drawing.form_id import FormId, FormStep, parse_form_id
from bot.domain.drawing.recipes import KNOWN_SIZES, PROMPT_MAX_CHARS
from bot.domain.drawing.wish import Origin
from bot.domain.page.foreign import lines
from bot.domain.page.pager import PAGE_LIMIT, units
from bot.domain.picture.parameters import ControlNet, DrawingParameters, Recipe, Size, SizeCeiling
from bot.presentation.drawing.forms import (
    edit_modal,
    form_buttons,
    form_embed,
    form_in,
    size_modal,
    typed,
    upscale_modal,
    vary_modal,
)
from bot.presentation.drawing.recipe import draw_line, recipe_page
from bot.presentation.words.drawings import CardWords
from bot.services.drawing.cards import Card, FoundRecipe
from tests.fakes.words import worded_in
from tests.unit.presentation.discord_objects import Offline, payload

LOCALES = ["en-US", "zh-CN"]
LARGEST = 2**63 - 1
FORM = FormId(step=FormStep.EDIT, turn_id=LARGEST, message_id=LARGEST)
LONG = Recipe(
    prompt="狐`*_[x](y)\\ " * 400,
    parameters=DrawingParameters(
        model="\\" * 100,
        size=Size(width=6240, height=6240),
        steps=150,
        scale=20,
        seed=9999999,
        enhance=True,
        control=ControlNet.FAKE_SCRIBBLE,
    ),
)
SHORT = Recipe(prompt="a fox", parameters=DrawingParameters(seed=5))


def within_limits(modal: discord.ui.Modal) -> dict[str, Any]:
    """Hold a modal to Discord's limits (its documentation, "Component Reference"); returns its inputs by id."""
    sent = modal.to_dict()
    assert 1 <= len(sent["title"]) <= 45
    assert parse_form_id(sent["custom_id"]) is not None
    assert 1 <= len(sent["components"]) <= 5
    for label in sent["components"]:
        assert label["type"] == 18
        assert 1 <= len(label["label"]) <= 45
        assert len(label.get("description") or "") <= 100
        inner = label["component"]
        assert len(inner.get("value") or "") <= inner.get("max_length", 4000)
        options = inner.get("options", [])
        assert len(options) <= 25
        assert len({option["value"] for option in options}) == len(options)
        assert sum(bool(option.get("default")) for option in options) <= 1
        assert all(1 <= len(option["label"]) <= 100 for option in options)
    assert modal.is_finished()  # the library keeps nothing of it
    return {label["component"]["custom_id"]: label["component"] for label in sent["components"]}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("recipe", [LONG, SHORT])
async def test_every_form_keeps_to_the_limits(locale: str, recipe: Recipe) -> None:
    words = CardWords(locale)
    form = form_of(recipe, 4, words.number_names)
    inputs = within_limits(edit_modal(FORM, form, words))
    assert set(inputs) == {"prompt", "model", "size", "numbers", "control"}
    assert inputs["prompt"]["value"] == recipe.prompt[:PROMPT_MAX_CHARS]
    assert set(within_limits(vary_modal(FORM, recipe, (recipe,), 1, words))) == {"steps", "scale"}
    assert set(within_limits(vary_modal(FORM, recipe, (), 1, words))) == {"steps", "scale"}
    pictures = within_limits(vary_modal(FORM, recipe, (recipe,) * 4, 4, words))["picture"]
    assert [option["value"] for option in pictures["options"]] == ["all", "1", "2", "3", "4"]
    assert set(within_limits(upscale_modal(FORM, (recipe,) * 4, 4, recipe.parameters.size, words))) == {"picture"}
    sizes = within_limits(size_modal(FORM, recipe.parameters.size, KNOWN_SIZES, words))
    assert set(sizes) == {"size", "other_size"}
    assert set(within_limits(size_modal(FORM, recipe.parameters.size, (), words))) == {"other_size"}


async def test_an_empty_form_can_be_opened() -> None:
    inputs = within_limits(edit_modal(FORM, DrawForm(prompt=""), CardWords("en-US")))
    assert inputs["prompt"].get("value") is None


def filled_in(*components: Any) -> Any:
    return SimpleNamespace(data={"custom_id": "x", "components": list(components)})


def test_what_was_filled_in_is_read_by_its_ids() -> None:
    found = typed(
        filled_in(
            {"type": 18, "component": {"type": 4, "custom_id": "prompt", "value": "a fox"}},
            {"type": 18, "component": {"type": 3, "custom_id": "control", "values": ["canny"]}},
            {"type": 1, "components": [{"type": 4, "custom_id": "steps", "value": "5"}]},
            {"type": 18, "component": {"type": 3, "custom_id": "size", "values": []}},
        )
    )
    assert found == {"prompt": "a fox", "control": "canny", "steps": "5"}


@pytest.mark.parametrize(
    "component",
    [
        None,
        5,
        "x",
        {},
        {"type": 18},
        {"component": None},
        {"component": {"custom_id": 5, "value": "x"}},
        {"component": {"custom_id": "prompt", "value": 5}},
        {"components": "no"},
    ],
)
def test_what_is_no_form_is_read_as_nothing(component: Any) -> None:
    assert typed(filled_in(component)) == {}


async def as_discord_gives_it(embed: discord.Embed) -> discord.Message:
    """Give an embed back as it comes with a message: Discord takes spaces off at both ends."""
    shown: Any = embed.to_dict()
    shown["description"] = shown["description"].strip()
    return Offline().message(payload(50, "", embeds=[shown]))


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_form_reads_back_from_the_message_that_shows_it(locale: str) -> None:
    words = CardWords(locale)
    for form in (
        form_of(LONG, 4, words.number_names),
        DrawForm(prompt="a `very` *odd* [fox](x)\n# and <@5> -# more — \\o/ :tada: @here", numbers="steps 999; ???"),
        DrawForm(prompt=""),
        DrawForm(prompt="\\\\ \\* \\", model="—", size="*"),
    ):
        embed = form_embed(form, words)
        assert len(embed) <= 6000
        assert len(embed.description or "") <= 4096
        assert all(1 <= len(field.value or "") <= 1024 for field in embed.fields)
        found = form_in(await as_discord_gives_it(embed))
        assert found is not None
        cut = form.prompt[:PROMPT_MAX_CHARS] + "…"
        assert found.prompt == (cut if len(form.prompt) > PROMPT_MAX_CHARS else form.prompt.strip())
        assert (found.size, found.numbers, found.options) == (form.size, form.numbers, form.options)


@given(prompt=st.text(st.characters(codec="utf-8"), max_size=300), numbers=st.text(max_size=200))
async def test_any_text_reads_back(prompt: str, numbers: str) -> None:
    words = CardWords("en-US")
    found = form_in(await as_discord_gives_it(form_embed(DrawForm(prompt=prompt, numbers=numbers), words)))
    assert found is not None
    seen = lines(prompt)  # what nobody sees is not drawn either
    assert found.prompt == ("" if seen == "—" else seen)


async def test_a_message_without_a_form_has_none() -> None:
    offline = Offline()
    assert form_in(None) is None
    assert form_in(offline.message(payload(50, "hello"))) is None
    other: Any = {"type": "rich", "description": "x", "fields": []}
    assert form_in(offline.message(payload(50, "", embeds=[other]))) is None


# --- recipes --------------------------------------------------------------------------------------------------------


def test_a_recipe_is_one_line_ready_to_copy() -> None:
    assert draw_line(Recipe(prompt="a\nred  fox", parameters=SHORT.parameters), 2) == (
        "/draw prompt:a red fox model:Artist_V0.1.3 size:960x960 steps:50 scale:7 seed:5 enhance:False control:off "
        "count:2"
    )


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("recipe", [LONG, SHORT, Recipe(prompt="```" * 300, parameters=SHORT.parameters)])
async def test_a_recipe_s_page_fits_whatever_it_holds(locale: str, recipe: Recipe) -> None:
    words = CardWords(locale)
    origin = Origin(channel_id=LARGEST, message_id=LARGEST)
    card = Card(
        turn_id=7,
        recipe=recipe,
        recipes=(recipe,) * 4,
        count=4,
        ceiling=SizeCeiling(sides=Size(width=64, height=64), pixels=64 * 64),
        honoured=frozenset(),
    )
    whole = FoundRecipe(recipe=recipe, recipes=(recipe,) * 4, card=card, asker_id=LARGEST, chain=(origin,) * 5)
    for found in (whole, FoundRecipe(recipe=recipe, recipes=(recipe,))):
        page = recipe_page(found, origin, LARGEST, words)
        assert units(page.content) <= PAGE_LIMIT
        assert len(page.embed) <= 6000
        assert page.content.count("```") == (0 if page.file else 2)
        assert draw_line(recipe, 1)[:20] in (page.file.decode() or page.content).replace("ʼʼʼ", "```")


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_prompt_that_is_too_long_to_be_drawn_again_is_never_cut_in_silence(locale: str) -> None:
    words = CardWords(locale)
    at = Origin(channel_id=LARGEST, message_id=LARGEST)
    recipe = replace(SHORT, prompt="x" * (PROMPT_MAX_CHARS + 1))
    page = recipe_page(FoundRecipe(recipe=recipe, recipes=(recipe,)), at, 1, words)
    assert worded_in(locale, "recipe.too_long", length=2001, longest=2000) in page.content
    ((button,),) = [row["components"] for row in page.buttons.to_components()]
    assert parse_form_id(str(button["custom_id"])) == FormId(step=FormStep.REFILL, message_id=LARGEST)
    # Read back it is still too long, and the form says that it was shortened.
    shown = form_in(await as_discord_gives_it(page.embed))
    assert shown is not None
    assert [fault.field for fault in check_form(shown).faults] == [WishField.PROMPT]
    for turn_id, said in ((0, "prompt_too_long"), (7, "prompt_cut")):
        sent = edit_modal(FormId(step=FormStep.EDIT, turn_id=turn_id), shown, words).to_dict()
        assert sent["components"][0]["description"] == worded_in(locale, f"drawing.form.{said}", longest=2000)
        assert sent["components"][0]["component"]["value"] == "x" * PROMPT_MAX_CHARS
    shortest = replace(SHORT, prompt="x" * PROMPT_MAX_CHARS)
    page = recipe_page(FoundRecipe(recipe=shortest, recipes=(shortest,)), at, 1, words)
    assert len(page.buttons.children) == 2


async def test_where_nothing_was_chosen_nothing_has_to_be() -> None:
    words = CardWords("en-US")
    for options, required in (("", False), ("off", True)):
        sent = edit_modal(FORM, DrawForm(prompt="a fox", options=options), words).to_dict()
        assert sent["components"][-1]["component"]["required"] is required


async def test_buttons_under_a_form_know_what_it_is_about() -> None:
    words = CardWords("en-US")
    about = FormId(step=FormStep.EDIT, turn_id=7, message_id=8, private=True, spoiler=False)
    found = [
        parse_form_id(str(one["custom_id"]))
        for row in form_buttons(about, words, redraw=True).to_components()
        for one in row["components"]
    ]
    assert found == [replace(about, step=step) for step in (FormStep.REDRAW, FormStep.REFILL)]
    assert len(form_buttons(about, words, redraw=False).children) == 1
