"""How fast one person is heard."""

from __future__ import annotations

from bot.domain.queue import pace
from bot.domain.queue.pace import PersonPace


def test_one_who_does_a_lot_at_once_is_heard_up_to_the_bound_and_then_at_the_pace() -> None:
    them = PersonPace(at_once=3, each_s=2.0)
    assert [them.hears(7, now=100.0) for _ in range(5)] == [True, True, True, False, False]
    assert [them.hears(7, now=at) for at in (101.9, 102.0, 102.1, 104.0)] == [False, True, False, True]
    assert [them.hears(7, now=1000.0) for _ in range(4)] == [True, True, True, False]


def test_nobody_is_heard_less_for_what_others_do() -> None:
    them = PersonPace(at_once=1, each_s=2.0)
    assert [them.hears(user, now=0.0) for user in (1, 1, 2, 1, 3)] == [True, False, True, False, True]


def test_the_users_that_are_remembered_are_bounded() -> None:
    them = PersonPace()
    for user in range(pace.MOST_KEPT + 10):
        them.hears(user, now=0.0)
    assert len(them._paid_until) == pace.MOST_KEPT
