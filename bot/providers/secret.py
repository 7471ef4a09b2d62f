"""Keys that can't be printed by accident."""

from __future__ import annotations

from typing import Final


class Secret:
    """A key; ``repr``, ``str`` and formatting show stars, ``reveal`` gives it.

    Raises ``ValueError`` (without the value) where the key holds control characters: it goes into a header.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        cleaned = value.strip()
        if any(ord(char) < 32 or ord(char) == 127 for char in cleaned):
            raise ValueError("a key must not hold control characters")
        self.__value: Final = cleaned

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __format__(self, format_spec: str) -> str:
        return "***"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not serialised")

    def reveal(self) -> str:
        """Return the key, for the header or field that needs it and for nothing else."""
        return self.__value
