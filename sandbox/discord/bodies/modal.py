"""Modals: checked by Discord's rules, and filled in by people.

Source: Discord's documentation, "Component Reference" (label, text input, file upload, groups), and its specification.
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.discord.bodies.components import ROW, SELECTS, TEXT, TEXT_INPUT, Builder, select_options, value_bounds
from sandbox.discord.protocol.forms import Fields

LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 18, 19, 21, 22, 23
_LABELLED: Final = (TEXT_INPUT, *SELECTS, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX)
_ROWS: Final = 5


def parse_modal(fields: Fields) -> dict[str, Any]:
    """Return a modal in the form in which a person's client shows it; faults are left in the form."""
    builder = Builder()
    children = fields.children("components", low=1, high=_ROWS, required=True)
    found = [_block(builder, one) for one in children]
    return {
        "custom_id": fields.string("custom_id", low=1, high=100, required=True),
        "title": fields.string("title", low=1, high=45, required=True),
        "components": [one for one in found if one is not None],
    }


def _block(builder: Builder, one: Fields) -> dict[str, Any] | None:
    kind = one.choice("type", (ROW, LABEL, TEXT), required=True)
    if kind == TEXT:
        return builder.of_type(one, (TEXT,))
    head = {"type": kind, "id": builder.take_id(one)}
    if kind == ROW:
        inputs = [
            _input(builder, child, (TEXT_INPUT,), label=True) for child in one.children("components", low=1, high=1)
        ]
        return head | {"components": [child for child in inputs if child is not None]}
    if kind == LABEL:
        child = one.child("component", required=True)
        return head | {
            "label": one.string("label", low=1, high=45, required=True),
            "description": one.string("description", high=100),
            "component": None if child is None else _input(builder, child, _LABELLED, label=False),
        }
    return None


def _input(builder: Builder, one: Fields, allowed: tuple[int, ...], *, label: bool) -> dict[str, Any] | None:
    kind = one.choice("type", allowed, required=True)
    if kind is None:
        return None
    if kind in SELECTS:
        found = builder.of_type(one, SELECTS)
        return None if found is None else {"required": True} | found
    found = {"type": kind, "id": builder.take_id(one), "custom_id": builder.custom_id(one)}
    if kind == CHECKBOX:
        return found | {"default": one.boolean("default")}
    found["required"] = one.boolean("required", default=True)
    if kind == TEXT_INPUT:
        return found | _text_input(one, label=label)
    if kind == RADIO_GROUP:
        return found | {"options": select_options(one, high=10, emoji=False)}
    found |= value_bounds(one, 10)
    if kind == CHECKBOX_GROUP:
        found["options"] = select_options(one, high=10, emoji=False)
        if one.data.get("max_values") is None:
            found["max_values"] = max(1, len(found["options"]))
    return found


def _text_input(one: Fields, *, label: bool) -> dict[str, Any]:
    low = one.integer("min_length", low=0, high=4000)
    high = one.integer("max_length", low=1, high=4000)
    value = one.string("value", high=4000)
    if low is not None and high is not None and low > high:
        one.fault("min_length", "BASE_TYPE_BAD_RANGE", "min_length must not be greater than max_length")
    if value and not (low or 0) <= len(value) <= (high or 4000):
        one.fault("value", "BASE_TYPE_BAD_LENGTH", f"Must be between {low or 0} and {high or 4000} in length.")
    return {
        "style": one.choice("style", (1, 2), required=True),
        "label": one.string("label", low=1, high=45, required=label),
        "placeholder": one.string("placeholder", high=100),
        "value": value,
        "min_length": low,
        "max_length": high,
    }
