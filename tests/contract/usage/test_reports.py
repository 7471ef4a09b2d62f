"""What ``/usage`` shows, held against the rows in the database: every number of the table, the chart and the file."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, text

from bot.domain.people import Place
from bot.domain.usage.counts import MOST_SHARES
from bot.domain.usage.quota import day_of
from bot.presentation.usage.report import UsageMessage, UsageText
from bot.services.usage import report as usage_service
from bot.services.usage.quota import QuotaService
from bot.services.usage.report import Span, UsageScope, UsageService
from bot.storage.database.engine import Database
from bot.storage.schema.tables import usage
from bot.storage.stores.usage import SqlUsageStore
from tests.fakes.clock import START, FakeClock
from tests.fakes.houses.house import House

TODAY = day_of(START)
GUILD, ASKER, BOB = 1, 100, 101
PLACE = Place(channel_id=10, guild_id=GUILD)
COUNTS = ("calls", "total_tokens", "pictures")
Row = dict[str, int]
ASKED = [
    (UsageScope.PERSON, None, False),
    (UsageScope.PERSON, BOB, True),
    (UsageScope.CHANNEL, None, False),
    (UsageScope.CHANNEL, None, True),
    (UsageScope.CHANNEL, BOB, True),
    (UsageScope.CHANNEL, ASKER, False),
    (UsageScope.GUILD, None, True),
    (UsageScope.GUILD, BOB, True),
    (UsageScope.EVERYWHERE, None, False),
]


async def fill(database: Database) -> list[Row]:
    """Put 40 days of two guilds in; returns what the database then holds, its days as numbers."""
    chance = random.Random(5)
    keys = [
        (TODAY - timedelta(days=ago), guild, channel, user)
        for ago in range(40)
        for guild in (0, GUILD, 2)
        for channel in (10, 11, 12)
        for user in range(ASKER, ASKER + 12)
        if ago % 3 != 1 and (user <= BOB or chance.random() < 0.3)
    ]
    rows = [
        {"day": day, "guild_id": guild, "channel_id": channel, "user_id": user, "prompt_tokens": 2,
         "completion_tokens": 3, **{name: chance.randrange(10**12) for name in COUNTS}}
        for day, guild, channel, user in keys
    ]  # fmt: skip
    async with database.write("fill the table") as connection:
        await connection.execute(insert(usage), rows)
    async with database.read("read the table") as connection:
        found = (await connection.execute(text("SELECT * FROM usage"))).mappings().all()
    return [
        {name: date.fromisoformat(str(row[name])).toordinal() if name == "day" else row[name] for name in row}
        for row in found
    ]


def sums(rows: Iterable[Row], key: str) -> dict[int, tuple[int, ...]]:
    """Add up by a column: requests, tokens and pictures."""
    counters = {name: Counter[int]() for name in COUNTS}
    for row in rows:
        for name in COUNTS:
            counters[name][row[key]] += row[name]
    return {each: tuple(counters[name][each] for name in COUNTS) for each in counters["calls"]}


def in_table(message: UsageMessage) -> dict[str, tuple[int, ...]]:
    """Read the table of a message: its lines by their first cell."""
    lines = message.content.split("```")[1].strip().splitlines()[1:]
    return {line.split()[0]: tuple(int(cell.replace(",", "")) for cell in line.split()[1:]) for line in lines}


def in_file(message: UsageMessage) -> list[Row]:
    """Read the file of a message."""
    assert message.table is not None
    names = ("day", "guild_id", "channel_id", "user_id", "calls", "prompt", "completion", "total_tokens", "pictures")
    lines = list(csv.reader(io.StringIO(message.table.decode())))[1:]
    rows = [dict(zip(names, line, strict=True)) for line in lines]
    return [
        {name: date.fromisoformat(cell).toordinal() if name == "day" else int(cell) for name, cell in row.items()}
        for row in rows
    ]


async def shown(database: Database, scope: UsageScope, span: Span, user: int | None, *, manages: bool) -> UsageMessage:
    """Ask for a usage."""
    store, clock = SqlUsageStore(database), FakeClock()
    service = UsageService(store, QuotaService(store, House().services.metering, clock), House().settings, clock)
    report = await service.report(PLACE, ASKER, scope, span, manages_guild=manages, user_id=user)
    return UsageText("en-US").message(report, name="x", labels=lambda kind, identifier: f"{kind} {identifier}")


async def test_table_chart_and_file_agree_with_the_database(database: Database) -> None:
    kept = await fill(database)
    for scope, person, manages in ASKED:
        for span in Span:
            own = scope in (UsageScope.PERSON, UsageScope.EVERYWHERE)
            user = ASKER if own and person is None else person
            rows = [
                row
                for row in kept
                if row["day"] > TODAY.toordinal() - span.days
                and (scope is UsageScope.EVERYWHERE or row["guild_id"] == GUILD)
                and (scope is not UsageScope.CHANNEL or row["channel_id"] == PLACE.channel_id)
                and user in (None, row["user_id"])
            ]
            assert rows
            message = await shown(database, scope, span, person, manages=manages)
            case = (scope, span, person, manages)
            days, chart, file = sums(rows, "day"), message.chart, in_file(message)
            # The table: what was used on the days, the oldest together where a message does not hold them all.
            table = in_table(message)
            total = tuple(sum(counts) for counts in zip(*days.values(), strict=True))
            assert table.pop("Total", total) == total, case
            together = table.pop("…", (0, 0, 0))
            newest = sorted(days)[-len(table) :]
            shown_sums = [days[day] for day in newest]
            assert tuple(map(sum, zip(together, *shown_sums, strict=True))) == total, case
            assert table == {date.fromordinal(day).isoformat(): days[day] for day in newest}, case
            # The chart: every day, and the shares.
            assert chart is not None
            numbers = range(TODAY.toordinal() - span.days + 1, TODAY.toordinal() + 1)
            assert chart["days"] == [f"{date.fromordinal(day):%m-%d}" for day in numbers]
            for index, panel in enumerate(chart["panels"]):
                assert panel["values"] == [days.get(day, (0, 0, 0))[index] for day in numbers], case
            by_user = manages and user is None
            kind, column = ("person", "user_id") if by_user else ("channel", "channel_id")
            tokens = {f"{kind} {each}": counts[1] for each, counts in sums(rows, column).items()}
            largest = sorted(tokens.items(), key=lambda share: -share[1])[:MOST_SHARES]
            shares = [(row["label"], row["value"]) for row in chart["shares"]]
            told = len(largest) > 1 and scope is not UsageScope.EVERYWHERE
            assert shares == (largest if told else []), case
            # The file: every row, to the number; whoever does not manage the server reads of nobody.
            assert sums(file, "day") == days, case
            assert sums(file, "channel_id") == sums(rows, "channel_id"), case
            named = by_user or user is not None
            assert sums(file, "user_id") == (sums(rows, "user_id") if named else {0: total}), case
            assert "does not hold everything" not in message.content


async def test_a_file_that_is_cut_has_the_newest_days_whole(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row for row in await fill(database) if row["guild_id"] == GUILD]
    monkeypatch.setattr(usage_service, "MOST_ROWS", 40)
    message = await shown(database, UsageScope.GUILD, Span.MONTH, None, manages=True)
    file = in_file(message)
    first = file[0]["day"]
    assert TODAY.toordinal() - Span.MONTH.days + 1 < first < file[-1]["day"] == TODAY.toordinal()
    assert sums(file, "day") == sums((row for row in rows if row["day"] >= first), "day")
    assert f"the newest {len(file)} rows, from {date.fromordinal(first)} (UTC) on" in message.content
    month = sums((row for row in rows if row["day"] > TODAY.toordinal() - Span.MONTH.days), "day")
    assert message.chart is not None
    assert sum(message.chart["panels"][0]["values"]) == sum(counts[0] for counts in month.values())
