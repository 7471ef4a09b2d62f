"""Values of settings for tests: those that a kind takes, and what it refuses."""

from __future__ import annotations

import math
from typing import assert_never

from hypothesis import strategies as st

from bot.domain.people import LARGEST_ID
from bot.domain.picture.parameters import Size
from bot.domain.settings.kinds import (
    LONGEST_RAW_CHARS,
    Choice,
    Flag,
    Ids,
    Kind,
    Measure,
    Number,
    Text,
    Value,
    Whole,
    WordList,
)

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


def in_range(kind: Kind) -> st.SearchStrategy[Value]:
    """Make values that a kind takes."""
    match kind:
        case Flag():
            return st.booleans()
        case Whole():
            return st.integers(kind.low, kind.high)
        case Number():
            return st.floats(kind.low, kind.high, exclude_min=kind.above).map(lambda value: value + 0.0)
        case Text():
            line = TEXT.map(lambda text: text if kind.long else "".join(filter(str.isprintable, text)).strip())
            return line.map(
                lambda text: text[: kind.longest].strip() if not kind.long else text[: kind.longest]
            ).filter(lambda text: bool(text.strip()) or not kind.needed)
        case Choice():
            return st.sampled_from(kind.choices).map(kind.parse)
        case Measure():
            side = st.integers(kind.low, kind.high)
            return st.builds(lambda width, height: Size(width=width, height=height), side, side)
        case Ids():
            return st.lists(st.integers(1, LARGEST_ID), max_size=kind.most, unique=True).map(tuple)
        case WordList():
            word = TEXT.map(lambda text: " ".join(text.split())[: kind.longest].strip()).filter(
                lambda word: bool(word) and not set(word) & set(",，、;；")
            )
            return st.lists(word, max_size=10, unique=True).map(tuple)
        case _:
            assert_never(kind)


def out_of_range(kind: Kind) -> list[str]:
    """Write what a kind refuses: around its edges, and what is of no kind at all."""
    nonsense = ["x" * (LONGEST_RAW_CHARS + 1)]
    match kind:
        case Flag():
            return [*nonsense, "", "maybe", "2", "onoff"]
        case Whole():
            edges = [str(kind.low - 1), str(kind.high + 1), str(-(10**30)), str(10**30)]
            return [*nonsense, *edges, "", "1.5", "one", "0x1", "1_0", "1e1", "--1", "nan", "1 0"]
        case Number():
            below = kind.low if kind.above else math.nextafter(kind.low, -math.inf)
            edges = [repr(each) for each in (below, math.nextafter(kind.high, math.inf), kind.high * 10, -1.0)]
            return [*nonsense, *edges, "", "nan", "inf", "-inf", "1e999", "0.5.5", "1_0", "0,5", "half", "0x1"]
        case Text():
            return [*nonsense, "x" * (kind.longest + 1), *(["", "  "] if kind.needed else [])] + (
                [] if kind.long else ["a\nb", "a\x07b", "a\u202eb"]
            )
        case Choice():
            return [*nonsense, "", "no such choice", kind.choices[0] + "x", " ".join(kind.choices[:2])]
        case Measure():
            low, high = kind.low - 1, kind.high + 1
            return [
                *nonsense,
                "",
                "640",
                f"{low}x640",
                f"640x{low}",
                f"{high}x640",
                f"640x{high}",
                "640x",
                "axb",
                "-64x64",
            ]
        case Ids():
            many = ",".join(map(str, range(1, kind.most + 2)))
            return [*nonsense, many, "0", "-1", "1.5", "word", str(LARGEST_ID + 1), "<@5>", "5>", "<#5", "9" * 40]
        case WordList():
            return [*nonsense, ",".join(map(str, range(kind.most + 1))), "y" * (kind.longest + 1)]
        case _:
            assert_never(kind)
