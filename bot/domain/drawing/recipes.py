"""What is drawn: a user's wish within the settings of the place, as parameters of calls; and recipes in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from enum import StrEnum
from math import isqrt
from typing import Any

from bot.domain.drawing.plan import Clamp, DrawPlan
from bot.domain.drawing.wish import DrawWish, Origin
from bot.domain.page.graphemes import clip
from bot.domain.picture.parameters import (
    PARAMETER_FIELDS,
    SEED_MAX,
    ControlNet,
    DrawingParameters,
    Size,
    SizeCeiling,
)
from bot.domain.settings.catalogue import LARGEST_SIZE, SIDE_MIN_PX, Settings

ANY_SIZE = SizeCeiling(sides=LARGEST_SIZE, pixels=LARGEST_SIZE.pixels)
SIDE_STEP_PX = 8
"""What the sides of a size that the bot makes are multiples of, as all known sizes are (endpoints.md, section 1)."""
PROMPT_MAX_CHARS = 2_000
"""How long a prompt may get by changes to it: as long as a command's may be."""
TOLD_PROMPT_CHARS = 900
"""How much of a drawing's prompt the model is told afterwards."""


class Shape(StrEnum):
    """The shape of a picture; each has words for people in every language."""

    SQUARE = "square"
    PORTRAIT = "portrait"
    LANDSCAPE = "landscape"


def shape_of(size: Size) -> Shape:
    """Tell a size's shape."""
    if size.width == size.height:
        return Shape.SQUARE
    return Shape.PORTRAIT if size.width < size.height else Shape.LANDSCAPE


def _known() -> tuple[Size, ...]:
    squares = [Size(width=side, height=side) for side in (512, 640, 768, 960, 1024)]
    portraits = [Size(width=width, height=width * 3 // 2) for width in (512, 640, 768, 1024)]
    return (*squares, *portraits, *(Size(width=size.height, height=size.width) for size in portraits))


KNOWN_SIZES = _known()
"""The sizes known of Miaohua (endpoints.md, section 1): squares, portraits, landscapes, each from small to large."""


def sizes_within(ceiling: SizeCeiling = ANY_SIZE) -> tuple[Size, ...]:
    """List the known sizes that a place allows."""
    return tuple(size for size in KNOWN_SIZES if ceiling.allows(size))


def next_size(size: Size, ceiling: SizeCeiling = ANY_SIZE) -> Size | None:
    """Find the next larger known size of the same shape; None at the top, or where it is over the ceiling."""
    for known in KNOWN_SIZES:
        if known.width > size.width and known.width * size.height == known.height * size.width:
            return known if ceiling.allows(known) else None
    return None


def fit_size(size: Size, ceiling: SizeCeiling) -> Size:
    """Scale a size down to fit a ceiling; one that fits stays as it is.

    It keeps its shape, to multiples of 8 pixels, as far as no side gets below 64.
    """
    if ceiling.allows(size):
        return size
    most, width, height = ceiling.sides, size.width, size.height
    if width > most.width or height > most.height:
        if most.width * height < most.height * width:
            width, height = most.width, height * most.width // width
        else:
            width, height = width * most.height // height, most.height
    if width * height > ceiling.pixels:
        # isqrt rounds down: the shape's own share of the pixels is never exceeded.
        width, height = isqrt(ceiling.pixels * width // height), isqrt(ceiling.pixels * height // width)
    width, height = _side(width), _side(height)
    # A side that could not get smaller leaves the rest to the other one.
    return Size(width=min(width, _side(ceiling.pixels // height)), height=min(height, _side(ceiling.pixels // width)))


def _side(pixels: int) -> int:
    return max(SIDE_MIN_PX, pixels - pixels % SIDE_STEP_PX)


def resolved(wish: DrawWish, settings: Settings, *, random_seed: int, honoured: Iterable[str]) -> DrawWish:
    """Give a wish the seed that it will be drawn with, so that the same wish gives the same picture.

    The wished one, or the setting's where nothing was wished; -1 there means ``random_seed`` (0…9999999). Where the
    endpoint does not heed seeds, the wish stays as it is.
    """
    if "seed" not in honoured:
        return wish
    seed = settings.drawing.seed if wish.seed is None else wish.seed
    return replace(wish, seed=seed if seed >= 0 else random_seed)


def plan_drawing(
    wish: DrawWish,
    settings: Settings,
    *,
    random_seed: int,
    honoured: Iterable[str] = PARAMETER_FIELDS,
    age_restricted: bool = False,
    models: Collection[str] | None = None,
) -> DrawPlan:
    """Decide what is drawn: the wish, for the rest the place's defaults, all within the place's ceilings.

    Further pictures have the seeds after the first one's. ``honoured`` are the fields that the endpoint heeds.
    ``models`` are those that the operator allows: in place of another one, the place's own draws. None allows all.
    """
    heeded = frozenset(honoured)
    asked = {name: value for name in sorted(PARAMETER_FIELDS) if (value := getattr(wish, name)) is not None}
    wanted = replace(settings.drawing, **asked)
    size, steps = fit_size(wanted.size, settings.size_ceiling), min(wanted.steps, settings.max_steps)
    count = min(wish.count, settings.max_count)
    model = wanted.model if models is None or wanted.model in models else settings.drawing_model
    clamps = [
        Clamp(field=field, asked=str(before), given=str(after))
        for field, before, after in (
            ("model", wanted.model, model),
            ("size", wanted.size, size),
            ("steps", wanted.steps, steps),
            ("count", wish.count, count),
        )
        if before != after
    ]
    seed = resolved(wish, settings, random_seed=random_seed, honoured=PARAMETER_FIELDS).seed or 0
    first = replace(wanted, model=model, size=size, steps=steps)
    return DrawPlan(
        pictures=tuple(replace(first, seed=(seed + number) % (SEED_MAX + 1)) for number in range(count)),
        spoiler=bool(wish.spoiler) or settings.spoilers or age_restricted,
        private=wish.private,
        origin=wish.origin,
        clamps=tuple(clamp for clamp in clamps if clamp.field in heeded or clamp.field == "count"),
        unused=tuple(name for name, value in asked.items() if name not in heeded and _says_something(name, value)),
        honoured=heeded,
        larger=next_size(size, settings.size_ceiling),
    )


def _says_something(name: str, value: Any) -> bool:
    """Whether an endpoint that does not heed a field does something else than was asked."""
    return not (
        (name == "enhance" and value is False)
        or (name == "control" and value is ControlNet.OFF)
        or (name == "seed" and value < 0)
    )


def wish_of(
    parameters: DrawingParameters,
    *,
    honoured: Iterable[str] = PARAMETER_FIELDS,
    spoiler: bool | None = None,
    private: bool = False,
    origin: Origin | None = None,
) -> DrawWish:
    """Wish for a picture like one that was made, its seed too; change it with ``dataclasses.replace``.

    A seed of -1 is a new one at random. ``honoured`` leaves out what the endpoint would not heed.
    """
    asked: dict[str, Any] = {name: getattr(parameters, name) for name in PARAMETER_FIELDS & frozenset(honoured)}
    return DrawWish(**asked, spoiler=spoiler, private=private, origin=origin)


def changed_prompt(prompt: str, change: str) -> str:
    """Write the prompt of a picture that is to be changed so that it can be drawn by itself."""
    change = clip(change.strip(), PROMPT_MAX_CHARS // 2)
    return f"{clip(prompt.strip(), PROMPT_MAX_CHARS - len(change) - 2)}, {change}"


def told_drawing(prompt: str, pictures: Sequence[DrawingParameters], honoured: Iterable[str] = PARAMETER_FIELDS) -> str:
    """Write what the channel's history keeps of a drawing: the prompt, and the recipe in words for the model.

    ``honoured`` are the fields that the endpoint heeded: the others would tell of a picture that was never made so.
    """
    first = pictures[0]
    seeds = ", ".join(dict.fromkeys(str(picture.seed) for picture in pictures))
    said = {
        "model": f"model {first.model}",
        "size": str(first.size),
        "seed": f"seed{'s' if ',' in seeds else ''} {seeds}",
        "steps": f"steps {first.steps}",
        "scale": f"scale {first.scale}",
        "enhance": "prompt enhanced" if first.enhance else "",
        "control": f"control {first.control.value}" if first.control is not ControlNet.OFF else "",
    }
    heeded = frozenset(honoured)
    words = ", ".join(word for field, word in said.items() if word and field in heeded)
    shown = clip(" ".join(prompt.split()), TOLD_PROMPT_CHARS)
    return f"{shown} ({words})" if words else shown
