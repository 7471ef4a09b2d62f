"""How particular texts are cut into pages."""

from __future__ import annotations

import re

import pytest

from bot.domain.page.pager import MIN_LIMIT, Pager
from tests.fakes.reply.pages import paginate

FAMILY = "👩‍👩‍👧‍👦"


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
    # The first three backticks close code, also where more of them opened it.
    assert paginate("````md\nx") == ["````md\nx\n```"]
    assert paginate("````md\n```\nx") == ["````md\n```\nx"]
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


def test_a_limit_that_holds_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least"):
        Pager(MIN_LIMIT - 1)


def test_spoilers_after_code_are_hidden_too() -> None:
    assert paginate("```\n||\n```\nIt was ||him") == ["```\n||\n```\nIt was ||him||"]
    assert paginate("```\n||x") == ["```\n||x\n```"]
