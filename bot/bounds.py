"""What an operator allows everybody at most: ceilings apart from the defaults, lists of models, quotas over everything.

Read from the environment together with the rest of the configuration (``bot.config``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

CEILING_PREFIX: Final = "CEILING_"
CEILINGS: Final = ("max_new_tokens", "context_messages", "context_tokens")
"""The settings whose ceiling is set apart from their default; of others ``DEFAULT_…`` is the ceiling."""
MODEL_LISTS: Final[Mapping[str, str]] = {
    "chat_model": "ALLOWED_CHAT_MODELS",
    "image_model": "ALLOWED_IMAGE_MODELS",
    "drawing_model": "ALLOWED_DRAWING_MODELS",
}
"""The settings that choose a model, each with the name of the list of those that may be chosen."""
TOTAL_PERSON: Final = "TOTAL_PERSON"
TOTAL: Final = "TOTAL"
MOST_A_DAY: Final = 999_999_999
_RESOURCES: Final = ("calls", "tokens", "pictures")
_LIKE_A_BOUND: Final = re.compile(r"CEILING_.*|TOTAL_.*_DAY|ALLOWED_.*MODELS?")
"""What is meant as a bound, though its name may be mistyped: otherwise the bill is what tells."""


def _a_day_name(prefix: str, resource: str) -> str:
    return f"{prefix}_{resource.upper()}_A_DAY"


class Reader(Protocol):
    """Reads names of the environment and notes what is wrong."""

    faults: list[str]
    unknown: list[str]

    def text(self, name: str, default: str) -> str:
        """Read a text."""

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Read a whole number."""

    def names(self) -> Iterable[str]:
        """List every name that there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ADay:
    """How much may be used in a day (UTC); 0 is no limit."""

    calls: int = 0
    tokens: int = 0
    pictures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What nobody may exceed or leave, wherever they are.

    ``ceilings`` are values of settings by key; ``models`` are the names that a setting may have, in the operator's
    order. ``person`` is what one user may use over all guilds and direct messages, ``bot`` what all may together.
    """

    ceilings: Mapping[str, Any] = field(default_factory=dict)
    models: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    person: ADay = field(default_factory=ADay)
    bot: ADay = field(default_factory=ADay)

    def first_models(self) -> dict[str, str]:
        """Choose a default among the models that draw: what is built in may be none of them."""
        return {key: names[0] for key, names in self.models.items() if key == "drawing_model"}


def ceiling_name(key: str) -> str:
    """Name a ceiling as the environment does."""
    return f"{CEILING_PREFIX}{key.upper()}"


_BOUNDS: Final = frozenset(
    {
        *map(ceiling_name, CEILINGS),
        *MODEL_LISTS.values(),
        *(_a_day_name(prefix, resource) for prefix in (TOTAL_PERSON, TOTAL) for resource in _RESOURCES),
    }
)


def read_bounds(reader: Reader, parse_setting: Callable[[str, str], Any], defaults: Mapping[str, Any]) -> Bounds:
    """Read the bounds; ``defaults`` are the operator's, which must keep to them."""
    bounds = Bounds(
        ceilings=_ceilings(reader, parse_setting),
        models=_models(reader, parse_setting),
        person=_a_day(reader, TOTAL_PERSON),
        bot=_a_day(reader, TOTAL),
    )
    reader.unknown += [name for name in reader.names() if _LIKE_A_BOUND.fullmatch(name) and name not in _BOUNDS]
    for key, ceiling in bounds.ceilings.items():
        if defaults.get(key, ceiling) > ceiling:
            name = ceiling_name(key)
            reader.faults.append(f"DEFAULT_{key.upper()} must not be above {name} ({ceiling}): lower it, or raise that")
    for key, models in bounds.models.items():
        if defaults.get(key, "") not in ("", *models):
            reader.faults.append(f"DEFAULT_{key.upper()} must be one of {MODEL_LISTS[key]}: {', '.join(models)}")
    return bounds


def _ceilings(reader: Reader, parse_setting: Callable[[str, str], Any]) -> dict[str, Any]:
    names = {ceiling_name(key): key for key in CEILINGS}
    found: dict[str, Any] = {}
    for name, key in names.items():
        if raw := reader.text(name, ""):
            try:
                found[key] = parse_setting(key, raw)
            except ValueError as error:
                reader.faults.append(f"{name} {error}")
    return found


def _models(reader: Reader, parse_setting: Callable[[str, str], Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key, name in MODEL_LISTS.items():
        models = [part.strip() for part in reader.text(name, "").split(",") if part.strip()]
        try:
            if models:
                found[key] = tuple(dict.fromkeys(parse_setting(key, model) for model in models))
        except ValueError as error:
            reader.faults.append(f"{name} names a model that {error}")
    return found


def _a_day(reader: Reader, prefix: str) -> ADay:
    return ADay(**{name: reader.number(_a_day_name(prefix, name), 0, 0, MOST_A_DAY) for name in _RESOURCES})
