"""The catalogue: every setting once, as a field of ``Settings`` with all that there is to know of it.

To add one, write its field here and its words in ``bot/presentation/words/titles.py``: configuration, commands, the
panel, export, import and the documentation's tables follow (docs/first-change.md has each step). An operator sets the
default of any of them as ``DEFAULT_<KEY>`` in the environment. Ranges of request fields are those of the fusion
document (endpoints.md, section 1).
"""
# ruff: noqa: RUF009  # each call below declares a field

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, TypeVar

from bot.domain.model.request import Sampling
from bot.domain.picture.parameters import (
    DEFAULT_SIZE,
    MAX_COUNT,
    SCALE_MAX,
    SEED_MAX,
    STEPS_MAX,
    ControlNet,
    DrawingParameters,
    Size,
    SizeCeiling,
)
from bot.domain.settings.choices import Buttons, IntentCheck, Listening, Reasoning, Refusals, TurnOrder
from bot.domain.settings.kinds import (
    LONGEST_RAW_CHARS,
    SIDE_MAX_PX,
    Choice,
    Flag,
    IdKind,
    Ids,
    Kind,
    Lowest,
    Measure,
    Number,
    Text,
    Value,
    Whole,
    WordList,
)
from bot.domain.settings.kinds import SIDE_MIN_PX as SIDE_MIN_PX
from bot.domain.settings.scopes import Authority, Ceiling, Scope

T = TypeVar("T", bound=Value)

LARGEST_SIZE = Size(width=SIDE_MAX_PX, height=SIDE_MAX_PX)
MEGAPIXEL = 1_000_000


class Topic(StrEnum):
    """What settings are about; the order is the panel's."""

    MODEL = "model"
    REPLIES = "replies"
    DRAWING = "drawing"
    PERMISSIONS = "permissions"
    QUOTAS = "quotas"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What there is to know of one setting.

    ``scopes`` are those of a guild and of users in which it may be set; the operator may set all. ``fusion`` and
    ``chat_completions`` are the fields of the request that it fills, empty for none. ``ceiling`` is where the operator
    says what nobody's value goes beyond.
    """

    key: str
    default: Value
    topic: Topic
    kind: Kind
    scopes: frozenset[Scope]
    authority: Authority
    fusion: str
    chat_completions: str
    ceiling: Ceiling

    def parse(self, raw: str) -> Any:
        """Read what a user wrote; the value has the type of the field.

        Raises ``ValueError``, whose words begin with "must be", for a bad value.
        """
        with suppress(ValueError):
            if len(raw) <= LONGEST_RAW_CHARS:
                return self.kind.parse(raw)
        raise ValueError(f"must be {self.kind.range}, not {raw[:60]!r}")

    def write(self, value: Value) -> str:
        """Write a value so that ``parse`` reads it back."""
        return self.kind.write(value)


GUILD = frozenset({Scope.GUILD})
PLACES = GUILD | {Scope.CATEGORY, Scope.CHANNEL}
OWN = PLACES | {Scope.PERSON}
"""What touches nobody else, so that a user may have it as they like."""


def _set(
    default: T,
    topic: Topic,
    kind: Kind,
    *,
    scopes: frozenset[Scope] = PLACES,
    authority: Authority = Authority.MANAGER,
    fusion: str = "",
    chat_completions: str = "",
    ceiling: Ceiling = Ceiling.NONE,
) -> T:
    """Make the field of a setting, with its entry of the catalogue."""
    known = {
        "topic": topic,
        "kind": kind,
        "scopes": scopes,
        "authority": authority,
        "fusion": fusion,
        "chat_completions": chat_completions,
        "ceiling": ceiling,
    }
    return field(default=default, metadata=known)


def _a_day() -> int:
    most = Whole(low=0, high=1_000_000_000, lowest=Lowest.NO_LIMIT)
    return _set(0, Topic.QUOTAS, most, scopes=GUILD, ceiling=Ceiling.DEFAULT)


def _cost(default: T, kind: Kind) -> T:
    return _set(default, Topic.QUOTAS, kind, scopes=GUILD, authority=Authority.OPERATOR)


def _choice(of: type[StrEnum], *, empty: str = "") -> Choice:
    return Choice(choices=tuple(each.value or empty for each in of), of=of, empty=empty)


_NAME = Text(longest=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings in force for one turn.

    An empty ``provider``, ``chat_model`` or ``image_model`` is the operator's. ``drawing_model`` is Miaohua's, which
    draws behind the fusion endpoint; ``image_model`` is that of an endpoint for chat completions. A quota of 0 is none;
    quotas are a day's (UTC). ``retention_days`` 0 keeps for ever. Members of ``manager_roles`` change settings as if
    they had Manage Server.
    """

    provider: str = _set("", Topic.MODEL, Choice(choices=("operator", "fusion", "chat_completions"), empty="operator"))
    chat_model: str = _set("", Topic.MODEL, _NAME, chat_completions="model")
    image_model: str = _set("", Topic.MODEL, _NAME, chat_completions="model")
    temperature: float = _set(
        0.8,
        Topic.MODEL,
        Number(low=0, high=2, above=True),
        fusion="temperature",
        chat_completions="temperature",
    )
    top_p: float = _set(0.7, Topic.MODEL, Number(low=0, high=1, above=True), fusion="top_p", chat_completions="top_p")
    max_new_tokens: int = _set(
        2048,
        Topic.MODEL,
        Whole(low=1, high=32768),
        fusion="max_new_tokens",
        chat_completions="max_tokens",
        ceiling=Ceiling.APART,
    )
    repetition_penalty: float = _set(1.0, Topic.MODEL, Number(low=0, high=10, above=True), fusion="repetition_penalty")
    persona: str = _set("", Topic.MODEL, Text(longest=4000, long=True), fusion="messages", chat_completions="messages")
    context_messages: int = _set(
        40,
        Topic.MODEL,
        Whole(low=1, high=200),
        fusion="messages",
        chat_completions="messages",
        ceiling=Ceiling.APART,
    )
    context_tokens: int = _set(
        3000,
        Topic.MODEL,
        Whole(low=100, high=200_000),
        fusion="messages",
        chat_completions="messages",
        ceiling=Ceiling.APART,
    )

    language: str = _set("auto", Topic.REPLIES, Choice(choices=("auto", "en", "zh-CN")), scopes=OWN)
    listening: Listening = _set(Listening.ADDRESSED, Topic.REPLIES, _choice(Listening))
    turn_order: TurnOrder = _set(TurnOrder.SIDE_BY_SIDE, Topic.REPLIES, _choice(TurnOrder))
    buttons_for: Buttons = _set(Buttons.ASKER, Topic.REPLIES, _choice(Buttons))
    reasoning: Reasoning = _set(Reasoning.LINE, Topic.REPLIES, _choice(Reasoning))
    ping: bool = _set(True, Topic.REPLIES, Flag(), scopes=OWN)
    answer_in_thread: bool = _set(False, Topic.REPLIES, Flag())
    pages_before_file: int = _set(5, Topic.REPLIES, Whole(low=1, high=20))
    rerun_on_edit_s: int = _set(600, Topic.REPLIES, Whole(low=0, high=86400, lowest=Lowest.NEVER))
    retention_days: int = _set(0, Topic.REPLIES, Whole(low=0, high=3650, lowest=Lowest.FOR_EVER), scopes=GUILD)

    drawing_allowed: bool = _set(True, Topic.DRAWING, Flag(), fusion="output_img")
    intent_check: IntentCheck = _set(IntentCheck.AUTO, Topic.DRAWING, _choice(IntentCheck), fusion="output_img")
    drawing_model: str = _set(
        "Artist_V0.1.3", Topic.DRAWING, Text(longest=100, needed=True), scopes=OWN, fusion="mh_model_name"
    )
    size: Size = _set(DEFAULT_SIZE, Topic.DRAWING, Measure(), scopes=OWN, fusion="mh_output_size")
    steps: int = _set(50, Topic.DRAWING, Whole(low=1, high=STEPS_MAX), scopes=OWN, fusion="mh_ddim_steps")
    scale: int = _set(7, Topic.DRAWING, Whole(low=1, high=SCALE_MAX), scopes=OWN, fusion="mh_scale")
    seed: int = _set(-1, Topic.DRAWING, Whole(low=-1, high=SEED_MAX, lowest=Lowest.RANDOM), fusion="mh_select_seed")
    enhance: bool = _set(False, Topic.DRAWING, Flag(), scopes=OWN, fusion="mh_add_prompt")
    control: ControlNet = _set(
        ControlNet.OFF, Topic.DRAWING, _choice(ControlNet, empty="off"), scopes=OWN, fusion="mh_controlnet_model"
    )
    max_size: Size = _set(LARGEST_SIZE, Topic.DRAWING, Measure(), ceiling=Ceiling.DEFAULT)
    max_megapixels: float = _set(2.4, Topic.DRAWING, Number(low=0.1, high=39), ceiling=Ceiling.DEFAULT)
    max_steps: int = _set(60, Topic.DRAWING, Whole(low=1, high=STEPS_MAX), ceiling=Ceiling.DEFAULT)
    max_count: int = _set(MAX_COUNT, Topic.DRAWING, Whole(low=1, high=MAX_COUNT), ceiling=Ceiling.DEFAULT)
    spoilers: bool = _set(False, Topic.DRAWING, Flag())

    channels_allowed: tuple[int, ...] = _set((), Topic.PERMISSIONS, Ids(names=IdKind.CHANNELS), scopes=GUILD)
    channels_refused: tuple[int, ...] = _set((), Topic.PERMISSIONS, Ids(names=IdKind.CHANNELS), scopes=GUILD)
    roles_allowed: tuple[int, ...] = _set((), Topic.PERMISSIONS, Ids(names=IdKind.ROLES))
    roles_refused: tuple[int, ...] = _set((), Topic.PERMISSIONS, Ids(names=IdKind.ROLES))
    manager_roles: tuple[int, ...] = _set(
        (), Topic.PERMISSIONS, Ids(names=IdKind.ROLES), scopes=GUILD, authority=Authority.MANAGE_SERVER
    )
    forbidden_words: tuple[str, ...] = _set((), Topic.PERMISSIONS, WordList())
    refusals: Refusals = _set(Refusals.WORDS, Topic.PERMISSIONS, _choice(Refusals))

    person_calls_a_day: int = _a_day()
    person_tokens_a_day: int = _a_day()
    person_pictures_a_day: int = _a_day()
    guild_calls_a_day: int = _a_day()
    guild_tokens_a_day: int = _a_day()
    guild_pictures_a_day: int = _a_day()
    cost_per_1000_tokens: float = _cost(0.0, Number(low=0, high=1_000_000))
    cost_per_picture: float = _cost(0.0, Number(low=0, high=1_000_000))
    cost_currency: str = _cost("", Text(longest=8))

    chosen: frozenset[str] = field(default=frozenset(), compare=False)
    """The keys that somebody has set, the operator too; no setting itself."""

    @property
    def sampling(self) -> Sampling:
        """How words are chosen."""
        return Sampling(
            temperature=self.temperature,
            top_p=self.top_p,
            max_new_tokens=self.max_new_tokens,
            repetition_penalty=self.repetition_penalty,
            chosen=self.chosen & _SAMPLING,
        )

    @property
    def size_ceiling(self) -> SizeCeiling:
        """How large a picture may be."""
        return SizeCeiling(sides=self.max_size, pixels=round(self.max_megapixels * MEGAPIXEL))

    @property
    def drawing(self) -> DrawingParameters:
        """How a picture is made."""
        return DrawingParameters(
            model=self.drawing_model,
            size=self.size,
            steps=self.steps,
            scale=self.scale,
            seed=self.seed,
            enhance=self.enhance,
            control=self.control,
        )


_SAMPLING = frozenset(Sampling.__dataclass_fields__)
BUILT_IN = Settings()
CATALOGUE: Mapping[str, Setting] = {
    each.name: Setting(key=each.name, default=getattr(BUILT_IN, each.name), **each.metadata)
    for each in fields(Settings)
    if each.metadata
}


def parse_setting(key: str, raw: str) -> Any:
    """Read one setting.

    Raises ``KeyError`` where there is no such setting, ``ValueError`` with words (``must be …``) for a bad value.
    """
    return CATALOGUE[key].parse(raw)
