"""Where text may be cut without tearing a character, and how long it is for Discord."""

from __future__ import annotations

import unicodedata

_ZWJ = "\u200d"
_JOINING = frozenset("\u200c\u200d\uff9e\uff9f")
_PREPENDED = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e")
_VIRAMA = 9
"""The canonical combining class of the signs that join two consonants of an Indic script."""


def units(text: str) -> int:
    """Count UTF-16 code units.

    Discord's service counts code points (Discord's staff in discord-api-docs issue 1315), its JavaScript clients count
    UTF-16 units; the units are never fewer, so that what keeps to them keeps to both.
    """
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def whole_characters(text: str) -> str:
    """Join surrogate halves that stand side by side; a half that stands alone becomes U+FFFD."""
    if not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def is_boundary(text: str, at: int) -> bool:
    """Tell whether ``text`` may be cut before index ``at`` without tearing a grapheme cluster.

    After Unicode Standard Annex 29, section 3.1, with Python's own character data: it never cuts inside what the annex
    keeps together, except that an emoji's parts are told by their joiners alone, and keeps a little more together
    (whatever but white space follows a joiner). Looks back over a run of flags only.
    """
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if before < "\u0300" and after < "\u0300":
        return not (before == "\r" and after == "\n")
    if before in "\r\n" or after in "\r\n":
        return True
    if after in _JOINING or "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return False
    if unicodedata.category(after)[0] == "M" or before in _PREPENDED or (before == _ZWJ and not after.isspace()):
        return False
    if unicodedata.combining(before) == _VIRAMA and unicodedata.category(after) == "Lo":
        return False
    if _is_flag_half(before) and _is_flag_half(after):
        start = at - 1
        while start > 0 and _is_flag_half(text[start - 1]):
            start -= 1
        return (at - start) % 2 == 0
    return not _hangul_joins(before, after)


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _hangul_joins(before: str, after: str) -> bool:
    first, second = _hangul(before), _hangul(after)
    return (
        (first == "L" and second in ("L", "V", "LV", "LVT"))
        or (first in ("LV", "V") and second in ("V", "T"))
        or (first in ("LVT", "T") and second == "T")
    )


def _hangul(char: str) -> str:
    """Name the type of a Hangul syllable or part of one, empty for everything else."""
    if "\u1100" <= char <= "\u115f" or "\ua960" <= char <= "\ua97c":
        return "L"
    if "\u1160" <= char <= "\u11a7" or "\ud7b0" <= char <= "\ud7c6":
        return "V"
    if "\u11a8" <= char <= "\u11ff" or "\ud7cb" <= char <= "\ud7fb":
        return "T"
    if "\uac00" <= char <= "\ud7a3":
        return "LV" if (ord(char) - 0xAC00) % 28 == 0 else "LVT"
    return ""


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
