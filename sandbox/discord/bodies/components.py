"""Message components of both generations: checked by Discord's rules, in the form in which Discord returns them.

Source: Discord's documentation, "Component Reference", and the limits of its published specification.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

from sandbox.discord.protocol import limits
from sandbox.discord.protocol.forms import Fields

ROW, BUTTON, STRING_SELECT, TEXT_INPUT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = range(1, 9)
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR = range(9, 15)
CONTAINER: Final = 17
SELECTS: Final = (STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT)
LINK_STYLE, PREMIUM_STYLE = 5, 6
_BLOCKS: Final = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR)
_MEDIA_SCHEMES: Final = ("http", "https", "attachment")
_MAX_ID: Final = 2**31 - 1


class Builder:
    """Checks the components of one message or modal, and counts what is counted over all of them."""

    def __init__(self) -> None:
        self.total = 0
        self._custom_ids: set[str] = set()
        self._ids: set[int] = set()
        self._next_id = 0
        self._texts = 0

    def of_type(self, one: Fields, allowed: Collection[int]) -> dict[str, Any] | None:
        """Return a component whose type is one of `allowed`, None where it is not."""
        kind = one.integer("type", required=True)
        if kind is None or kind not in allowed:
            if kind is not None:
                shown = ", ".join(str(one) for one in allowed)
                one.fault("type", "UNION_TYPE_CHOICES", f'Value of field "type" must be one of ({shown}).')
            return None
        self.total += 1
        head = {"type": kind, "id": self.take_id(one)}
        return head | _BUILD[kind](self, one)

    def take_id(self, one: Fields) -> int:
        """Return the number of a component within its message: its own, or the next free one."""
        found = one.integer("id", low=0, high=_MAX_ID)
        if found and found in self._ids:
            one.fault("id", "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
        if not found:
            self._next_id += 1
            while self._next_id in self._ids:
                self._next_id += 1
            found = self._next_id
        self._ids.add(found)
        return found

    def custom_id(self, one: Fields) -> str | None:
        """Return the custom_id, which no other component of the message may have."""
        found = one.string("custom_id", low=1, high=100, required=True)
        if found is not None:
            if found in self._custom_ids:
                one.fault("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
            self._custom_ids.add(found)
        return found

    def list_of(self, one: Fields, allowed: Collection[int], *, low: int, high: int) -> list[dict[str, Any]]:
        """Return the children of a component, all of the types `allowed`."""
        children = one.children("components", low=low, high=high, required=True)
        found = [self.of_type(child, allowed) for child in children]
        return [child for child in found if child is not None]

    def row(self, one: Fields) -> dict[str, Any]:
        """Return what an action row holds: up to five buttons, or one select."""
        children = self.list_of(one, (BUTTON, *SELECTS), low=1, high=5)
        if len(children) > 1 and any(child["type"] in SELECTS for child in children):
            one.fault(
                "components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width"
            )
        return {"components": children}

    def button(self, one: Fields) -> dict[str, Any]:
        """Return a button: custom_id or, for a link, url; a label or an emoji."""
        style = one.choice("style", range(1, 7), required=True)
        found: dict[str, Any] = {"style": style, "label": one.string("label", high=80), "emoji": _emoji(one)}
        if one.boolean("disabled"):
            found["disabled"] = True
        if style == LINK_STYLE:
            found["url"] = one.url("url", high=512, schemes=("http", "https", "discord"), required=True)
            if one.data.get("custom_id") is not None:
                words = "A custom id and url cannot both be specified"
                one.fault("custom_id", "BUTTON_COMPONENT_CUSTOM_ID_AND_URL", words)
        elif style == PREMIUM_STYLE:
            found["sku_id"] = str(one.snowflake("sku_id", required=True))
        elif style is not None:
            found["custom_id"] = self.custom_id(one)
            if one.data.get("url") is not None:
                one.fault("url", "BUTTON_COMPONENT_CUSTOM_ID_AND_URL", "A custom id and url cannot both be specified")
        if style != PREMIUM_STYLE and not found["label"] and not found["emoji"]:
            one.fault("label", "BUTTON_COMPONENT_REQUIRES_LABEL_OR_EMOJI", "A button must have a label or an emoji")
        return _present(found)

    def select(self, one: Fields) -> dict[str, Any]:
        """Return a select menu of any kind."""
        found: dict[str, Any] = {
            "custom_id": self.custom_id(one),
            "placeholder": one.string("placeholder", high=150),
        }
        found |= value_bounds(one, 25)
        if one.boolean("disabled"):
            found["disabled"] = True
        if "required" in one:
            found["required"] = one.boolean("required", default=True)
        if one.data.get("type") == STRING_SELECT:
            found["options"] = select_options(one, high=25)
            _check_defaults(one, found)
        elif one.data.get("default_values") is not None:
            found["default_values"] = [
                {"id": str(value.snowflake("id", required=True)), "type": value.string("type", high=10, required=True)}
                for value in one.children("default_values", high=25)
            ]
        if one.data.get("type") == CHANNEL_SELECT and one.data.get("channel_types") is not None:
            found["channel_types"] = [
                kind for kind in one.items("channel_types", high=25) or [] if isinstance(kind, int)
            ]
        return _present(found)

    def section(self, one: Fields) -> dict[str, Any]:
        """Return a section: up to three texts beside a button or a thumbnail."""
        texts = self.list_of(one, (TEXT,), low=1, high=3)
        accessory = one.child("accessory", required=True)
        return {
            "components": texts,
            "accessory": None if accessory is None else self.of_type(accessory, (BUTTON, THUMBNAIL)),
        }

    def text(self, one: Fields) -> dict[str, Any]:
        """Return a text display; all of a message together hold 4,000 characters."""
        content = one.string("content", low=1, high=limits.V2_TEXT_CHARS, required=True)
        self._texts += len(content or "")
        if self._texts > limits.V2_TEXT_CHARS:
            words = f"Component displayable text size exceeds maximum size of {limits.V2_TEXT_CHARS}"
            one.fault("content", "COMPONENT_TEXT_SIZE_EXCEEDED", words)
        return {"content": content}

    def thumbnail(self, one: Fields) -> dict[str, Any]:
        """Return a thumbnail."""
        return _medium(one)

    def gallery(self, one: Fields) -> dict[str, Any]:
        """Return a gallery of one to ten media."""
        return {"items": [_medium(item) for item in one.children("items", low=1, high=10, required=True)]}

    def file(self, one: Fields) -> dict[str, Any]:
        """Return a file, which must be one of the message's attachments."""
        file = one.child("file", required=True)
        url = None if file is None else file.url("url", high=2048, schemes=("attachment",), required=True)
        name = None if url is None else url.removeprefix("attachment://")
        return {"file": _media(url), "name": name, "size": None, "spoiler": one.boolean("spoiler")}

    def separator(self, one: Fields) -> dict[str, Any]:
        """Return a separator."""
        return {"spacing": one.choice("spacing", (1, 2)) or 1, "divider": one.boolean("divider", default=True)}

    def container(self, one: Fields) -> dict[str, Any]:
        """Return a container and what is in it."""
        return {
            "accent_color": one.integer("accent_color", low=0, high=0xFFFFFF),
            "spoiler": one.boolean("spoiler"),
            "components": self.list_of(one, _BLOCKS, low=1, high=limits.V2_COMPONENTS),
        }


_BUILD: Final[dict[int, Callable[[Builder, Fields], dict[str, Any]]]] = {
    ROW: Builder.row,
    BUTTON: Builder.button,
    SECTION: Builder.section,
    TEXT: Builder.text,
    THUMBNAIL: Builder.thumbnail,
    GALLERY: Builder.gallery,
    FILE: Builder.file,
    SEPARATOR: Builder.separator,
    CONTAINER: Builder.container,
} | dict.fromkeys(SELECTS, Builder.select)


def parse_components(fields: Fields, *, v2: bool) -> list[dict[str, Any]] | None:
    """Return the components of a body, None if it names none. Without `v2` only action rows are allowed."""
    if fields.data.get("components") is None:
        return None
    builder = Builder()
    high = limits.V2_COMPONENTS if v2 else limits.COMPONENT_ROWS
    allowed = (*_BLOCKS, CONTAINER) if v2 else (ROW,)
    found = [builder.of_type(one, allowed) for one in fields.children("components", high=high)]
    if builder.total > limits.V2_COMPONENTS:
        words = f"Total number of components exceeds {limits.V2_COMPONENTS}"
        fields.fault("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", words)
    return [one for one in found if one is not None]


def value_bounds(one: Fields, high: int) -> dict[str, Any]:
    """Return `min_values` and `max_values`, one each by default."""
    low_values = one.integer("min_values", low=0, high=high)
    high_values = one.integer("max_values", low=1, high=high)
    found = {"min_values": 1 if low_values is None else low_values, "max_values": high_values or 1}
    if found["min_values"] > found["max_values"]:
        one.fault("min_values", "BASE_TYPE_BAD_RANGE", "min_values must not be greater than max_values")
    return found


def select_options(one: Fields, *, high: int, emoji: bool = True) -> list[dict[str, Any]]:
    """Return the options of a string select, a radio group or a checkbox group; their values must differ."""
    options = []
    values: set[str] = set()
    for option in one.children("options", low=1, high=high, required=True):
        value = option.string("value", low=1, high=100, required=True)
        if value is not None and value in values:
            option.fault(
                "value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used"
            )
        values.add(value or "")
        options.append(
            _present(
                {
                    "label": option.string("label", low=1, high=100, required=True),
                    "value": value,
                    "description": option.string("description", high=100),
                    "emoji": _emoji(option) if emoji else None,
                    "default": option.boolean("default"),
                }
            )
        )
    return options


def _check_defaults(one: Fields, found: dict[str, Any]) -> None:
    if sum(option["default"] for option in found["options"]) > found["max_values"]:
        words = "The number of default values must not be greater than max_values"
        one.fault("options", "SELECT_COMPONENT_TOO_MANY_DEFAULTS", words)
    if found["max_values"] > len(found["options"]) > 0:
        words = f"int value should be less than or equal to {len(found['options'])}."
        one.fault("max_values", "NUMBER_TYPE_MAX", words)


def _emoji(one: Fields) -> dict[str, Any] | None:
    emoji = one.child("emoji")
    if emoji is None:
        return None
    emoji_id = emoji.snowflake("id")
    name = emoji.string("name", high=32)
    if emoji_id is None and not name:
        emoji.fault("name", "BUTTON_COMPONENT_INVALID_EMOJI", "Invalid emoji")
        return None
    found: dict[str, Any] = {"name": name or ""}
    if emoji_id is not None:
        found |= {"id": str(emoji_id), "animated": emoji.boolean("animated")}
    return found


def _medium(one: Fields) -> dict[str, Any]:
    media = one.child("media", required=True)
    url = None if media is None else media.url("url", high=2048, schemes=_MEDIA_SCHEMES, required=True)
    return {
        "media": _media(url),
        "description": one.string("description", low=1, high=limits.ALT_TEXT_CHARS),
        "spoiler": one.boolean("spoiler"),
    }


def _media(url: str | None) -> dict[str, Any]:
    """Return a medium as Discord returns it. Its id is that of the unfurling, of which the sandbox does none."""
    address = url or ""
    return {"id": "0", "url": address, "proxy_url": address, "width": None, "height": None, "content_type": None}


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
