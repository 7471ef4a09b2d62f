"""Messages that a proxy says again for a person: PluralKit, Tupperbox and their like.

A proxy posts a person's message once more, through a webhook and under another name, without the tag that chose the
name, and deletes the person's own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

MOST_TAG_CHARS: Final = 120
"""What a proxy takes off a message at both ends together: a tag is a few characters, and seldom a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a message says, as it was typed: its text, and the names of its files."""

    id: int
    channel_id: int
    text: str
    files: tuple[str, ...] = ()


def repeats(repeat: Said, original: Said) -> bool:
    """Whether a message may be another one said again: the same, without a tag at either end.

    Files may be missing, since a webhook can't send as large ones, but none is added.
    """
    if repeat.channel_id != original.channel_id or Counter(repeat.files) - Counter(original.files):
        return False
    said, typed = _normal(repeat.text), _normal(original.text)
    if not said:
        return bool(repeat.files) and len(typed) <= MOST_TAG_CHARS
    return said in typed and len(typed) - len(said) <= MOST_TAG_CHARS


def _normal(text: str) -> str:
    return " ".join(text.replace("<@!", "<@").split())
