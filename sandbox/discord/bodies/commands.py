"""What Discord requires of an application command, and the form in which it returns one.

Source: Discord's documentation, "Application Commands" (naming, options, limits), and its published specification.
"""

from __future__ import annotations

import unicodedata
from typing import Any, Final

from sandbox.discord.protocol import limits
from sandbox.discord.protocol.forms import Fields, Form
from sandbox.discord.protocol.option_types import CHANNEL, INTEGER, NUMBER, STRING, SUB_COMMAND, SUB_COMMAND_GROUP

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
# fmt: off
LOCALES: Final = frozenset({
    "ar", "bg", "cs", "da", "de", "el", "en-GB", "en-US", "es-419", "es-ES", "fi", "fr", "he", "hi", "hr", "hu", "id",
    "it", "ja", "ko", "lt", "nl", "no", "pl", "pt-BR", "ro", "ru", "sv-SE", "th", "tr", "uk", "vi", "zh-CN", "zh-TW",
})
# fmt: on
_OPTIONS: Final = 25
_TOTAL_CHARS: Final = 8_000
_SAFE_INT: Final = 2**53
_PERMISSIONS_MAX: Final = 2**63 - 1


def valid_name(name: str) -> bool:
    """Tell whether a slash command or option may have a name: letters, digits, `-`, `_`, `'`; lower case; 1–32."""
    return 1 <= len(name) <= 32 and name == name.lower() and all(_name_char(char) for char in name)


def _name_char(char: str) -> bool:
    # Devanagari and Thai need their combining marks; elsewhere only letters and digits are allowed.
    marked = "\u0900" <= char <= "\u097f" or "\u0e00" <= char <= "\u0e7f"
    return char in "-_'" or unicodedata.category(char)[0] in "LN" or marked


def parse_command(fields: Fields, *, before: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a command in Discord's form, without its ids; `before` is what an edit starts from.

    Faults are left in the form; the caller checks it.
    """
    if before is not None:
        merged = before | {key: value for key, value in fields.data.items() if key != "type"}
        fields = Fields(fields.form, merged, fields.path)
    kind = CHAT_INPUT if fields.data.get("type") is None else fields.choice("type", (CHAT_INPUT, USER, MESSAGE))
    slash = kind == CHAT_INPUT
    name = _name(fields, slash=slash)
    description = fields.string("description", low=1, high=100, required=True) if slash else ""
    if not slash and fields.data.get("description"):
        words = "Context menu commands cannot have a description"
        fields.fault("description", "APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED", words)
    found: dict[str, Any] = {
        "type": kind,
        "name": name,
        "name_localizations": _localizations(fields, "name_localizations", names=slash, high=32),
        "description": description,
        "description_localizations": _localizations(fields, "description_localizations", names=False, high=100),
        "default_member_permissions": _permissions(fields),
        "nsfw": fields.boolean("nsfw"),
        "integration_types": _numbers(fields, "integration_types", (0, 1), [0]),
        "contexts": _numbers(fields, "contexts", (0, 1, 2), None),
    }
    found["dm_permission"] = fields.boolean("dm_permission", default=True)
    if found["contexts"] is None:
        found["contexts"] = [0, 1, 2] if found["dm_permission"] else [0]
    if fields.data.get("options"):
        if slash:
            found["options"] = _options(fields, depth=0)
        else:
            words = "Context menu commands cannot have options"
            fields.fault("options", "APPLICATION_COMMAND_OPTIONS_NOT_ALLOWED", words)
    if _chars(found) > _TOTAL_CHARS:
        words = f"Command exceeds maximum size ({_TOTAL_CHARS})"
        fields.form.add(fields.path, "APPLICATION_COMMAND_TOO_LARGE", words)
    return found


def _name(fields: Fields, *, slash: bool) -> str | None:
    name = fields.string("name", low=1, high=32, required=True)
    if name is not None and slash and not valid_name(name):
        fields.fault("name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    if name is not None and not slash and not name.strip():
        fields.fault("name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    return name


def _localizations(fields: Fields, key: str, *, names: bool, high: int) -> dict[str, str] | None:
    texts = fields.child(key)
    if texts is None:
        return None
    found = {}
    for locale in texts.data:
        if locale not in LOCALES:
            texts.fault(locale[:20], "BASE_TYPE_CHOICES", "Value must be one of the locales that Discord has.")
            continue
        text = texts.string(locale, low=1, high=high)
        if text is not None and names and not valid_name(text):
            texts.fault(locale, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
        if text is not None:
            found[locale] = text
    return found


def _permissions(fields: Fields) -> str | None:
    value = fields.integer("default_member_permissions", low=0, high=_PERMISSIONS_MAX)
    return None if value is None else str(value)


def _numbers(fields: Fields, key: str, allowed: tuple[int, ...], default: list[int] | None) -> list[int] | None:
    values = fields.items(key, high=len(allowed))
    if values is None:
        return default
    if any(isinstance(one, bool) or one not in allowed for one in values) or not values:
        fields.fault(key, "BASE_TYPE_CHOICES", f"Values must be among {allowed}.")
    return [one for one in values if one in allowed]


def _options(fields: Fields, *, depth: int) -> list[dict[str, Any]]:
    """Return the options of a command (`depth` 0), of a group (1) or of a subcommand (2)."""
    children = fields.children("options", high=_OPTIONS)
    found = [_option(one, depth=depth) for one in children]
    names: set[str] = set()
    optional = False
    nested = {one["type"] in (SUB_COMMAND, SUB_COMMAND_GROUP) for one in found}
    if len(nested) > 1:
        words = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        fields.fault("options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", words)
    for field, one in zip(children, found, strict=True):
        if one["name"] in names:
            field.fault("name", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
        names.add(one["name"])
        if one.get("required") and optional:
            words = "Required options must be placed before non-required options"
            field.fault("required", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", words)
        optional = optional or not one.get("required", False)
    return found


def _option(one: Fields, *, depth: int) -> dict[str, Any]:
    allowed = {
        0: range(1, 12),
        1: (SUB_COMMAND,),
        2: range(STRING, 12),
    }[depth]
    kind = one.choice("type", allowed, required=True) or STRING
    found: dict[str, Any] = {
        "type": kind,
        "name": _name(one, slash=True) or "",
        "name_localizations": _localizations(one, "name_localizations", names=True, high=32),
        "description": one.string("description", low=1, high=100, required=True),
        "description_localizations": _localizations(one, "description_localizations", names=False, high=100),
    }
    if kind in (SUB_COMMAND, SUB_COMMAND_GROUP):
        found["options"] = _options(one, depth=2 if kind == SUB_COMMAND else 1)
        return found
    found["required"] = one.boolean("required")
    if kind == STRING:
        found |= _bounds(one, "length", 0, 6000)
    if kind in (INTEGER, NUMBER):
        found |= _bounds(one, "value", -_SAFE_INT, _SAFE_INT, whole=kind == INTEGER)
    if kind in (STRING, INTEGER, NUMBER):
        found |= _choices(one, kind)
    if kind == CHANNEL and one.data.get("channel_types") is not None:
        values = one.items("channel_types", high=20) or []
        found["channel_types"] = [value for value in values if isinstance(value, int)]
    return found


def _bounds(one: Fields, what: str, low: int, high: int, *, whole: bool = True) -> dict[str, Any]:
    keys = (f"min_{what}", f"max_{what}")
    read = one.integer if whole else one.number
    values = [read(key, low=low, high=high) for key in keys]
    if values[0] is not None and values[1] is not None and values[0] > values[1]:
        one.fault(keys[0], "BASE_TYPE_BAD_RANGE", f"{keys[0]} must not be greater than {keys[1]}")
    return {key: value for key, value in zip(keys, values, strict=True) if value is not None}


def _choices(one: Fields, kind: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if one.boolean("autocomplete"):
        found["autocomplete"] = True
    if not one.data.get("choices"):
        return found
    if "autocomplete" in found:
        words = "Autocomplete cannot be used with choices"
        one.fault("autocomplete", "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE", words)
    found["choices"] = [parse_choice(choice, kind) for choice in one.children("choices", high=limits.CHOICES)]
    if len({choice["name"] for choice in found["choices"]}) < len(found["choices"]):
        words = "Option choice name already exists"
        one.fault("choices", "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_EXISTS", words)
    return found


def parse_choice(choice: Fields, kind: int) -> dict[str, Any]:
    """Return a choice of an option of type `kind`: of a command, or of an autocomplete answer."""
    value: str | float | None
    if kind == STRING:
        raw = choice.data.get("value")
        value = choice.string("value", low=1, high=100, required=True)
        if raw is not None and not isinstance(raw, str):
            choice.fault("value", "STRING_TYPE_CONVERT", "The value of a string option's choice must be a string.")
    elif kind == INTEGER:
        value = choice.integer("value", low=-_SAFE_INT, high=_SAFE_INT, required=True)
    else:
        value = choice.number("value", low=-_SAFE_INT, high=_SAFE_INT)
    return {
        "name": choice.string("name", low=1, high=100, required=True),
        "name_localizations": _localizations(choice, "name_localizations", names=False, high=100),
        "value": value,
    }


def _chars(node: Any) -> int:
    """Return the characters of names, descriptions and values, which count towards the limit of a command."""
    if isinstance(node, list):
        return sum(_chars(one) for one in node)
    if not isinstance(node, dict):
        return 0
    own = sum(len(node[key]) for key in ("name", "description", "value") if isinstance(node.get(key), str))
    return own + _chars(node.get("options")) + _chars(node.get("choices"))


def checked_command(data: object, *, before: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a command in Discord's form. Raises 50035 with all faults."""
    form = Form()
    found = parse_command(Fields(form, data), before=before)
    form.check()
    return found
