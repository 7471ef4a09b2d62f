"""A usage as people get it: in words, as a table, as a file, as a chart."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.domain.settings.catalogue import Settings
from bot.domain.usage.counts import MOST_SHARES, DayUsage, Share, Shares, UsageRow, Used
from bot.domain.usage.quota import Account, QuotaLeft
from bot.errors import Holder, Resource, Shortage
from bot.presentation.usage.chart import short
from bot.presentation.usage.report import UsageText, shown_name
from bot.presentation.words.quotas import price
from bot.presentation.words.replies import Words
from bot.services.usage.report import Cut, Span, UsageRefusal, UsageReport, UsageScope
from tests.fakes.words import worded, worded_in

TODAY = date(2026, 3, 1)
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
USED = Used(calls=1_234, prompt_tokens=1, completion_tokens=2, total_tokens=56_789, pictures=3)
LEFT = QuotaLeft(resource=Resource.PICTURES, holder=Holder.PERSON, left=2, limit=20, resets_at=MIDNIGHT)


def report(used: dict[int, Used] | None = None, **changes: Any) -> UsageReport:
    """Make a week's report; ``used`` by how many days ago."""
    used = {0: USED, 2: USED} if used is None else used
    days = tuple(DayUsage(day=TODAY - timedelta(days=ago), used=used.get(ago, Used())) for ago in range(6, -1, -1))
    plain = UsageReport(
        scope=UsageScope.PERSON,
        span=Span.WEEK,
        days=days,
        total=sum(used.values(), Used()),
        channels=Shares(),
        users=Shares(),
        rows=tuple(
            UsageRow(account=Account(day=day.day, guild_id=1, channel_id=2, user_id=3), used=day.used)
            for day in days
            if day.used != Used()
        ),
        left=(LEFT,),
        settings=Settings(),
    )
    return replace(plain, **changes)


def shares(count: int, used: Used = USED, first: int = 1) -> Shares:
    """Make as many equal shares."""
    return Shares(largest=tuple(Share(id=first + n, used=used) for n in range(min(count, MOST_SHARES))), count=count)


def names(kind: str, identifier: int) -> str:
    return {("person", 1): "小明 🎨", ("person", 2): "Ann\nB"}.get((kind, identifier), "")


def test_a_table_of_the_days_that_were_used() -> None:
    message = UsageText("en-US").message(report(), name="<@3>", labels=names)
    day, requests, tokens, pictures, total = (
        worded(f"usage.table.{name}") for name in ("day", "requests", "tokens", "pictures", "total")
    )
    title, fence, *table, end, left = message.content.split("\n")
    assert title == f"**{worded('usage.title.person', name='<@3>')} · {worded('usage.span.week')}**"
    assert fence == end == "```"
    assert [re.split(" {2,}", line) for line in table] == [
        [day, requests, tokens, pictures],
        ["2026-02-27", "1,234", "56,789", "3"],
        ["2026-03-01", "1,234", "56,789", "3"],
        [total, "2,468", "113,578", "6"],
    ]
    assert len({len(line) for line in table}) == 1, "numbers stand right"
    times = {"until": "<t:1772409600:R>", "at": "<t:1772409600:f>"}
    assert left == f"-# {worded('quota.left.person.pictures', left=2, limit=20, **times)}"
    assert f"{requests} 2,468" in message.alt


@pytest.mark.parametrize("resource", Resource)
def test_what_is_left_to_somebody_else_is_not_called_the_reader_s(resource: Resource) -> None:
    left = (replace(LEFT, resource=resource), replace(LEFT, resource=resource, holder=Holder.GUILD))
    values = {"left": 2, "limit": 20, "until": "<t:1772409600:R>", "at": "<t:1772409600:f>"}
    for locale in ("en-US", "zh-CN"):
        content = UsageText(locale).message(report(left=left, of_another=True), name="<@4>", labels=names).content
        theirs = worded_in(locale, f"quota.left_of_another.{resource.name.lower()}", **values)
        guilds = worded_in(locale, f"quota.left.guild.{resource.name.lower()}", **values)
        assert content.endswith(f"\n-# {theirs}\n-# {guilds}")


def test_the_same_in_chinese() -> None:
    message = UsageText("zh-CN").message(report(), name="<@3>", labels=names)
    assert worded_in("zh-CN", "usage.title.person", name="<@3>") in message.content
    (line,) = (line for line in message.content.split("\n") if line.startswith("2026-03-01"))
    assert line.split() == ["2026-03-01", "1,234", "56,789", "3"]
    times = {"until": "<t:1772409600:R>", "at": "<t:1772409600:f>"}
    assert worded_in("zh-CN", "quota.left.person.pictures", left=2, limit=20, **times) in message.content


def test_nothing_used_has_no_chart_and_no_file() -> None:
    message = UsageText("en-US").message(report({}), name="<@3>", labels=names)
    assert worded("usage.nothing") in message.content
    assert (message.chart, message.table) == (None, None)


def test_costs_are_a_column_where_prices_are_set() -> None:
    settings = Settings(cost_per_1000_tokens=0.5, cost_currency="USD")
    message = UsageText("en-US").message(report(settings=settings), name="x", labels=names)
    assert "28.39 USD" in message.content
    assert "56.79 USD" in message.content


def test_shares_are_told_largest_first_and_the_rest_counted() -> None:
    message = UsageText("en-US").message(report(users=shares(1_008)), name="x", labels=names)
    first = worded("usage.share", who="<@1>", calls="1,234", tokens="56,789", pictures=3)
    assert f"- {first}\n" in message.content
    assert f"- {worded('usage.more_in_file', count='1,003')}\n" in message.content
    assert message.chart is not None
    assert [row["label"] for row in message.chart["shares"]][:3] == ["小明 🎨", "Ann B", "#3"]
    assert len(message.chart["shares"]) == MOST_SHARES


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize(("whole", "word"), [(True, "usage.file_cut"), (False, "usage.file_cut_within_day")])
def test_a_file_that_is_cut_says_so(whole: bool, word: str, locale: str) -> None:
    cut = Cut(first=date(2026, 2, 27), rows=50_000, whole=whole)
    message = UsageText(locale).message(report(users=shares(9), cut=cut), name="x", labels=names)
    assert f"\n-# {worded_in(locale, word, count='50,000', day='2026-02-27')}\n" in message.content
    rest = worded_in(locale, "usage.more", count=4)
    assert f"\n- {rest}\n" in message.content, "who is not told one by one may not be in the file"


def test_a_user_s_usage_in_a_channel_names_both() -> None:
    both = report(scope=UsageScope.CHANNEL, user_id=3)
    for locale in ("en-US", "zh-CN"):
        title = worded_in(locale, "usage.title.person_in_channel", user="<@3>", name="<#4>")
        assert UsageText(locale).message(both, name="<#4>", labels=names).content.startswith(f"**{title} ·")


def test_a_message_never_grows_too_long() -> None:
    used = {ago: replace(USED, calls=10**12 + ago, total_tokens=10**15) for ago in range(7)}
    settings = Settings(cost_per_1000_tokens=1_000_000.0, cost_currency="x" * 8)
    users = shares(10**9, used[0], first=2**62)
    cut = Cut(first=TODAY, rows=50_000, whole=True)
    days = tuple(DayUsage(day=TODAY - timedelta(days=ago), used=used[0]) for ago in range(29, -1, -1))
    huge = report(used, settings=settings, users=users, channels=users, days=days, cut=cut)
    for locale in ("en-US", "zh-CN"):
        message = UsageText(locale).message(huge, name="y" * 100, labels=names)
        assert len(message.content) <= 2000
        assert message.content.count("```") == 2
        assert "\n…  " in message.content, "the days that have no line of their own are not told of"
        times = {"until": "<t:1772409600:R>", "at": "<t:1772409600:f>"}
        assert worded_in(locale, "quota.left.person.pictures", left=2, limit=20, **times) in message.content


def test_the_file_has_every_row() -> None:
    message = UsageText("en-US").message(report(), name="x", labels=names)
    assert message.table is not None
    rows = list(csv.DictReader(io.StringIO(message.table.decode("utf-8-sig"))))
    day, user, requests, tokens = (
        worded(f"usage.column.{name}") for name in ("day_utc", "user_id", "requests", "total_tokens")
    )
    assert [row[day] for row in rows] == ["2026-02-27", "2026-03-01"]
    assert (rows[0][user], rows[0][requests], rows[0][tokens]) == ("3", "1234", "56789")


def test_the_file_s_columns_are_named_in_the_reader_s_language() -> None:
    table = UsageText("zh-CN").message(report(), name="x", labels=names).table
    assert table is not None
    head, first = table.decode("utf-8-sig").splitlines()[:2]
    assert table.startswith(b"\xef\xbb\xbf"), "a spreadsheet would take it for another encoding"
    assert head.split(",")[0] == worded_in("zh-CN", "usage.column.day_utc") != worded("usage.column.day_utc")
    assert first == "2026-02-27,1,2,3,1234,1,2,56789,3"


@pytest.mark.parametrize("refusal", UsageRefusal)
def test_every_refusal_has_words_in_both_languages(refusal: UsageRefusal) -> None:
    for locale in ("en-US", "zh-CN"):
        expected = worded_in(locale, f"usage.refusal.{refusal.name.lower()}", usage="`/usage`")
        assert UsageText(locale).refusal(refusal) == expected


@pytest.mark.parametrize("resource", Resource)
@pytest.mark.parametrize("holder", Holder)
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_every_quota_has_words(resource: Resource, holder: Holder, locale: str) -> None:
    words = Words(locale)
    left = QuotaLeft(resource=resource, holder=holder, left=7, limit=1234, resets_at=MIDNIGHT)
    used_up: Shortage = replace(left, left=0).short
    told = [words.told(left), words.problem(left.short), words.problem(used_up)]
    assert len(set(told)) == 3
    for each in told:
        assert "1,234" in each
        assert "<t:1772409600:R>" in each
        assert "{" not in each
    assert "7" in told[1]
    assert "<t:1772409600:f>" in told[2]


@pytest.mark.parametrize(
    ("amount", "written"),
    [(12.345, "12.35 元"), (0.5, "0.50 元"), (0.0123, "0.012 元"), (0.00002, "0.000020 元"), (1234.5, "1,234.50 元")],
)
def test_small_prices_can_be_seen(amount: float, written: str) -> None:
    assert price(amount, "元") == written


def test_a_name_can_not_format_or_break_the_line() -> None:
    assert shown_name("**a**\n@everyone") == "\\*\\*a\\*\\* \\@everyone"


def test_numbers_in_little_room() -> None:
    values = (0, 950, 999, 1000, 1500, 12_000, 999_949, 999_999, 3_400_000, 5 * 10**12)
    assert [short(value) for value in values] == ["0", "950", "999", "1k", "1.5k", "12k", "999.9k", "1M", "3.4M", "5T"]
