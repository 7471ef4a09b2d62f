"""The kinds of settings: what each takes, how a user's text becomes a value, and how a value is written.

For every kind ``parse(write(value)) == value``: what is written is what commands show, files hold and the database
keeps. ``range`` says in English, for whoever runs the bot, what stands behind "must be"; people read theirs from the
presentation, which words the same fields in their language.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, TypeAlias

from bot.domain.people import LARGEST_ID
from bot.domain.picture.parameters import Size

Value: TypeAlias = bool | int | float | str | Size | tuple[int, ...] | tuple[str, ...]
"""A setting's value; the choices of a ``StrEnum`` are texts."""

SIDE_MIN_PX, SIDE_MAX_PX = 64, 6240
"""Either side of a picture (endpoints.md, section 1)."""
LONGEST_RAW_CHARS = 20_000
"""No setting takes as much; more than that is not looked at."""

_FLAGS = {
    **dict.fromkeys(("on", "true", "yes", "1", "开", "是"), True),
    **dict.fromkeys(("off", "false", "no", "0", "关", "否"), False),
}
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})(?:e[+-]?[0-9]{1,3})?", re.IGNORECASE)


class Lowest(StrEnum):
    """What the lowest whole number of a range stands for."""

    RANDOM = "random"
    NEVER = "never"
    NO_LIMIT = "no limit"
    FOR_EVER = "for ever"


class IdKind(StrEnum):
    """What a list of ids names."""

    CHANNELS = "channels"
    ROLES = "roles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """On or off; also true/false, yes/no, 1/0 and their Chinese words."""

    @property
    def range(self) -> str:
        """Say what it takes."""
        return "on or off"

    def parse(self, raw: str) -> bool:
        """Read it; ``ValueError`` for anything else."""
        try:
            return _FLAGS[_folded(raw).lower()]
        except KeyError:
            raise ValueError(raw) from None

    def write(self, value: Value) -> str:
        """Write it."""
        return write_plain(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A whole number, both ends included; ``lowest`` is what ``low`` stands for, where that is special."""

    low: int
    high: int
    lowest: Lowest | None = None

    @property
    def range(self) -> str:
        """Say what it takes."""
        special = f" ({self.lowest.value})" if self.lowest is not None else ""
        return f"a whole number from {self.low}{special} to {self.high}"

    def parse(self, raw: str) -> int:
        """Read it; ``ValueError`` for anything else."""
        text = _folded(raw)
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", text) or not self.low <= int(text) <= self.high:
            raise ValueError(raw)
        return int(text)

    def write(self, value: Value) -> str:
        """Write it."""
        return write_plain(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number; ``high`` is included, ``low`` is unless ``above``."""

    low: float
    high: float
    above: bool = False

    @property
    def range(self) -> str:
        """Say what it takes."""
        low, high = write_plain(self.low), write_plain(self.high)
        return f"a number above {low}, at most {high}" if self.above else f"a number from {low} to {high}"

    def parse(self, raw: str) -> float:
        """Read it; ``ValueError`` for anything else."""
        text = _folded(raw)
        if not _NUMBER.fullmatch(text):
            raise ValueError(raw)
        value = float(text)
        if not math.isfinite(value) or value > self.high or (value <= self.low if self.above else value < self.low):
            raise ValueError(raw)
        return value + 0.0  # -0.0 becomes 0.0, which is written the same each time

    def write(self, value: Value) -> str:
        """Write it."""
        return write_plain(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text of at most ``longest`` characters; ``needed``: not empty; ``long``: may have several lines."""

    longest: int
    needed: bool = False
    long: bool = False

    @property
    def range(self) -> str:
        """Say what it takes."""
        if self.long:
            return f"a text of at most {self.longest} characters"
        return f"one line of {'1 to' if self.needed else 'at most'} {self.longest} characters"

    def parse(self, raw: str) -> str:
        """Read it, without what no database keeps; ``ValueError`` where it is too long, or empty and needed."""
        text = _keepable(raw)
        if not self.long:
            text = text.strip()
            if not text.isprintable():
                raise ValueError(raw)
        if len(text) > self.longest or (self.needed and not text.strip()):
            raise ValueError(raw)
        return text

    def write(self, value: Value) -> str:
        """Write it."""
        return write_plain(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of ``choices``, as they are written; ``of`` makes the value. ``empty`` is the choice whose value is empty."""

    choices: tuple[str, ...]
    of: type[str] = str
    empty: str = ""

    @property
    def range(self) -> str:
        """Say what it takes."""
        return f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"

    def parse(self, raw: str) -> str:
        """Read it, in whatever case; ``ValueError`` for anything else."""
        name = _folded(raw).casefold()
        for choice in self.choices:
            if name == choice.casefold():
                return self.of("" if choice == self.empty else choice)
        raise ValueError(raw)

    def write(self, value: Value) -> str:
        """Write it."""
        return write_plain(value) or self.empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A picture's measure, ``WxH`` in pixels."""

    low: int = SIDE_MIN_PX
    high: int = SIDE_MAX_PX

    @property
    def range(self) -> str:
        """Say what it takes."""
        return f"WIDTHxHEIGHT with each side from {self.low} to {self.high}"

    def parse(self, raw: str) -> Size:
        """Read it, with x, X, × or * between; ``ValueError`` for anything else."""
        match = re.fullmatch(r"([0-9]{1,5})\s*[xX×*]\s*([0-9]{1,5})", _folded(raw))
        if match is None:
            raise ValueError(raw)
        width, height = int(match[1]), int(match[2])
        if not (self.low <= width <= self.high and self.low <= height <= self.high):
            raise ValueError(raw)
        return Size(width=width, height=height)

    def write(self, value: Value) -> str:
        """Write it."""
        return write_plain(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """Discord ids or mentions, with commas or blanks between; doubles count once."""

    names: IdKind
    most: int = 100

    @property
    def range(self) -> str:
        """Say what it takes."""
        return f"at most {self.most} ids of {self.names.value} with commas between"

    def parse(self, raw: str) -> tuple[int, ...]:
        """Read them; ``ValueError`` for anything else."""
        mention = "#" if self.names is IdKind.CHANNELS else "@&"
        parts = [part for part in re.split(r"[\s,，、]+", raw) if part]
        found = [re.fullmatch(rf"<{mention}([0-9]{{1,19}})>|([0-9]{{1,19}})", part) for part in parts]
        ids = tuple(dict.fromkeys(int(match[1] or match[2]) for match in found if match is not None))
        if None in found or len(ids) > self.most or any(not 1 <= one <= LARGEST_ID for one in ids):
            raise ValueError(raw)
        return ids

    def write(self, value: Value) -> str:
        """Write them."""
        return write_plain(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordList:
    """Words or phrases with commas or line breaks between; doubles count once."""

    most: int = 200
    longest: int = 60
    together: int = 12_000

    @property
    def range(self) -> str:
        """Say what it takes."""
        return (
            f"at most {self.most} words of at most {self.longest} characters, {self.together} together, "
            "with commas between"
        )

    def parse(self, raw: str) -> tuple[str, ...]:
        """Read them; ``ValueError`` for too many or too long ones."""
        words = _words(raw)
        if len(words) > self.most or any(len(word) > self.longest for word in words):
            raise ValueError(raw)
        return words

    def check_new(self, words: tuple[str, ...]) -> None:
        """Raise ``ValueError`` for a list that is not to be set any more, though one that is set stays.

        One character may stand for as many as 18, which then count: a text is compared with what words unfold to.
        """
        if sum(len(unicodedata.normalize("NFKC", word)) for word in words) > self.together:
            raise ValueError

    def write(self, value: Value) -> str:
        """Write them."""
        return write_plain(value)


Kind: TypeAlias = Flag | Whole | Number | Text | Choice | Measure | Ids | WordList


_UNKEEPABLE: Final = re.compile("[\0\ud800-\udfff]")


def write_plain(value: Value) -> str:
    """Write a value of any kind; a number is written shortest, and reads back as the same number."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)


def _folded(raw: str) -> str:
    """Bring what a Chinese keyboard writes into plain digits and letters: "０．８" is 0.8."""
    return unicodedata.normalize("NFKC", raw).strip()


def _keepable(raw: str) -> str:
    """Leave out what no database keeps: NUL and halves of surrogate pairs."""
    return _UNKEEPABLE.sub("", raw)


@lru_cache(maxsize=256)
def _words(raw: str) -> tuple[str, ...]:
    """Take a list of words apart: once, for all lists of a server are read again after each of its changes."""
    parts = re.split(r"[,，、;；\r\n]", _keepable(raw))
    return tuple(dict.fromkeys(filter(None, (" ".join(part.split()) for part in parts))))
