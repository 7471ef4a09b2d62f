"""``/draw``: every value is checked here too, and suggestions never fail."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

import pytest
from discord import app_commands

from bot.domain.drawing.form import DrawForm, WishField, write_numbers
from bot.domain.drawing.form_id import FormId, FormStep
from bot.domain.drawing.recipes import PROMPT_MAX_CHARS
from bot.domain.drawing.wish import DrawWish
from bot.domain.model.request import Mode
from bot.domain.people import Place, User
from bot.domain.picture.parameters import STEPS_MAX, ControlNet, Size
from bot.domain.settings.kinds import SIDE_MAX_PX, SIDE_MIN_PX
from bot.presentation.drawing.forms import KeptForm
from bot.presentation.reply.desk import ReplyDesk
from bot.presentation.words.drawings import FIELDS, CardWords
from bot.presentation.words.settings import offered_names
from bot.services.drawing.service import DrawService
from bot.services.drawing.suggestions import DrawSuggestions
from cogs.draw import DrawCog
from tests.fakes.words import worded, worded_in
from tests.unit.cogs.interactions import Answers, FakeDesk, FakeDraw, heard, told_alone
from tests.unit.presentation.discord_objects import ANN, ME, Offline

WORDS = CardWords("zh-TW")  # the language of whoever asks here


class FakeSuggestions:
    allowed_models: frozenset[str] | None = None

    async def models(self, place: Place, user: User, typed: str) -> tuple[str, ...]:
        assert (place.guild_id, user.id) == (1, ANN)
        return (f"{typed}!",)

    async def sizes(self, place: Place, user: User, typed: str, *, named: Callable[[Size], str]) -> tuple[Size, ...]:
        assert (place.guild_id, user.id, typed) == (1, ANN, "6")
        size = Size(width=640, height=960)
        portrait = worded_in("zh-TW", "drawing.shape.portrait")
        assert named(size) == worded_in("zh-TW", "drawing.option.size", size="640x960", shape=portrait)
        return (size,)


class Stage:
    """The cog between fakes."""

    def __init__(self) -> None:
        self.offline = Offline()
        self.answers = Answers()
        self.desk = FakeDesk(self.answers)
        self.service = FakeDraw()
        self.suggestions = FakeSuggestions()
        self.cog = DrawCog(
            cast("DrawService", self.service),
            cast("DrawSuggestions", self.suggestions),
            cast("ReplyDesk", self.desk),
        )

    async def draw(self, **options: Any) -> None:
        """Use the command past the checks of Discord's client."""
        command: Any = self.cog.draw.callback
        await command(self.cog, heard(self.offline, self.answers), **{"prompt": "a fox", **options})


@pytest.fixture
async def stage() -> Stage:
    return Stage()


async def test_a_model_that_the_operator_does_not_allow_is_refused_with_those_that_it_does(stage: Stage) -> None:
    stage.suggestions.allowed_models = frozenset({"b_1", "a"})
    await stage.draw(model="dear")
    words = told_alone(stage.answers)
    allowed = offered_names(WORDS.say, ("a", "b_1"))
    name = worded_in("zh-TW", "drawing.field.model")
    assert worded_in("zh-TW", "drawing.fault.not_allowed", name=name, given="dear", allowed=allowed) in words
    assert stage.service.asks == []
    await stage.draw(model="a")
    assert len(stage.service.asks) == 1


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_the_command_names_the_ranges_that_it_takes(locale: str) -> None:
    options = {option.name: option for option in DrawCog.draw.parameters}
    ends = {
        "size": (SIDE_MIN_PX, SIDE_MAX_PX),
        **{name: (options[name].min_value, options[name].max_value) for name in ("steps", "scale", "count")},
    }
    assert ends["steps"] == (1, STEPS_MAX)
    for name, numbers in ends.items():
        said = worded_in(locale, f"command.draw.{name}.description")
        assert str(options[name].description) == worded(f"command.draw.{name}.description")
        assert re.findall(r"\d+", said) == [str(number) for number in numbers]


async def test_everything_that_was_asked_reaches_the_service(stage: Stage) -> None:
    await stage.draw(
        model="M",
        size="512x768",
        steps=1,
        scale=20,
        seed=-1,
        enhance=False,
        control="off",
        count=4,
        spoiler=True,
        private=True,
    )
    (ask,) = stage.service.asks
    assert (ask.id, ask.mode, ask.text, ask.user.id) == (5000, Mode.DRAW, "a fox", ANN)
    assert ask.wish == DrawWish(
        model="M",
        size=Size(width=512, height=768),
        steps=1,
        scale=20,
        seed=-1,
        enhance=False,
        control=ControlNet.OFF,
        count=4,
        spoiler=True,
        private=True,
    )
    assert stage.desk.acknowledged == [{"private": True}]
    assert stage.answers.told == []


async def test_a_prompt_alone_wishes_for_nothing_else(stage: Stage) -> None:
    await stage.draw()
    assert [ask.wish for ask in stage.service.asks] == [DrawWish()]


async def test_what_was_typed_is_kept_for_a_refusal(stage: Stage) -> None:
    await stage.draw(
        prompt=f"a fox for <@{ANN}>", model="M", steps=20, count=2, enhance=True, spoiler=False, private=True
    )
    (kept,) = stage.desk.kept
    assert kept is not None
    numbers = write_numbers({WishField.STEPS: "20", WishField.COUNT: "2"}, WORDS.number_names)
    assert kept.form == DrawForm(prompt="a fox for @Annie", model="M", numbers=numbers, options="off+enhance")
    assert (kept.about.private, kept.about.spoiler, kept.about.turn_id) == (True, False, 0)
    await stage.draw()
    assert stage.desk.kept[-1] == KeptForm(form=DrawForm(prompt="a fox"), about=FormId(step=FormStep.REFILL))


async def test_a_value_that_is_wrong_is_kept_with_all_the_others(stage: Stage) -> None:
    await stage.draw(size="big", steps=0, seed=7, control="xray")
    ((_, how),) = stage.answers.told
    numbers = write_numbers({WishField.STEPS: "0", WishField.SEED: "7"}, WORDS.number_names)
    assert how["embed"].description == "a fox"
    assert [field.value for field in how["embed"].fields] == ["—", "big", numbers, "—"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("prompt", prompt) for prompt in ("", "   ", f"<@{ME}>", "x" * (PROMPT_MAX_CHARS + 1))),
        ("model", "m" * 101),
        *(("size", size) for size in ("1x1", "63x64", "64x6241", "big")),
        *(("steps", steps) for steps in (0, 151, 2**53, "x")),
        *(("scale", scale) for scale in (0, 21, -5)),
        *(("seed", seed) for seed in (-2, 10_000_000)),
        ("enhance", "perhaps"),
        ("control", "xray"),
        *(("count", count) for count in (0, 5)),
    ],
)
async def test_a_value_out_of_range_gives_one_answer_to_the_user_alone(stage: Stage, name: str, value: Any) -> None:
    await stage.draw(**{name: value})
    said = told_alone(stage.answers)
    assert f"**{WORDS.say(FIELDS[WishField(name)])}**" in said
    assert len(said.split("\n")) == 3
    ((_, how),) = stage.answers.told
    (button,) = how["view"].children
    assert button.custom_id == "draw:refill:0:0"
    assert stage.service.asks == []
    assert stage.desk.acknowledged == []


async def test_a_command_that_comes_too_late_is_left(stage: Stage) -> None:
    stage.desk.acknowledges = False
    await stage.draw()
    assert stage.service.asks == []


async def test_suggestions_are_in_the_reader_s_language(stage: Stage) -> None:
    interaction = heard(stage.offline, stage.answers)
    cog: Any = stage.cog
    assert [(one.name, one.value) for one in await cog.suggest_models(interaction, "Art")] == [("Art!", "Art!")]
    sizes = await cog.suggest_sizes(interaction, "6")
    portrait = worded_in("zh-TW", "drawing.shape.portrait")
    named = worded_in("zh-TW", "drawing.option.size", size="640x960", shape=portrait)
    assert [(one.name, one.value) for one in sizes] == [(named, "640x960")]


async def test_discord_is_told_the_ranges(stage: Stage) -> None:
    tree = app_commands.CommandTree(stage.offline.client)
    options = {option["name"]: option for option in stage.cog.draw.to_dict(tree)["options"]}
    assert {
        name: (one.get("min_value"), one.get("max_value")) for name, one in options.items() if one["type"] == 4
    } == {
        "steps": (1, 150),
        "scale": (1, 20),
        "seed": (-1, 9_999_999),
        "count": (1, 4),
    }
    assert (options["prompt"]["min_length"], options["prompt"]["max_length"]) == (1, PROMPT_MAX_CHARS)
    assert [choice["value"] for choice in options["control"]["choices"]] == [name.value or "off" for name in ControlNet]
    assert [name for name, one in options.items() if one.get("autocomplete")] == ["model", "size"]
    assert [name for name, one in options.items() if one["required"]] == ["prompt"]
