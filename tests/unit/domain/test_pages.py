"""Pages: what must hold for every text, and how particular texts are cut."""

from __future__ import annotations

import re
import sys
from types import FrameType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.page_graphemes import is_boundary
from bot.domain.pages import MIN_LIMIT, Page, Pager, layout, paginate, units

FAMILY = "👩‍👩‍👧‍👦"
PIECES = [
    *("word", "Sentence. ", "end! ", "a, b; c ", " ", "  ", "\n", "\n\n", "\t", "\r\n", "\u3000", "1. ", "- ", "# "),
    *("```", "```py\n", "\n```\n", "````md\n", "\n````\n", "`", "``", "`code here`", "text ```c\n", "x```\n", "~~~\n"),
    *("> ", "\n> quote ", "\n>>> ", "**", "*", "__", "~~", "||", "||hidden||", "**bold text** ", "\\*", "x**2 "),
    *("<@123456789>", "<:name:123>", "<t:1700000000:R>", "<#5>", "<@", "[text](https://e.org/a_(b))", "[", "](", "<"),
    *("https://example.org/path?q=1&r=**2** ", "中文句子，没有空格。", "「引号」", "（", "）", "です。", "한국어 "),
    *(FAMILY, "🇩🇪", "🇫", "👍🏽", "e\u0301\u0302", "1\ufe0f\u20e3", "क्षि", "\u200d", "\u0301", "𠀋", "\u1100\u1161"),
    *("longwordwithoutanyspace" * 6, "z" * 130, "。" * 40, "\n" * 30, " " * 120, "```\n" * 3, "`" * 12),
]
texts = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
limits = st.sampled_from([MIN_LIMIT, 107, 160, 400])


def assert_sound(text: str, pages: tuple[Page, ...], limit: int) -> None:
    """Check what holds for the pages of every text."""
    at = 0
    for page in pages:
        assert units(page.text) <= limit
        assert page.text.strip()
        assert page.body == text[page.start : page.end]
        assert page.body == page.body.rstrip()
        assert not text[at : page.start].strip()
        at = page.end
    assert not text[at:].strip()


@given(text=texts, limit=limits)
@example(text="```" + "a" * 300, limit=100)
@example(text="> ```py\n" + "> code line\n" * 30, limit=100)
@example(text="`" * 300, limit=100)
@example(text="e" + "\u0301" * 300, limit=100)
def test_pages_fit_are_not_blank_and_lose_nothing(text: str, limit: int) -> None:
    assert_sound(text, layout(text, limit=limit), limit)


@given(text=st.text(max_size=700))
def test_any_unicode_gives_sound_pages(text: str) -> None:
    assert_sound(text, layout(text, limit=MIN_LIMIT), MIN_LIMIT)


@given(text=texts, limit=limits, size=st.integers(1, 40))
def test_pieces_give_the_pages_of_the_whole_and_full_pages_never_change(text: str, limit: int, size: int) -> None:
    pager = Pager(limit)
    for at in range(0, len(text), size):
        before = pager.full
        pager.push(text[at : at + size])
        assert pager.full[: len(before)] == before
        so_far = text[: at + size]
        assert pager.layout == layout(so_far, limit=limit)
        assert_sound(so_far, pager.layout, limit)
    assert pager.pages == paginate(text, limit=limit)


@given(text=texts, more=texts, limit=limits)
def test_all_pages_but_the_last_stay_when_the_text_grows(text: str, more: str, limit: int) -> None:
    first = paginate(text, limit=limit)
    second = paginate(text + more, limit=limit)
    assert second[: max(0, len(first) - 1)] == first[:-1]
    assert len(second) >= len(first)


@given(text=texts, limit=limits)
def test_no_cut_tears_a_grapheme_cluster_that_fits(text: str, limit: int) -> None:
    for page in layout(text, limit=limit)[:-1]:
        start = page.end
        while start > page.start and not is_boundary(text, start):
            start -= 1
        assert start == page.end or start == page.start


code_lines = st.text(alphabet="abc (){}=.\t#>*_-", max_size=90)
blocks = st.one_of(
    st.tuples(st.sampled_from(["```", "```py", "````", "```c++"]), st.lists(code_lines, min_size=1, max_size=25)).map(
        lambda made: "\n".join([made[0], *made[1], made[0].rstrip("pyc+")])
    ),
    st.lists(st.sampled_from(["Prose goes here.", "More of it,", "中文。", "and on"]), min_size=1, max_size=30).map(
        " ".join
    ),
)


def open_fence(page: str) -> str:
    """Read a page's fences as Markdown does: what is open at its end."""
    ticks = ""
    for line in page.split("\n"):
        match = re.match(r"[ \t]*(`{3,})", line)
        if match and not ticks:
            ticks = match[1]
        elif match and line.strip() == match[1] and len(match[1]) >= len(ticks):
            ticks = ""
    return ticks


@given(made=st.lists(blocks, max_size=8), limit=limits, stop=st.integers(0, 3000))
def test_every_page_and_preview_has_its_fences_closed(made: list[str], limit: int, stop: int) -> None:
    for text in ("\n\n".join(made), "\n\n".join(made)[:stop]):
        for page in paginate(text, limit=limit):
            # A preview may stop in the middle of a marker: two backticks open nothing.
            assert open_fence(page) == ""


@given(lines=st.lists(code_lines.filter(str.strip), min_size=1, max_size=80), limit=limits)
def test_code_stays_code_with_its_language(lines: list[str], limit: int) -> None:
    pages = paginate("\n".join(["```python", *lines, "```"]), limit=limit)
    for page in pages:
        assert page.startswith("```python\n")
        assert page.endswith("\n```")
    inside = [page.removeprefix("```python\n").removesuffix("\n```") for page in pages]
    assert "".join("".join(inside).split()) == "".join("".join(lines).split())


# --- particular texts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", " ", "\n\n \t\n", "\u3000"])
def test_white_space_alone_gives_no_page(text: str) -> None:
    assert paginate(text) == []


@pytest.mark.parametrize("text", ["hello", "a" * 2000, "😀" * 1000, "```\ncode\n```", "**a** x**2 _b", "> q\n>>> r"])
def test_what_fits_is_left_as_it_is(text: str) -> None:
    assert paginate(text) == [text]


def test_a_fence_that_just_fits_is_one_page() -> None:
    text = "```py\n" + "x" * 1990 + "\n```"
    assert len(text) == 2000
    pager = Pager()
    for char in text:
        pager.push(char)
    assert pager.pages == [text]


def test_an_astral_character_counts_twice() -> None:
    assert [len(page) for page in paginate("😀" * 1001)] == [1000, 1]


def test_blank_lines_around_are_dropped() -> None:
    assert paginate("\n\n  hello\n\n") == ["hello"]


def test_an_open_fence_is_closed_in_the_preview() -> None:
    assert paginate("```py\nx = 1") == ["```py\nx = 1\n```"]
    assert paginate("```py\nx = 1\n``") == ["```py\nx = 1\n```"]
    assert paginate("> ```py\n> x = 1") == ["> ```py\n> x = 1\n> ```"]
    assert paginate("````md\n```\nx") == ["````md\n```\nx\n````"]
    assert paginate("See: ```py\nx = 1") == ["See: ```py\nx = 1\n```"]


def test_an_open_spoiler_is_hidden_in_the_preview() -> None:
    assert paginate("The killer is ||the butl") == ["The killer is ||the butl||"]
    assert paginate("The killer is ||the butler|| and") == ["The killer is ||the butler|| and"]
    assert paginate("`||` or a || b") == ["`||` or a || b"]


def two(text: str, limit: int = 100) -> tuple[str, str]:
    pages = paginate(text, limit=limit)
    assert len(pages) == 2
    return pages[0], pages[1]


def test_paragraphs_go_before_lines_before_sentences_before_words() -> None:
    assert two("a" * 70 + "\n\n" + "b" * 10 + "\n" + "c" * 40) == ("a" * 70, "b" * 10 + "\n" + "c" * 40)
    assert two("a" * 70 + "\nbb. bb " + "c" * 40) == ("a" * 70, "bb. bb " + "c" * 40)
    assert two("a " * 40 + "end. bb " + "c" * 40) == ("a " * 40 + "end.", "bb " + "c" * 40)
    assert two("a " * 40 + "bb, cc " + "d" * 40) == ("a " * 40 + "bb,", "cc " + "d" * 40)
    assert two("aaaa " * 16 + "b" * 40) == (("aaaa " * 16).strip(), "b" * 40)
    assert two("a" * 130) == ("a" * 100, "a" * 30)


def test_chinese_is_cut_at_its_punctuation() -> None:
    first, second = two("这是一个没有空格的句子，它继续下去" * 4 + "。" + "好" * 45)
    assert first.endswith("。")
    assert second == "好" * 45


def test_no_line_starts_with_closing_punctuation_or_ends_with_opening() -> None:
    assert two("好" * 100 + "）（" + "好" * 20) == ("好" * 99, "好）（" + "好" * 20)
    assert two("好" * 99 + "「" + "好" * 20) == ("好" * 99, "「" + "好" * 20)


@pytest.mark.parametrize(
    "whole",
    [
        "`some inline code`",
        "<@1234567890123456789>",
        "<:party_parrot:1234567890>",
        "<t:1700000000:R>",
        "[a link with words](https://example.org/page)",
        "https://example.org/a/long/path?with=query",
        "incomprehensibilities",
        FAMILY * 3 + "!",
    ],
)
def test_what_is_one_thing_is_not_cut(whole: str) -> None:
    for before in range(60, 100):
        text = "a" * (before - 1) + " " + whole + " and then the text goes on for a while"
        pages = paginate(text, limit=100)
        assert sum(whole in page for page in pages) == 1, before


def test_styles_are_closed_and_opened_again() -> None:
    first, second = two("Note **" + "bold " * 30 + "end** of it")
    assert first.startswith("Note **bold")
    assert first.endswith("bold**")
    assert second.startswith("**bold")
    assert second.endswith("end** of it")
    first, second = two("||" + "secret " * 20 + "end|| seen")
    assert first.endswith("secret||")
    assert second.startswith("||secret")


def test_a_style_that_runs_over_several_pages_is_open_on_each() -> None:
    pages = paginate("**" + "bold words " * 40 + "end** and after", limit=100)
    assert len(pages) > 4
    for page in pages[:-1]:
        assert page.startswith(("**bold", "**words"))
        assert page.endswith(("bold**", "words**"))


@pytest.mark.parametrize(
    "text", ["y = x**2 and so on ", "see snake__case and so on ", "a ** b and so on ", "note* that "]
)
def test_marks_that_are_no_style_are_left_alone(text: str) -> None:
    for page in paginate(text + "with many more words " * 10, limit=100):
        assert page.rstrip("*_") == page
        assert page.lstrip("*_") == page


def test_a_mark_on_a_full_stop_stays_with_it() -> None:
    first, _ = two("好" * 80 + "。\u0301" + "x" * 60)
    assert not first.endswith("。")


def test_quotes_are_continued() -> None:
    for page in paginate("> " + "quoted words " * 30, limit=100):
        assert page.startswith("> ")
    for page in paginate(">>> " + "first line here\nnext line\n" * 12, limit=100):
        assert page.startswith(">>> ")
    quoted_code = paginate("> ```py\n" + "> some_code()\n" * 20 + "> ```", limit=100)
    for page in quoted_code:
        assert page.startswith("> ```py\n> ")
        assert page.endswith("\n> ```")


def test_lists_are_cut_between_items() -> None:
    for page in paginate("\n".join(f"{n}. item number {n} has words" for n in range(1, 20)), limit=100):
        assert re.match(r"\d+\. item", page)
        assert page.endswith("words")


def test_a_dash_in_prose_does_not_become_a_list() -> None:
    for before in range(60, 100):
        for page in paginate("a" * (before - 1) + " - dash and so on " * 4, limit=100):
            assert not page.startswith("- ")


@pytest.mark.parametrize("limit", range(100, 150))
def test_code_is_cut_between_lines_and_never_next_to_its_marker(limit: int) -> None:
    text = "Look:\n```py\n" + "\n".join(f"    line_{n} = {n}" for n in range(10, 30)) + "\n```\nDone."
    for page in paginate(text, limit=limit):
        assert "```py\n```" not in page
        assert all(re.fullmatch(r" {4}line_\d\d = \d\d|```(py)?|Look:|Done\.", line) for line in page.split("\n"))


def test_the_line_that_opens_code_is_not_cut() -> None:
    first, second = paginate("a" * 30 + "\n```py " + "info " * 10 + "\n" + "b" * 30, limit=100)
    assert first == "a" * 30
    assert second.startswith("```py info info")


@pytest.mark.parametrize("before", range(60, 96))
def test_a_block_of_code_is_not_torn_at_its_markers(before: int) -> None:
    for text in ("a" * before + "\n```py\n" + "b" * 150, "```py\n" + "b" * before + "\n```\n" + "c" * 90):
        for page in paginate(text, limit=100):
            assert "```py\n```" not in page
            assert "```\n```" not in page


def test_a_heading_goes_with_what_it_heads() -> None:
    assert two("a" * 60 + "\n\n## Heading\n\n" + "b" * 60) == ("a" * 60, "## Heading\n\n" + "b" * 60)
    assert two("# Heading " + "a" * 60 + "\n" + "b" * 60) == ("# Heading " + "a" * 60, "b" * 60)


def test_surrogate_halves_are_joined_or_replaced() -> None:
    pager = Pager()
    pager.push("a\ud83d")
    assert pager.pages == ["a"]
    pager.push("\ude00b\udc00")
    assert pager.pages == ["a😀b\ufffd"]
    assert paginate("x\ud800") == ["x\ufffd"]


def test_a_limit_that_holds_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least"):
        Pager(MIN_LIMIT - 1)


def work(length: int) -> int:
    """Count the calls that it takes to lay out ``length`` characters in pieces of ten."""
    unit = "Some words, **and** a sentence. " * 40 + "\n\n```py\n" + "x = 1\n" * 100 + "```\n\n"
    text = (unit * (length // len(unit) + 1))[:length]
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    pager = Pager()
    sys.setprofile(count)
    try:
        for at in range(0, length, 10):
            pager.push(text[at : at + 10])
    finally:
        sys.setprofile(None)
    assert pager.pages == paginate(text)
    return calls


def test_work_is_in_proportion_to_the_text() -> None:
    assert work(80_000) <= 2.1 * work(40_000)


def test_spoilers_after_code_are_hidden_too() -> None:
    assert paginate("```\n||\n```\nIt was ||him") == ["```\n||\n```\nIt was ||him||"]
    assert paginate("```\n||x") == ["```\n||x\n```"]
