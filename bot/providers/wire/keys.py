"""Keys of the endpoints, fit to go into a header."""

from __future__ import annotations

from bot.config import Secret


def read_key(value: str) -> Secret:
    """Wrap a key; white space around it is dropped.

    Raises ``ValueError`` (without the value) where it holds control characters: they would end the header.
    """
    cleaned = value.strip()
    if any(ord(char) < 32 or ord(char) == 127 for char in cleaned):
        raise ValueError("a key must not hold control characters")
    return Secret(cleaned)
