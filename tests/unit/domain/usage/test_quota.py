"""What a demand gets of a quota, and what is told of what is left."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.usage.quota import (
    Amount,
    Demand,
    Grant,
    QuotaLeft,
    Quotas,
    day_of,
    grant,
    least_answer,
    resets_at,
    tightest,
)
from bot.errors import Holder, Resource, Shortage

TODAY = date(2026, 3, 1)
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)

counts = st.integers(min_value=0, max_value=50)
amounts = st.builds(Amount, calls=counts, tokens=counts, pictures=counts)
quotas = st.builds(Quotas, user=amounts, guild=amounts, everywhere=amounts, bot=amounts)
demands = st.builds(
    Demand,
    calls=st.integers(min_value=1, max_value=4),
    prompt_tokens=counts,
    new_tokens=st.integers(min_value=1, max_value=50),
    least_new_tokens=st.just(1),
    pictures=st.integers(min_value=0, max_value=4),
    without_pictures=st.booleans(),
)


@given(demands, quotas, quotas)
def test_what_is_granted_is_never_more_than_is_left(demand: Demand, limits: Quotas, spent: Quotas) -> None:
    granted = grant(demand, limits, spent, TODAY)
    if isinstance(granted, Shortage):
        assert limits.of(granted.holder).of(granted.resource) == granted.limit
        assert granted.left == max(0, granted.limit - spent.of(granted.holder).of(granted.resource))
        return
    for holder in Holder:
        for resource in Resource:
            limit = limits.of(holder).of(resource)
            if limit and granted.reserved.of(resource):
                assert granted.spent.of(holder).of(resource) <= limit
    assert 1 <= granted.new_tokens <= demand.new_tokens
    assert granted.reserved.calls == demand.calls
    assert granted.reserved.tokens == demand.prompt_tokens + demand.calls * granted.new_tokens
    assert granted.reserved.pictures == (0 if granted.shortage else demand.pictures)
    assert granted.spent == spent + granted.reserved


@given(demands, quotas)
def test_without_a_limit_everything_is_granted(demand: Demand, spent: Quotas) -> None:
    granted = grant(demand, Quotas(), spent, TODAY)
    assert isinstance(granted, Grant)
    assert (granted.new_tokens, granted.reserved.pictures) == (demand.new_tokens, demand.pictures)


def test_an_answer_that_would_be_too_short_is_not_asked_for() -> None:
    limits = Quotas(user=Amount(tokens=100))
    demand = Demand(prompt_tokens=40, new_tokens=2048, least_new_tokens=least_answer(2048))
    refused = grant(demand, limits, Quotas(), TODAY)
    assert isinstance(refused, Shortage)
    assert (refused.resource, refused.left, refused.resets_at) == (Resource.TOKENS, 100, MIDNIGHT)
    granted = grant(Demand(prompt_tokens=30, new_tokens=2048, least_new_tokens=64), limits, Quotas(), TODAY)
    assert isinstance(granted, Grant)
    assert granted.new_tokens == 70


def test_an_answer_may_be_set_to_be_short() -> None:
    assert (least_answer(2048), least_answer(10)) == (64, 10)


def test_the_tighter_of_two_quotas_counts() -> None:
    limits = Quotas(user=Amount(calls=10), guild=Amount(calls=100))
    left = tightest(Resource.CALLS, limits, Quotas(user=Amount(calls=2), guild=Amount(calls=95)), TODAY)
    assert left == QuotaLeft(resource=Resource.CALLS, holder=Holder.GUILD, left=5, limit=100, resets_at=MIDNIGHT)
    assert tightest(Resource.TOKENS, limits, Quotas(), TODAY) is None


@pytest.mark.parametrize(
    ("left", "limit", "low"), [(0, 20, True), (4, 20, True), (5, 20, False), (1, 3, True), (2, 3, False), (0, 1, True)]
)
def test_little_is_a_fifth_or_one(left: int, limit: int, low: bool) -> None:
    quota = QuotaLeft(resource=Resource.PICTURES, holder=Holder.PERSON, left=left, limit=limit, resets_at=MIDNIGHT)
    assert quota.low is low
    assert quota.short.value == "quota_person_pictures"


def test_a_day_is_utc() -> None:
    late = datetime(2026, 3, 2, 1, tzinfo=timezone(timedelta(hours=8)))
    assert day_of(late) == TODAY
    assert resets_at(TODAY) == MIDNIGHT
