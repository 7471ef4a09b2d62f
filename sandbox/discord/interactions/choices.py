"""Selects and modals as a person answers them: what the client would not let through, and what the bot gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.discord.bodies.components import (
    CHANNEL_SELECT,
    ROLE_SELECT,
    ROW,
    SELECTS,
    STRING_SELECT,
    TEXT,
    TEXT_INPUT,
    USER_SELECT,
)
from sandbox.discord.bodies.modal import CHECKBOX, CHECKBOX_GROUP, FILE_UPLOAD, LABEL, RADIO_GROUP
from sandbox.discord.interactions.resolve import Resolver
from sandbox.discord.protocol.errors import PersonError


def fill_modal(resolver: Resolver, modal: Mapping[str, Any], fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the `components` of a modal's submission. Raises PersonError for a faulty or unknown field."""
    known = {one["custom_id"] for one in _inputs(modal)}
    for name in fields:
        if name not in known:
            raise PersonError(f"The form has no field {str(name)[:100]!r}.")
    found = []
    for block in modal["components"]:
        head = {"type": block["type"], "id": block["id"]}
        if block["type"] == ROW:
            head["components"] = [_answer(resolver, one, fields, "") for one in block["components"]]
        elif block["type"] == LABEL:
            head["component"] = _answer(resolver, block["component"], fields, block["label"])
        found.append(head)
    return found


def _inputs(modal: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for block in modal["components"]:
        if block["type"] == TEXT:
            continue
        found += block["components"] if block["type"] == ROW else [block["component"]]
    return found


def _answer(resolver: Resolver, one: dict[str, Any], fields: Mapping[str, Any], label: str) -> dict[str, Any]:
    kind = one["type"]
    name = label or one.get("label") or one["custom_id"]
    found = {"type": kind, "id": one["id"], "custom_id": one["custom_id"]}
    given = fields.get(one["custom_id"])
    if kind == TEXT_INPUT:
        return found | {"value": _text(one, name, given)}
    if kind == CHECKBOX:
        return found | {"value": one["default"] if given is None else _truth(name, given)}
    if kind == RADIO_GROUP:
        return found | {"value": _one_of(one, name, given)}
    values = _values(one, name, given)
    if kind in SELECTS:
        return found | {"values": choose(resolver, one, values)}
    if kind == CHECKBOX_GROUP:
        allowed = {option["value"] for option in one["options"]}
        if any(value not in allowed for value in values):
            raise PersonError(f"{name}: that is not one of the options.")
        return found | {"values": values}
    if kind == FILE_UPLOAD:
        return found | {"values": [resolver.attachment(value) for value in values]}
    raise TypeError(f"a modal cannot hold a component of type {kind}")


def _text(one: dict[str, Any], name: str, given: object) -> str:
    text = (one.get("value") or "") if given is None else given
    if not isinstance(text, str):
        raise PersonError(f"{name}: this is text.")
    low, high = one.get("min_length") or 0, one.get("max_length") or 4000
    if not text:
        if one["required"]:
            raise PersonError(f"{name}: this field is required.")
        return text
    if not low <= len(text) <= high:
        raise PersonError(f"{name}: {low} to {high} characters.")
    return text


def _truth(name: str, given: object) -> bool:
    if not isinstance(given, bool):
        raise PersonError(f"{name}: this is true or false.")
    return given


def _one_of(one: dict[str, Any], name: str, given: object) -> str | None:
    if given is None:
        given = next((option["value"] for option in one["options"] if option["default"]), None)
    if given is None:
        if one["required"]:
            raise PersonError(f"{name}: choose one.")
        return None
    if given not in {option["value"] for option in one["options"]}:
        raise PersonError(f"{name}: that is not one of the options.")
    return str(given)


def _values(one: dict[str, Any], name: str, given: object) -> list[Any]:
    if given is None:
        given = [option["value"] for option in one.get("options", []) if option["default"]]
    values = list(given) if isinstance(given, list | tuple) else [given]
    low = one["min_values"] if one["required"] else 0
    if not low <= len(values) <= one["max_values"]:
        raise PersonError(f"{name}: choose {low} to {one['max_values']}.")
    return values


def choose(resolver: Resolver, component: dict[str, Any], values: Sequence[object]) -> list[str]:
    """Return the values chosen in a select menu. Raises PersonError for too few, too many, or unknown ones."""
    low, high = component["min_values"], component["max_values"]
    if component.get("required") is False and not values:
        low = 0
    if not low <= len(values) <= high:
        raise PersonError(f"Choose {low} to {high}." if low < high else f"Choose {low}.")
    kind = component["type"]
    if kind == STRING_SELECT:
        known = {one["value"] for one in component["options"]}
        if any(value not in known for value in values) or len(set(values)) < len(values):
            raise PersonError("That is not one of the options.")
        return [str(value) for value in values]
    if kind == USER_SELECT:
        return [resolver.user(value) for value in values]
    if kind == ROLE_SELECT:
        return [resolver.role(value) for value in values]
    if kind == CHANNEL_SELECT:
        return [resolver.channel(value, component.get("channel_types")) for value in values]
    return [resolver.mentionable(value) for value in values]
