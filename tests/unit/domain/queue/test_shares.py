"""Nobody takes all: the shares of a user, a channel, a guild, and what falls to those who come later."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field, fields, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.queue.bounds import Bounds
from bot.domain.queue.fair import FairQueues

# A slow machine is no fault of the code.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

SMALL = Bounds(
    at_once=4,
    waiting=8,
    per_user=3,
    whole=40,
    all_at_once=8,
    guild_at_once=4,
    guild_whole=20,
    user_at_once=3,
    user_at_once_here=2,
    user_waiting=4,
)


@dataclass(slots=True, kw_only=True)
class Turn:
    group: int
    guild: int
    user: int
    runs: bool = False


@dataclass(slots=True)
class Plain:
    """The rules, worked out anew each time from all turns there are."""

    bounds: Bounds
    first: Bounds
    turns: dict[int, Turn] = field(default_factory=dict)
    in_order: dict[int, bool] = field(default_factory=dict)

    def count(self, *, runs: bool | None = None, **wanted: int) -> int:
        return sum(
            (runs is None or turn.runs is runs) and all(getattr(turn, name) == value for name, value in wanted.items())
            for turn in self.turns.values()
        )

    def may_run(self, turn: Turn) -> bool:
        bounds = self.bounds if self.count(runs=True, user=turn.user) else self.first
        at_once = 1 if self.in_order.get(turn.group) else bounds.at_once
        return (
            self.count(runs=True) < bounds.all_at_once
            and self.count(runs=True, guild=turn.guild) < bounds.guild_at_once
            and self.count(runs=True, group=turn.group) < at_once
            and self.count(runs=True, user=turn.user) < bounds.user_at_once
            and self.count(runs=True, user=turn.user, group=turn.group) < bounds.user_at_once_here
        )

    def takes(self, turn: Turn) -> bool:
        bounds = self.bounds if self.count(user=turn.user) else self.first
        if self.count() >= bounds.whole or self.count(guild=turn.guild) >= bounds.guild_whole:
            return False
        return self.may_run(turn) or (
            self.count(runs=False, group=turn.group) < bounds.waiting
            and self.count(runs=False, group=turn.group, user=turn.user) < bounds.per_user
            and self.count(runs=False, user=turn.user) < bounds.user_waiting
        )

    def begin(self, turns: tuple[int, ...]) -> None:
        for turn in turns:
            assert not self.turns[turn].runs
            self.turns[turn].runs = True

    def check(self, them: FairQueues) -> None:
        bounds = self.first
        assert self.count(runs=True) <= bounds.all_at_once
        assert len(them) == self.count() <= bounds.whole
        for guild in {turn.guild for turn in self.turns.values()}:
            assert self.count(runs=True, guild=guild) <= bounds.guild_at_once
            assert self.count(guild=guild) <= bounds.guild_whole
        for user in {turn.user for turn in self.turns.values()}:
            assert self.count(runs=True, user=user) <= bounds.user_at_once
            assert self.count(runs=False, user=user) <= bounds.user_waiting
        for number, turn in self.turns.items():
            assert them.waits(number) is not turn.runs
            assert turn.runs or not self.may_run(turn)
            assert self.count(runs=True, group=turn.group) <= bounds.at_once
            assert self.count(runs=True, group=turn.group, user=turn.user) <= bounds.user_at_once_here
        for group in {turn.group for turn in self.turns.values()}:
            waiting = {number for number, turn in self.turns.items() if turn.group == group and not turn.runs}
            assert sorted(them.order(group)) == sorted(waiting)
            has_turns = [self.count(runs=True, user=self.turns[number].user) > 0 for number in them.order(group)]
            idle = {
                self.turns[number].user for number in waiting if not self.count(runs=True, user=self.turns[number].user)
            }
            assert not any(has_turns[: len(idle)])  # one turn of each who has none goes before all others


small = st.integers(1, 4)
bounded = st.builds(
    Bounds,
    **{each.name: small for each in fields(Bounds) if each.name != "whole"},
    whole=st.integers(1, 12),
)
WIDER = ("at_once", "waiting", "whole", "all_at_once", "guild_at_once", "guild_whole")
wider = st.fixed_dictionaries({name: st.integers(0, 3) for name in WIDER})


def widened(bounds: Bounds, more: dict[str, int]) -> Bounds:
    return replace(bounds, **{name: getattr(bounds, name) + by for name, by in more.items()})


moves = st.lists(
    st.one_of(
        st.tuples(st.just("arrive"), st.integers(0, 4), st.integers(0, 3), st.booleans()),
        st.tuples(st.just("leave"), st.integers(0, 30), st.just(0), st.just(False)),
    ),
    max_size=50,
)


@untimed
@given(bounds=bounded, more=wider, script=moves, order=st.randoms(use_true_random=False))
def test_every_bound_holds_nobody_waits_for_nothing_and_all_are_served(
    bounds: Bounds, more: dict[str, int], script: list[tuple[str, int, int, bool]], order: object
) -> None:
    first = widened(bounds, more)
    them, plain = FairQueues(bounds, first), Plain(bounds, first)
    for number, (step, which, user, in_order) in enumerate(script):
        if step == "arrive":
            turn = Turn(group=which, guild=100 + which % 2, user=user)
            foretold = them.full(which, user, guild=turn.guild)
            before = plain.in_order.get(which) if plain.count(group=which) else None
            arrival = them.arrive(number, which, user, guild=turn.guild, in_order=in_order)
            others = tuple(each for each in arrival.admitted if each != number)
            plain.in_order[which] = in_order
            plain.begin(others)
            taken = plain.takes(turn)
            assert arrival.taken is taken
            assert foretold is not taken or before is not in_order
            if taken:
                turn.runs = number in arrival.admitted
                assert turn.runs is plain.may_run(turn)
                plain.turns[number] = turn
        elif plain.turns:
            gone = sorted(plain.turns)[which % len(plain.turns)]
            del plain.turns[gone]
            plain.begin(them.leave(gone))
            assert them.leave(gone) == ()
        plain.check(them)
    while running := sorted(number for number, turn in plain.turns.items() if turn.runs):
        gone = order.choice(running)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
        del plain.turns[gone]
        plain.begin(them.leave(gone))
        plain.check(them)
    assert not plain.turns
    assert not any((them._turns, them._groups, them._users, them._guilds, them._waiting, them._running))


def test_one_user_over_many_channels_leaves_room_for_all_others() -> None:
    them = FairQueues(SMALL)
    taken = [them.arrive(number, number % 29, 7, guild=number % 29 // 10) for number in range(580)]
    assert sum(len(arrival.admitted) for arrival in taken) == SMALL.user_at_once
    assert sum(arrival.taken for arrival in taken) == SMALL.user_at_once + SMALL.user_waiting
    assert them.arrive(1000, 5, 8, guild=0).admitted == (1000,)
    assert them.arrive(1001, 500, 9).admitted == (1001,)


def test_one_user_holds_half_of_a_channel_at_most() -> None:
    them = FairQueues(SMALL)
    assert [them.arrive(number, 1, 7, guild=1).admitted for number in range(4)] == [(0,), (1,), (), ()]
    assert them.arrive(10, 1, 8, guild=1).admitted == (10,)
    assert them.order(1) == (2, 3)
    assert them.leave(10) == ()
    assert them.leave(0) == (2,)


def test_a_place_of_a_user_s_own_goes_to_their_oldest_queue() -> None:
    them = FairQueues(SMALL)
    for number, channel in enumerate([1, 2, 3, 4, 5]):
        them.arrive(number, channel, 7, guild=channel)
    assert them.leave(1) == (3,)
    them.arrive(5, 4, 7, guild=4)
    assert them.leave(0) == (4,)
    assert them.leave(2) == (5,)


def test_who_has_nothing_running_does_not_wait_behind_those_who_have_several() -> None:
    first = replace(SMALL, at_once=8, all_at_once=12, guild_at_once=8)
    them = FairQueues(SMALL, first)
    for number in range(40):
        them.arrive(number, 1, number // 20, guild=1)
    assert len(them.order(1)) == 6
    assert [them.arrive(100 + user, 1, user, guild=1).admitted for user in range(50, 54)] == [
        (100 + user,) for user in range(50, 54)
    ]
    assert not them.arrive(200, 1, 50, guild=1).admitted


def test_of_those_that_wait_one_who_has_nothing_running_is_next() -> None:
    them = FairQueues(SMALL)
    for number, user in enumerate([1, 1, 2, 2, 1, 3]):
        them.arrive(number, 1, user, guild=1)
    assert them.order(1) == (5, 4)
    assert them.leave(2) == (5,)


def test_who_has_nothing_is_still_taken_where_others_have_filled_the_line() -> None:
    them = FairQueues(SMALL, replace(SMALL, waiting=9, whole=41, guild_whole=21))
    for number in range(300):
        them.arrive(number, number % 2, number // 12, guild=1)
    assert len(them) == SMALL.guild_whole + 1
    assert not them.arrive(1000, 1, 0, guild=1).taken


def test_bounds_on_first_turns_below_those_on_others_are_refused() -> None:
    with pytest.raises(ValueError, match="first turns"):
        FairQueues(SMALL, replace(SMALL, at_once=1))


def test_one_guild_never_takes_all_however_many_are_in_it() -> None:
    them = FairQueues(SMALL)
    for number in range(100):
        them.arrive(number, number % 10, number, guild=1)
    assert len(them) == SMALL.guild_whole
    assert [them.arrive(1000 + n, 50, 1000 + n, guild=2).admitted for n in range(4)] == [(1000 + n,) for n in range(4)]


@untimed
@given(guilds=st.integers(2, 6), ended=st.randoms(use_true_random=False))
def test_one_who_comes_when_all_is_full_waits_for_one_turn_of_each_guild_before(guilds: int, ended: object) -> None:
    bounds = Bounds(at_once=4, waiting=100, per_user=100, whole=1000, all_at_once=8, guild_at_once=4)
    them = FairQueues(bounds)
    turns = iter(range(10_000))
    running: list[int] = []
    for _ in range(30):
        for guild in range(guilds):
            running += them.arrive(next(turns), guild * 10, guild, guild=guild).admitted
    assert them.arrive(99_999, 990, 990, guild=99).admitted == ()
    for _ in range(guilds + 1):
        gone = running.pop(ended.randrange(len(running)))  # type: ignore[attr-defined]  # hypothesis gives a random.Random
        begun = them.leave(gone)
        running += begun
        for guild in range(guilds):  # the others never stop asking
            them.arrive(next(turns), guild * 10, guild, guild=guild)
        if 99_999 in begun:
            return
    pytest.fail("it still waits")


@pytest.mark.parametrize("name", [each.name for each in fields(Bounds)])
def test_a_bound_under_which_nothing_could_run_is_refused(name: str) -> None:
    values = {each.name: getattr(SMALL, each.name) for each in fields(Bounds)}
    with pytest.raises(ValueError, match="too small"):
        Bounds(**values | {name: -1 if name == "waiting" else 0})


def test_thousands_of_turns_cost_little_each() -> None:
    """A hundredth of what a look at all turns for each would take: some 20 µs, where the machine is free."""
    bounds = Bounds(
        at_once=10, waiting=20, per_user=5, whole=10_000, all_at_once=256, guild_at_once=128, user_at_once=6
    )
    them = FairQueues(bounds)
    began_s = time.process_time()
    admitted = Counter[int]()
    for number in range(5000):
        them.arrive(number, number % 500, number % 900, guild=number % 50)
    for number in range(5000):
        admitted.update(them.leave(number))
    took_s = time.process_time() - began_s
    assert max(admitted.values()) == 1
    assert took_s / 10_000 < 0.002
