"""Forbidden words: what is one, and that no list and no text is slow."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterator
from types import FrameType, SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.turn import forbidden
from bot.domain.turn.forbidden import MOST_CHARS, MOST_GROWTH, has_forbidden_word
from tests.unit.domain.turn import forbidden_by_regex

LIGATURE = "\ufdfa"
"""Becomes 18 characters when it is folded."""
SIGNS = (
    *"abßİǅ1_-$ .\n\t\x1c",
    *"一二가각กำスｽﾊﾟ",
    *"éＡ㎏㌀½𝓼",
    *"\u0301\u0323\u0336\u0344\u0f73\uff9e\u05b0\u0591\u1161\u11a8",
    *"\u200b\u200d\u00ad\ufe0f\u034f\u3164\u2028\u0378\ue000",
    LIGATURE,
)
WORDS = st.lists(st.text(st.sampled_from(SIGNS), max_size=5) | st.text(max_size=4), max_size=6).map(tuple)
TEXTS = st.text(st.sampled_from(SIGNS), max_size=30) | st.text(max_size=30)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a Spam here", ("spam",)),
        ("SPAM", ("spam",)),
        ("spam!", ("Spam",)),
        ("(spam)", ("spam",)),
        ("s\u200bp\u00adam", ("spam",)),
        ("ｓｐａｍ", ("spam",)),
        ("𝓼𝓹𝓪𝓶", ("spam",)),
        ("spa\u200d\ufe0fm", ("spam",)),
        ("straße", ("STRASSE",)),
        ("cafe\u0301", ("café",)),
        ("我要spam吗", ("spam",)),
        ("这是垃圾邮件吗", ("垃圾",)),
        ("垃\u200b圾", ("垃圾",)),
        ("スパムです", ("スパム",)),
        ("ｽﾊﾟﾑ", ("スパム",)),
        ("스팸이다", ("스팸",)),
        ("bad   word", ("bad word",)),
        ("bad\nword", ("bad word",)),
        ("say c++ now", ("c++",)),
        ("one", ("two", "one")),
        ("спам!", ("СПАМ",)),
        ("s\u034fp\U000e0100a\u3164m\u180b", ("spam",)),
        ("垃\u1160圾\U000e01ef", ("垃圾",)),
        ("s\u0336p\u0336a\u0336m\u0336", ("spam",)),
        ("hi🖕you", ("🖕",)),
        ("price$$$", ("$$$",)),
        ("c++11", ("c++",)),
    ],
)
def test_a_forbidden_word_is_found(text: str, words: tuple[str, ...]) -> None:
    assert has_forbidden_word(text, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("spammer", ("spam",)),
        ("antispam", ("spam",)),
        ("spam_1", ("spam",)),
        ("spams", ("spam",)),
        ("Scunthorpe", ("cunt",)),
        ("hello", ()),
        ("hello", ("", "\u200b")),
        ("垃 圾", ("垃圾",)),
        ("a.b", ("a?b",)),
        ("xc++", ("c++",)),
        ("cafe", ("café",)),
        ("hello", ("\u3164", "\u034f")),
        ("", ("spam",)),
    ],
)
def test_what_is_no_forbidden_word(text: str, words: tuple[str, ...]) -> None:
    assert not has_forbidden_word(text, words)


@settings(deadline=None)
@given(text=TEXTS, words=WORDS)
@example(text="a\uff9e\u0301\uff9e", words=("a\u0301\uff9e",))
@example(text="a\u0591\u200d\u05b0b", words=("a\u05b0\u0591b",))
@example(text="$ab $a", words=("$a", "$ab$", "$ab"))
def test_the_same_is_found_as_by_one_large_expression(text: str, words: tuple[str, ...]) -> None:
    assert has_forbidden_word(text, words) is forbidden_by_regex.has_forbidden_word(text, words)


@settings(deadline=None)
@given(
    parts=st.lists(st.sampled_from("ab 一$"), min_size=20, max_size=60), cuts=st.lists(st.integers(0, 60), max_size=9)
)
def test_words_that_begin_with_each_other_are_told_apart(parts: list[str], cuts: list[int]) -> None:
    text = "".join(parts)
    words = tuple(text[cut : cut + length] for cut in cuts for length in (1, 2, 4, 7))
    # Beside the words of the text itself some that are nearly so.
    near = (*(word + "b" for word in words), *(word[:-1] + "a" for word in words if word))
    for listed in (words, near):
        assert has_forbidden_word(text, listed) is forbidden_by_regex.has_forbidden_word(text, listed)


@pytest.mark.parametrize("character", sorted({*SIGNS, "\u0f75", "\u0f81", "\uff9f", "\u0390", "\u1e9e", "ﬃ"}))
def test_each_character_is_folded_as_normalising_folds_it(character: str) -> None:
    for text in (character, f"a{character}\u0301{character}\u0323b", f"{character}\u05b0" * 3):
        assert forbidden._plain(text) == forbidden_by_regex._plain(text)


def test_no_other_character_becomes_a_mark_of_another_class() -> None:
    found = set()
    for code in range(sys.maxunicode + 1):
        pieces = unicodedata.normalize("NFKD", chr(code))
        classes = set(map(unicodedata.combining, pieces))
        own = unicodedata.combining(chr(code))
        if (own and (len(pieces) > 1 or classes != {own})) or (not own and 0 not in classes):
            found.add(chr(code))
    assert found - {"\u0340", "\u0341", "\u0343"} == set(forbidden._MARKS_INSIDE)


# --- what it costs -----------------------------------------------------------------------------------------------

LONG = tuple("一" * 59 + chr(0x4E01 + number) for number in range(200))
PARTED = tuple("一" * (number % 59) + chr(0x4E01 + number) + "一" * (59 - number % 59) for number in range(200))
NESTED = tuple(" ".join(["ab"] * number + ["a"]) for number in range(1, 20))
USUAL = tuple(f"word{number}ing" for number in range(200))
DOLLARS = tuple("$" + "a" * number for number in range(1, 60))
HOSTILE = {
    "one ideograph": ("一", LONG),
    "one ideograph that any word begins with": ("一", PARTED),
    "words that begin with each other": ("ab ", NESTED),
    "the beginnings of words": ("$b", DOLLARS),
    "whole words, always with more behind them": ("$" + "a" * 61, DOLLARS),
    "a usual text": ("many words of a usual text, ", USUAL),
    "all ideographs": ("".join(map(chr, range(0x4E00, 0x4E00 + 6000))), LONG),
    "marks in the wrong order": ("a" + "\u0591" * 1000 + "\u05b0" * 1000, USUAL),
    "marks, with what goes between them": ("\u0591\u200d\u05b0\u200d", USUAL),
    "letters that become longer": ("x" * 29 + "㌀", USUAL),
}
A_CHARACTER = 45
"""How many of the interpreter's steps a character may take: 5 ms are some 300,000 of them."""


@pytest.fixture
def steps() -> Iterator[Callable[[str, tuple[str, ...]], int]]:
    """Count the steps of the interpreter that a check takes."""
    before = sys.gettrace()

    def count(text: str, words: tuple[str, ...]) -> int:
        taken = 0

        def trace(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal taken
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
            taken += event == "opcode"
            return trace

        sys.settrace(trace)
        try:
            has_forbidden_word(text, words)
        finally:
            sys.settrace(before)
        return taken

    yield count
    sys.settrace(before)


@pytest.mark.parametrize("case", HOSTILE)
def test_a_check_takes_a_few_steps_a_character(case: str, steps: Callable[[str, tuple[str, ...]], int]) -> None:
    piece, words = HOSTILE[case]
    text = piece * (6000 // len(piece))
    assert not has_forbidden_word(text, words)
    whole = steps(text, words)
    assert whole <= A_CHARACTER * 6000
    assert whole <= 2.2 * steps(text[: len(text) // 2], words) + 2000, "twice the text, twice the steps"


def test_a_list_is_folded_once_and_in_few_steps(steps: Callable[[str, tuple[str, ...]], int]) -> None:
    words = tuple(f"{'一' * 50}{number:010}" for number in range(200))
    first = steps("x", words)
    assert first <= 300_000
    assert steps("x", words) < first / 50


class Sorting:
    """``unicodedata``, which counts how often normalising moves a mark past another."""

    def __init__(self) -> None:
        self.moves = 0
        self.chars = 0

    def normalize(self, form: Any, text: str) -> str:
        self.chars += len(text)
        before: list[int] = []
        for mark in map(unicodedata.combining, unicodedata.normalize("NFKD", text[:0]) + text):
            if not mark:
                before.clear()
                continue
            self.moves += sum(one > mark for one in before)
            before.append(mark)
        return unicodedata.normalize(form, text)


@pytest.mark.parametrize("case", HOSTILE)
def test_normalising_gets_little_to_do(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    piece, words = HOSTILE[case]
    text = piece * (6000 // len(piece))
    has_forbidden_word("", words)  # the list is folded once
    counted = Sorting()
    stand_in = SimpleNamespace(
        normalize=counted.normalize, combining=unicodedata.combining, category=unicodedata.category
    )
    monkeypatch.setattr(forbidden, "unicodedata", stand_in)
    has_forbidden_word(text, words)
    assert counted.moves <= 6000, "the marks of 6,000 characters in the wrong order would be some millions of moves"
    assert counted.chars <= 5 * 6000


def test_a_text_that_grows_without_end_counts_as_one_with_a_forbidden_word() -> None:
    fits = LIGATURE * (MOST_GROWTH // 17)
    assert not has_forbidden_word(fits, ("spam",))
    assert has_forbidden_word(fits + LIGATURE, ("spam",))
    assert has_forbidden_word("\u0390" * MOST_GROWTH, ("spam",)), "which only case makes longer"
    assert not has_forbidden_word("x" * MOST_CHARS, ("spam",))
    assert has_forbidden_word("x" * (MOST_CHARS + 1), ("spam",))
    assert not has_forbidden_word(LIGATURE * MOST_CHARS, ()), "where nothing is forbidden nothing is read"


def test_as_many_lists_are_kept_as_have_a_certain_length_together() -> None:
    lists = forbidden._Lists()
    for number in range(40):
        lists.listed(tuple(f"{number:05}{other:055}" for other in range(200)))
    kept = list(lists._kept.values())
    assert 2 <= len(kept) < 40
    assert sum(each.chars for each in kept) == lists._chars <= forbidden.MOST_KEPT_CHARS
