"""Languages: which one a person reads, and the catalogue of words for it (gettext; English is the source)."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path
from typing import Protocol

DOMAIN = "fusion_bot"
LOCALE_DIR = Path(__file__).parents[2] / "locale"
ENGLISH = "en"
CHINESE = "zh_CN"


def language(locale: str | None) -> str:
    """Choose the catalogue for a Discord locale such as ``zh-CN``; every Chinese one reads the same catalogue."""
    return CHINESE if locale is not None and locale.lower().startswith("zh") else ENGLISH


@cache
def catalogue(name: str) -> gettext.NullTranslations:
    """Load the words of ``ENGLISH`` or ``CHINESE``; raises ``FileNotFoundError`` where the package is damaged."""
    if name == ENGLISH:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, localedir=LOCALE_DIR, languages=[name])


class Say(Protocol):
    """Says a marked text in one reader's language."""

    def __call__(self, template: str, /, **values: str) -> str:
        """Return the text with its ``{places}`` filled in."""


def speaker(locale: str | None) -> Say:
    """Return what says marked texts to a reader with this locale."""
    words = catalogue(language(locale))

    def say(template: str, /, **values: str) -> str:
        return words.gettext(template).format(**values)

    return say


def mark(text: str) -> str:
    """Mark a text for the catalogue where it is only looked up later."""
    return text
