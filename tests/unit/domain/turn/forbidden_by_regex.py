"""Forbidden words as one large expression finds them: slow, and what the bot's own way is compared with."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_WITHOUT_SPACES = (
    "\u0e00-\u0eff"  # Thai and Lao
    "\u1100-\u11ff"  # Hangul parts
    "\u2e80-\u9fff"  # radicals, kana, ideographs
    "\ua960-\ua97f\uac00-\ud7ff"  # Hangul syllables
    "\uf900-\ufaff"  # compatibility ideographs
    "\U00020000-\U0003ffff"  # rare ideographs
)
"""Scripts whose words are not set apart by spaces (Hangul's take endings): a word of theirs is found anywhere."""
_DENSE = re.compile(f"[{_WITHOUT_SPACES}]")
_LETTER = rf"[^\W{_WITHOUT_SPACES}]"
"""A letter, digit or underscore that may be part of a word with spaces around it."""
_UNSEEN = re.compile(
    # What shows as nothing without being a format character (Unicode, Default_Ignorable_Code_Point) …
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
    # … and marks set over or through letters, as far as they are part of none.
    "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)


def has_forbidden_word(text: str, words: tuple[str, ...]) -> bool:
    """Whether one of the words is in a text, however it is written."""
    pattern = _pattern(words)
    return pattern is not None and pattern.search(_plain(text)) is not None


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    plain = filter(None, (_plain(word) for word in words))
    parts = [re.escape(word) if _DENSE.search(word) else _whole(word) for word in plain]
    return re.compile("|".join(parts)) if parts else None


def _whole(word: str) -> str:
    before = rf"(?<!{_LETTER})" if re.match(_LETTER, word) else ""
    after = rf"(?!{_LETTER})" if re.match(_LETTER, word[-1]) else ""
    return f"{before}{re.escape(word)}{after}"


def _plain(text: str) -> str:
    """Fold what looks the same: NFKC, case, accents as NFKC composes them; formatting and control characters go."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    visible = "".join(c if not c.isspace() else " " for c in folded if not _invisible(c))
    return " ".join(unicodedata.normalize("NFKC", visible).split())


def _invisible(character: str) -> bool:
    if character.isspace():
        return False
    # Format characters (zero-width ones, directions, soft hyphen), control, unassigned.
    return unicodedata.category(character) in {"Cf", "Cc", "Cn"} or _UNSEEN.match(character) is not None
