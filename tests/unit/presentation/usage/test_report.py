"""A usage as people get it: in words, as a table, as a file, as a chart."""

from __future__ import annotations

import csv
import io
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
        persons=Shares(),
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
    assert message.content == (
        "**Usage of <@3> · the last 7 days (UTC)**\n"
        "```\n"
        "Day         Requests   Tokens  Pictures\n"
        "2026-02-27     1,234   56,789         3\n"
        "2026-03-01     1,234   56,789         3\n"
        "Total          2,468  113,578         6\n"
        "```\n"
        "-# Your pictures left today: 2 of 20 · resets <t:1772409600:R> (<t:1772409600:f>)"
    )
    assert "Requests 2,468" in message.alt


@pytest.mark.parametrize("resource", Resource)
def test_what_is_left_to_somebody_else_is_not_called_the_reader_s(resource: Resource) -> None:
    left = (replace(LEFT, resource=resource), replace(LEFT, resource=resource, holder=Holder.GUILD))
    for locale, theirs, yours in (("en-US", "Their ", "Your "), ("zh-CN", "对方今天还剩", "你今天")):
        content = UsageText(locale).message(report(left=left, of_another=True), name="<@4>", labels=names).content
        assert theirs in content
        assert yours not in content
        assert content.count("2 of 20" if locale == "en-US" else "2/20") == 2


def test_the_same_in_chinese() -> None:
    message = UsageText("zh-CN").message(report(), name="<@3>", labels=names)
    assert "<@3> 的用量" in message.content
    assert "2026-03-01  1,234   56,789     3" in message.content
    assert "你今天还剩 2/20 张图" in message.content


def test_nothing_used_has_no_chart_and_no_file() -> None:
    message = UsageText("en-US").message(report({}), name="<@3>", labels=names)
    assert "Nothing was used" in message.content
    assert (message.chart, message.table) == (None, None)


def test_costs_are_a_column_where_prices_are_set() -> None:
    settings = Settings(cost_per_1000_tokens=0.5, cost_currency="USD")
    message = UsageText("en-US").message(report(settings=settings), name="x", labels=names)
    assert "28.39 USD" in message.content
    assert "56.79 USD" in message.content


def test_shares_are_told_largest_first_and_the_rest_counted() -> None:
    message = UsageText("en-US").message(report(persons=shares(1_008)), name="x", labels=names)
    assert "- <@1>: requests 1,234 · tokens 56,789 · pictures 3" in message.content
    assert "- and 1,003 more, in the file" in message.content
    assert message.chart is not None
    assert [row["label"] for row in message.chart["shares"]][:3] == ["小明 🎨", "Ann B", "#3"]
    assert len(message.chart["shares"]) == MOST_SHARES


@pytest.mark.parametrize(
    ("whole", "english", "chinese"),
    [(True, "the newest 50,000 rows, from 2026-02-27 (UTC) on", "2026-02-27"), (False, "largest rows of", "50,000")],
)
def test_a_file_that_is_cut_says_so(whole: bool, english: str, chinese: str) -> None:
    cut = Cut(first=date(2026, 2, 27), rows=50_000, whole=whole)
    for locale, words in (("en-US", english), ("zh-CN", chinese)):
        message = UsageText(locale).message(report(persons=shares(9), cut=cut), name="x", labels=names)
        assert words in message.content
        assert ("file" in message.content) is (locale == "en-US")
        assert "in the file" not in message.content, "who is not told one by one may not be in it"


def test_a_person_s_usage_in_a_channel_names_both() -> None:
    both = report(scope=UsageScope.CHANNEL, person_id=3)
    for locale, title in (("en-US", "Usage of <@3> in <#4> ·"), ("zh-CN", "<@3> 在 <#4> 的用量 ·")):
        assert UsageText(locale).message(both, name="<#4>", labels=names).content.startswith(f"**{title}")


def test_a_message_never_grows_too_long() -> None:
    used = {ago: replace(USED, calls=10**12 + ago, total_tokens=10**15) for ago in range(7)}
    settings = Settings(cost_per_1000_tokens=1_000_000.0, cost_currency="x" * 8)
    persons = shares(10**9, used[0], first=2**62)
    cut = Cut(first=TODAY, rows=50_000, whole=True)
    days = tuple(DayUsage(day=TODAY - timedelta(days=ago), used=used[0]) for ago in range(29, -1, -1))
    huge = report(used, settings=settings, persons=persons, channels=persons, days=days, cut=cut)
    for locale in ("en-US", "zh-CN"):
        message = UsageText(locale).message(huge, name="y" * 100, labels=names)
        assert len(message.content) <= 2000
        assert message.content.count("```") == 2
        assert "\n…  " in message.content, "the days that have no line of their own are not told of"
        assert "2 of 20" in message.content or "2/20" in message.content


def test_the_file_has_every_row() -> None:
    message = UsageText("en-US").message(report(), name="x", labels=names)
    assert message.table is not None
    rows = list(csv.DictReader(io.StringIO(message.table.decode())))
    assert [row["day_utc"] for row in rows] == ["2026-02-27", "2026-03-01"]
    assert (rows[0]["user_id"], rows[0]["requests"], rows[0]["total_tokens"]) == ("3", "1234", "56789")


def test_the_file_s_columns_are_named_in_the_reader_s_language() -> None:
    table = UsageText("zh-CN").message(report(), name="x", labels=names).table
    assert table is not None
    head, first = table.decode("utf-8-sig").splitlines()[:2]
    assert table.startswith(b"\xef\xbb\xbf"), "a spreadsheet would take it for another encoding"
    assert not any(name in head for name in ("day", "tokens", "user"))
    assert first == "2026-02-27,1,2,3,1234,1,2,56789,3"


@pytest.mark.parametrize("refusal", UsageRefusal)
def test_every_refusal_has_words_in_both_languages(refusal: UsageRefusal) -> None:
    english, chinese = (UsageText(locale).refusal(refusal) for locale in ("en-US", "zh-CN"))
    assert "`/usage`" in english
    assert "`/usage`" in chinese
    assert english != chinese


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
    assert shown_name("**a**\n@everyone") == "\\*\\*a\\*\\* @everyone"


def test_numbers_in_little_room() -> None:
    values = (0, 950, 999, 1000, 1500, 12_000, 999_949, 999_999, 3_400_000, 5 * 10**12)
    assert [short(value) for value in values] == ["0", "950", "999", "1k", "1.5k", "12k", "999.9k", "1M", "3.4M", "5T"]
