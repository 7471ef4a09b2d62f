"""Checks of one JSON value each; a value that fails is refused with the words for it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a request is refused: HTTP status, words, the parameter at fault and a machine-readable code."""

    status: int
    message: str
    param: str | None = None
    code: str | None = None


class RefusedError(Exception):
    """A request that the endpoint does not serve."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def invalid(param: str | None, message: str, code: str | None = None) -> RefusedError:
    """Return the refusal (400) of one parameter, to be raised."""
    return RefusedError(Problem(status=400, message=message, param=param, code=code))


def parse_object(raw: bytes, content_type: str) -> dict[str, object]:
    """Parse a request body strictly: one JSON object, UTF-8, no key twice, no NaN.

    Raises RefusedError with 415 for another content type and 400 for anything else.
    """
    if content_type != "application/json":
        raise RefusedError(Problem(status=415, message="The content type must be application/json."))
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_no_doubles, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise invalid(None, f"The body is not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise invalid(None, "The body must be a JSON object.")
    return value


def _no_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key occurs twice in one object")
    return made


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not a JSON number")


def refuse_unknown(body: Mapping[str, object], known: Collection[str], where: str = "") -> None:
    """Refuse every key that is not in `known`; `where` names the object that holds them."""
    for key in body:
        if key not in known:
            raise invalid(f"{where}{key}", f"Unknown parameter: {where}{key}")


def need(body: Mapping[str, object], name: str) -> object:
    """Return a required field; a missing or null one is refused."""
    value = body.get(name)
    if value is None:
        raise invalid(name, f"Missing required parameter: {name}")
    return value


def text(name: str, value: object, *, empty: bool = False) -> str:
    """Check a string; a blank one is refused unless `empty`."""
    if not isinstance(value, str):
        raise invalid(name, f"{name} must be a string")
    if not empty and not value.strip():
        raise invalid(name, f"{name} must not be empty")
    return value


def flag(name: str, value: object) -> bool:
    """Check a boolean."""
    if not isinstance(value, bool):
        raise invalid(name, f"{name} must be a boolean")
    return value


def whole(name: str, value: object, low: int, high: int) -> int:
    """Check an integer in [low, high]; a boolean or a float is none."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid(name, f"{name} must be an integer")
    if not low <= value <= high:
        raise invalid(name, f"{name} must be between {low} and {high}")
    return value


def number(name: str, value: object, low: float, high: float, *, above_low: bool = False) -> float:
    """Check a number in [low, high], or (low, high] if `above_low`; integers count, booleans do not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid(name, f"{name} must be a number")
    if isinstance(value, float) and not math.isfinite(value):  # 1e999 parses as infinity
        raise invalid(name, f"{name} must be finite")
    if not low <= value <= high or (above_low and value == low):
        upper = "" if math.isinf(high) else f" and at most {high:g}"
        raise invalid(name, f"{name} must be {'above' if above_low else 'at least'} {low:g}{upper}")
    try:
        return float(value)
    except OverflowError as error:
        raise invalid(name, f"{name} is too large") from error


def choice(name: str, value: object, allowed: Collection[str]) -> str:
    """Check a string out of a closed list."""
    if not isinstance(value, str) or value not in allowed:
        raise invalid(name, f"{name} must be one of {', '.join(repr(item) for item in allowed)}")
    return value


def mapping(name: str, value: object) -> dict[str, object]:
    """Check a JSON object."""
    if not isinstance(value, dict):
        raise invalid(name, f"{name} must be an object")
    return value


def sequence(name: str, value: object) -> list[object]:
    """Check a JSON array that is not empty."""
    if not isinstance(value, list):
        raise invalid(name, f"{name} must be an array")
    if not value:
        raise invalid(name, f"{name} must not be empty")
    return value
