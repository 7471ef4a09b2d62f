"""What is shown of a request: no keys, no pictures, nothing endless."""

from __future__ import annotations

import json
from typing import Any

from sandbox.backstage.items.abbreviate import HIDDEN, TOTAL_CHARS, abbreviate, cut_text


def test_keys_are_hidden_and_numbers_of_tokens_are_not() -> None:
    shown = abbreviate({"mh_key": "abc", "API_SECRET": "x", "token": "t", "max_new_tokens": 5, "apiKey": "", "a": "b"})
    assert shown == {
        "mh_key": HIDDEN,
        "API_SECRET": HIDDEN,
        "token": HIDDEN,
        "max_new_tokens": 5,
        "apiKey": "",
        "a": "b",
    }


def test_pictures_and_signatures_are_abbreviated() -> None:
    picture = "data:image/png;base64," + "A" * 4000
    assert cut_text(f"see ![x]({picture})!") == "see ![x](data:image/png;base64,… (3,000 bytes))!"
    assert (
        cut_text("https://x.test/a.png?Expires=1&Signature=secret&b=2")
        == "https://x.test/a.png?Expires=1&Signature=…&b=2"
    )


def test_long_texts_tell_what_is_missing() -> None:
    assert cut_text("abcdef", 4) == "abcd… (+2)"
    assert cut_text("abcd", 4) == "abcd"


def test_everything_is_bounded() -> None:
    deep: Any = "end"
    for _ in range(500):
        deep = [deep]
    wide = {f"k{n}": "x" * 10_000 for n in range(1000)}
    shown = json.dumps(abbreviate({"deep": deep, "wide": wide, "list": list(range(100_000))}))
    assert len(shown) < 1.2 * TOTAL_CHARS
    assert "end" not in shown
    assert "+99900" in shown


def test_other_values_stay() -> None:
    value = {"a": [1, 2.5, None, True, "x"], "b": {}}
    assert abbreviate(value) == value
