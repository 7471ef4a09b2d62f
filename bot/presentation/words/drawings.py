"""The words around a drawing: its card, its forms, and what is wrong with what was filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import discord

from bot.domain.drawing.form import NUMBERS, WishFault, WishField
from bot.domain.drawing.plan import DrawingCard
from bot.domain.drawing.recipes import PROMPT_MAX_CHARS, Shape, shape_of
from bot.domain.drawing.wish import Origin
from bot.domain.page.pager import clip
from bot.domain.picture.parameters import MAX_COUNT, SCALE_MAX, SEED_MAX, STEPS_MAX, ControlNet, DrawingParameters, Size
from bot.domain.settings.kinds import SIDE_MAX_PX, SIDE_MIN_PX
from bot.presentation.words.languages import Say, mark, speaker
from bot.presentation.words.replies import clean_sentence

FIELDS: Mapping[WishField, str] = {
    WishField.PROMPT: mark("prompt"),
    WishField.MODEL: mark("model"),
    WishField.SIZE: mark("size"),
    WishField.STEPS: mark("steps"),
    WishField.SCALE: mark("scale"),
    WishField.SEED: mark("seed"),
    WishField.ENHANCE: mark("enhance"),
    WishField.CONTROL: mark("control"),
    WishField.COUNT: mark("count"),
    WishField.NUMBERS: mark("numbers"),
    WishField.PICTURE: mark("picture"),
}
_RANGES: Mapping[WishField, str] = {
    WishField.PROMPT: mark("has to be a text of 1 to {longest} characters"),
    WishField.MODEL: mark("has to be a name of at most 100 characters"),
    WishField.SIZE: mark(
        "has to be WIDTHxHEIGHT in pixels with each side from {side_min} to {side_max}, such as 960x960"
    ),
    WishField.STEPS: mark("has to be a whole number from 1 to {steps_max}"),
    WishField.SCALE: mark("has to be a whole number from 1 to {scale_max}"),
    WishField.SEED: mark("has to be -1 (random) or a whole number from 0 to {seed_max}"),
    WishField.ENHANCE: mark("has to be on or off"),
    WishField.CONTROL: mark("has to be off or one of {controls}"),
    WishField.COUNT: mark("has to be a whole number from 1 to {count_max}"),
    WishField.NUMBERS: mark("have to be names with numbers, such as “{example}”"),
    WishField.PICTURE: mark("has to be one of the pictures on the card"),
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
_SHAPES: Mapping[Shape, str] = {
    Shape.SQUARE: mark("square"),
    Shape.PORTRAIT: mark("portrait"),
    Shape.LANDSCAPE: mark("landscape"),
}
_EXAMPLE = {WishField.STEPS: 50, WishField.SCALE: 7, WishField.SEED: 4711, WishField.COUNT: 1}

_FAULT = mark("**{name}** {range}, not “{given}”.")
_FAULT_EMPTY = mark("**{name}** {range}.")
_NOTHING_SPENT = mark("Nothing was drawn. Change that and try again.")
TYPED = mark("What you typed is kept below.")
_ONE_SIZE = mark("{size} — {shape}")
_NO_CONTROL = mark("no control")
_ENHANCED = mark("prompt enhanced")
_CONTROLLED = mark("control {control}")
_SEED = mark("seed {seed}")
_SEEDS = mark("seeds {seeds}")
_STEP = mark("{steps} step")
_STEPS = mark("{steps} steps")
_SCALE = mark("scale {scale}")
_ASKED_BY = mark("asked by {person}")
_TOOK = mark("{seconds} s")
_FROM = mark("from [this picture]({link})")
_FROM_DELETED = mark("from a picture that was deleted")
_LIMITED = mark("limited here: {limits}")
_LIMIT = mark("{name} {asked} → {given}")
_UNUSED = mark("not used by this endpoint: {names}")
_MISSING = mark("{missing} of {count} pictures did not come.")
_ALL_PICTURES = mark("all {count} pictures")
_ONE_PICTURE = mark("picture {number} · seed {seed}")
_LIST_GAP = mark(", ")

VARY_TITLE = mark("Vary: the same seed")
EDIT_TITLE = mark("Edit the drawing")
SIZE_TITLE = mark("Draw it in another size")
UPSCALE_TITLE = mark("Draw it larger: {size}")
PROMPT_LABEL = mark("What the picture shows")
PROMPT_CUT = mark("Only the first {longest} characters fit here; left as they are, all of it is drawn")
PROMPT_TOO_LONG = mark("Shortened: the prompt is longer than the {longest} characters that can be drawn from here")
MODEL_LABEL = mark("Model")
SIZE_LABEL = mark("Size")
SIZE_HELP = mark("WIDTHxHEIGHT in pixels, each side from {side_min} to {side_max}")
OTHER_SIZE_LABEL = mark("Or any other size")
NUMBERS_LABEL = mark("Steps, scale, seed and count")
NUMBERS_HELP = mark(
    "Steps 1 to {steps_max}, scale 1 to {scale_max}, seed -1 (random) to {seed_max}, count 1 to {count_max}"
)
OPTIONS_LABEL = mark("Control and prompt enhancement")
STEPS_LABEL = mark("Steps, 1 to {steps_max}")
SCALE_LABEL = mark("Scale, 1 to {scale_max}")
SCALE_HELP = mark("How closely the picture follows the prompt")
PICTURE_LABEL = mark("Which picture")
EDIT_AGAIN = mark("Edit again")
DRAW_AGAIN = mark("Draw again")
EDIT = mark("Edit")
RECIPE_TITLE = mark("Recipe")
RECIPE_LINE = mark("As a command, ready to copy:")
RECIPE_FROM = mark("made from earlier ones: {links}")
RECIPE_READ = mark("Read from the picture itself.")
RECIPE_TOO_LONG = mark(
    "Its prompt is too long to be drawn as it is: {length} characters, and {longest} can be. Edit shortens it."
)
RECIPE_NONE = mark("I know no recipe of this: it is no picture of mine, or it has lost what was written into it.")
PICTURE_LINK = mark("[the picture]({link})")
EARLIER_LINK = mark("[{number} back]({link})")
LARGEST_ALREADY = mark("There is no larger size of this shape that may be drawn here.")
NO_TEXT = mark("That message has no text that I could draw.")
UNKNOWN_DRAWING = mark("I no longer know this drawing. Use {draw}.")


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

    def asked_by(self, person_id: int) -> str:
        """Say who asked, in a way that pings nobody where mentions are not allowed."""
        return self.say(_ASKED_BY, person=f"<@{person_id}>")

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
            limits = [
                self.say(_LIMIT, name=self._name(clamp.field), asked=_times(clamp.asked), given=_times(clamp.given))
                for clamp in plan.clamps
            ]
            lines.append(self.say(_LIMITED, limits=self.say(_LIST_GAP).join(limits)))
        if plan.unused:
            lines.append(self.say(_UNUSED, names=self.say(_LIST_GAP).join(map(self._name, plan.unused))))
        return [f"-# {line}" for line in lines if line]

    def missing(self, missing: int, count: int) -> str:
        """Say that some pictures did not come."""
        return self.say(_MISSING, missing=str(missing), count=str(count))

    def recipe(self, pictures: Sequence[DrawingParameters], honoured: frozenset[str]) -> str:
        """Write in one line how pictures were made, as far as the endpoint heeds it; they differ in their seeds."""
        first = pictures[0]
        seeds = [str(picture.seed) for picture in pictures]
        seed = self.say(_SEED, seed=seeds[0]) if len(seeds) == 1 else self.say(_SEEDS, seeds=", ".join(seeds))
        said = {
            "model": discord.utils.escape_markdown(" ".join(first.model.split())),
            "size": _times(str(first.size)),
            "seed": seed,
            "steps": self.say(_STEP if first.steps == 1 else _STEPS, steps=str(first.steps)),
            "scale": self.say(_SCALE, scale=str(first.scale)),
            "enhance": self.say(_ENHANCED) if first.enhance else "",
            "control": self.say(_CONTROLLED, control=first.control.value) if first.control.value else "",
        }
        return " · ".join(words for field, words in said.items() if field in honoured and words)

    def _fault(self, fault: WishFault) -> str:
        values = {
            "longest": str(PROMPT_MAX_CHARS),
            "controls": ", ".join(control.value for control in ControlNet if control.value),
            "example": ", ".join(f"{self.say(FIELDS[field])} {value}" for field, value in _EXAMPLE.items()),
        }
        name, bounds = self.say(FIELDS[fault.field]), self.say(_RANGES[fault.field], **values)
        given = clean_sentence(fault.given)
        if not given:
            return self.say(_FAULT_EMPTY, name=name, range=bounds)
        return self.say(_FAULT, name=name, range=bounds, given=given)

    def _name(self, field: str) -> str:
        return self.say(FIELDS[WishField(field)])


def jump_link(guild_id: int | None, origin: Origin) -> str:
    """Write the address of a message, which Discord's client opens by itself."""
    return f"https://discord.com/channels/{guild_id or '@me'}/{origin.channel_id}/{origin.message_id}"


def quoted(prompt: str, longest: int) -> str:
    """Quote a prompt in one line, its mark-up shown and not acted on; empty where it is."""
    prompt = clip(" ".join(prompt.split()), longest)
    return f"> {discord.utils.escape_markdown(prompt)}" if prompt else ""


def _times(text: str) -> str:
    return text.replace("x", "×")
