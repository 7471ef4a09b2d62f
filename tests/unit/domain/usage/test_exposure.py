"""What one stranger could spend in a day."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.settings.kinds import Value
from bot.domain.settings.layers import Operator
from bot.domain.usage.exposure import DAY_S, TURN_S, Exposure, Pace, dearest, exposure_of, in_words
from bot.domain.usage.quota import Amount, Cost, Quotas

PACE = Pace(turns=2, drawings=3, pictures=10)
IN_TIME = int((2 + 10) * DAY_S / TURN_S)
PRICES: dict[str, Value] = {"cost_per_1000_tokens": 0.01, "cost_per_picture": 0.02, "cost_currency": "USD"}
CEILINGS = {"max_new_tokens": 1000, "context_tokens": 9000, "context_messages": 10}


def exposed(
    defaults: Mapping[str, Value] | None = None,
    *,
    ceilings: Mapping[str, Value] = CEILINGS,
    totals: Quotas | None = None,
    pace: Pace = PACE,
) -> Exposure:
    operator = Operator(defaults=defaults or {}, available={}, ceilings=ceilings)
    return exposure_of(operator, totals or Quotas(), pace, longest_question=6000)


def test_only_time_bounds_what_no_quota_does() -> None:
    found = exposed()
    assert (found.calls, found.pictures, found.timed) == (IN_TIME, IN_TIME, True)
    persona = found.tokens / IN_TIME - 9000 - 1000
    assert 2000 < persona < 12_000  # the longest system prompt goes with every question


def test_a_server_of_a_strangers_own_goes_up_to_the_ceilings() -> None:
    found = dearest(Operator(defaults={"max_count": 2}, available={}, ceilings={"max_new_tokens": 1000}))
    assert (found.max_new_tokens, found.context_tokens, found.context_messages) == (1000, 200_000, 200)
    assert (found.max_count, found.max_steps, found.max_megapixels) == (2, 60, 2.4)
    assert exposed(ceilings={}).tokens > 5 * exposed().tokens


def test_a_question_may_be_longer_than_what_is_remembered() -> None:
    assert (
        exposed(ceilings={**CEILINGS, "context_tokens": 100}).tokens
        == exposed(ceilings={**CEILINGS, "context_tokens": 6000}).tokens
    )


@pytest.mark.parametrize(
    ("totals", "calls", "tokens", "pictures"),
    [
        (Quotas(everywhere=Amount(calls=50)), 50, None, 50),
        (Quotas(everywhere=Amount(tokens=70_000)), IN_TIME, 70_000, IN_TIME),
        (Quotas(bot=Amount(pictures=5), everywhere=Amount(pictures=9)), IN_TIME, None, 5),
        (Quotas(user=Amount(calls=1), guild=Amount(calls=1)), IN_TIME, None, IN_TIME),
    ],
    ids=["requests", "tokens", "pictures", "quotas of a server begin anew in each"],
)
def test_quotas_over_everything_bound_it(totals: Quotas, calls: int, tokens: int | None, pictures: int) -> None:
    found = exposed(totals=totals)
    assert (found.calls, found.pictures) == (calls, pictures)
    assert tokens in (None, found.tokens)
    assert found.timed is (not totals.everywhere.calls)


def test_where_pictures_alone_are_bounded_it_says_what_bounds_the_rest() -> None:
    assert "2 questions and 3 drawings at once" in in_words(exposed(totals=Quotas(everywhere=Amount(pictures=5))))


def test_the_price_is_that_of_talk_and_pictures_together() -> None:
    talk = exposed({**PRICES, "cost_per_picture": 0.0})
    assert talk.price == Cost(amount=talk.tokens / 1000 * 0.01, currency="USD")
    assert exposed({**PRICES, "cost_per_1000_tokens": 0.0}).price == Cost(amount=IN_TIME * 0.02, currency="USD")
    assert exposed().price is None


def test_quotas_of_all_kinds_are_all_used_up() -> None:
    quotas = Quotas(everywhere=Amount(calls=100, tokens=100_000, pictures=10))
    # 100 thousand tokens at 0.01, and 10 pictures at 0.02.
    assert exposed(PRICES, totals=quotas).price == Cost(amount=1.2, currency="USD")


def test_processes_that_share_the_shards_have_a_pace_each() -> None:
    one, four = exposed(), exposed(pace=Pace(turns=2, drawings=3, pictures=10, processes=4))
    assert (four.calls, four.tokens) == (4 * one.calls, 4 * one.tokens)
    assert "in each of 4 processes" in in_words(four)
    assert "processes" not in in_words(one)


def test_it_is_said_with_how_it_was_worked_out() -> None:
    words = in_words(exposed(PRICES))
    for part in (
        "103,680 requests",
        "million tokens",
        "103,680 pictures",
        "USD",
        "2 questions and 3 drawings at once",
        "10 s",
    ):
        assert part in words
    bounded = in_words(exposed(totals=Quotas(everywhere=Amount(calls=50))))
    assert "50 requests" in bounded
    assert "10 s" not in bounded


amounts = st.builds(Amount, calls=st.integers(0, 100), tokens=st.integers(0, 10**6), pictures=st.integers(0, 100))


@given(st.builds(Quotas, everywhere=amounts, bot=amounts))
def test_no_quota_makes_it_more(totals: Quotas) -> None:
    free, found = exposed(PRICES), exposed(PRICES, totals=totals)
    assert (found.calls <= free.calls, found.tokens <= free.tokens, found.pictures <= free.pictures) == (True,) * 3
    for each in (totals.everywhere, totals.bot):
        assert found.calls <= (each.calls or free.calls)
        assert found.tokens <= (each.tokens or free.tokens)
        assert found.pictures <= (each.pictures or free.pictures)
