"""A drawing as a user fills it in: what was typed, checked against its ranges, and written out to be changed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from bot.domain.drawing.recipes import PROMPT_MAX_CHARS
from bot.domain.drawing.wish import DrawWish
from bot.domain.picture.parameters import MAX_COUNT, ControlNet, Recipe
from bot.domain.settings.catalogue import parse_setting

SHOWN_CHARS = 60
"""How much of a faulty value is shown again."""


class WishField(StrEnum):
    """What can be filled in; each has a name and a range in words for people in every language."""

    PROMPT = "prompt"
    MODEL = "model"
    SIZE = "size"
    STEPS = "steps"
    SCALE = "scale"
    SEED = "seed"
    ENHANCE = "enhance"
    CONTROL = "control"
    COUNT = "count"
    NUMBERS = "numbers"
    """Steps, scale, seed and count in one line of text."""
    PICTURE = "picture"
    """Which one of a card's pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WishFault:
    """A value that is out of its range; ``given`` is what was typed, untrusted and shortened.

    ``allowed`` are the values that can be chosen, where the operator allows some only.
    """

    field: WishField
    given: str
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was filled in, after its check; with ``faults`` the rest is not to be used."""

    prompt: str
    wish: DrawWish
    faults: tuple[WishFault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawForm:
    """A form as it was typed, or as it is offered to be changed: text, nothing checked.

    An empty field is what the place has as its default. ``options`` is one of ``option_values()``.
    """

    prompt: str
    model: str = ""
    size: str = ""
    numbers: str = ""
    options: str = ""


_KEYS = {
    WishField.MODEL: "drawing_model",
    WishField.SIZE: "size",
    WishField.STEPS: "steps",
    WishField.SCALE: "scale",
    WishField.SEED: "seed",
    WishField.CONTROL: "control",
    WishField.ENHANCE: "enhance",
}
"""The settings whose ranges hold for what is asked of one drawing too."""

OTHER_SIZE = "other_size"
"""The field of a form for a size that takes any; what stands there counts."""
NUMBERS = (WishField.STEPS, WishField.SCALE, WishField.SEED, WishField.COUNT)
"""What stands in the form's line of numbers, in this order."""
_NAMES = {
    **dict.fromkeys(("steps", "step", "步数", "步"), WishField.STEPS),
    **dict.fromkeys(("scale", "cfg", "引导", "引导系数"), WishField.SCALE),
    **dict.fromkeys(("seed", "seeds", "种子"), WishField.SEED),
    **dict.fromkeys(("count", "pictures", "张数", "张", "数量"), WishField.COUNT),
}
_RANDOM = frozenset({"random", "new", "随机"})
_TOKEN = re.compile(r"(?P<number>[+-]?\d+)|(?P<word>[^\W\d_]+)|(?P<gap>[\s,;:=/|、。·]+)")

_ENHANCE = "enhance"
_OFF = "off"


def check_values(values: Mapping[WishField, Any], *, spoiler: bool | None = None, private: bool = False) -> Checked:
    """Check what a command was given; what is missing or None is the place's default.

    The values are untrusted: neither their types nor their ranges are taken for granted.
    """
    faults: list[WishFault] = []
    asked: dict[str, Any] = {}
    given = values.get(WishField.PROMPT)
    prompt = given.strip() if isinstance(given, str) else ""
    if not 1 <= len(prompt) <= PROMPT_MAX_CHARS:
        faults.append(_fault(WishField.PROMPT, prompt))
    for field, value in values.items():
        if field is WishField.PROMPT or value is None:
            continue
        try:
            asked[field.value] = _count(value) if field is WishField.COUNT else _parsed(field, value)
        except ValueError:
            faults.append(_fault(field, value))
    if asked.get("model") == "":
        del asked["model"]
    return Checked(prompt=prompt, wish=DrawWish(**asked, spoiler=spoiler, private=private), faults=tuple(faults))


def check_form(form: DrawForm, *, spoiler: bool | None = None, private: bool = False) -> Checked:
    """Check a form."""
    values: dict[WishField, Any] = {WishField.PROMPT: form.prompt}
    if form.model.strip():
        values[WishField.MODEL] = form.model.strip()
    if form.size.strip():
        values[WishField.SIZE] = form.size
    faults: list[WishFault] = []
    try:
        values |= _read_numbers(form.numbers)
    except ValueError:
        faults.append(_fault(WishField.NUMBERS, form.numbers))
    try:
        values |= _read_options(form.options)
    except ValueError:
        faults.append(_fault(WishField.CONTROL, form.options))
    checked = check_values(values, spoiler=spoiler, private=private)
    return replace(checked, faults=(*checked.faults, *faults))


def hold_to_models(checked: Checked, models: Collection[str] | None) -> Checked:
    """Refuse a model that the operator does not allow; None allows all."""
    model = checked.wish.model
    if models is None or model is None or model in models:
        return checked
    fault = replace(_fault(WishField.MODEL, model), allowed=tuple(sorted(models)))
    return replace(checked, faults=(*checked.faults, fault))


def form_of(
    recipe: Recipe, count: int, names: Mapping[WishField, str], asked: Mapping[WishField, str] = MappingProxyType({})
) -> DrawForm:
    """Write a recipe out as a form; ``names`` are those of ``NUMBERS`` in the reader's language.

    ``asked`` is a size and numbers as they were typed, which stand there instead of the recipe's.
    """
    made = recipe.parameters
    numbers = {
        WishField.STEPS: str(made.steps),
        WishField.SCALE: str(made.scale),
        WishField.SEED: str(made.seed),
        WishField.COUNT: str(count),
    }
    return DrawForm(
        prompt=recipe.prompt,
        model=made.model,
        size=asked.get(WishField.SIZE, str(made.size)),
        numbers=write_numbers({**numbers, **asked}, names),
        options=option_value(made.control, enhance=made.enhance),
    )


def form_typed(values: Mapping[WishField, Any], names: Mapping[WishField, str]) -> DrawForm:
    """Write what a command was given as a form, right or wrong; what is missing or None stays empty.

    ``names`` are as above. A choice that the form does not offer is left out.
    """
    said = {field: " ".join(str(value).split()) for field, value in values.items() if value is not None}
    options = ""
    if WishField.CONTROL in said or WishField.ENHANCE in said:
        options = said.get(WishField.CONTROL, _OFF) or _OFF
        options += f"+{_ENHANCE}" if values.get(WishField.ENHANCE) is True else ""
    return DrawForm(
        prompt=str(values.get(WishField.PROMPT) or ""),
        model=said.get(WishField.MODEL, ""),
        size=said.get(WishField.SIZE, ""),
        numbers=write_numbers(said, names),
        options=options if options in (written for written, *_ in option_values()) else "",
    )


def write_numbers(numbers: Mapping[WishField, str], names: Mapping[WishField, str]) -> str:
    """Write the line of numbers: ``steps 50, scale 7, seed 4711, count 1``."""
    return ", ".join(f"{names[field]} {numbers[field]}" for field in NUMBERS if field in numbers)


def option_value(control: ControlNet, *, enhance: bool) -> str:
    """Write a choice of the form's options: a control, and whether the prompt is enhanced."""
    return "+".join((control.value or _OFF, *((_ENHANCE,) if enhance else ())))


def option_values() -> tuple[tuple[str, ControlNet, bool], ...]:
    """List the choices of the form's options: how each is written, its control, and whether it enhances the prompt."""
    return tuple(
        (option_value(control, enhance=enhance), control, enhance)
        for control in ControlNet
        for enhance in (False, True)
    )


def _read_options(text: str) -> dict[WishField, Any]:
    if not text.strip():
        return {}
    for written, control, enhance in option_values():
        if written == text.strip():
            return {WishField.CONTROL: control.value or _OFF, WishField.ENHANCE: enhance}
    raise ValueError(text)


def _read_numbers(text: str) -> dict[WishField, Any]:
    """Read names and numbers in any order, each name before or behind its number, with anything usual between.

    Raises ``ValueError`` where something else stands there.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    tokens: list[str] = []
    at = 0
    while at < len(plain):
        match = _TOKEN.match(plain, at)
        if match is None:
            raise ValueError(text)
        if match["gap"] is None:
            tokens.append(match[0])
        at = match.end()
    if len(tokens) % 2:
        raise ValueError(text)
    found: dict[WishField, Any] = {}
    for first, second in zip(tokens[::2], tokens[1::2], strict=True):
        name, number = (first, second) if first in _NAMES else (second, first)
        field = _NAMES.get(name)
        if field is WishField.SEED and number in _RANDOM:
            number = "-1"
        if field is None or not re.fullmatch(r"[+-]?[0-9]+", number):
            raise ValueError(text)
        found[field] = number
    return found


def _parsed(field: WishField, value: object) -> Any:
    if field is WishField.ENHANCE and isinstance(value, bool):
        return value
    # Of anything but text and whole numbers the text is no valid value either.
    return parse_setting(_KEYS[field], str(value))


def _count(value: object) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"\+?[0-9]{1,9}", text) or not 1 <= int(text) <= MAX_COUNT:
        raise ValueError(value)
    return int(text)


def _fault(field: WishField, value: object) -> WishFault:
    shown = " ".join(str(value).split())
    return WishFault(field=field, given=shown if len(shown) <= SHOWN_CHARS else f"{shown[:SHOWN_CHARS]}…")
