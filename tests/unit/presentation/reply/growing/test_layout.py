"""Text on messages, and back: whatever is shown, it is known how much of the model's text that is."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.page.display import Display
from bot.domain.page.pager import PAGE_LIMIT, units
from bot.presentation.reply.growing.layout import Layout
from bot.presentation.reply.growing.messages import ReplyMessage, with_words

TABLE = "| name | n |\n|---|---|\n| fox | 1 |\n| wolf | 2 |\n"
WORDS = "Words of a sentence. " * 20
PIECES = st.sampled_from(
    (
        "word ", "\n", "\n\n", "**bold** ", "#### deep\n", "```py\nx = 1\n```\n", "\n```py\n", "- item\n",
        "-# small\n", TABLE, "| a", "| bear | 3 |\n", "$x_1$ ", "\\( y \\) ", "https://x.example，",
        "中文内容很长，", WORDS, "w" * 400,
    )
)  # fmt: skip
TEXTS = st.lists(PIECES, min_size=1, max_size=30)
HEADINGS = st.sampled_from(("", "> -# a question"))
LONG_NOTE = "-# " + "a note " * 30
_MARKS = re.compile(r"[\s*`#|\\─\u200b-]|py")


def plain(text: str) -> str:
    """Leave out what a page may have to close or begin again, and all that is blank."""
    return _MARKS.sub("", text)


def displayed(text: str) -> str:
    display = Display()
    return f"{display.push(text)}{display.finish()}"


def agrees(heading: str, text: str, messages: list[ReplyMessage]) -> None:
    """What stands is what is said to stand, page by page."""
    counts = [message.chars for message in messages]
    assert counts == sorted(counts)
    assert all(count <= len(text) for count in counts)
    assert all(message.content.strip() and units(message.content) <= PAGE_LIMIT for message in messages)
    if messages:
        shown = plain("".join(message.content for message in messages))
        assert shown == plain(heading + displayed(text[: counts[-1]]))


@given(heading=HEADINGS, pieces=TEXTS, most=st.sampled_from((None, 1, 2)))
@example(heading="", pieces=[TABLE, "| bear"], most=None)
@example(heading="> -# a question", pieces=[WORDS] * 4 + [TABLE] * 3, most=None)
def test_of_a_text_that_grows_and_ends_it_is_known_how_much_stands(
    heading: str, pieces: list[str], most: int | None
) -> None:
    layout = Layout(heading)
    text = ""
    for piece in pieces:
        layout.push(piece)
        text += piece
        if text.count("https") == 0:  # a link is shown before it is known to end
            agrees(heading, text, layout.shown(most))
    layout.finish()
    messages = layout.shown(most)
    agrees(heading, text, messages)
    if messages and (most is None or not layout.is_longer(most)):
        assert messages[-1].chars == len(text)


@given(heading=HEADINGS, pieces=TEXTS)
def test_what_is_cut_for_words_has_room_for_them_and_keeps_what_it_can(heading: str, pieces: list[str]) -> None:
    layout = Layout(heading)
    layout.push("".join(pieces))
    layout.finish()
    for index, message in enumerate(layout.shown()):
        assert message.page is not None
        cut = layout.shortened(message.page, LONG_NOTE)
        before = layout.shown()[index - 1].chars if index else 0
        assert units(with_words(cut, LONG_NOTE).content) <= PAGE_LIMIT
        assert before <= cut.chars <= message.chars


@pytest.mark.parametrize("word", ["word ", "中", "w", "**bold** "])
def test_a_page_is_cut_by_little_more_than_the_words_need(word: str) -> None:
    layout = Layout()
    layout.push(word * 1900)
    layout.finish()
    page = layout.shown()[0].page
    assert page is not None
    cut = layout.shortened(page, LONG_NOTE)
    assert PAGE_LIMIT - 40 <= units(with_words(cut, LONG_NOTE).content) <= PAGE_LIMIT


def test_of_a_table_that_grows_whole_rows_are_shown_and_counted() -> None:
    layout = Layout("> -# a question")
    layout.push(f"Here:\n{TABLE}| bear | 3")
    (message,) = layout.shown()
    assert message.content == "> -# a question\nHere:\n```\nname  n\n────  ─\nfox   1\nwolf  2\n```"
    assert message.chars == len(f"Here:\n{TABLE}")


def test_a_table_that_grows_is_not_shown_below_what_is_still_open() -> None:
    layout = Layout()
    layout.push(f"**open\n{TABLE}")
    (message,) = layout.shown()
    assert "fox" not in message.content
    assert message.chars <= len("**open\n")


def test_without_its_heading_a_text_counts_the_same() -> None:
    layout = Layout("> -# a question")
    layout.push(f"#### Deep\n{WORDS}")
    layout.finish()
    layout.drop_heading()
    (message,) = layout.shown()
    assert message.content.startswith("### Deep\n")
    assert message.chars == layout.chars


def test_a_text_that_is_taken_back_is_shown_up_to_there() -> None:
    layout = Layout()
    layout.push(f"Here:\n{TABLE}and more")
    layout.retract("Here:\n")
    assert [message.content for message in layout.shown()] == ["Here:"]
    assert layout.chars == len("Here:\n")


def test_a_mark_that_was_closed_while_the_text_grew_stays_open_at_its_end() -> None:
    layout = Layout()
    layout.push("a request*& or so")
    assert [message.content for message in layout.shown()] == ["a request*& or so*"]
    layout.finish()
    assert [message.content for message in layout.shown()] == ["a request*& or so"]
