"""Reports of usage: by day, by channel, by person, and who may see them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.messages import Place
from bot.domain.quota import Account, Cost, day_of
from bot.domain.usage import Used
from bot.errors import Resource
from bot.services.usage import Share, Span, UsageRefusal, UsageRefusedError, UsageReport, UsageScope, UsageService
from tests.fakes.asks import ANN, BOB, HERE
from tests.fakes.clock import START
from tests.fakes.house import House

TODAY = day_of(START)
ANNS = Account(day=TODAY, guild_id=1, channel_id=1000, user_id=ANN.id)
BOBS = replace(ANNS, user_id=BOB.id)
ONE = Used(calls=1, prompt_tokens=3, completion_tokens=7, total_tokens=10)
TWO = replace(ONE, calls=2, total_tokens=20, pictures=1)
DIRECT = Place(channel_id=2000)
ABROAD = replace(HERE, by_token_only=True)
"""A guild where the bot is no member: somebody carries it along."""


class Office(House):
    """A house that reports."""

    def __init__(self, **operator: object) -> None:
        super().__init__(operator=operator)
        self.usage.used = {
            ANNS: ONE,
            replace(ANNS, channel_id=1001): TWO,
            replace(ANNS, day=TODAY - timedelta(days=6)): ONE,
            replace(ANNS, day=TODAY - timedelta(days=7)): ONE,
            BOBS: TWO,
            replace(ANNS, guild_id=2): ONE,
            replace(ANNS, guild_id=0, channel_id=2000): ONE,
        }

    async def report(
        self,
        scope: UsageScope,
        span: Span = Span.WEEK,
        *,
        place: Place = HERE,
        manages: bool = False,
        person_id: int | None = None,
    ) -> UsageReport:
        service = UsageService(self.usage, self.quota, self.settings, self.clock)
        return await service.report(place, ANN.id, scope, span, manages_guild=manages, person_id=person_id)


async def test_one_s_own_usage_by_day_and_channel() -> None:
    report = await Office().report(UsageScope.PERSON)
    assert [day.day for day in report.days] == [TODAY - timedelta(days=number) for number in range(6, -1, -1)]
    assert [day.used for day in report.days] == [ONE, *[Used()] * 5, ONE + TWO]
    assert report.total == ONE + ONE + TWO
    assert report.channels == (Share(id=1001, used=TWO), Share(id=1000, used=ONE + ONE))
    assert report.persons == ()
    assert {row.account.user_id for row in report.rows} == {ANN.id}


@pytest.mark.parametrize(("span", "days", "calls"), [(Span.DAY, 1, 3), (Span.WEEK, 7, 4), (Span.MONTH, 30, 5)])
async def test_a_span_ends_today(span: Span, days: int, calls: int) -> None:
    report = await Office().report(UsageScope.PERSON, span)
    assert (len(report.days), report.total.calls, report.days[-1].day) == (days, calls, TODAY)


async def test_a_channel_s_usage_names_nobody_to_those_who_do_not_manage_the_server() -> None:
    report = await Office().report(UsageScope.CHANNEL)
    assert report.total == ONE + ONE + TWO
    assert (report.persons, report.channels) == ((), ())
    assert {row.account.user_id for row in report.rows} == {0}
    assert sum((row.used for row in report.rows), Used()) == report.total
    managed = await Office().report(UsageScope.CHANNEL, manages=True)
    assert managed.persons == (Share(id=BOB.id, used=TWO), Share(id=ANN.id, used=ONE + ONE))
    assert {row.account.user_id for row in managed.rows} == {ANN.id, BOB.id}


async def test_a_guild_s_usage_is_for_those_who_manage_it() -> None:
    report = await Office().report(UsageScope.GUILD, manages=True)
    assert report.total == ONE + ONE + TWO + TWO
    assert [share.id for share in report.persons] == [ANN.id, BOB.id]
    assert {share.id for share in report.channels} == {1000, 1001}
    assert (await Office().report(UsageScope.PERSON, manages=True, person_id=BOB.id)).total == TWO


@pytest.mark.parametrize(("scope", "whose"), [(UsageScope.PERSON, TWO), (UsageScope.GUILD, ONE + TWO)])
async def test_what_is_left_is_of_whom_the_usage_is_else_of_the_asker(scope: UsageScope, whose: Used) -> None:
    report = await Office(person_calls_a_day=9).report(scope, manages=True, person_id=BOB.id)
    assert report.of_another is (scope is UsageScope.PERSON)
    assert [each.left for each in report.left] == [9 - whose.calls]


@pytest.mark.parametrize(
    ("scope", "place", "manages", "person", "refusal"),
    [
        (UsageScope.GUILD, HERE, False, None, UsageRefusal.NOT_A_MANAGER),
        (UsageScope.PERSON, HERE, False, BOB.id, UsageRefusal.NOT_A_MANAGER),
        (UsageScope.CHANNEL, HERE, False, BOB.id, UsageRefusal.NOT_A_MANAGER),
        (UsageScope.PERSON, DIRECT, True, BOB.id, UsageRefusal.NOT_A_MANAGER),
        (UsageScope.GUILD, DIRECT, True, None, UsageRefusal.NO_GUILD),
        (UsageScope.CHANNEL, DIRECT, False, None, UsageRefusal.NO_GUILD),
        (UsageScope.PERSON, ABROAD, True, BOB.id, UsageRefusal.NOT_A_MANAGER),
        (UsageScope.GUILD, ABROAD, True, None, UsageRefusal.NO_GUILD),
        (UsageScope.CHANNEL, ABROAD, True, None, UsageRefusal.NO_GUILD),
    ],
)
async def test_who_may_not_see(
    scope: UsageScope, place: Place, manages: bool, person: int | None, refusal: UsageRefusal
) -> None:
    with pytest.raises(UsageRefusedError) as caught:
        await Office().report(scope, place=place, manages=manages, person_id=person)
    assert caught.value.refusal is refusal


@pytest.mark.parametrize("place", [DIRECT, ABROAD])
async def test_what_is_outside_of_the_bot_s_guilds_is_counted_for_itself(place: Place) -> None:
    report = await Office().report(UsageScope.PERSON, place=place)
    assert report.total == ONE


async def test_what_is_left_and_what_it_cost_come_with_it() -> None:
    office = Office(person_calls_a_day=9, cost_per_1000_tokens=2.0, cost_per_picture=1.0, cost_currency="元")
    report = await office.report(UsageScope.PERSON)
    assert [(left.resource, left.left, left.limit) for left in report.left] == [(Resource.CALLS, 6, 9)]
    assert report.cost(report.total) == Cost(amount=1.08, currency="元")
