"""Which messages are one question, and what looks as if more were to come."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.turn.gathering import MOST_CHARS, MOST_MESSAGES, Moment, as_one, has_room, latest, looks_unfinished
from tests.fakes.clock import START


@pytest.mark.parametrize(
    ("last", "follows", "within_s", "holds"),
    [
        (0.0, 1.5, 1.5, True),
        (0.0, 1.501, 1.5, False),
        (0.0, 0.0, 1.5, True),
        (1.0, 0.9, 1.5, False),  # it was written before the last one
        (3.6, 5.0, 1.5, True),
        (3.6, 5.001, 1.5, False),  # five seconds from the first are the end
        (0.0, 0.0, 0.0, False),  # turned off
    ],
)
def test_what_follows_within_the_moment_is_of_the_question(
    last: float, follows: float, within_s: float, holds: bool
) -> None:
    moment = Moment(first_at=START, last_at=START + timedelta(seconds=last))
    assert moment.holds(START + timedelta(seconds=follows), within_s) is holds


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ([], 0),
        ([-1.0], 1),
        ([-1.6], 0),
        ([-2.5, -1.0], 2),
        ([-4.0, -1.0], 1),  # a pause between them
        ([-5.6, -4.4, -3.2, -2.0, -0.8], 4),  # five seconds at most
    ],
)
def test_what_was_written_just_before_leads_up_to_the_question(written: list[float], count: int) -> None:
    assert latest([START + timedelta(seconds=each) for each in written], START, 1.5) == count


@pytest.mark.parametrize(
    ("text", "unfinished"),
    [
        ("what is a fox?", False),
        ("ok", False),
        ("", True),
        ("[attachment: cat.png]", True),
        ("[attachment: cat.png]\n[attachment: dog.png]", True),
        ("what is this?\n[attachment: cat.png]", False),
        ("[sticker: wave]", False),
        ("explain this:", True),
        ("解释一下：", True),
        ("so I thought…", True),
        ("so I thought...", True),
        ("first,", True),
        ("首先，", True),
        ("```py\nprint(1)", True),
        ("```py\nprint(1)\n```", False),
        ("x" * 1_799, False),
        ("x" * 1_990, True),
        ("x" * 2_600, False),
        ("x" * 3_990, True),
    ],
)
def test_what_looks_unfinished_waits_for_the_rest(text: str, unfinished: bool) -> None:
    assert looks_unfinished(text, text) is unfinished


def test_a_fence_may_be_closed_by_a_later_message() -> None:
    assert looks_unfinished("y = 2", "```py\nx = 1\ny = 2")
    assert not looks_unfinished("y = 2\n```", "```py\nx = 1\ny = 2\n```")


def test_a_question_has_an_end() -> None:
    assert has_room(MOST_MESSAGES - 1, "a", "b")
    assert not has_room(MOST_MESSAGES, "a", "b")
    assert not has_room(1, "a" * (MOST_CHARS - 1), "b")


def test_messages_are_lines_of_one_text() -> None:
    assert as_one([" see: ", "", "this\n"]) == "see:\nthis"
