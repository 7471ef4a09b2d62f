"""Reports of usage: by day, by channel, by person, and who may see them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.people import Place
from bot.domain.usage.counts import Share, Shares, Used
from bot.domain.usage.quota import Account, Cost, day_of
from bot.errors import Resource
from bot.services.usage import report as usage_service
from bot.services.usage.report import (
    Cut,
    Span,
    Subject,
    UsageRefusal,
    UsageRefusedError,
    UsageReport,
    UsageScope,
    UsageService,
    whose,
)
from tests.fakes.asks import ANN, BOB, HERE
from tests.fakes.clock import START
from tests.fakes.houses.house import House

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
        user_id: int | None = None,
    ) -> UsageReport:
        service = UsageService(self.usage, self.quota, self.settings, self.clock)
        return await service.report(place, ANN.id, scope, span, manages_guild=manages, user_id=user_id)


async def test_one_s_own_usage_by_day_and_channel() -> None:
    report = await Office().report(UsageScope.PERSON)
    assert [day.day for day in report.days] == [TODAY - timedelta(days=number) for number in range(6, -1, -1)]
    assert [day.used for day in report.days] == [ONE, *[Used()] * 5, ONE + TWO]
    assert report.total == ONE + ONE + TWO
    assert report.channels == Shares(largest=(Share(id=1001, used=TWO), Share(id=1000, used=ONE + ONE)), count=2)
    assert report.users == Shares()
    assert {row.account.user_id for row in report.rows} == {ANN.id}


@pytest.mark.parametrize(("span", "days", "calls"), [(Span.DAY, 1, 3), (Span.WEEK, 7, 4), (Span.MONTH, 30, 5)])
async def test_a_span_ends_today(span: Span, days: int, calls: int) -> None:
    report = await Office().report(UsageScope.PERSON, span)
    assert (len(report.days), report.total.calls, report.days[-1].day) == (days, calls, TODAY)


async def test_a_channel_s_usage_names_nobody_to_those_who_do_not_manage_the_server() -> None:
    report = await Office().report(UsageScope.CHANNEL)
    assert report.total == ONE + ONE + TWO
    assert (report.users, report.channels) == (Shares(), Shares())
    assert {row.account.user_id for row in report.rows} == {0}
    assert sum((row.used for row in report.rows), Used()) == report.total
    managed = await Office().report(UsageScope.CHANNEL, manages=True)
    assert managed.users == Shares(largest=(Share(id=BOB.id, used=TWO), Share(id=ANN.id, used=ONE + ONE)), count=2)
    assert {row.account.user_id for row in managed.rows} == {ANN.id, BOB.id}


async def test_a_guild_s_usage_is_for_those_who_manage_it() -> None:
    report = await Office().report(UsageScope.GUILD, manages=True)
    assert report.total == ONE + ONE + TWO + TWO
    assert [share.id for share in report.users.largest] == [ANN.id, BOB.id]
    assert {share.id for share in report.channels.largest} == {1000, 1001}
    assert (await Office().report(UsageScope.PERSON, manages=True, user_id=BOB.id)).total == TWO


@pytest.mark.parametrize("place", [HERE, DIRECT, ABROAD], ids=["guild", "direct", "abroad"])
async def test_one_s_own_usage_everywhere_is_that_of_all_places(place: Place) -> None:
    report = await Office().report(UsageScope.EVERYWHERE, place=place)
    assert report.total == ONE + ONE + TWO + ONE + ONE
    assert (report.channels, report.users) == (Shares(), Shares()), "channels elsewhere have no names here"
    assert {(row.account.guild_id, row.account.user_id) for row in report.rows} == {(0, 11), (1, 11), (2, 11)}
    assert report.user_id == ANN.id


async def test_what_another_uses_everywhere_is_nobodys_business() -> None:
    with pytest.raises(UsageRefusedError) as refused:
        await Office().report(UsageScope.EVERYWHERE, manages=True, user_id=BOB.id)
    assert refused.value.refusal is UsageRefusal.OWN_ALONE


@pytest.mark.parametrize("scope", [scope for scope in UsageScope if scope is not UsageScope.EVERYWHERE])
async def test_a_user_s_usage_is_theirs_alone_in_every_scope(scope: UsageScope) -> None:
    office = Office()
    office.usage.used[replace(BOBS, channel_id=1001)] = ONE
    report = await office.report(scope, manages=True, user_id=BOB.id)
    in_channel = scope is UsageScope.CHANNEL
    assert (report.user_id, report.of_another) == (BOB.id, True)
    assert report.scope is (UsageScope.CHANNEL if in_channel else UsageScope.PERSON)
    assert report.total == (TWO if in_channel else TWO + ONE)
    assert report.channels.count == (0 if in_channel else 2)
    assert report.users == Shares()
    assert {row.account.user_id for row in report.rows} == {BOB.id}
    own = await office.report(scope, user_id=ANN.id)
    assert (own.user_id, own.of_another) == (ANN.id, False)
    assert own.total == (ONE + ONE if in_channel else ONE + ONE + TWO)
    assert {row.account.user_id for row in own.rows} == {ANN.id}


@pytest.mark.parametrize(
    ("most", "rows", "cut"),
    [
        (4, 4, None),
        (3, 3, Cut(first=TODAY, rows=3, whole=True)),
        (2, 2, Cut(first=TODAY, rows=2, whole=False)),
    ],
)
async def test_a_file_keeps_the_newest_and_the_sums_are_of_everything(
    monkeypatch: pytest.MonkeyPatch, most: int, rows: int, cut: Cut | None
) -> None:
    monkeypatch.setattr(usage_service, "MOST_ROWS", most)
    report = await Office().report(UsageScope.GUILD, manages=True)
    assert (len(report.rows), report.cut) == (rows, cut)
    assert report.total == ONE + ONE + TWO + TWO
    assert [row.account for row in report.rows] == sorted(
        (row.account for row in report.rows), key=lambda account: (account.day, account.channel_id, account.user_id)
    )
    if most == 2:
        assert {row.used for row in report.rows} == {TWO}, "of a day that is cut the largest rows are kept"


@pytest.mark.parametrize(
    ("scope", "user", "used"),
    [(UsageScope.PERSON, BOB.id, TWO), (UsageScope.CHANNEL, BOB.id, TWO), (UsageScope.GUILD, None, ONE + TWO)],
)
async def test_what_is_left_is_of_whom_the_usage_is_else_of_the_asker(
    scope: UsageScope, user: int | None, used: Used
) -> None:
    report = await Office(person_calls_a_day=9).report(scope, manages=True, user_id=user)
    assert report.of_another is (user is not None)
    assert [each.left for each in report.left] == [9 - used.calls]


@pytest.mark.parametrize(
    ("scope", "place", "manages", "user", "refusal"),
    [
        (UsageScope.GUILD, HERE, False, None, UsageRefusal.NOT_A_MANAGER),
        (UsageScope.PERSON, HERE, False, BOB.id, UsageRefusal.NOT_A_MANAGER),
        (UsageScope.CHANNEL, HERE, False, BOB.id, UsageRefusal.NOT_A_MANAGER),
        (UsageScope.GUILD, HERE, False, BOB.id, UsageRefusal.NOT_A_MANAGER),
        (UsageScope.PERSON, DIRECT, True, BOB.id, UsageRefusal.NO_GUILD),
        (UsageScope.GUILD, DIRECT, True, None, UsageRefusal.NO_GUILD),
        (UsageScope.CHANNEL, DIRECT, False, None, UsageRefusal.NO_GUILD),
        (UsageScope.PERSON, ABROAD, True, BOB.id, UsageRefusal.NO_GUILD),
        (UsageScope.GUILD, DIRECT, True, ANN.id, UsageRefusal.NO_GUILD),
        (UsageScope.GUILD, ABROAD, True, None, UsageRefusal.NO_GUILD),
        (UsageScope.CHANNEL, ABROAD, True, None, UsageRefusal.NO_GUILD),
    ],
)
async def test_who_may_not_see(
    scope: UsageScope, place: Place, manages: bool, user: int | None, refusal: UsageRefusal
) -> None:
    with pytest.raises(UsageRefusedError) as caught:
        await Office().report(scope, place=place, manages=manages, user_id=user)
    assert caught.value.refusal is refusal


@pytest.mark.parametrize(
    ("scope", "manages", "user", "reported", "of_whom", "by_user"),
    [
        (UsageScope.PERSON, False, None, UsageScope.PERSON, ANN.id, False),
        (UsageScope.PERSON, True, BOB.id, UsageScope.PERSON, BOB.id, False),
        (UsageScope.CHANNEL, False, None, UsageScope.CHANNEL, None, False),
        (UsageScope.CHANNEL, True, None, UsageScope.CHANNEL, None, True),
        (UsageScope.CHANNEL, False, ANN.id, UsageScope.CHANNEL, ANN.id, False),
        (UsageScope.GUILD, True, None, UsageScope.GUILD, None, True),
        (UsageScope.GUILD, False, ANN.id, UsageScope.PERSON, ANN.id, False),
        (UsageScope.GUILD, True, BOB.id, UsageScope.PERSON, BOB.id, False),
    ],
)
def test_whose_usage_is_reported(
    scope: UsageScope, manages: bool, user: int | None, reported: UsageScope, of_whom: int | None, by_user: bool
) -> None:
    assert whose(scope, ANN.id, user, in_guild=True, manages_guild=manages) == Subject(
        scope=reported, user_id=of_whom, of_another=of_whom == BOB.id, by_user=by_user
    )


@pytest.mark.parametrize("place", [DIRECT, ABROAD])
async def test_what_is_outside_of_the_bot_s_guilds_is_counted_for_itself(place: Place) -> None:
    report = await Office().report(UsageScope.PERSON, place=place)
    assert report.total == ONE


async def test_what_is_left_and_what_it_cost_come_with_it() -> None:
    office = Office(person_calls_a_day=9, cost_per_1000_tokens=2.0, cost_per_picture=1.0, cost_currency="元")
    report = await office.report(UsageScope.PERSON)
    assert [(left.resource, left.left, left.limit) for left in report.left] == [(Resource.CALLS, 6, 9)]
    assert report.cost(report.total) == Cost(amount=1.08, currency="元")
