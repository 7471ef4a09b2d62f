"""What a model's refusals tell of the longest prompt that it takes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.model.window import MOST_RATIO, Limit, answer_room

# A slow machine is no fault of the code.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

tokens = st.integers(1, 200_000)
maybe = st.one_of(st.none(), tokens)


def test_nothing_is_known_at_first_but_what_a_window_says() -> None:
    assert Limit().most(None, 1000) is None
    assert Limit().most(5000, 1000) == 3600


def test_both_lengths_tell_how_much_fits() -> None:
    limit = Limit().refused(2000, answer_tokens=1000, window_tokens=4000, prompt_tokens=8000)
    assert (limit.ratio, limit.most_tokens, limit.misses) == (4.0, 675, 1)
    assert limit.most(4000, 1000) == 675


def test_a_length_that_no_prompt_has_is_not_believed() -> None:
    limit = Limit().refused(2000, answer_tokens=1000, window_tokens=4000, prompt_tokens=9_999_999)
    assert limit.ratio == MOST_RATIO
    assert answer_room(1, 1000) == 1


@pytest.mark.parametrize("window", [None, 4000])
def test_without_the_prompt_s_length_half_of_it_may_fit(window: int | None) -> None:
    assert Limit().refused(2000, answer_tokens=1000, window_tokens=window).most_tokens == 1000


def test_a_small_window_tells_more_than_half() -> None:
    assert Limit().refused(2000, answer_tokens=1000, window_tokens=500).most_tokens == 225


@untimed
@given(tokens, tokens, maybe, maybe)
def test_what_may_fit_is_always_less_than_what_did_not(
    estimate: int, answer: int, window: int | None, prompt: int | None
) -> None:
    limit = Limit().refused(estimate, answer_tokens=answer, window_tokens=window, prompt_tokens=prompt)
    assert limit.most_tokens is not None
    assert 1 <= limit.most_tokens <= max(1, estimate * 9 // 10)


@untimed
@given(st.integers(2, 200_000), tokens)
def test_prompt_and_answer_are_within_the_window(window: int, answer: int) -> None:
    most = Limit().most(window, answer)
    assert most is not None
    assert most + answer_room(window, answer) <= window
