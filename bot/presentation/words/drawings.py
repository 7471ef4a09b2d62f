"""The words around a drawing: its card, its forms, and what is wrong with what was filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from bot.domain.drawing.form import NUMBERS, WishFault, WishField
from bot.domain.drawing.plan import Clamp, DrawingCard
from bot.domain.drawing.recipes import PROMPT_MAX_CHARS, Shape, shape_of
from bot.domain.drawing.wish import Origin
from bot.domain.page.foreign import literal
from bot.domain.page.small import small
from bot.domain.picture.parameters import MAX_COUNT, SCALE_MAX, SEED_MAX, STEPS_MAX, ControlNet, DrawingParameters, Size
from bot.domain.settings.kinds import SIDE_MAX_PX, SIDE_MIN_PX
from bot.presentation.words.languages import Say, WordId, mark, speaker
from bot.presentation.words.replies import clean_sentence
from bot.presentation.words.settings import offered_names

FIELDS: Mapping[WishField, WordId] = {
    WishField.PROMPT: mark("drawing.field.prompt"),
    WishField.MODEL: mark("drawing.field.model"),
    WishField.SIZE: mark("drawing.field.size"),
    WishField.STEPS: mark("drawing.field.steps"),
    WishField.SCALE: mark("drawing.field.scale"),
    WishField.SEED: mark("drawing.field.seed"),
    WishField.ENHANCE: mark("drawing.field.enhance"),
    WishField.CONTROL: mark("drawing.field.control"),
    WishField.COUNT: mark("drawing.field.count"),
    WishField.NUMBERS: mark("drawing.field.numbers"),
    WishField.PICTURE: mark("drawing.field.picture"),
}
_RANGES: Mapping[WishField, WordId] = {
    WishField.PROMPT: mark("drawing.range.prompt"),
    WishField.MODEL: mark("drawing.range.model"),
    WishField.SIZE: mark("drawing.range.size"),
    WishField.STEPS: mark("drawing.range.steps"),
    WishField.SCALE: mark("drawing.range.scale"),
    WishField.SEED: mark("drawing.range.seed"),
    WishField.ENHANCE: mark("drawing.range.enhance"),
    WishField.CONTROL: mark("drawing.range.control"),
    WishField.COUNT: mark("drawing.range.count"),
    WishField.NUMBERS: mark("drawing.range.numbers"),
    WishField.PICTURE: mark("drawing.range.picture"),
}
_BOUNDS: Mapping[str, str] = {
    "side_min": str(SIDE_MIN_PX),
    "side_max": str(SIDE_MAX_PX),
    "steps_max": str(STEPS_MAX),
    "scale_max": str(SCALE_MAX),
    "seed_max": str(SEED_MAX),
    "count_max": str(MAX_COUNT),
}
"""The ends of the ranges, for the sentences that name them."""
_SHAPES: Mapping[Shape, WordId] = {
    Shape.SQUARE: mark("drawing.shape.square"),
    Shape.PORTRAIT: mark("drawing.shape.portrait"),
    Shape.LANDSCAPE: mark("drawing.shape.landscape"),
}
_EXAMPLE = {WishField.STEPS: 50, WishField.SCALE: 7, WishField.SEED: 4711, WishField.COUNT: 1}

_FAULT = mark("drawing.fault.given")
_FAULT_EMPTY = mark("drawing.fault.empty")
_FAULT_NOT_ALLOWED = mark("drawing.fault.not_allowed")
_NOTHING_SPENT = mark("drawing.fault.nothing_drawn")
TYPED = mark("drawing.fault.typed_kept")
_ONE_SIZE = mark("drawing.option.size")
_NO_CONTROL = mark("drawing.option.no_control")
_ENHANCED = mark("drawing.card.enhanced")
_CONTROLLED = mark("drawing.card.control")
_SEED = mark("drawing.card.seed")
_SEEDS = mark("drawing.card.seeds")
_STEP = mark("drawing.card.step")
_STEPS = mark("drawing.card.steps")
_SCALE = mark("drawing.card.scale")
_ASKED_BY = mark("drawing.card.asked_by")
_TOOK = mark("drawing.card.took")
_FROM = mark("drawing.card.from")
_FROM_DELETED = mark("drawing.card.from_deleted")
_LIMITED = mark("drawing.card.limited")
_LIMIT = mark("drawing.card.limit")
_UNUSED = mark("drawing.card.unused")
_MISSING = mark("drawing.card.missing")
_ALL_PICTURES = mark("drawing.option.all_pictures")
_ONE_PICTURE = mark("drawing.option.picture")
_LIST_GAP = mark("list.separator")

VARY_TITLE = mark("drawing.form.vary_title")
EDIT_TITLE = mark("drawing.form.edit_title")
SIZE_TITLE = mark("drawing.form.size_title")
UPSCALE_TITLE = mark("drawing.form.upscale_title")
PROMPT_LABEL = mark("drawing.form.prompt_label")
PROMPT_CUT = mark("drawing.form.prompt_cut")
PROMPT_TOO_LONG = mark("drawing.form.prompt_too_long")
MODEL_LABEL = mark("drawing.form.model_label")
SIZE_LABEL = mark("drawing.form.size_label")
SIZE_HELP = mark("drawing.form.size_help")
OTHER_SIZE_LABEL = mark("drawing.form.other_size_label")
NUMBERS_LABEL = mark("drawing.form.numbers_label")
NUMBERS_HELP = mark("drawing.form.numbers_help")
OPTIONS_LABEL = mark("drawing.form.options_label")
STEPS_LABEL = mark("drawing.form.steps_label")
SCALE_LABEL = mark("drawing.form.scale_label")
SCALE_HELP = mark("drawing.form.scale_help")
PICTURE_LABEL = mark("drawing.form.picture_label")
EDIT_AGAIN = mark("button.edit_again")
DRAW_AGAIN = mark("button.draw_again")
EDIT = mark("button.edit")
RECIPE_TITLE = mark("recipe.title")
RECIPE_LINE = mark("recipe.as_command")
RECIPE_FROM = mark("recipe.made_from")
RECIPE_READ = mark("recipe.read_from_picture")
RECIPE_TOO_LONG = mark("recipe.too_long")
RECIPE_NONE = mark("recipe.none")
PICTURE_LINK = mark("recipe.picture_link")
EARLIER_LINK = mark("recipe.earlier_link")
LARGEST_ALREADY = mark("drawing.largest_already")
NO_TEXT = mark("drawing.no_text")
UNKNOWN_DRAWING = mark("drawing.unknown")


MODEL_SHOWN_CHARS = 100
"""How much of a model's name is shown."""


class CardWords:
    """The words for one reader."""

    def __init__(self, locale: str | None) -> None:
        self.say: Say = partial(speaker(locale), **_BOUNDS)
        """Says one of the sentences above."""

    @property
    def number_names(self) -> dict[WishField, str]:
        """Name the numbers of a form, in a way that the form's reading knows."""
        return {field: self.say(FIELDS[field]) for field in NUMBERS}

    def faults(self, faults: Sequence[WishFault], *, typed: bool = False) -> str:
        """Say what is wrong with what was filled in, a line for each, and what to do."""
        last = (self.say(_NOTHING_SPENT), self.say(TYPED)) if typed else (self.say(_NOTHING_SPENT),)
        return "\n".join((*map(self._fault, faults), *last))

    def size(self, size: Size) -> str:
        """Name a size with its shape."""
        return self.say(_ONE_SIZE, size=str(size), shape=self.say(_SHAPES[shape_of(size)]))

    def option(self, control: ControlNet, *, enhance: bool) -> str:
        """Name a choice of control and enhancement."""
        named = control.value or self.say(_NO_CONTROL)
        return f"{named}{self.say(_LIST_GAP)}{self.say(_ENHANCED)}" if enhance else named

    def picture(self, number: int, seed: int) -> str:
        """Name one of a card's pictures; ``number`` counts from 1."""
        return self.say(_ONE_PICTURE, number=str(number), seed=str(seed))

    def all_pictures(self, count: int) -> str:
        """Name all of a card's pictures."""
        return self.say(_ALL_PICTURES, count=str(count))

    def asked_by(self, user_id: int) -> str:
        """Say who asked, in a way that pings nobody where mentions are not allowed."""
        return self.say(_ASKED_BY, user=f"<@{user_id}>")

    def card(self, card: DrawingCard, guild_id: int | None) -> list[str]:
        """Write the lines under a drawing: its recipe, who asked, and what is to be known of it."""
        plan = card.plan
        facts = [self.asked_by(card.asker_id), self.say(_TOOK, seconds=f"{card.took_s:.1f}")]
        if plan.origin_deleted:
            facts.append(self.say(_FROM_DELETED))
        elif plan.origin is not None:
            facts.append(self.say(_FROM, link=jump_link(guild_id, plan.origin)))
        lines = [self.recipe(card.pictures, plan.honoured), " · ".join(facts)]
        if plan.clamps:
            limits = [self._limit(clamp) for clamp in plan.clamps]
            lines.append(self.say(_LIMITED, limits=self.say(_LIST_GAP).join(limits)))
        if plan.unused:
            lines.append(self.say(_UNUSED, names=self.say(_LIST_GAP).join(map(self._name, plan.unused))))
        return [small(line) for line in lines if line]

    def missing(self, missing: int, count: int) -> str:
        """Say that some pictures did not come."""
        return self.say(_MISSING, missing=str(missing), count=str(count))

    def recipe(self, pictures: Sequence[DrawingParameters], honoured: frozenset[str]) -> str:
        """Write in one line how pictures were made, as far as the endpoint heeds it; they differ in their seeds."""
        first = pictures[0]
        seeds = [str(picture.seed) for picture in pictures]
        seed = self.say(_SEED, seed=seeds[0]) if len(seeds) == 1 else self.say(_SEEDS, seeds=", ".join(seeds))
        said = {
            "model": literal(first.model, MODEL_SHOWN_CHARS),
            "size": _times(str(first.size)),
            "seed": seed,
            "steps": self.say(_STEP if first.steps == 1 else _STEPS, steps=str(first.steps)),
            "scale": self.say(_SCALE, scale=str(first.scale)),
            "enhance": self.say(_ENHANCED) if first.enhance else "",
            "control": self.say(_CONTROLLED, control=first.control.value) if first.control.value else "",
        }
        return " · ".join(words for field, words in said.items() if field in honoured and words)

    def _limit(self, clamp: Clamp) -> str:
        """Say in place of what something else was drawn."""
        if clamp.field == WishField.MODEL:
            asked, given = literal(clamp.asked, MODEL_SHOWN_CHARS), literal(clamp.given, MODEL_SHOWN_CHARS)
        else:
            asked, given = _times(clamp.asked), _times(clamp.given)
        return self.say(_LIMIT, name=self._name(clamp.field), asked=asked, given=given)

    def _fault(self, fault: WishFault) -> str:
        values = {
            "longest": str(PROMPT_MAX_CHARS),
            "controls": ", ".join(control.value for control in ControlNet if control.value),
            "example": ", ".join(f"{self.say(FIELDS[field])} {value}" for field, value in _EXAMPLE.items()),
        }
        name, bounds = self.say(FIELDS[fault.field]), self.say(_RANGES[fault.field], **values)
        given = clean_sentence(fault.given)
        if fault.allowed:
            return self.say(_FAULT_NOT_ALLOWED, name=name, given=given, allowed=offered_names(self.say, fault.allowed))
        if not given:
            return self.say(_FAULT_EMPTY, name=name, range=bounds)
        return self.say(_FAULT, name=name, range=bounds, given=given)

    def _name(self, field: str) -> str:
        return self.say(FIELDS[WishField(field)])


def jump_link(guild_id: int | None, origin: Origin) -> str:
    """Write the address of a message, which Discord's client opens by itself."""
    return f"https://discord.com/channels/{guild_id or '@me'}/{origin.channel_id}/{origin.message_id}"


def quoted(prompt: str, longest: int) -> str:
    """Quote a prompt in one line of small print, its mark-up shown and not acted on; empty where it is."""
    prompt = literal(prompt, longest)
    return f"> {small(prompt)}" if prompt else ""


def _times(text: str) -> str:
    return text.replace("x", "×")
