"""Where text may be cut without tearing a character, and how long it is for Discord."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

_HALVES = re.compile("[\ud800-\udfff]")


def units(text: str) -> int:
    """Count UTF-16 code units.

    Discord's service counts code points (Discord's staff in discord-api-docs issue 1315), its JavaScript clients count
    UTF-16 units; the units are never fewer, so that what keeps to them keeps to both.
    """
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def whole_characters(text: str) -> str:
    """Join surrogate halves that stand side by side; a half that stands alone becomes U+FFFD."""
    if text.isascii() or _HALVES.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def is_boundary(text: str, at: int) -> bool:
    """Tell whether ``text`` may be cut before index ``at`` without tearing a grapheme cluster.

    After Unicode Standard Annex 29, section 3.1.1 (extended grapheme clusters).
    """
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if before < "\u0300" and after < "\u0300":
        return not (before == "\r" and after == "\n")
    # What begins with the character before takes the one after too if they belong together; the rules look back by
    # themselves, and at no more than one character behind the place.
    found = _cluster()(text, at - 1, at + 1)
    return found is None or found.end() == at


@cache
def _cluster() -> Callable[[str, int, int], re.Match[str] | None]:
    """Load the rules when a text first needs them: at rest the bot does without their 1.5 MB."""
    import regex

    match: Callable[[str, int, int], re.Match[str] | None] = regex.compile(r"\X").match
    return match


def clip(text: str, limit: int, *, ellipsis: str = "…") -> str:
    """Shorten ``text`` to at most ``limit`` UTF-16 units, whole grapheme clusters and an ellipsis at the end.

    Text that fits comes back as it is. Where not even the ellipsis fits, the result is empty.
    """
    text = whole_characters(text)
    if units(text) <= limit:
        return text
    room = limit - units(ellipsis)
    if room < 0:
        return ""
    end = min(room, len(text))
    used = units(text[:end])
    while used > room:
        end -= 1
        used -= 2 if text[end] > "\uffff" else 1
    while end > 0 and not is_boundary(text, end):
        end -= 1
    return text[:end].rstrip() + ellipsis
