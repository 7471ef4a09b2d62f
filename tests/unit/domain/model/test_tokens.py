"""Estimates of tokens."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.model.tokens import estimate_tokens, weigh

# A slow machine is no fault of the code.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("a", 1),
        ("four", 2),
        ("a" * 400, 108),
        ("A" * 400, 300),
        ("1" * 400, 440),
        ("{}" * 200, 240),
        (" " * 400, 24),
        ("\t\r\n\n" * 100, 280),
        ("中文句子。", 5),
        ("ひらがなカタカナ", 6),
        ("한국어", 3),
        ("中文 and English", 6),
        ("，！" * 50, 90),
        ("über" * 100, 191),
        ("привет" * 100, 288),
        ("שלום" * 100, 340),
        ("γεια" * 100, 340),
        ("مرحبا" * 100, 275),
        ("สวัสดี" * 100, 390),
        ("नमस्ते" * 100, 750),
        ("తెలుగు" * 100, 960),
        ("ສະບາຍ" * 100, 1300),
        ("ሰላም" * 100, 750),
        ("გამარ" * 100, 750),
        ("😀❤️" * 100, 750),
        ("→─█" * 100, 510),
        ("“…”" * 100, 225),
        ("㐀𠀀" * 100, 560),
        ("\ud800" * 100, 100),
        ("\U000e0041" * 100, 150),
    ],
    ids=ascii,
)
def test_estimates(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


@pytest.mark.parametrize("char", ["a", "9", "中", "か", "ｶ", "가", "я", "ა", "😀", "𠀀", "é", "§"])
def test_a_character_weighs_the_same_in_ascii_and_among_others(char: str) -> None:
    apart = [sum(pair) for pair in zip(weigh(char), weigh("plain: 12 words"), strict=True)]
    assert list(weigh(f"plain: 12 words{char}")) == apart


def test_every_character_weighs_something() -> None:
    # Whole blocks of 64 weigh the same.
    assert [hex(code) for code in range(0, 0x110000, 61) if not sum(weigh(chr(code)))] == []


def test_a_long_text_is_weighed_at_once() -> None:
    # Of the processor's time it takes a fifth of this; a look at each character would take more.
    started = time.process_time()
    for text in ("fox " * 200_000, "狐" * 800_000, "きつね。" * 200_000):
        estimate_tokens(text)
    assert time.process_time() - started < 0.3


@untimed
@given(st.text(), st.text())
def test_more_text_is_never_fewer_tokens(first: str, second: str) -> None:
    both = estimate_tokens(first + second)
    assert max(estimate_tokens(first), estimate_tokens(second)) <= both
    assert both <= estimate_tokens(first) + estimate_tokens(second)
