"""Reading a request's JSON field by field, with Discord's nested form errors (code 50035).

Discord reports every fault of a body at once, in an object that mirrors the body:
`{"errors": {"embeds": {"0": {"title": {"_errors": [{"code", "message"}]}}}}}`.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any, Final
from urllib.parse import urlsplit

from sandbox.discord.protocol.errors import DiscordError

Path = tuple[str | int, ...]
MAX_SNOWFLAKE: Final = 2**63 - 1
_SHOWN_CHARS: Final = 50


class Form:
    """Collects the faults of one body."""

    def __init__(self) -> None:
        self._errors: dict[str, Any] = {}

    def add(self, path: Path, code: str, message: str) -> None:
        """Record a fault of the field at `path`."""
        node = self._errors
        for part in path:
            node = node.setdefault(str(part), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def check(self) -> None:
        """Raise the collected faults as one `DiscordError` (400, 50035), if there are any."""
        if self._errors:
            raise DiscordError(400, 50035, "Invalid Form Body", self._errors)


def fail(path: Path, code: str, message: str) -> DiscordError:
    """Return the error of a body with this one fault."""
    form = Form()
    form.add(path, code, message)
    try:
        form.check()
    except DiscordError as error:
        return error
    raise AssertionError("a form with a fault passed its check")


class Fields:
    """One JSON object of a body. Readers return None or the default where the field is absent, null or faulty."""

    def __init__(self, form: Form, data: object, path: Path = ()) -> None:
        self.form = form
        self.path = path
        self.data: dict[str, Any] = {}
        if isinstance(data, dict):
            self.data = data
        else:
            form.add(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def fault(self, key: str, code: str, message: str) -> None:
        """Record a fault of one field."""
        self.form.add((*self.path, key), code, message)

    def _value(self, key: str, *, required: bool) -> Any:
        value = self.data.get(key)
        if value is None and required:
            self.fault(key, "BASE_TYPE_REQUIRED", "This field is required")
        return value

    def string(self, key: str, *, low: int = 0, high: int | None = None, required: bool = False) -> str | None:
        """Return the text, `low` to `high` characters long. Numbers are taken as text, as Discord does."""
        value = self._value(key, required=required)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            self.fault(key, "STRING_TYPE_CONVERT", f'Could not interpret "{str(value)[:_SHOWN_CHARS]}" as string.')
            return None
        if any("\ud800" <= c <= "\udfff" for c in value):
            self.fault(key, "STRING_TYPE_CONVERT", "Could not interpret a lone surrogate as string.")
            return None
        if required and low and not value:
            self.fault(key, "BASE_TYPE_REQUIRED", "This field is required")
        elif high is not None and len(value) > high and not low:
            self.fault(key, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")
        elif high is not None and not low <= len(value) <= high:
            self.fault(key, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        else:
            return value
        return None

    def integer(
        self, key: str, *, low: int | None = None, high: int | None = None, required: bool = False
    ) -> int | None:
        """Return the whole number, given as one or as its digits, within `low` and `high`."""
        value = self._value(key, required=required)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str) and value.lstrip("-").isdecimal() and value.isascii() and len(value) <= 20:
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            self.fault(key, "NUMBER_TYPE_COERCE", f'Value "{str(value)[:_SHOWN_CHARS]}" is not int.')
            return None
        return int(value) if self._within(key, value, low, high) else None

    def _within(self, key: str, value: float, low: float | None, high: float | None) -> bool:
        if low is not None and value < low:
            self.fault(key, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {low}.")
            return False
        if high is not None and value > high:
            self.fault(key, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.")
            return False
        return True

    def number(self, key: str, *, low: float | None = None, high: float | None = None) -> float | None:
        """Return the finite number within `low` and `high`."""
        value = self.data.get(key)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            self.fault(key, "NUMBER_TYPE_COERCE", f'Value "{str(value)[:_SHOWN_CHARS]}" is not float.')
            return None
        return value if self._within(key, value, low, high) else None

    def boolean(self, key: str, *, default: bool = False) -> bool:
        """Return the truth value; Discord takes nothing else for one."""
        value = self.data.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fault(key, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
            return default
        return value

    def snowflake(self, key: str, *, required: bool = False) -> int | None:
        """Return the id, given as digits or as a number."""
        value = self._value(key, required=required)
        if value is None:
            return None
        found = parse_snowflake(value)
        if found is None:
            self.fault(key, "NUMBER_TYPE_COERCE", f'Value "{str(value)[:_SHOWN_CHARS]}" is not snowflake.')
        return found

    def choice(self, key: str, allowed: Collection[int], *, required: bool = False) -> int | None:
        """Return the number, one of `allowed`."""
        value = self.integer(key, required=required)
        if value is not None and value not in allowed:
            shown = ", ".join(str(one) for one in sorted(allowed))
            self.fault(key, "BASE_TYPE_CHOICES", f"Value must be one of {{{shown}}}.")
            return None
        return value

    def items(self, key: str, *, low: int = 0, high: int, required: bool = False) -> list[Any] | None:
        """Return the list, of `low` to `high` elements."""
        value = self._value(key, required=required)
        if value is None:
            return None
        if not isinstance(value, list):
            self.fault(key, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return None
        if not low <= len(value) <= high:
            words = f"Must be between {low} and {high} in length." if low else f"Must be {high} or fewer in length."
            self.fault(key, "BASE_TYPE_BAD_LENGTH" if low else "BASE_TYPE_MAX_LENGTH", words)
            return None
        return value

    def snowflakes(self, key: str, *, high: int) -> list[int] | None:
        """Return the list of ids, of at most `high`."""
        found = [parse_snowflake(one) for one in self.items(key, high=high) or []]
        if None in found:
            self.fault(key, "NUMBER_TYPE_COERCE", "Value is not snowflake.")
        return [one for one in found if one is not None] if key in self else None

    def child(self, key: str, *, required: bool = False) -> Fields | None:
        """Return the fields of the object at `key`."""
        value = self._value(key, required=required)
        return None if value is None else Fields(self.form, value, (*self.path, key))

    def children(self, key: str, *, low: int = 0, high: int, required: bool = False) -> list[Fields]:
        """Return the fields of each object of the list at `key`."""
        found = self.items(key, low=low, high=high, required=required) or []
        return [Fields(self.form, one, (*self.path, key, index)) for index, one in enumerate(found)]

    def url(
        self, key: str, *, high: int, schemes: Collection[str] = ("http", "https"), required: bool = False
    ) -> str | None:
        """Return the address, whose scheme is one of `schemes`."""
        value = self.string(key, low=1 if required else 0, high=high, required=required)
        if not value:
            return None
        try:
            parts = urlsplit(value)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in schemes:
            shown = ", ".join(f"'{one}'" for one in schemes)
            self.fault(key, "URL_TYPE_INVALID_SCHEME", f'Scheme "{parts.scheme}" must be one of ({shown}).')
            return None
        if not parts.netloc:
            self.fault(key, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
            return None
        return value


def parse_snowflake(value: object) -> int | None:
    """Return the id that a path, query or body names, or None if it is none."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SNOWFLAKE:
        return None
    return value
