"""The lines of drawings: fair by person in a guild, the guilds in turn, bounded in both."""

from __future__ import annotations

from collections import Counter, deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.queue.bounds import Bounds
from bot.domain.queue.fair import FairQueues

untimed = settings(deadline=None, max_examples=60)


def lines(
    *, at_once: int = 2, waiting: int = 20, per_user: int = 5, all_at_once: int = 4, whole: int = 1000
) -> FairQueues:
    return FairQueues(Bounds(at_once=at_once, waiting=waiting, per_user=per_user, all_at_once=all_at_once, whole=whole))


def test_drawings_of_a_guild_run_up_to_its_bound_and_then_wait_fair_by_user() -> None:
    them = lines()
    admitted = [them.arrive(turn, 1, user).admitted for turn, user in enumerate([1, 1, 1, 1, 2])]
    assert admitted == [(0,), (1,), (), (), ()]
    assert them.order(1) == (4, 2, 3)  # one who has none before one who has two
    assert them.leave(0) == (4,)
    assert them.leave(0) == ()
    assert them.leave(2) == ()
    assert them.order(1) == (3,)


def test_a_busy_guild_leaves_room_for_another_and_gets_its_turn_back() -> None:
    them = lines(at_once=4, all_at_once=4)
    for turn in range(6):
        them.arrive(turn, 1, turn)
    assert [them.arrive(10 + turn, 2, turn).admitted for turn in range(2)] == [(), ()]
    assert them.leave(0) == (4,)
    assert them.leave(1) == (10,)
    assert them.leave(2) == (5,)
    assert them.leave(3) == (11,)


def test_a_refused_drawing_leaves_nothing_behind_and_was_foretold() -> None:
    them = lines(waiting=1, per_user=1, at_once=1)
    them.arrive(1, 1, 1)
    assert not them.full(1, 1)
    assert them.arrive(2, 1, 2).taken
    assert them.full(1, 2)
    assert them.full(1, 3)
    assert not them.arrive(3, 1, 3).taken
    assert len(them) == 2
    assert not them.full(2, 1)


@pytest.mark.parametrize("wrong", [{"at_once": 0}, {"waiting": -1}, {"per_user": 0}, {"all_at_once": 0}, {"whole": 0}])
def test_bounds_under_which_nothing_could_be_drawn_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="too small"):
        lines(**wrong)


def test_forty_people_of_one_guild_are_all_served_in_fair_order() -> None:
    them = lines(at_once=4, waiting=100, per_user=10, all_at_once=16)
    running = deque[int]()
    for turn in range(80):  # each of forty asks twice
        arrival = them.arrive(turn, 1, turn // 2)
        assert arrival.taken
        running.extend(arrival.admitted)
    served = list(running)
    while running:
        begun = them.leave(running.popleft())
        running.extend(begun)
        served.extend(begun)
    assert sorted(served) == list(range(80))
    first = [turn // 2 for turn in served if turn // 2 > 1]  # the first two persons got all of the room
    assert len(set(first[:38])) == 38
    assert len(them) == len(them._groups) == 0


moves = st.lists(
    st.one_of(
        st.tuples(st.just("arrive"), st.integers(0, 3), st.integers(0, 3)),
        st.tuples(st.just("leave"), st.integers(0, 30), st.just(0)),
    ),
    max_size=60,
)


@untimed
@given(moves, st.integers(1, 3), st.integers(0, 4), st.integers(1, 3), st.integers(1, 5), st.integers(1, 14))
def test_whatever_happens_bounds_hold_no_room_is_wasted_and_nothing_is_left(
    script: list[tuple[str, int, int]], at_once: int, waiting: int, per_user: int, all_at_once: int, whole: int
) -> None:
    them = lines(at_once=at_once, waiting=waiting, per_user=per_user, all_at_once=all_at_once, whole=whole)
    where: dict[int, int] = {}
    owner: dict[int, int] = {}
    running: set[int] = set()
    for turn, (step, number, user) in enumerate(script):
        if step == "arrive":
            foretold = them.full(number, user)
            arrival = them.arrive(turn, number, user)
            assert arrival.taken is not foretold
            if arrival.taken:
                where[turn], owner[turn] = number, user
            admitted = arrival.admitted
        else:
            gone = sorted(where)[number % len(where)] if where else -1
            where.pop(gone, None)
            running.discard(gone)
            admitted = them.leave(gone)
        assert not running.intersection(admitted)
        running.update(admitted)
        assert running <= set(where)
        assert len(running) <= all_at_once
        assert len(them) == len(where) <= whole
        assert len(them._groups) == len(set(where.values()))
        for guild in range(4):
            here = {turn for turn, its in where.items() if its == guild}
            line = them.order(guild)
            assert set(line) == here - running == {turn for turn in here if them.waits(turn)}
            assert len(line) <= waiting
            assert all(count <= per_user for count in Counter(owner[turn] for turn in line).values())
            assert len(here & running) <= at_once
            if line:
                assert len(here & running) == at_once or len(running) == all_at_once
    for turn in list(where):
        them.leave(turn)
    assert len(them) == len(them._groups) == 0


@untimed
@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.integers(1, 3))
def test_no_guild_that_waits_is_passed_over_twice(guilds: list[int], all_at_once: int) -> None:
    them = lines(at_once=1000, waiting=1000, per_user=1000, all_at_once=all_at_once)
    where = dict(enumerate(guilds))
    running = [turn for turn, guild in where.items() for turn in them.arrive(turn, guild, 1).admitted]
    since: dict[int, Counter[int]] = {guild: Counter() for guild in set(guilds) if them.order(guild)}
    while running:
        begun = them.leave(running.pop(0))
        running.extend(begun)
        for turn in begun:
            served = where[turn]
            since[served] = Counter()
            for guild, counts in since.items():
                if guild != served and them.order(guild):
                    counts[served] += 1
                    assert counts[served] <= 1
