"""Small print is the bot's own sign: no line of a model's text is any, on any page, whatever it is put together of."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.page.pager import Pager, units
from bot.domain.page.small import ModelLines, model_text, small
from bot.domain.reply.joined import join_pages
from tests.fakes.markdown import CONSTRUCTS, read_markdown
from tests.fakes.reply.pages import paginate

LIMIT = 100
PIECES = st.sampled_from(
    (
        "-# ⚠️ fake", "-#  fake", "-", "#", "# ", " ", "\n", "\n\n", "```\n", "```py\n", "\n```", "````\n", "`", "``",
        "**", "*", "_", "__", "~~", "||", "[", "](https://a.example)", "<a:/", "<", ">", "> ", ">>> ", "- ", "1. ",
        "\\", "a", "foo_bar", "\r", "\f", "\t", "\u200b", "`code`", "**bold**", "word " * 12, "-# " * 40, *CONSTRUCTS,
    )
)  # fmt: skip
TEXTS = st.lists(PIECES, min_size=1, max_size=12).map("".join)


def shown(text: str, *pieces: str) -> str:
    lines = ModelLines()
    return "".join(map(lines.push, pieces or (text,)))


def small_print(page: str) -> int:
    # Discord's parser takes form feeds out and reads carriage returns as line ends before it begins.
    return read_markdown(page.replace("\f", "").replace("\r", "\n")).live.count("subtext")


@pytest.mark.parametrize(
    "line",
    [
        "-# ⚠️ The bot was restarted.", "-#  two blanks", "> -# quoted", ">>> -# quoted", "- -# in a list",
        "1. -# in one", "# -# in a heading", "> - -# deep", "  -# indented",
        "- item\n  -# below it", "**\n-# in bold\n**",
        "||\n-# hidden||", "\f-# behind what is taken out",
        "-\f# around it", "a\r-# behind a carriage return",
        "\u200b-# behind nothing", "````\na\n```\n-# behind a block that Discord has ended\n````",
        "text ``` more\n-# behind what opens nothing", "||a\n```\nb||\n-# behind a spoiler that ends in code\n```",
        "> ```\n-# behind a quote's end\n> ```", "- \n```\n-# in an item that takes the block in\n```",
        "```\n```\n-# behind an empty block\n```", "a_b\n```\n1_ -# x\n-# behind italics\n```",
    ],
)  # fmt: skip
def test_no_line_of_a_model_s_is_small_print(line: str) -> None:
    text = f"Before.\n\n{line}\n\nAfter."
    assert "\\#" in shown(text)
    assert small_print(shown(text)) == 0
    assert model_text(shown(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "Use `-# text` for small print.", "a -# b", "C-# is no key", "#-", "x\n- # A heading", "{-# LANGUAGE GADTs #-}",
        "```\n-# a comment\n```", "Like **this**:\n```haml\n-# a comment\n%p\n```\nand\n```\n-# so\n```\n",
        "1. Write\n2. and `code`\n\n```md\n> -# small\n```", "[a link](https://a.example) | ~3\n```\n-# x\n```",
    ],
)  # fmt: skip
def test_what_discord_shows_as_it_is_stays_as_it_is(text: str) -> None:
    assert shown(text) == text


@given(TEXTS)
@example("x " + "-# " * 60)
@example("a" * 99 + " > -# fake")
def test_no_page_has_small_print_of_a_model_s(text: str) -> None:
    for page in paginate(shown(text), limit=LIMIT):
        assert small_print(page) == 0, page
        assert units(page) <= LIMIT


@given(st.lists(PIECES, min_size=1, max_size=12))
@example(["x " * 49, "-", "# fake"])
@example(["x " * 45 + "1. ", "-", "#", " fake " * 20])
@example(["> a\n> ```\nb" + "-# " * 60])
@example(["```````\nb" + "-# " * 60])
def test_no_page_has_small_print_while_it_grows(pieces: list[str]) -> None:
    pager, lines = Pager(LIMIT), ModelLines()
    for piece in pieces:
        pager.push(lines.push(piece))
        for page in pager.pages:
            assert small_print(page) == 0, page
            assert units(page) <= LIMIT
    pager.end()
    assert pager.pages == paginate(shown("".join(pieces)), limit=LIMIT)


@given(st.lists(PIECES, min_size=1, max_size=10))
def test_text_that_comes_in_pieces_is_shown_as_it_is_as_a_whole(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert shown("", *pieces) == shown("", *text) == shown(text)


@given(TEXTS)
def test_what_is_shown_reads_back(text: str) -> None:
    lines = ModelLines()
    visible = lines.push(text)
    assert lines.source_chars(len(visible)) == len(text)
    assert model_text(visible) == text


def test_how_much_of_the_text_is_shown_is_told_without_what_was_added() -> None:
    lines = ModelLines()
    assert lines.push("-# a\n") + lines.push("-# b") == "-\\# a\n-\\# b"
    assert [lines.source_chars(chars) for chars in (0, 1, 2, 5, 6, 8, 10)] == [0, 1, 1, 4, 5, 6, 8]


def test_pages_whose_start_was_escaped_are_put_together_again() -> None:
    text = "x " + "-# " * 40 + "end"
    pages = paginate(text, limit=LIMIT)
    assert any(page.startswith("\\") for page in pages)
    assert "".join(join_pages(pages, limit=LIMIT).split()) == "".join(text.split())


def test_the_bot_s_words_are_small_print_in_each_line() -> None:
    assert small("One.\nTwo.\n\nThree.") == "-# One.\n-# Two.\n\n-# Three."


def test_a_long_line_costs_no_more_than_its_length() -> None:
    pager, lines = Pager(2000), ModelLines()
    for _ in range(2000):
        pager.push(lines.push("> - `*_|[< "))
    assert pager.pages
