"""Whose replies are many."""

from __future__ import annotations

from bot.domain.reply.crowd import LATELY_S, Crowd


def test_one_of_several_of_a_user_s_is_a_further_one_until_those_before_it_have_ended() -> None:
    crowd = Crowd()
    for key, owner in ((1, 7), (2, 7), (3, 8)):
        crowd.begin(key, owner)
    assert [crowd.is_further(key) for key in (1, 2, 3, 4)] == [False, True, False, False]
    crowd.end(1, now=0.0)
    assert not crowd.is_further(2)


def test_a_place_is_shared_while_another_has_been_answered_there_lately() -> None:
    crowd = Crowd()
    crowd.begin(1, 7)
    assert not crowd.is_shared(now=0.0)
    crowd.begin(2, 8)
    assert crowd.is_shared(now=0.0)
    crowd.end(2, now=10.0)
    crowd.end(2, now=10.0)
    assert crowd.is_shared(now=10.0 + LATELY_S)
    assert not crowd.is_shared(now=10.1 + LATELY_S)
    crowd.end(1, now=100.0)
    assert not crowd._replies
    assert not crowd._owners
