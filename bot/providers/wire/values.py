"""Reading JSON of unknown make: a wrong type is a missing value, never an exception."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Self, TypeGuard


class Written(float):
    """A number with its digits as they were written: 0.10, 1e50."""

    __slots__ = ("digits",)
    digits: str

    def __new__(cls, digits: str) -> Self:
        number = super().__new__(cls, digits)
        number.digits = digits
        return number


def is_record(value: object) -> TypeGuard[Mapping[str, object]]:
    """Whether a value is a JSON object."""
    return isinstance(value, dict)


def as_record(value: object) -> Mapping[str, object]:
    """Return a JSON object, or an empty one."""
    return value if is_record(value) else {}


def as_text(value: object) -> str:
    """Return a string; a whole number as its digits; anything else as an empty string."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if -(10**15) < value < 10**15 else ""
    return ""


def as_words(value: object) -> str:
    """Return text of an answer: a string, or a number or truth value that some servers make of it, as written."""
    if isinstance(value, str):
        return value
    if isinstance(value, Written):
        return value.digits
    return json.dumps(value) if isinstance(value, (bool, int, float)) else ""


def as_count(value: object) -> int:
    """Return a count, 0 or more, at most 2**53, also one written as its digits; anything else as 0."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 17:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return 0
    return min(max(int(value), 0), 2**53) if abs(value) <= 2**53 else 0


def as_reason(value: object) -> str:
    """Return why an answer ended, in small letters; empty as long as it goes on, for which some servers have a word."""
    reason = as_text(value).strip().lower()
    return "" if reason in ("null", "none") else reason


def as_flag(value: object) -> bool | None:
    """Return a truth value, also one written as number or word; None where there is none."""
    if isinstance(value, (bool, int)):
        return bool(value)
    if isinstance(value, str):
        return {"true": True, "1": True, "false": False, "0": False}.get(value.strip().lower())
    return None


def records(value: object) -> Iterator[Mapping[str, object]]:
    """Iterate over the objects of a list; an object alone counts as a list of one."""
    for item in value if isinstance(value, list) else [value]:
        if is_record(item):
            yield item


def encode_json(body: Mapping[str, object]) -> bytes:
    """Write JSON as UTF-8; half a surrogate pair, which has no UTF-8, becomes a question mark."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
