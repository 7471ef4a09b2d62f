"""Who is served next: the waiting line alone, and all lines against a plain model."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.queue.bounds import Bounds
from bot.domain.queue.fair import FairQueues
from bot.domain.queue.waiting import WaitingQueue

# A slow machine is no fault of the code.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

persons = st.integers(0, 4)
arrivals = st.lists(persons, max_size=30)


def filled(people: list[int], *, bound: int = 100, per_user: int = 100) -> WaitingQueue:
    """A line in which turn n belongs to the n-th of the people."""
    line = WaitingQueue(bound=bound, per_user=per_user)
    for turn, user in enumerate(people):
        line.join(turn, user)
    return line


def served(line: WaitingQueue) -> list[int]:
    turns: list[int] = []
    while (turn := line.serve()) is not None:
        turns.append(turn)
    return turns


# --- one line ------------------------------------------------------------------------------------------------------


def test_others_come_between_the_questions_of_one_user() -> None:
    line = filled([1, 1, 1, 2, 3, 2])
    assert line.order() == (0, 3, 4, 1, 5, 2)
    assert served(line) == [0, 3, 4, 1, 5, 2]


def test_one_who_was_served_goes_behind_one_who_came_later() -> None:
    line = filled([1, 1])
    assert line.serve() == 0
    line.join(2, 2)
    line.join(3, 1)
    assert line.order() == (1, 2, 3)


def test_nobody_gets_to_the_front_by_leaving_and_coming_back() -> None:
    line = filled([1, 2, 3])
    assert line.leave(0)
    line.join(9, 1)
    assert line.order() == (1, 2, 9)


def test_an_empty_line_serves_nobody() -> None:
    line = filled([])
    assert line.serve() is None
    assert line.order() == ()
    assert not line.leave(1)
    assert len(line) == 0


def test_a_line_of_no_length_takes_nobody() -> None:
    assert not WaitingQueue(bound=0, per_user=5).join(1, 1)


@untimed
@given(arrivals, st.integers(0, 12), st.integers(1, 4))
def test_no_line_is_over_its_bounds_and_none_refuses_below_them(people: list[int], bound: int, per_user: int) -> None:
    line = WaitingQueue(bound=bound, per_user=per_user)
    inside: Counter[int] = Counter()
    for turn, user in enumerate(people):
        room = inside.total() < bound and inside[user] < per_user
        assert line.join(turn, user) is room
        inside[user] += room
        assert len(line) == inside.total()


@untimed
@given(arrivals)
def test_places_are_those_in_which_turns_are_served_each_once(people: list[int]) -> None:
    line = filled(people)
    order = line.order()
    assert sorted(order) == list(range(len(people)))
    assert served(line) == list(order)
    assert len(line) == 0


@untimed
@given(arrivals)
def test_a_user_s_turns_keep_the_order_in_which_they_came(people: list[int]) -> None:
    order = filled(people).order()
    for user in set(people):
        own = [turn for turn in order if people[turn] == user]
        assert own == sorted(own)


@untimed
@given(st.lists(persons, min_size=1, max_size=30), st.data())
def test_one_that_leaves_lets_its_user_s_later_turns_move_up_and_nobody_else_past_another(
    people: list[int], data: st.DataObject
) -> None:
    line = filled(people)
    before = line.order()
    gone = data.draw(st.sampled_from(before))
    assert line.leave(gone)
    assert not line.leave(gone)
    after = line.order()
    assert sorted(after) == sorted(set(before) - {gone})
    # The others' turns stand as before among each other; only the leaver's own later ones move up.
    others = [turn for turn in before if people[turn] != people[gone]]
    assert [turn for turn in after if people[turn] != people[gone]] == others
    own = [turn for turn in before if people[turn] == people[gone] and turn != gone]
    assert [turn for turn in after if people[turn] == people[gone]] == own
    for turn in own:
        assert after.index(turn) <= before.index(turn)


steps = st.lists(st.one_of(persons.map(lambda user: ("join", user)), st.just(("serve", 0))), max_size=80)


@untimed
@given(steps)
def test_between_two_servings_of_a_user_each_who_waits_is_served_exactly_once(script: list[tuple[str, int]]) -> None:
    line = WaitingQueue(bound=100, per_user=100)
    owner: dict[int, int] = {}
    waiting: Counter[int] = Counter()
    between: dict[int, Counter[int]] = {}
    """For each person who waits since a serving: how often others were served since then."""
    throughout: dict[int, set[int]] = {}
    """For each such person: who has had a turn waiting at every moment since then, or was served since."""
    for turn, (step, user) in enumerate(script):
        if step == "join":
            assert line.join(turn, user)
            owner[turn] = user
            waiting[user] += 1
            continue
        next_turn = line.serve()
        if next_turn is None:
            assert not waiting.total()
            continue
        who = owner[next_turn]
        if who in between:
            for other in throughout[who]:
                assert between[who][other] == 1
            assert all(count <= 1 for count in between[who].values())
        waiting[who] -= 1
        for counts in between.values():
            counts[who] += 1
        between.pop(who, None)
        throughout.pop(who, None)
        if waiting[who]:
            between[who] = Counter()
            throughout[who] = {other for other in waiting if other != who and waiting[other]}


@untimed
@given(steps)
def test_whoever_joins_waits_for_at_most_one_turn_of_each_who_was_there_before(script: list[tuple[str, int]]) -> None:
    line = WaitingQueue(bound=100, per_user=100)
    owner: dict[int, int] = {}
    ahead: dict[int, Counter[int]] = {}
    for turn, (step, user) in enumerate(script):
        if step == "join":
            first = user not in {owner[waiting] for waiting in line.order()}
            line.join(turn, user)
            owner[turn] = user
            if first:
                ahead[user] = Counter({owner[waiting] for waiting in line.order()} - {user})
            continue
        next_turn = line.serve()
        if next_turn is None:
            continue
        who = owner[next_turn]
        ahead.pop(who, None)
        for allowed in ahead.values():
            allowed[who] -= 1
            assert allowed[who] >= 0


# --- all lines -----------------------------------------------------------------------------------------------------


def lines(*, side_by_side: int = 2, waiting: int = 20, per_user: int = 5, whole: int = 1000) -> FairQueues:
    return FairQueues(Bounds(at_once=side_by_side, waiting=waiting, per_user=per_user, whole=whole))


def test_turns_run_side_by_side_up_to_the_bound_and_then_wait() -> None:
    them = lines()
    admitted = [them.arrive(turn, 1, turn, in_order=False).admitted for turn in range(4)]
    assert admitted == [(0,), (1,), (), ()]
    assert them.order(1) == (2, 3)
    assert not them.waits(1)
    assert them.waits(2)
    assert them.leave(0) == (2,)
    assert them.leave(0) == ()
    assert them.order(1) == (3,)


def test_switched_to_one_at_a_time_a_turn_waits_for_all_that_run() -> None:
    them = lines()
    them.arrive(1, 1, 1, in_order=False)
    them.arrive(2, 1, 2, in_order=False)
    assert them.arrive(3, 1, 3, in_order=True).admitted == ()
    assert them.leave(1) == ()
    assert them.leave(2) == (3,)


def test_switched_to_side_by_side_those_that_wait_begin_before_the_new_one() -> None:
    them = lines(side_by_side=3)
    for turn in range(3):
        them.arrive(turn, 1, turn, in_order=True)
    assert them.order(1) == (1, 2)
    assert them.arrive(3, 1, 3, in_order=False).admitted == (1, 2)
    assert them.order(1) == (3,)


def test_the_switch_makes_room_also_where_the_new_one_is_refused() -> None:
    them = lines(side_by_side=3, whole=3)
    for turn in range(3):
        them.arrive(turn, 1, turn, in_order=True)
    arrival = them.arrive(3, 1, 3, in_order=False)
    assert (arrival.taken, arrival.admitted) == (False, (1, 2))


def test_the_switch_makes_room_also_where_a_user_has_too_many_waiting() -> None:
    them = lines(side_by_side=2, per_user=2)
    for turn, user in enumerate([1, 2, 3, 3]):
        them.arrive(turn, 1, user, in_order=True)
    arrival = them.arrive(4, 1, 3, in_order=False)
    assert (arrival.taken, arrival.admitted) == (False, (1,))
    assert them.order(1) == (2, 3)


def test_a_refused_turn_leaves_nothing_behind() -> None:
    them = lines(whole=1)
    them.arrive(1, 1, 1, in_order=False)
    assert not them.arrive(2, 2, 1, in_order=False).taken
    assert len(them) == len(them._groups) == 1
    assert them.order(2) == ()


@pytest.mark.parametrize("wrong", [{"side_by_side": 0}, {"waiting": -1}, {"per_user": 0}, {"whole": 0}])
def test_bounds_under_which_nothing_could_run_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="too small"):
        lines(**wrong)


moves = st.lists(
    st.one_of(
        st.tuples(st.just("arrive"), st.integers(0, 2), persons, st.booleans()),
        st.tuples(st.just("leave"), st.integers(0, 30), st.just(0), st.just(False)),
    ),
    max_size=60,
)


@untimed
@given(moves, st.integers(1, 3), st.integers(0, 5), st.integers(1, 3), st.integers(1, 12))
def test_whatever_happens_bounds_hold_no_room_is_wasted_and_nothing_is_left(
    script: list[tuple[str, int, int, bool]], side_by_side: int, waiting: int, per_user: int, whole: int
) -> None:
    them = lines(side_by_side=side_by_side, waiting=waiting, per_user=per_user, whole=whole)
    where: dict[int, int] = {}
    owner: dict[int, int] = {}
    running: set[int] = set()
    at_once: dict[int, int] = {}
    for turn, (step, number, user, in_order) in enumerate(script):
        if step == "arrive":
            arrival = them.arrive(turn, number, user, in_order=in_order)
            at_once[number] = 1 if in_order else side_by_side
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
        assert len(them) == len(where) <= whole
        assert len(them._groups) == len(set(where.values()))
        for channel in range(3):
            here = {turn for turn, its in where.items() if its == channel}
            line = them.order(channel)
            assert set(line) == here - running
            assert len(line) == len(set(line)) <= waiting
            assert all(count <= per_user for count in Counter(owner[turn] for turn in line).values())
            assert len(here & running) <= side_by_side
            if line:
                assert len(here & running) >= at_once[channel]
    for turn in list(where):
        them.leave(turn)
    assert len(them) == len(them._groups) == 0
