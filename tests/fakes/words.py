"""What the bot says, by the ids of its words, so that no sentence stands in a test."""

from __future__ import annotations

import re
from functools import cache
from string import Formatter

from bot.errors import ErrorKind
from bot.presentation.words.languages import language, load_catalogue


def worded(word: str, /, **values: object) -> str:
    """Return the English text of an id with its places filled in; fails unless ``values`` are exactly the places."""
    return worded_in("en-US", word, **values)


def worded_in(locale: str, word: str, /, **values: object) -> str:
    """Return the same for a reader with this locale."""
    text = text_of(word, language(locale))
    assert values.keys() == places(text), f"{word} has {sorted(places(text))}, not {sorted(values)}"
    return text.format(**values)


def wording(word: str, /, **values: object) -> re.Pattern[str]:
    """Return what finds the English text of an id, with anything in the places that ``values`` does not name."""
    text = text_of(word)
    assert values.keys() <= places(text), f"{word} has {sorted(places(text))}, not {sorted(values)}"
    parts = (
        re.escape(before) + ("" if name is None else re.escape(str(values[name])) if name in values else ".+?")
        for before, name, _, _ in Formatter().parse(text)
    )
    return re.compile("".join(parts), re.DOTALL)


@cache
def text_of(word: str, name: str = "en") -> str:
    """Return the text of an id as it stands in a language's catalogue, with its places open."""
    text = load_catalogue(name).gettext(word)
    assert text != word, f"there is no text with the id {word}"
    return text


def places(text: str) -> set[str]:
    """Return the names of the places that a text leaves open."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def tells(content: str, kind: ErrorKind) -> bool:
    """Whether a text tells an error of this kind; that of a refused field may name the setting."""
    words = [f"error.{kind}", *(["error.refused_setting"] if kind is ErrorKind.REFUSED_PARAMETER else [])]
    return any(wording(word).search(content) for word in words)
