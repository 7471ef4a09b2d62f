"""Text that both databases can hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.storage.schema.text import storable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("fox 🦊", "fox 🦊"),
        ("a\x00b\x00", "ab"),
        ("\ud83e\udd8a", "🦊"),
        ("\ud83e", "\ufffd"),
        ("a\udd8ab", "a\ufffdb"),
        ("\udd8a\ud83e!", "\ufffd\ufffd!"),
        ("\x00\ud83e\x00\udd8a", "🦊"),
    ],
)
def test_makes_text_storable(text: str, expected: str) -> None:
    assert storable(text) == expected


@given(st.text(st.characters(exclude_categories=[]), max_size=50))
def test_is_storable_and_stays_so(text: str) -> None:
    once = storable(text)
    assert "\x00" not in once
    assert once.encode().decode() == once
    assert storable(once) == once


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_leaves_good_text_alone(text: str) -> None:
    assert storable(text) == text
