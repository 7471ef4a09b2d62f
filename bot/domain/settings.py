"""The catalogue: every setting once, with its key, range, default and the place that it fills.

An operator sets the default of any of them as ``DEFAULT_<KEY>`` in the environment. Ranges of request fields are those
of the fusion document (endpoints.md, section 1).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from bot.domain.drawings import DEFAULT_SIZE, MAX_COUNT, ControlNet, DrawingParameters, IntentCheck, Size
from bot.domain.ports import Sampling

SIDE_MIN_PX, SIDE_MAX_PX = 64, 6240
"""Either side of a picture (endpoints.md, section 1)."""
LARGEST_SIZE = Size(width=SIDE_MAX_PX, height=SIDE_MAX_PX)


class TurnOrder(StrEnum):
    """How the questions of one channel are answered."""

    SIDE_BY_SIDE = "side_by_side"
    IN_ORDER = "in_order"


class Buttons(StrEnum):
    """Who may press the buttons under a reply."""

    ASKER = "asker"
    """The one who asked, and those who manage messages."""
    EVERYONE = "everyone"
    """Everyone, but for what takes something away."""


class Listening(StrEnum):
    """Which messages of a channel the bot answers."""

    ADDRESSED = "addressed"
    ALL = "all"
    """Every message of a person, where the operator has the message content intent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings in force for one turn.

    An empty ``provider``, ``chat_model`` or ``image_model`` is the operator's. A quota of 0 is none; quotas are a day's
    (UTC). ``retention_days`` 0 keeps for ever.
    """

    provider: str = ""
    chat_model: str = ""
    image_model: str = ""
    temperature: float = 0.8
    top_p: float = 0.7
    max_new_tokens: int = 2048
    repetition_penalty: float = 1.0
    persona: str = ""
    context_messages: int = 40
    context_tokens: int = 3000
    mh_model_name: str = "Artist_V0.1.3"
    mh_output_size: Size = DEFAULT_SIZE
    mh_ddim_steps: int = 50
    mh_scale: int = 7
    mh_select_seed: int = -1
    mh_add_prompt: bool = False
    mh_controlnet_model: ControlNet = ControlNet.OFF
    drawing_allowed: bool = True
    intent_check: IntentCheck = IntentCheck.AUTO
    turn_order: TurnOrder = TurnOrder.SIDE_BY_SIDE
    pages_before_file: int = 5
    rerun_on_edit_s: int = 600
    answer_in_thread: bool = False
    language: str = "auto"
    listening: Listening = Listening.ADDRESSED
    buttons_for: Buttons = Buttons.ASKER
    spoilers: bool = False
    max_size: Size = LARGEST_SIZE
    max_steps: int = 150
    max_count: int = MAX_COUNT
    forbidden_words: tuple[str, ...] = ()
    channels_allowed: tuple[int, ...] = ()
    channels_refused: tuple[int, ...] = ()
    roles_allowed: tuple[int, ...] = ()
    roles_refused: tuple[int, ...] = ()
    person_calls_a_day: int = 0
    person_tokens_a_day: int = 0
    person_pictures_a_day: int = 0
    guild_calls_a_day: int = 0
    guild_tokens_a_day: int = 0
    guild_pictures_a_day: int = 0
    cost_per_1000_tokens: float = 0.0
    cost_per_picture: float = 0.0
    cost_currency: str = ""
    retention_days: int = 0

    @property
    def sampling(self) -> Sampling:
        """How words are chosen."""
        return Sampling(
            temperature=self.temperature,
            top_p=self.top_p,
            max_new_tokens=self.max_new_tokens,
            repetition_penalty=self.repetition_penalty,
        )

    @property
    def drawing(self) -> DrawingParameters:
        """How a picture is made."""
        return DrawingParameters(
            model=self.mh_model_name,
            size=self.mh_output_size,
            steps=self.mh_ddim_steps,
            scale=self.mh_scale,
            seed=self.mh_select_seed,
            enhance=self.mh_add_prompt,
            control=self.mh_controlnet_model,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One entry: ``parse`` turns what a person wrote into the value or raises ``ValueError``; ``range`` says, in
    words that stand behind "must be", what it takes."""

    key: str
    range: str
    parse: Callable[[str], Any]


def _number(low: float, high: float = math.inf, *, above: bool = False) -> Callable[[str], float]:
    def parse(raw: str) -> float:
        value = float(raw)
        if not math.isfinite(value) or value > high or (value <= low if above else value < low):
            raise ValueError(raw)
        return value

    return parse


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", raw.strip()):
            raise ValueError(raw)
        value = int(raw)
        if not low <= value <= high:
            raise ValueError(raw)
        return value

    return parse


def _text(longest_chars: int, *, empty: bool = True) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if len(raw) > longest_chars or (not raw.strip() and not empty):
            raise ValueError(raw)
        return raw

    return parse


_WORDS = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}


def parse_flag(raw: str) -> bool:
    """Read on/off, true/false, yes/no or 1/0; ``ValueError`` for anything else."""
    try:
        return _WORDS[raw.strip().lower()]
    except KeyError:
        raise ValueError(raw) from None


def parse_size(raw: str) -> Size:
    """Read ``WxH`` in pixels, each side 64…6240; ``ValueError`` for anything else."""
    match = re.fullmatch(r"\s*([0-9]{1,5})\s*[xX×*]\s*([0-9]{1,5})\s*", raw)
    if match is None:
        raise ValueError(raw)
    width, height = int(match[1]), int(match[2])
    if not (SIDE_MIN_PX <= width <= SIDE_MAX_PX and SIDE_MIN_PX <= height <= SIDE_MAX_PX):
        raise ValueError(raw)
    return Size(width=width, height=height)


def _control(raw: str) -> ControlNet:
    name = raw.strip().lower()
    return ControlNet("" if name == "off" else name)


def _ids(raw: str) -> tuple[int, ...]:
    found = re.findall(r"[0-9]+", raw)
    if re.sub(r"<(?:@&|#)[0-9]{1,20}>|[0-9]{1,20}|[\s,]", "", raw) or len(found) > 100:
        raise ValueError(raw)
    ids = tuple(dict.fromkeys(int(one) for one in found))
    if any(one > 2**63 - 1 for one in ids):
        raise ValueError(raw)
    return ids


def _words(raw: str) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(filter(None, (word.strip() for word in re.split(r"[,，\n]", raw)))))
    if len(words) > 200 or any(len(word) > 60 for word in words):
        raise ValueError(raw)
    return words


def _choice(*choices: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        for choice in choices:
            if raw.strip().casefold() == choice.casefold():
                return choice
        raise ValueError(raw)

    return parse


CATALOGUE: Mapping[str, Setting] = {
    entry.key: entry
    for entry in (
        Setting(key="temperature", range="a number above 0, at most 2", parse=_number(0, 2, above=True)),
        Setting(key="top_p", range="a number above 0, at most 1", parse=_number(0, 1, above=True)),
        Setting(key="max_new_tokens", range="a whole number from 1 to 32768", parse=_whole(1, 32768)),
        Setting(key="repetition_penalty", range="a number above 0, at most 10", parse=_number(0, 10, above=True)),
        Setting(key="persona", range="a text of at most 4000 characters", parse=_text(4000)),
        Setting(key="context_messages", range="a whole number from 1 to 200", parse=_whole(1, 200)),
        Setting(key="context_tokens", range="a whole number from 100 to 200000", parse=_whole(100, 200_000)),
        Setting(key="mh_model_name", range="a name of 1 to 100 characters", parse=_text(100, empty=False)),
        Setting(key="mh_output_size", range="WIDTHxHEIGHT with each side from 64 to 6240", parse=parse_size),
        Setting(key="mh_ddim_steps", range="a whole number from 1 to 150", parse=_whole(1, 150)),
        Setting(key="mh_scale", range="a whole number from 1 to 20", parse=_whole(1, 20)),
        Setting(key="mh_select_seed", range="-1 (random) or a whole number to 9999999", parse=_whole(-1, 9_999_999)),
        Setting(key="mh_add_prompt", range="on or off", parse=parse_flag),
        Setting(
            key="mh_controlnet_model",
            range=f"off or one of {', '.join(name.value for name in ControlNet if name.value)}",
            parse=_control,
        ),
        Setting(key="drawing_allowed", range="on or off", parse=parse_flag),
        Setting(key="intent_check", range="auto, always or never", parse=lambda raw: IntentCheck(raw.strip().lower())),
        Setting(
            key="turn_order",
            range="side_by_side or in_order",
            parse=lambda raw: TurnOrder(raw.strip().lower()),
        ),
        Setting(key="pages_before_file", range="a whole number from 1 to 20", parse=_whole(1, 20)),
        Setting(key="rerun_on_edit_s", range="a whole number from 0 (never) to 86400", parse=_whole(0, 86400)),
        Setting(key="provider", range="fusion or chat_completions", parse=_choice("", "fusion", "chat_completions")),
        Setting(key="chat_model", range="a name of at most 100 characters", parse=_text(100)),
        Setting(key="image_model", range="a name of at most 100 characters", parse=_text(100)),
        Setting(key="answer_in_thread", range="on or off", parse=parse_flag),
        Setting(key="language", range="auto, en or zh-CN", parse=_choice("auto", "en", "zh-CN")),
        Setting(key="listening", range="addressed or all", parse=lambda raw: Listening(raw.strip().lower())),
        Setting(key="buttons_for", range="asker or everyone", parse=lambda raw: Buttons(raw.strip().lower())),
        Setting(key="spoilers", range="on or off", parse=parse_flag),
        Setting(key="max_size", range="WIDTHxHEIGHT with each side from 64 to 6240", parse=parse_size),
        Setting(key="max_steps", range="a whole number from 1 to 150", parse=_whole(1, 150)),
        Setting(key="max_count", range=f"a whole number from 1 to {MAX_COUNT}", parse=_whole(1, MAX_COUNT)),
        Setting(key="forbidden_words", range="at most 200 words with commas between", parse=_words),
        *(
            Setting(key=key, range="at most 100 ids with commas between", parse=_ids)
            for key in ("channels_allowed", "channels_refused", "roles_allowed", "roles_refused")
        ),
        *(
            Setting(
                key=f"{whose}_{what}_a_day",
                range="a whole number from 0 (no limit) to 1000000000",
                parse=_whole(0, 1_000_000_000),
            )
            for whose in ("person", "guild")
            for what in ("calls", "tokens", "pictures")
        ),
        *(
            Setting(key=key, range="a number from 0 to 1000000", parse=_number(0, 1_000_000))
            for key in ("cost_per_1000_tokens", "cost_per_picture")
        ),
        Setting(key="cost_currency", range="a text of at most 8 characters", parse=_text(8)),
        Setting(key="retention_days", range="a whole number from 0 (for ever) to 3650", parse=_whole(0, 3650)),
    )
}

if {field.name for field in fields(Settings)} != set(CATALOGUE):  # pragma: no cover
    raise AssertionError("Settings and CATALOGUE name different settings")


def parse_setting(key: str, raw: str) -> Any:
    """Read one setting.

    Raises ``KeyError`` where there is no such setting, ``ValueError`` with words (``must be …``) for a bad value.
    """
    entry = CATALOGUE[key]
    try:
        return entry.parse(raw)
    except ValueError:
        raise ValueError(f"must be {entry.range}, not {raw[:60]!r}") from None
