"""What users are called in a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from bot.domain.chat.lookalikes import letters_of, looks_of, visible
from bot.domain.page.graphemes import clip

MAX_NAME_CHARS = 32
"""Discord's own limit on display names and nicknames."""

NAMES_KEPT = 1024
"""Names that are cleaned once: a conversation asks for each of its speakers at every question, some twice a message."""

_MARKS = str.maketrans(dict.fromkeys(":：﹕꞉ː∶︓[]［］【】〔〕〖〗⟦⟧❲❳<>＜＞|｜`｀\u2800", " "))
"""What ends a label or is a mark of the prompt's own, and what looks like that."""

_RESERVED = frozenset(
    looks_of(word)
    for word in (
        *("assistant", "system", "user", "bot", "model", "human", "ai", "you", "yourself"),
        *("助手", "助理", "系统", "用户", "机器人", "模型", "人类", "人工智能", "你", "您", "你自己"),
    )
)
_ASSISTANT = tuple(looks_of(word) for word in ("assistant", "助手", "助理"))
"""What no name has in it without being marked, whatever is around it."""


def names_of(people: Mapping[int, str]) -> dict[int, str]:
    """Give each of these people, by id, a name of their own: cleaned, and numbered if another's looks the same."""
    names: dict[int, str] = {}
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    for person, name in people.items():
        unique = base = speaker_name(name)
        looks = alike = looks_of(base)
        while looks in taken:
            number = numbers[alike] = numbers.get(alike, 1) + 1
            unique = f"{base} ({number})"
            looks = looks_of(unique)
        taken.add(looks)
        names[person] = unique
    return names


@lru_cache(maxsize=NAMES_KEPT)
def speaker_name(name: str) -> str:
    """Clean a display name so that it can't be taken for anything but a name.

    One line without control or format characters, colons and brackets, at most ``MAX_NAME_CHARS`` long; a name that is
    a role's or the model's own, in whatever letters, is marked as a user's.
    """
    spaced = "".join(" " if char.isspace() else char for char in name.translate(_MARKS))
    cleaned = clip(" ".join(visible(spaced).split()), MAX_NAME_CHARS)
    if not cleaned.strip("\u200d"):
        return "Someone"
    plain = looks_of(letters_of(cleaned, 2 * MAX_NAME_CHARS))
    is_marked = plain in _RESERVED or any(word in plain for word in _ASSISTANT)
    return f"{cleaned} (a person)" if is_marked else cleaned
