"""Deltas that hold the whole text so far, and texts that only look like it."""

from __future__ import annotations

from tests.integration.answers.case import Case, both
from tests.integration.answers.writing import deltas, events


def told(name: str, *pieces: str, text: str) -> list[Case]:
    """Make a case for both endpoints."""
    return both(
        Case(name=name, answers=(events(*deltas(*pieces)),), text=text),
        events(*deltas(*pieces, fusion=True)),
    )


_GROWING = ("Hello", "Hello there", "Hello there, friend.", "Hello there, friend. How are you?")
REPEATS = [
    *told("every delta holds all before", *_GROWING, text=_GROWING[-1]),
    *told("every delta holds all before, from one letter on", "H", "He", "Hel", "Hello", "Hello.", text="Hello."),
    *told("every delta holds all before, in Chinese", "你", "你好", "你好，世界", "你好，世界。", text="你好，世界。"),
    *told("and the last comes once more", *_GROWING, _GROWING[-1], text=_GROWING[-1]),
    *told("laughter", "ha", "ha", "ha", "haha!", text="hahahahaha!"),
    *told("the same word twice", "no ", "no ", "never", text="no no never"),
    *told("a number that grows", "1", "10", " and ", "100", text="110 and 100"),
    *told("lines that begin alike", "- a\n", "- a and b\n", "- c\n", text="- a\n- a and b\n- c"),
]
