"""How long answers last, by those that were seen."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reply.lasting import LONGEST_S, NEVER, SEEN, Lasting

lengths = st.lists(st.floats(0.3, 200), max_size=80)


@given(lengths)
def test_ever_fewer_answers_are_alive_and_some_for_ever(seen: list[float]) -> None:
    lasting = Lasting(seen)
    alive = [lasting.alive(age / 4) for age in range(400)]
    assert alive[0] == 1
    assert alive == sorted(alive, reverse=True)
    assert alive[-1] >= NEVER - 1e-9
    assert all(0 <= lasting.ends_within(age, 0.8) < 1 for age in (0.0, 3.0, 59.9, 1e6))
    assert lasting.hazard(LONGEST_S) == lasting.hazard(1e6) == 0


@given(lengths, st.floats(0, 2 * LONGEST_S))
def test_the_time_lived_leads_back_to_the_age(seen: list[float], age: float) -> None:
    lasting = Lasting(seen)
    assert lasting.ended_at(lasting.lived(age)) == pytest.approx(age, abs=0.01)


def test_what_was_seen_outweighs_what_is_usual() -> None:
    lasting = Lasting()
    assert lasting.ends_within(3.0, 2.0) < 0.5
    for _ in range(SEEN):
        lasting.saw(4.0)
    assert lasting.ends_within(3.0, 2.0) > 0.9
    assert lasting.alive(3.0) > 0.9
    assert lasting.hazard(4.0) > 1 > lasting.hazard(2.5)


def test_only_the_latest_answers_are_remembered() -> None:
    lasting = Lasting([4.0] * SEEN)
    for _ in range(SEEN):
        lasting.saw(20.0)
    assert lasting.ends_within(3.0, 2.0) < 0.2


@pytest.mark.parametrize("nonsense", [0.0, -1.0, 0.1, math.nan, math.inf])
def test_what_is_no_length_says_nothing(nonsense: float) -> None:
    lasting = Lasting([nonsense])
    lasting.saw(nonsense)
    assert lasting.alive(1.0) == Lasting().alive(1.0)
