"""What a text looks like: the same for letters that only their code points tell apart."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_UNSEEN: Final = dict.fromkeys(map(ord, "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"))
"""Letters and marks without width (Unicode, DerivedCoreProperties.txt, Default_Ignorable_Code_Point)."""
_RUN: Final = re.compile(r"[^\W_]+")
# Small letters of Cyrillic and Greek that look like Latin ones (Unicode Technical Standard 39, confusables.txt).
_CYRILLIC: Final = dict(zip("аеорсухіјѕԁԛԝѵһӏкмтвнг", "aeopcyxijsdqwvhlkmtbhr", strict=True))
_GREEK: Final = dict(zip("αορντυικεηχγβ", "aopvtuikenxyb", strict=True))
_LATIN: Final = dict(zip("ɑɡıſ", "agis", strict=True))
_FOLDED: Final = {ord(char): like for char, like in (_CYRILLIC | _GREEK | _LATIN).items()} | _UNSEEN
_STROKES: Final = {ord("i"): "l", ord("1"): "l", ord("0"): "o"}


def visible(text: str) -> str:
    """Return a text without the characters that nobody sees; a joiner stays, since emoji need it."""
    seen = text.translate(_UNSEEN)
    return "".join(char for char in seen if char == "\u200d" or unicodedata.category(char)[0] != "C")


def letters_of(text: str, most: int) -> str:
    """Return the first letters and digits of a text, about ``most``, as they look: without case and accents."""
    letters = ""
    for run in _RUN.finditer(text):
        letters += run[0].translate(_UNSEEN)[:most]
        if len(letters) >= most:
            break
    plain = unicodedata.normalize("NFKD", letters[:most]).casefold().translate(_FOLDED)
    return "".join(filter(str.isalnum, plain))


def looks_of(name: str) -> str:
    """Return what names have in common that can hardly be told apart by eye."""
    seen = unicodedata.normalize("NFKC", visible(name).replace("\u200d", ""))
    return " ".join(seen.casefold().translate(_FOLDED).translate(_STROKES).split())
