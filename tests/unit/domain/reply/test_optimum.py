"""How near the pace of a reply that is alone in its channel is to the best that there is, by dynamic programming."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from statistics import NormalDist

import pytest

from bot.domain.reply.lasting import Lasting
from bot.domain.reply.pacing import LAST_COUNTS_S, ChannelWindow, Waiting, next_edit_at

STEP_S = 0.2
LIMIT, WINDOW = 5, 25
"""Edits in a window, and its length in steps."""
CLOSED = WINDOW
Shares = Mapping[int, float]
"""Of each length in steps, the share of answers."""


def best(shares: Shares) -> float:
    """Return the least cost of an answer, in expectation, if edits may go at every step and what is likely is known.

    The cost is what the words wait together, in seconds for each second's words, and ``LAST_COUNTS_S`` times what the
    last ones wait. A final edit goes at once, or when the window ends if it has no edit left.
    """
    longest = max(shares)

    def ended(left: int, window: int, lag: int) -> float:
        if left or window == CLOSED:
            return 0.0
        return (WINDOW - window) * STEP_S * (lag * STEP_S + LAST_COUNTS_S)

    @cache
    def cost(age: int, left: int, window: int, lag: int) -> float:
        """Of an answer that goes on: its age, edits left, steps since the window opened, steps since it was shown."""
        wait = after_a_step(age, left, window, lag)
        if window == CLOSED:
            return min(wait, after_a_step(age, LIMIT - 1, 0, 0))
        return min(wait, after_a_step(age, left - 1, window, 0)) if left else wait

    def after_a_step(age: int, left: int, window: int, lag: int) -> float:
        waited = (lag + 0.5) * STEP_S * STEP_S
        window = window if window == CLOSED else window + 1
        left = LIMIT if window == CLOSED else left
        alive = sum(share for length, share in shares.items() if length > age)
        ends = shares.get(age + 1, 0.0) / alive
        found = waited + ends * ended(left, window, lag + 1)
        return found + (1 - ends) * cost(age + 1, left, window, lag + 1) if age + 1 < longest else found

    return cost(0, LIMIT, CLOSED, 0)


def of_rule(length_s: float, lasting: Lasting) -> float:
    """Return the cost of an answer by the rule: a message stands when it begins, and nothing takes time."""
    window, now, waited = ChannelWindow(whole=True), 0.0, 0.0
    while True:
        one = Waiting(key=0, shown_at=now, began_at=0.0)
        at = now
        while (later := next_edit_at(window, now=at, streams=1, one=one, lasting=lasting)) > at:
            at = later
        if at >= length_s:
            final = Waiting(key=0, shown_at=now, began_at=0.0, final=True)
            late_s = max(0.0, next_edit_at(window, now=length_s, streams=1, one=final, lasting=lasting) - length_s)
            return waited + (length_s - now) ** 2 / 2 + late_s * (length_s - now + LAST_COUNTS_S)
        waited += (at - now) ** 2 / 2
        window = window.sent(at)
        resets_at = window.resets_at
        assert resets_at is not None
        left = window.available(at)
        window = window.observe(now=at, limit=LIMIT, remaining=left, reset_after_s=resets_at - at - 0.01)
        now = at


def spread(median_s: float, deviation: float) -> dict[int, float]:
    """Spread lengths over a log-normal distribution."""
    normal = NormalDist(math.log(median_s), deviation)
    ends = [0.0, *(normal.cdf(math.log(step * STEP_S)) for step in range(1, round(3 * median_s / STEP_S) + 1))]
    shares = {step: ends[step] - ends[step - 1] for step in range(1, len(ends))}
    whole = sum(shares.values())
    return {step: share / whole for step, share in shares.items() if share > 1e-6}


@pytest.mark.parametrize(
    ("shares", "least", "most"),
    [({20: 1.0}, 0.99, 1.03), (spread(4.0, 0.2), 0.97, 1.03), ({40: 1.0}, 0.99, 1.05), (spread(3.0, 0.6), 0.95, 1.03)],
)
def test_an_answer_of_lengths_that_were_seen_is_shown_nearly_as_soon_as_it_could_be(
    shares: Shares, least: float, most: float
) -> None:
    """The rule may be better than the best of the steps, which are coarse."""
    seen, total = list[float](), 0.0
    for step in sorted(shares):
        total += shares[step]
        while len(seen) < 50 * total - 0.5:
            seen.append(step * STEP_S)
    lasting = Lasting(seen)
    found = sum(share * of_rule(step * STEP_S - 1e-6, lasting) for step, share in shares.items())
    assert least <= found / best(shares) <= most
