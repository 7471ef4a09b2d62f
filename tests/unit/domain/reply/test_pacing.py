"""When edits go: the rule alone, and against a simulated Discord on a virtual clock."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.reply.lasting import Lasting
from bot.domain.reply.pacing import LEFT, SLACK_S, ChannelWindow, Waiting, next_edit_at, next_grant

# A slow machine is no fault of the code.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Outcome(Protocol):
    lags: list[list[float]]
    requests: int
    refused: int
    mean: float
    last_mean: float
    worst: float

    def last(self, share: float) -> float: ...


class Simulator(Protocol):
    def stream(self, *, start: float = 0.0, rate: float = 50.0, tokens: int = 200, channel: int = 0) -> object: ...

    def network(
        self, *, least_s: float = 0.004, most_s: float = 0.004, sliding: bool = False, seed: int = 0
    ) -> object: ...

    def run(
        self,
        streams: list[object],
        *,
        network: object | None = None,
        edits: tuple[int, float] = (5, 5.0),
        seen: Sequence[float] = (),
    ) -> Outcome: ...


NOTHING_SEEN = Lasting()


def edit_at(window: ChannelWindow, *, now: float, streams: int, final: bool = False, yields: bool = False) -> float:
    """Ask for a reply of which it is not known when its text began: one of several, or one that goes on."""
    one = Waiting(key=0, shown_at=now, final=final, yields=yields)
    return next_edit_at(window, now=now, streams=streams, one=one, lasting=NOTHING_SEEN)


def opened(*, at: float = 100.0, remaining: int = 4) -> ChannelWindow:
    """A window whose first edit was answered at once."""
    window = ChannelWindow().sent(at)
    return window.observe(now=at, limit=5, remaining=remaining, reset_after_s=5.0)


# --- what is known of a bucket -------------------------------------------------------------------------------------


def test_a_window_is_full_at_first_and_opens_with_a_send() -> None:
    window = ChannelWindow()
    assert window.available(0.0) == 5
    window = window.sent(7.0)
    assert window.available(7.0) == 4
    assert window.resets_at == pytest.approx(12.0 + SLACK_S)


def test_headers_replace_what_was_guessed() -> None:
    window = ChannelWindow(whole=True).sent(7.0).observe(now=7.3, limit=4, remaining=1, reset_after_s=3.0)
    assert (window.limit, window.available(7.3), window.in_flight) == (4, 1, 0)
    assert window.resets_at == pytest.approx(10.3 + SLACK_S)
    assert window.available(10.4) == 4


def test_the_length_is_learnt_from_the_first_answer_of_a_window() -> None:
    window = ChannelWindow().sent(0.0).observe(now=0.1, limit=3, remaining=2, reset_after_s=9.0)
    assert window.length_s == 9.0
    later = window.sent(1.0).observe(now=1.1, limit=3, remaining=1, reset_after_s=8.0)
    assert later.length_s == 9.0


def test_answers_that_overtake_each_other_leave_the_smaller_count() -> None:
    window = ChannelWindow().sent(0.0).sent(0.0).sent(0.0)
    assert window.available(0.0) == 2
    window = window.observe(now=0.1, limit=5, remaining=2, reset_after_s=4.9)
    assert window.available(0.1) == 0  # two more may not be counted yet
    window = window.observe(now=0.2, limit=5, remaining=4, reset_after_s=4.85)
    window = window.observe(now=0.3, limit=5, remaining=3, reset_after_s=4.8)
    assert window.available(0.3) == 2
    assert window.resets_at == pytest.approx(5.0 + SLACK_S)


def test_an_answer_of_the_next_window_opens_it() -> None:
    window = opened(at=0.0, remaining=0)
    window = window.sent(4.99)
    window = window.observe(now=5.005, limit=5, remaining=4, reset_after_s=5.0)
    assert replace(window, whole=True).available(5.005) == 4
    assert window.resets_at == pytest.approx(10.005 + SLACK_S)


@pytest.mark.parametrize("reset_after_s", [None, math.nan, math.inf])
def test_without_headers_a_request_counts(reset_after_s: float | None) -> None:
    window = ChannelWindow().sent(0.0).observe(now=0.5, limit=5, remaining=4, reset_after_s=reset_after_s)
    assert window.available(0.5) == 4
    assert window.sent(1.0).failed(1.5).available(1.5) == 3


def test_hostile_headers_keep_counts_in_range() -> None:
    window = ChannelWindow(whole=True).sent(0.0).observe(now=0.0, limit=0, remaining=-3, reset_after_s=-1.0)
    assert (window.limit, window.available(0.0)) == (1, 0)
    assert window.available(SLACK_S) == 1


# --- the rule --------------------------------------------------------------------------------------------------------


def test_a_closed_window_is_opened_at_once() -> None:
    assert edit_at(ChannelWindow(), now=3.0, streams=5, final=False) == 3.0


def test_one_reply_is_edited_every_second() -> None:
    window, now, times = ChannelWindow(), 100.0, []
    for _ in range(11):
        now = max(now, edit_at(window, now=now, streams=1, final=False))
        times.append(now)
        remaining = 4 - (len(times) - 1) % 5
        reset_after_s = 5.0 - 1.0 * ((len(times) - 1) % 5)
        window = window.sent(now).observe(now=now, limit=5, remaining=remaining, reset_after_s=reset_after_s)
    gaps = [after - before for before, after in pairwise(times)]
    assert gaps == pytest.approx([1.0] * 10, abs=2 * SLACK_S)


def test_what_a_pause_left_over_is_spent_before_the_window_ends() -> None:
    window = opened(at=100.0)
    assert edit_at(window, now=104.0, streams=1, final=False) <= 104.0
    window = window.sent(104.0).observe(now=104.0, limit=5, remaining=3, reset_after_s=1.0)
    assert edit_at(window, now=104.0, streams=1, final=False) == pytest.approx(104.25, abs=SLACK_S)


def test_many_replies_hold_edits_back_early_in_the_window() -> None:
    window = opened(at=100.0)
    assert edit_at(window, now=101.0, streams=5, final=False) == pytest.approx(103.0, abs=2 * SLACK_S)
    assert edit_at(window, now=101.0, streams=5, final=True) == 101.0


def test_an_empty_window_is_waited_for_by_final_edits_too() -> None:
    window = opened(at=100.0, remaining=0)
    for final in (False, True):
        assert edit_at(window, now=101.0, streams=2, final=final) == pytest.approx(105.0 + SLACK_S)


def test_a_bucket_of_one_still_moves() -> None:
    window = ChannelWindow().sent(0.0).observe(now=0.0, limit=1, remaining=0, reset_after_s=2.0)
    assert edit_at(window, now=1.0, streams=3, final=False) == pytest.approx(2.0 + SLACK_S)
    assert edit_at(window, now=2.5, streams=3, final=False) == 2.5


def test_unanswered_requests_that_fill_the_window_are_waited_for() -> None:
    window = ChannelWindow()
    for _ in range(5):
        window = window.sent(0.0)
    rolled = window.rolled(6.0)
    assert rolled.available(6.0) == 0
    assert edit_at(rolled, now=4.0, streams=1, final=False) > 4.0


def test_final_edits_go_first_then_whoever_was_shown_longest_ago() -> None:
    waiting = [
        Waiting(key=1, shown_at=3.0),
        Waiting(key=2, shown_at=1.0),
        Waiting(key=3, shown_at=9.0, final=True),
    ]
    window = opened(at=100.0)
    grant = next_grant(window, now=100.1, waiting=waiting, streams=3, lasting=NOTHING_SEEN)
    assert grant is not None
    assert (grant.key, grant.at) == (3, 100.1)
    grant = next_grant(window, now=100.1, waiting=waiting[:2], streams=2, lasting=NOTHING_SEEN)
    assert grant is not None
    assert grant.key == 2
    assert grant.at > 100.1
    assert next_grant(window, now=100.1, waiting=[], streams=1, lasting=NOTHING_SEEN) is None


@untimed
@given(
    now=st.floats(0, 20),
    streams=st.integers(1, 60),
    remaining=st.integers(0, 4),
    final=st.booleans(),
)
def test_an_edit_goes_by_the_end_of_the_window_at_the_latest(
    now: float, streams: int, remaining: int, final: bool
) -> None:
    window = opened(at=0.0, remaining=remaining)
    at = edit_at(window, now=now, streams=streams, final=final)
    assert at <= max(now, 5.0 + SLACK_S)
    if at <= now:
        assert window.available(now) > 0


@untimed
@given(
    now=st.floats(5, 20),
    streams=st.integers(1, 3),
    remaining=st.integers(1, 4),
    age=st.floats(0, 100),
    lengths=st.lists(st.floats(0.3, 90), max_size=60),
)
def test_a_reply_waits_for_no_longer_than_a_window_whatever_lengths_were_seen(
    now: float, streams: int, remaining: int, age: float, lengths: list[float]
) -> None:
    window = opened(at=5.0, remaining=remaining)
    one = Waiting(key=0, shown_at=5.0, began_at=5.0 - age)
    for known in (window, ChannelWindow()):
        at = next_edit_at(known, now=now, streams=streams, one=one, lasting=Lasting(lengths))
        assert at <= max(now, 10.0 + SLACK_S)
    final = next_edit_at(window, now=now, streams=streams, one=replace(one, final=True), lasting=Lasting(lengths))
    assert final == now


@untimed
@given(
    gaps=st.lists(st.floats(0, 2), min_size=1, max_size=60),
    takes=st.lists(st.floats(0.08, 0.3), min_size=60, max_size=60),
    final=st.booleans(),
)
def test_no_time_of_a_window_s_length_sees_more_than_the_window_allows(
    gaps: list[float], takes: list[float], final: bool
) -> None:
    """Until the bucket is seen to reset as a whole, and without the headers telling of it."""
    window, now, seen = ChannelWindow(), 0.0, list[float]()
    for gap_s, took_s in zip(gaps, takes, strict=False):
        now += gap_s
        while (at := edit_at(window, now=now, streams=2, final=final)) > now:
            now = at
        window = window.sent(now)
        seen.append(now + took_s / 2)
        now += took_s
        window = window.observe(now=now, limit=5, remaining=4 if len(seen) % 5 == 1 else 0, reset_after_s=None)
    for first in seen:
        assert len([at for at in seen if first <= at < first + 5.0]) <= 5


def test_a_bucket_that_resets_as_a_whole_is_known_by_what_it_tells() -> None:
    window, now = ChannelWindow(), 0.0
    for used in (1, 2, 3, 4, 5):
        window = window.sent(now).observe(now=now + 0.1, limit=5, remaining=5 - used, reset_after_s=4.9 - now)
        now += 1.0
    assert not window.whole
    assert window.available(5.05) == 1  # all that it may be if it slides
    reset = window.sent(5.1).observe(now=5.2, limit=5, remaining=4, reset_after_s=4.9)
    assert reset.whole
    assert reset.available(5.2) == 4
    slid = window.sent(5.1).observe(now=5.2, limit=5, remaining=0, reset_after_s=0.9)
    assert not slid.whole
    assert slid.available(5.2) == 0


def test_requests_side_by_side_prove_nothing() -> None:
    window = ChannelWindow().sent(0.0).sent(0.0)
    window = window.observe(now=0.1, limit=5, remaining=4, reset_after_s=4.9)
    assert not window.observe(now=0.2, limit=5, remaining=4, reset_after_s=4.9).whole


@pytest.mark.parametrize("yields", [False, True])
def test_what_yields_leaves_most_of_a_window_to_others(yields: bool) -> None:
    for remaining in range(1, 5):
        at = edit_at(opened(at=100.0, remaining=remaining), now=100.1, streams=2, final=True, yields=yields)
        assert (at > 100.1) is (yields and remaining <= LEFT * 5)
    assert edit_at(ChannelWindow(), now=100.1, streams=2, final=True, yields=yields) == 100.1


def test_of_final_edits_those_that_yield_go_last_and_hold_up_nobody() -> None:
    waiting = [
        Waiting(key=1, shown_at=0.0, final=True, yields=True),
        Waiting(key=2, shown_at=5.0, final=True),
    ]
    grant = next_grant(opened(at=100.0), now=100.1, waiting=waiting, streams=2, lasting=NOTHING_SEEN)
    assert grant is not None
    assert (grant.key, grant.at) == (2, 100.1)
    tight = opened(at=100.0, remaining=1)
    waiting = [Waiting(key=1, shown_at=0.0, final=True, yields=True), Waiting(key=2, shown_at=5.0)]
    grant = next_grant(tight, now=104.9, waiting=waiting, streams=1, lasting=NOTHING_SEEN)
    assert grant is not None
    assert grant.key == 2


# --- the figures of the issue, on virtual time -----------------------------------------------------------------------


def test_one_stream(simulator: Simulator) -> None:
    outcome = simulator.run([simulator.stream(tokens=400)])
    assert outcome.mean <= 0.48
    assert outcome.last_mean <= 0.01
    assert outcome.refused == 0
    assert simulator.run([simulator.stream(tokens=400)], seen=[8.0] * 10).mean <= 0.445  # known before: .425


def test_five_streams_in_one_channel(simulator: Simulator) -> None:
    outcome = simulator.run([simulator.stream() for _ in range(5)])
    assert outcome.mean <= 2.05
    assert outcome.last(0.95) <= 1.06
    assert outcome.last_mean <= 0.65
    assert outcome.refused == 0


def test_ten_channels(simulator: Simulator) -> None:
    streams = [simulator.stream(channel=channel) for channel in range(10)]
    outcome = simulator.run(streams)
    assert outcome.mean <= 0.435
    assert outcome.last(0.95) <= 0.01
    outcome = simulator.run(streams, seen=[4.0] * 10)
    assert outcome.mean <= 0.405  # known before: .40
    assert outcome.last(0.95) <= 0.01


def test_fifty_channels(simulator: Simulator) -> None:
    outcome = simulator.run([simulator.stream(channel=channel) for channel in range(50)])
    assert outcome.mean <= 0.65
    assert outcome.last(0.95) <= 0.12
    assert outcome.refused == 0


def test_forty_short_replies(simulator: Simulator) -> None:
    outcome = simulator.run([simulator.stream(channel=channel, tokens=20, rate=100.0) for channel in range(40)])
    assert outcome.last(0.95) <= 0.85
    assert outcome.refused == 0
    assert outcome.requests <= 84


@pytest.mark.parametrize("sliding", [False, True])
@pytest.mark.parametrize(
    ("streams", "channels", "tokens", "rate", "mean", "last"),
    [(1, 1, 400, 50, 0.62, 1.0), (10, 10, 200, 50, 0.55, 0.2), (40, 40, 20, 100, 0.85, 1.1), (5, 1, 200, 50, 3.2, 5.2)],
)
def test_behind_a_network_nothing_is_refused(
    simulator: Simulator,
    streams: int,
    channels: int,
    tokens: int,
    rate: float,
    mean: float,
    last: float,
    sliding: bool,
) -> None:
    network = simulator.network(least_s=0.08, most_s=0.3, sliding=sliding, seed=1)
    asked = [
        simulator.stream(channel=number % channels, tokens=tokens, rate=rate, start=number / 400)
        for number in range(streams)
    ]
    outcome = simulator.run(asked, network=network)
    assert outcome.refused == 0
    assert outcome.mean <= mean
    assert outcome.last(0.95) <= last


def test_fifty_that_end_when_most_do_have_their_last_edits_soon(simulator: Simulator) -> None:
    network = simulator.network(least_s=0.08, most_s=0.3, sliding=True, seed=1)
    streams = [simulator.stream(channel=channel, start=channel / 150) for channel in range(50)]
    outcome = simulator.run(streams, network=network, seen=[4.0] * 50)
    assert outcome.refused == 0
    assert outcome.last(0.95) <= 0.5
    assert outcome.mean <= 0.84


@pytest.mark.parametrize(
    ("streams", "way_s", "mean", "last"),
    [(1, 0.004, 0.50, 0.7), (5, 0.004, 1.85, 0.55), (8, 0.004, 3.0, 0.55), (5, 0.16, 2.0, 0.9)],
)
def test_replies_of_any_length(simulator: Simulator, streams: int, way_s: float, mean: float, last: float) -> None:
    means, lasts = [], []
    for seed in range(12):
        dice = random.Random(seed)
        outcome = simulator.run(
            [
                simulator.stream(
                    start=dice.uniform(0, 3),
                    rate=dice.uniform(20, 80),
                    tokens=min(1500, int(20 + dice.lognormvariate(math.log(280), 0.7))),
                )
                for _ in range(streams)
            ],
            network=simulator.network(least_s=way_s, most_s=way_s),
        )
        assert outcome.refused == 0
        means.append(outcome.mean)
        lasts.append(outcome.last(0.95))
    assert sum(means) / len(means) <= mean
    assert sum(lasts) / len(lasts) <= last


def test_no_reply_starves(simulator: Simulator) -> None:
    outcome = simulator.run([simulator.stream(tokens=3000, channel=0) for _ in range(6)])
    # Six share five edits a window, at the rate of one a second: no text waits much longer than two rounds.
    assert outcome.worst <= 13.0
    assert outcome.refused == 0


@pytest.mark.parametrize("edits", [(5, 5.0), (4, 6.0), (3, 2.0), (2, 10.0), (1, 1.0)])
@pytest.mark.parametrize("way_s", [0.004, 0.3])
def test_other_limits_are_learnt_and_kept(simulator: Simulator, edits: tuple[int, float], way_s: float) -> None:
    outcome = simulator.run(
        [simulator.stream(start=n / 3, tokens=900) for n in range(3)],
        edits=edits,
        network=simulator.network(least_s=way_s, most_s=way_s),
    )
    # Three replies begin at once with what is assumed; a smaller limit is known with the first answer.
    assert outcome.refused <= (2 if edits[0] < 3 else 0)
    rounds = -(-3 // edits[0]) + 2
    assert outcome.worst <= rounds * edits[1] + 1.0
