"""Languages: which one a user reads, and the catalogue of words for it.

A text is known by its id, such as ``error.authentication``. Each language, English too, has a catalogue (gettext) with
the text of each id.
"""

from __future__ import annotations

import gettext
import logging
import struct
from functools import cache
from pathlib import Path
from typing import Final, NewType, Protocol

logger = logging.getLogger(__name__)

DOMAIN = "fusion_bot"
LOCALE_DIR = Path(__file__).parents[2] / "locale"
ENGLISH = "en"
CHINESE = "zh_CN"
LANGUAGES: Final = (ENGLISH, CHINESE)

WordId = NewType("WordId", str)
"""The id of a text in the catalogues. A type of its own, so that mypy refuses a sentence in its place."""


def language(locale: str | None) -> str:
    """Choose the catalogue for a Discord locale such as ``zh-CN``; every Chinese one reads the same catalogue."""
    return CHINESE if locale is not None and locale.lower().startswith("zh") else ENGLISH


def load_catalogue(name: str, folder: Path = LOCALE_DIR) -> gettext.NullTranslations:
    """Load the words of a language from its file; raises ``OSError`` if that is missing or damaged."""
    try:
        return gettext.translation(DOMAIN, localedir=folder, languages=[name])
    except (struct.error, ValueError) as error:
        raise OSError(f"the catalogue of words is damaged: {name}") from error


@cache
def catalogue(name: str, folder: Path = LOCALE_DIR) -> gettext.NullTranslations:
    """Return the words of a language, English behind them; raises ``OSError`` only if the English ones can't be read.

    English stands in for a text that the language lacks, and for the whole language if its file can't be read.
    """
    if name == ENGLISH:
        return load_catalogue(ENGLISH, folder)
    english = catalogue(ENGLISH, folder)
    try:
        words = load_catalogue(name, folder)
    except OSError:
        logger.exception("the words of %s can't be read, English ones take their place", name)
        return english
    words.add_fallback(english)
    return words


class Say(Protocol):
    """Says a text of the catalogue in one reader's language."""

    def __call__(self, word: WordId, /, **values: str) -> str:
        """Return the text with its ``{places}`` filled in."""


def speaker(locale: str | None) -> Say:
    """Return what says texts to a reader with this locale."""
    words = catalogue(language(locale))

    def say(word: WordId, /, **values: str) -> str:
        return words.gettext(word).format(**values)

    return say


def mark(word: str) -> WordId:
    """Name a text by its id; ``make locale`` finds the ids in the code by this name."""
    return WordId(word)
