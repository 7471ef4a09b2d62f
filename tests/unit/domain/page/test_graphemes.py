"""Grapheme clusters, lengths and clipping."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.page.graphemes import clip, is_boundary, units, whole_characters

# A slow machine is no fault of the code.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

CLUSTERS = [
    *(
        "a",
        "é",
        "e\u0301",
        "\r\n",
        "👍🏽",
        "🇩🇪",
        "👩‍👩‍👧‍👦",
        "1\ufe0f\u20e3",
        "🏴\U000e0067\U000e007f",
        "각",
        "\u1100\u1161\u11a8",
    ),
    *("क्षि", "ｶﾞ", "中", "\u0600١", "❤️‍🔥", "각\u11a8", "क\u094d\u0308क"),
]


@untimed
@given(st.lists(st.sampled_from(CLUSTERS), min_size=1, max_size=12))
def test_boundaries_are_between_clusters(clusters: list[str]) -> None:
    text = " ".join(clusters)
    at = 0
    for cluster in clusters:
        for inside in range(at + 1, at + len(cluster)):
            assert not is_boundary(text, inside), (cluster, inside - at)
        at += len(cluster)
        assert is_boundary(text, at)
        at += 1


def test_flags_pair_up_from_the_left() -> None:
    flags = "🇩🇪🇫🇷🇮"
    assert [at for at in range(1, 5) if is_boundary(flags, at)] == [2, 4]


@pytest.mark.parametrize(
    "text", ["a\u200db", "中\u200d中", "\x00\u0301", "\u094d\u1100", "क\u094d中"], ids=lambda text: ascii(text)
)
def test_what_is_no_cluster_may_be_cut(text: str) -> None:
    assert is_boundary(text, len(text) - 1)


@untimed
@given(st.text(max_size=30))
def test_units_are_those_of_utf_16(text: str) -> None:
    assert units(text) == sum(2 if ord(char) > 0xFFFF else 1 for char in text)


def test_surrogates_are_made_whole() -> None:
    assert whole_characters("\ud83d\ude00 \ud83d") == "😀 \ufffd"
    assert whole_characters("plain 😀") == "plain 😀"


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("two words", 5, "two…"),
        ("ab👩‍👩‍👧‍👦cd", 8, "ab…"),
        ("😀😀😀", 5, "😀😀…"),
        ("😀😀😀", 4, "😀…"),
        ("anything", 1, "…"),
        ("anything", 0, ""),
        ("anything", -3, ""),
        ("", 0, ""),
    ],
)
def test_clip(text: str, limit: int, expected: str) -> None:
    assert clip(text, limit) == expected


@untimed
@given(st.text(max_size=60), st.integers(1, 40))
def test_clipped_text_fits_and_is_a_beginning(text: str, limit: int) -> None:
    clipped = clip(text, limit)
    assert units(clipped) <= limit
    if clipped != text:
        assert clipped.endswith("…")
        assert text.startswith(clipped[:-1])
