"""Questions in several messages, read as one line each."""

from __future__ import annotations

from bot.domain.history.messages import HistoryMessage
from bot.domain.history.parts import merged
from tests.fakes.asks import ME, said


def texts(*lines: HistoryMessage) -> list[tuple[int, str]]:
    return [(line.id, line.text) for line in merged(lines)]


def test_lines_without_parts_stay_as_they_are() -> None:
    assert texts(said(1, "a"), said(2, "b", user=ME, reply_to=1)) == [(1, "a"), (2, "b")]


def test_parts_go_into_the_line_of_their_question_in_the_order_in_which_they_were_written() -> None:
    lines = (said(1, "look", part_of=2), said(2, "what is"), said(3, "hi"), said(4, " this?", part_of=2))
    assert texts(*lines) == [(2, "look\nwhat is\nthis?"), (3, "hi")]


def test_a_part_whose_question_is_not_there_goes() -> None:
    assert texts(said(1, "a"), said(4, "this?", part_of=2)) == [(1, "a")]


def test_a_part_that_is_read_twice_counts_once() -> None:
    assert texts(said(2, "what"), said(4, "this?", part_of=2), said(4, "this?", part_of=2)) == [(2, "what\nthis?")]


def test_a_part_that_says_nothing_any_more_leaves_no_line() -> None:
    assert texts(said(2, "what"), said(3, "", part_of=2), said(4, "this?", part_of=2)) == [(2, "what\nthis?")]
