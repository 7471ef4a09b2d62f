"""A drawing's card as people read it, in both languages, whatever stands in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.drawing.form import NUMBERS, DrawForm, WishFault, WishField, check_form, write_numbers
from bot.domain.drawing.plan import Clamp, DrawingCard, DrawPlan
from bot.domain.drawing.wish import Origin
from bot.domain.model.events import FinishReason
from bot.domain.page.pager import PAGE_LIMIT, units
from bot.domain.page.small import ModelLines
from bot.domain.picture.files import PictureFile
from bot.domain.picture.parameters import ControlNet, DrawingParameters, Size
from bot.domain.reply.controls import Action, running_controls
from bot.domain.reply.ending import Ending, ReplyOptions
from bot.domain.turn.record import TurnState
from bot.errors import ErrorKind, ProviderError, Trouble
from bot.presentation.reply.composition import PLACE_S, QUOTE_CHARS, Composition
from bot.presentation.words import drawings as card_text
from bot.presentation.words.drawings import CardWords, quoted
from bot.presentation.words.replies import Words
from tests.fakes.model import picture
from tests.fakes.words import worded, worded_in

LOCALES = ["en-US", "zh-CN"]
MADE = DrawingParameters(
    model="Artist_V0.1.3",
    size=Size(width=512, height=768),
    steps=20,
    scale=9,
    seed=4711,
    enhance=True,
    control=ControlNet.CANNY,
)
ORIGIN = Origin(channel_id=2, message_id=3)
HOSTILE = [
    "*" * 4000,
    "\\" * 4000,
    "@everyone <@&5> " * 300,
    "狐狸🦊" * 1000,
    "```\n# big\n-# small\n> q" * 100,
    "[a](http://x)",
]


def card(
    *seeds: int, prompt: str = "a fox", missing: int = 0, made: DrawingParameters = MADE, **plan: Any
) -> DrawingCard:
    pictures = tuple(replace(made, seed=seed) for seed in seeds or (4711,))
    return DrawingCard(
        prompt=prompt,
        pictures=pictures,
        asker_id=11,
        took_s=12.345,
        plan=DrawPlan(**{"pictures": pictures, **plan}),
        missing=missing,
    )


def ended(drawn: DrawingCard, *, locale: str = "en-US", heading: str = "> a fox", text: str = "", **ending: Any) -> str:
    """Compose the end of a drawing; returns its one message."""
    composition = Composition(Words(locale), ReplyOptions(), heading=heading, guild_id=1)
    if text:
        composition.push(text)
    files = tuple(PictureFile(picture=picture(), filename=f"{one.seed}.png", alt="") for one in drawn.pictures)
    plain = Ending(state=TurnState.COMPLETE, card=drawn, pictures=files)
    composition.end(replace(plain, **ending))
    (page,) = composition.pages()
    assert units(page.content) <= PAGE_LIMIT
    assert len(page.files) == len(files) or "pictures" in ending
    return page.content


def asked_and_took(locale: str = "en-US") -> str:
    asked = worded_in(locale, "drawing.card.asked_by", user="<@11>")
    return f"-# {asked} · {worded_in(locale, 'drawing.card.took', seconds='12.3')}"


@pytest.mark.parametrize("locale", LOCALES)
def test_a_card_says_how_it_was_made_who_asked_and_how_long_it_took(locale: str) -> None:
    recipe = (
        "Artist\\_V0.1.3",
        "512×768",
        worded_in(locale, "drawing.card.seed", seed=4711),
        worded_in(locale, "drawing.card.steps", steps=20),
        worded_in(locale, "drawing.card.scale", scale=9),
        worded_in(locale, "drawing.card.enhanced"),
        worded_in(locale, "drawing.card.control", control="canny"),
    )
    assert ended(card(), locale=locale).split("\n") == [
        "> a fox",
        f"-# {' · '.join(recipe)}",
        asked_and_took(locale),
    ]


def test_what_is_off_is_not_said() -> None:
    plain = replace(MADE, enhance=False, control=ControlNet.OFF)
    assert ended(card(made=plain)).split("\n")[1].endswith(worded("drawing.card.scale", scale=9))


def test_several_pictures_have_each_its_seed_in_order() -> None:
    assert f" · {worded('drawing.card.seeds', seeds='3, 1, 2')} · " in ended(card(3, 1, 2))


def test_a_card_links_to_the_one_that_it_came_from() -> None:
    origin = worded("drawing.card.from", link="https://discord.com/channels/1/2/3")
    assert origin in ended(card(origin=ORIGIN))
    assert card_text.jump_link(None, ORIGIN) == "https://discord.com/channels/@me/2/3"


def test_a_card_says_that_the_one_it_came_from_was_deleted() -> None:
    said = ended(card(origin=ORIGIN, origin_deleted=True))
    assert said.endswith(f" · {worded('drawing.card.from_deleted')}")
    assert "discord.com" not in said


def test_one_step_is_one() -> None:
    made = replace(MADE, steps=1)
    for locale in LOCALES:
        assert f" · {worded_in(locale, 'drawing.card.step', steps=1)} · " in ended(card(made=made), locale=locale)


def test_a_changed_picture_of_a_conversation_shows_what_it_was_drawn_from() -> None:
    lines = ended(card(origin=ORIGIN, prompt="a fox, make it darker"), heading="").split("\n")
    assert lines[0] == "> -# a fox, make it darker"
    assert ended(card(), heading="").startswith("-# Artist")
    assert ended(card(), heading="", text="Here it is.").startswith("Here it is.\n\n-# Artist")


@pytest.mark.parametrize("locale", LOCALES)
def test_what_the_place_limits_and_the_endpoint_does_not_heed_is_said(locale: str) -> None:
    size, count, steps, seed = (
        worded_in(locale, f"drawing.field.{name}") for name in ("size", "count", "steps", "seed")
    )
    limits = (
        worded_in(locale, "drawing.card.limit", name=size, asked="2048×2048", given="1024×1024"),
        worded_in(locale, "drawing.card.limit", name=count, asked="4", given="2"),
    )
    between = worded_in(locale, "list.separator")
    clamps = (Clamp(field="size", asked="2048x2048", given="1024x1024"), Clamp(field="count", asked="4", given="2"))
    drawn = card(clamps=clamps, unused=("steps", "seed"), honoured=frozenset({"size"}))
    assert ended(drawn, locale=locale).split("\n")[1:] == [
        "-# 512×768",
        asked_and_took(locale),
        f"-# {worded_in(locale, 'drawing.card.limited', limits=between.join(limits))}",
        f"-# {worded_in(locale, 'drawing.card.unused', names=between.join((steps, seed)))}",
    ]


def test_an_endpoint_that_heeds_nothing_has_no_recipe() -> None:
    assert ended(card(honoured=frozenset())).split("\n") == ["> a fox", asked_and_took()]


def test_pictures_that_did_not_come_are_counted_with_the_reason() -> None:
    problem = ProviderError(ErrorKind.CONTENT_FILTERED)
    last = ended(card(1, 2, missing=2), problem=problem).split("\n")[-1]
    assert last == f"-# ⚠️ {worded('drawing.card.missing', missing=2, count=4)} {worded('error.content_filtered')}"


def test_without_pictures_there_is_no_card() -> None:
    assert ended(card(), pictures=(), problem=Trouble.STOPPED) == f"> a fox\n-# {worded('trouble.stopped')}"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("prompt", HOSTILE, ids=range(len(HOSTILE)))
def test_no_prompt_and_no_model_breaks_out_of_its_line(locale: str, prompt: str) -> None:
    made = replace(MADE, model=prompt[:100], size=Size(width=6240, height=6240))
    clamps = (Clamp(field="size", asked="6240x6240", given="64x64"),)
    unused = ("model", "size", "steps", "scale", "seed", "enhance", "control")
    drawn = card(1, 2, 3, 4, prompt=prompt, made=made, origin=ORIGIN, clamps=clamps, unused=unused, missing=4)
    content = ended(drawn, locale=locale, heading=quoted(prompt, QUOTE_CHARS), problem=Trouble.INTERNAL)
    lines = content.split("\n")
    assert lines[0].startswith("> ")
    assert all(line.startswith("-# ") for line in lines[1:5])
    assert lines[5].startswith("-# ⚠️ ")
    assert len(lines) == 6


# --- on the way there -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("problem", [Trouble.TOKEN_ENDING, Trouble.INTERRUPTED])
def test_where_some_pictures_came_nothing_is_said_of_a_button_that_is_not_there(locale: str, problem: Trouble) -> None:
    words = Words(locale)
    retry = words.action(Action.RETRY)
    assert retry in words.problem(problem)
    assert retry not in words.problem(problem, drawn=True)
    assert words.problem(problem, drawn=True) not in ("", words.problem(problem))


def test_the_time_that_it_takes_is_told_where_it_is_known() -> None:
    composition = Composition(Words("en-US"), ReplyOptions(controls=running_controls(5)), heading="> a fox")
    composition.show_drawing(12.4)
    (page,) = composition.pages()
    assert page.content == f"> a fox\n-# {worded('reply.drawing_for', seconds=12)}"
    composition.show_drawing(0.01)
    assert composition.pages()[0].content == f"> a fox\n-# {worded('reply.drawing_for', seconds=1)}"
    composition.show_drawing()
    assert composition.pages()[0].content == f"> a fox\n-# {worded('reply.drawing')}"


def test_where_an_answer_can_end_with_its_token_that_is_said_in_time() -> None:
    words = Words("en-US")
    bounded = Composition(words, ReplyOptions(), lasts_s=840.0)
    shown: list[tuple[str, bool]] = []
    for estimate_s, said in ((30.0, False), (600.0, True)):
        bounded.show_drawing(estimate_s)
        shown.append((bounded.pages()[0].content, said))
    for place, said in ((1, False), (int(840 / PLACE_S), True)):
        bounded.show_waiting(place)
        shown.append((bounded.pages()[0].content, said))
    for content, said in shown:
        assert (words.may_end in content) is said
        assert words.answer_in(content) == ""
    endless = Composition(words, ReplyOptions())
    endless.show_waiting(1000)
    assert words.may_end not in endless.pages()[0].content


@pytest.mark.parametrize("locale", LOCALES)
def test_a_message_that_says_only_how_far_it_is_holds_no_answer(locale: str) -> None:
    words = Words(locale)
    for state in (words.drawing, words.drawing_for(12.0), words.waiting(3), words.thinking):
        assert words.answer_in(state) == ""


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("text", ["", "Here is your fox.", "One.\n\n> a quote\n\nThree.", "# Foxes\n-# small\n\nMore."])
def test_a_card_is_no_part_of_the_answer_above_it(locale: str, text: str) -> None:
    whole, partly = card(origin=ORIGIN), card(missing=1)
    few = {"problem": Trouble.INTERRUPTED, "state": TurnState.INTERRUPTED}
    short = {"reason": FinishReason.LENGTH}
    for said in (
        ended(whole, locale=locale, heading="", text=text),
        ended(partly, locale=locale, heading="", text=text, **few),
        ended(whole, locale=locale, heading="", text=text, **short),
    ):
        assert Words(locale).answer_in(said) == ModelLines().push(text)


# --- what was filled in ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("field", WishField)
def test_every_fault_names_its_field_its_range_and_what_was_given(locale: str, field: WishField) -> None:
    words = CardWords(locale)
    said = words.faults((WishFault(field=field, given="9*9"),))
    name = words.say(card_text.FIELDS[field])
    assert said.startswith(f"**{name}**")
    assert "9\\*9" in said
    assert len(said.split("\n")) == 2
    assert "{" not in said
    assert words.faults((WishFault(field=field, given=""),)).count("“") <= said.count("“") - 1
    assert len(words.faults((WishFault(field=field, given="x"),) * 10, typed=True)) < PAGE_LIMIT


@pytest.mark.parametrize("locale", LOCALES)
def test_numbers_are_read_as_they_are_written_in_every_language(locale: str) -> None:
    names = CardWords(locale).number_names
    line = write_numbers({field: str(number) for number, field in enumerate(NUMBERS, 1)}, names)
    wish = check_form(DrawForm(prompt="a fox", numbers=line)).wish
    assert (wish.steps, wish.scale, wish.seed, wish.count) == (1, 2, 3, 4)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("width", "height", "shape"), [(960, 960, "square"), (640, 960, "portrait"), (960, 640, "landscape")]
)
def test_sizes_have_their_shape_in_words(locale: str, width: int, height: int, shape: str) -> None:
    named = worded_in(
        locale, "drawing.option.size", size=f"{width}x{height}", shape=worded_in(locale, f"drawing.shape.{shape}")
    )
    assert CardWords(locale).size(Size(width=width, height=height)) == named
