"""Filling in a command's options as Discord's client does: typed, bounded, chosen, and resolved to objects."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.discord.interactions.resolve import Resolver
from sandbox.discord.protocol import option_types as types
from sandbox.discord.protocol.errors import PersonError

_SAFE_INT = 2**53


@dataclass(slots=True, kw_only=True)
class Filled:
    """The options of a command as the bot gets them, and the objects that their ids stand for."""

    path: list[tuple[int, str]]
    options: list[dict[str, Any]] = field(default_factory=list)

    def nested(self) -> list[dict[str, Any]]:
        """Return the options inside of their group and subcommand."""
        found = self.options
        for kind, name in reversed(self.path):
            found = [{"type": kind, "name": name, "options": found}]
        return found


def subcommand(body: Mapping[str, Any], words: Sequence[str]) -> tuple[list[tuple[int, str]], list[dict[str, Any]]]:
    """Return the way to a subcommand and the options there. Raises PersonError for a wrong or missing one."""
    path: list[tuple[int, str]] = []
    options: list[dict[str, Any]] = body.get("options", [])
    rest = list(words)
    while options and options[0]["type"] in (types.SUB_COMMAND, types.SUB_COMMAND_GROUP):
        wanted = rest.pop(0) if rest else ""
        found = next((one for one in options if one["name"] == wanted), None)
        if found is None:
            names = ", ".join(one["name"] for one in options)
            raise PersonError(f"Choose one of the subcommands: {names}.")
        path.append((int(found["type"]), wanted))
        options = found.get("options", [])
    if rest:
        raise PersonError(f"There is no subcommand {rest[0][:32]!r}.")
    return path, options


def fill(
    resolver: Resolver,
    body: Mapping[str, Any],
    words: Sequence[str],
    given: Mapping[str, Any],
    focused: str | None = None,
) -> Filled:
    """Return the options filled in. Raises PersonError for what Discord's client would not send.

    With `focused` the options are those of an autocomplete request: nothing is required or bounded yet.
    """
    path, known = subcommand(body, words)
    filled = Filled(path=path)
    names = {one["name"] for one in known}
    for name in given:
        if name not in names:
            raise PersonError(f"The command has no option {str(name)[:32]!r}.")
    if focused is not None and not any(one["name"] == focused and one.get("autocomplete") for one in known):
        raise PersonError(f"The option {focused[:32]!r} has no suggestions.")
    for option in known:
        name = option["name"]
        value = given.get(name)
        if name == focused:
            filled.options.append(_focused(option, value))
        elif value is None or value == "":
            if option.get("required") and focused is None:
                raise PersonError(f"The option {name!r} is required.")
        else:
            try:
                value = _value(resolver, option, value)
            except PersonError:
                if focused is None:
                    raise
                continue  # not finished yet
            filled.options.append({"name": name, "type": option["type"], "value": value})
    return filled


def _focused(option: dict[str, Any], value: Any) -> dict[str, Any]:
    """Return the option that is being typed: its text as it stands, whatever its type."""
    text = "" if value is None else str(value)[:6000]
    return {"name": option["name"], "type": option["type"], "value": text, "focused": True}


def _value(resolver: Resolver, option: dict[str, Any], value: Any) -> Any:
    kind = option["type"]
    if kind in (types.STRING, types.INTEGER, types.NUMBER):
        return _typed(option, value)
    if kind == types.BOOLEAN:
        if not isinstance(value, bool):
            raise PersonError(f"The option {option['name']!r} is true or false.")
        return value
    if kind == types.USER:
        return resolver.user(value)
    if kind == types.ROLE:
        return resolver.role(value)
    if kind == types.MENTIONABLE:
        return resolver.mentionable(value)
    if kind == types.CHANNEL:
        return resolver.channel(value, option.get("channel_types"))
    return resolver.attachment(value)


def _typed(option: dict[str, Any], value: Any) -> str | float:
    name = option["name"]
    typed: str | float
    if option["type"] == types.STRING:
        if not isinstance(value, str):
            raise PersonError(f"The option {name!r} is text.")
        typed = value
    else:
        typed = _number(name, value, whole=option["type"] == types.INTEGER)
    choices = option.get("choices")
    if choices:
        # A person sees and picks names; tests and pages may give the value itself.
        chosen = next((one["value"] for one in choices if typed in (one["value"], one["name"])), None)
        if chosen is None:
            raise PersonError(f"The option {name!r} has to be one of its choices.")
        return chosen  # type: ignore[no-any-return]  # a checked choice is text or a number
    size, what = (len(typed), "length") if isinstance(typed, str) else (typed, "value")
    low, high = option.get(f"min_{what}"), option.get(f"max_{what}")
    if (low is not None and size < low) or (high is not None and size > high) or (what == "length" and size > 6000):
        unit = " characters" if what == "length" else ""
        raise PersonError(f"The option {name!r} is {_range(low, high)}{unit}.")
    return typed


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"at most {high}"
    return f"at least {low}" if high is None else f"from {low} to {high}"


def _number(name: str, value: Any, *, whole: bool) -> float:
    words = f"The option {name!r} is a {'whole ' if whole else ''}number."
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise PersonError(words)
    try:
        found = int(value) if whole and not isinstance(value, float) else float(value)
    except ValueError as error:
        raise PersonError(words) from error
    if isinstance(found, float) and not math.isfinite(found):
        raise PersonError(words)
    if whole and found != int(found):
        raise PersonError(words)
    if abs(found) > _SAFE_INT:
        raise PersonError(f"The option {name!r} is out of range.")
    return int(found) if whole else found
