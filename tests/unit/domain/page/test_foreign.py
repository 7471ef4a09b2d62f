"""Somebody else's text within a line of the bot's: Discord acts on nothing in it, and nothing of it is hidden."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.page.foreign import escaped, lines, literal, one_line, unescaped
from bot.domain.page.pager import clip, units
from tests.fakes.markdown import CONSTRUCTS, read_markdown

HIDDEN = "\u202e\u2066\u200b\u200c\u200d\ufeff\xad\x1b\x00\u2028\u3164\U000e0041"
PIECES = st.sampled_from((*CONSTRUCTS, *"\\*_~`|>#[]()<@:/.-! 1aé狐🦊", "\n", " ", "\\\\", "http", "://", *HIDDEN))
HOSTILE = st.lists(PIECES, max_size=12).map("".join)
SEEN_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Format characters that are signs: Arabic and Kaithi ones for numbers, years and verses."""
KEPT = (
    pytest.param("👩‍💻 and 👨‍👩‍👧", id="emoji that are joined"),
    pytest.param("🏳️‍🌈 🏴‍☠️ 🙂‍↔️", id="emoji joined behind a selector"),
    pytest.param("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", id="a flag made of tags"),
    pytest.param("می‌خواهم", id="a Persian word"),
    pytest.param("क्‍ष ന്‍", id="words of India"),
    pytest.param("葛\U000e0100城", id="a variant of an ideograph"),
    pytest.param("é ñ ก็ שָׁ", id="marks on letters"),
    pytest.param("مرحبا שלום", id="words from right to left"),
    pytest.param("\U0001fae9", id="an emoji that is newer than the tables"),
)


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_each_construct_is_live_until_it_is_escaped(construct: str) -> None:
    assert read_markdown(construct).live
    read = read_markdown(literal(construct, 200))
    assert (read.live, read.text) == ([], one_line(construct))


@pytest.mark.parametrize("before", ["", "word ", "word", "\\", "**", "[", "<", "(https://a.example/", "\n", "||"])
@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_a_line_s_own_words_and_marks_make_nothing_of_it(construct: str, before: str) -> None:
    line = f"-# a · {literal(before + construct, 200)} · b"
    read = read_markdown(line)
    assert (read.live, read.text) == (["subtext"], f"a · {one_line(before + construct)} · b")


@given(HOSTILE, st.integers(min_value=1, max_value=60))
def test_whatever_is_put_together_is_one_plain_text(text: str, longest: int) -> None:
    shown = literal(text, longest)
    read = read_markdown(shown)
    assert (read.live, read.text) == ([], clip(one_line(text), longest))
    assert units(shown) <= 2 * longest
    assert "\n" not in shown


@given(HOSTILE | st.text(max_size=60))
def test_what_was_escaped_reads_back(text: str) -> None:
    assert unescaped(escaped(text)) == text


@given(HOSTILE)
def test_a_text_of_lines_is_plain_in_each(text: str) -> None:
    cleaned = lines(text)
    assert not set(HIDDEN) - set("\u200c\u200d\U000e0041") & set(cleaned)
    read = read_markdown(escaped(cleaned))
    assert (read.live, read.text) == ([], cleaned)


def test_no_character_is_hidden() -> None:
    for code in range(0x110000):
        char = chr(code)
        if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"} and char not in SEEN_FORMATS:
            assert one_line(f"a{char}b") in {"ab", "a b"}, hex(code)


@pytest.mark.parametrize("text", KEPT)
def test_joiners_stay_that_a_writing_needs(text: str) -> None:
    assert one_line(text) == text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("pay\u202egpj.exe", "paygpj.exe"),
        ("a\u200db", "ab"),
        ("🦊\u200d\u200d🦊", "🦊🦊"),
        ("می\u200c\u200c\u200cخ", "می\u200cخ"),
        ("\U000e0068\U000e0069 tags", "tags"),
        ("\u3164\u2800\uffa0", ""),
        ("\u0336struck", "struck"),
        ("  two\r\nlines\u2028and\x85more  ", "two lines and more"),
        ("\ud800x", "\ufffdx"),
        ("\x1b[31mred\x9b0m", "[31mred0m"),
    ],
)
def test_what_nobody_sees_goes(text: str, seen: str) -> None:
    assert one_line(text) == seen
