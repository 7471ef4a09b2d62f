"""Lines that tell a time: what they say when, and how seldom they change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reply.lines import RetryLine, ThinkingLine, TimedLine
from bot.errors import ErrorKind


def retry(after_s: float, *, since: float = 100.0) -> RetryLine:
    return RetryLine(kind=ErrorKind.RATE_LIMITED, since=since, until=since + after_s)


def said(line: TimedLine, *, since: float, until: float) -> list[tuple[float, int | None]]:
    """Follow a line from change to change: when, and what it says then."""
    now, found = since, [(0.0, line.seconds(since))]
    while (changes_at := line.changes_at(now)) is not None and changes_at <= until:
        now = changes_at
        found.append((round(now - since, 3), line.seconds(now)))
    return found


@pytest.mark.parametrize(
    ("after_s", "expected"),
    [
        (40, [(0, 40), (10, 30), (20, 20), (30, 10), (35, 5), (40, None)]),
        (37.2, [(0, 38), (7.2, 30), (17.2, 20), (27.2, 10), (32.2, 5), (37.2, None)]),
        (10, [(0, 10), (5, 5), (10, None)]),
        (5, [(0, 5), (5, None)]),
        (2.4, [(0, 3), (2.4, None)]),
    ],
)
def test_a_wait_counts_down_in_few_steps(after_s: float, expected: list[tuple[float, int | None]]) -> None:
    assert said(retry(after_s), since=100.0, until=1000.0) == expected


def test_a_thought_is_counted_from_its_first_second_on_and_ever_more_seldom() -> None:
    found = said(ThinkingLine(since=100.0), since=100.0, until=190.0)
    marks = [0, 1, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 70, 80, 90]
    assert found == [(mark, mark or None) for mark in marks]


@given(after_s=st.floats(0.01, 120), at=st.floats(0, 130))
def test_a_wait_never_says_less_than_is_left(after_s: float, at: float) -> None:
    line = retry(after_s, since=0.0)
    seconds = line.seconds(at)
    assert (seconds is None) is (at >= line.until)
    assert seconds is None or line.until - at <= seconds < line.until - at + 10


@given(elapsed_s=st.floats(0, 3600), since=st.floats(0, 1e7))
def test_a_thought_is_never_said_to_be_longer_than_it_is(elapsed_s: float, since: float) -> None:
    line, now = ThinkingLine(since=since), since + elapsed_s
    seconds = line.seconds(now)
    assert seconds is None or now - since - 10 < seconds <= now - since
    assert line.changes_at(now) > now


def test_no_line_changes_more_than_twice_in_four_seconds() -> None:
    for line in (ThinkingLine(since=0.0), retry(60.0, since=0.0)):
        changes = [at for at, _ in said(line, since=0.0, until=900.0)]
        assert all(later - at >= 4 for at, later in zip(changes, changes[2:], strict=False))
