"""What users are called in a prompt."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from bot.domain.history.messages import HistoryMessage
from bot.domain.model.messages import Role
from bot.domain.page.graphemes import clip

MAX_NAME_CHARS = 32
"""Discord's own limit on display names and nicknames."""

NAMES_KEPT = 1024
"""Names that are cleaned once: a conversation asks for each of its speakers at every question, some twice a message."""

_RESERVED = frozenset({"assistant", "system", "user", "bot", "model", "human", "助手", "系统", "用户", "机器人"})


def labels_of(window: Sequence[HistoryMessage]) -> dict[int, str]:
    """Give each user what goes before their words; nothing where only one user speaks.

    A user is called by the newest name; people of the same name are numbered.
    """
    names = {one.author_id: speaker_name(one.author_name) for one in window if one.role is Role.USER}
    if len(names) < 2:
        return {}
    taken: set[str] = set()
    labels: dict[int, str] = {}
    for author_id, name in names.items():
        unique, number = name, 2
        while unique.casefold() in taken:
            unique = f"{name} ({number})"
            number += 1
        taken.add(unique.casefold())
        labels[author_id] = f"{unique}: "
    return labels


@lru_cache(maxsize=NAMES_KEPT)
def speaker_name(name: str) -> str:
    """Clean a display name so that it can't be taken for anything but a name.

    One line without control or format characters, colons and brackets, at most ``MAX_NAME_CHARS`` long; a name that is
    a role's, in whatever letters, is marked as a user's.
    """
    spaced = "".join(" " if char.isspace() or char in ":：[]<>|`" else char for char in name)
    kept = "".join(char for char in spaced if char == "\u200d" or unicodedata.category(char)[0] != "C")
    cleaned = clip(" ".join(kept.split()), MAX_NAME_CHARS)
    if not cleaned.strip("\u200d"):
        return "Someone"
    plain = "".join(char for char in unicodedata.normalize("NFKC", cleaned).casefold() if char.isalnum())
    return f"{cleaned} (a person)" if plain in _RESERVED else cleaned
