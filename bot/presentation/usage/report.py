"""A usage as people get it: a chart, a table, a file."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.page.foreign import literal, one_line
from bot.domain.page.pager import PAGE_LIMIT, clip, units
from bot.domain.usage.counts import DayUsage, Shares, Used
from bot.domain.usage.quota import QuotaLeft
from bot.presentation.usage.chart import ChartData, Panel, ShareRow
from bot.presentation.words.languages import ENGLISH, WordId, mark, speaker
from bot.presentation.words.quotas import notice_words, price
from bot.services.usage.report import Cut, Span, UsageRefusal, UsageReport, UsageScope

MOST_LINES: Final = 5
"""Channels or people in a message."""
LABEL_CHARS: Final = 24

_TITLES: Mapping[UsageScope, WordId] = {
    UsageScope.PERSON: mark("usage.title.person"),
    UsageScope.CHANNEL: mark("usage.title.channel"),
    UsageScope.GUILD: mark("usage.title.guild"),
    UsageScope.EVERYWHERE: mark("usage.title.everywhere"),
}
_TITLE_OF_BOTH = mark("usage.title.person_in_channel")
_SPANS: Mapping[Span, WordId] = {
    Span.DAY: mark("usage.span.day"),
    Span.WEEK: mark("usage.span.week"),
    Span.MONTH: mark("usage.span.month"),
}
_REFUSALS: Mapping[UsageRefusal, WordId] = {
    UsageRefusal.NOT_A_MANAGER: mark("usage.refusal.not_a_manager"),
    UsageRefusal.NO_GUILD: mark("usage.refusal.no_guild"),
    UsageRefusal.OWN_ALONE: mark("usage.refusal.own_alone"),
}
_DAY = mark("usage.table.day")
_REQUESTS = mark("usage.table.requests")
_TOKENS = mark("usage.table.tokens")
_PICTURES = mark("usage.table.pictures")
_COST = mark("usage.table.cost")
_TOTAL = mark("usage.table.total")
_NOTHING = mark("usage.nothing")
_BY_CHANNEL = mark("usage.by_channel")
_BY_PERSON = mark("usage.by_person")
_SHARE = mark("usage.share")
_MORE = mark("usage.more_in_file")
_MORE_THAN_FILE = mark("usage.more")
_CUT = mark("usage.file_cut")
_CUT_DAY = mark("usage.file_cut_within_day")
_COLUMNS: Final = (
    mark("usage.column.day_utc"),
    mark("usage.column.server_id"),
    mark("usage.column.channel_id"),
    mark("usage.column.user_id"),
    mark("usage.column.requests"),
    mark("usage.column.prompt_tokens"),
    mark("usage.column.completion_tokens"),
    mark("usage.column.total_tokens"),
    mark("usage.column.pictures"),
)
"""The columns of the file: in English plain names, as programs that read it like them."""

Labels = Callable[[str, int], str]
"""Names a ``channel`` or a ``person`` by id, for a chart; empty where no name is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageMessage:
    """What is sent: ``chart`` is to be drawn, ``table`` is a CSV file; None where nothing was used."""

    content: str
    alt: str
    chart: ChartData | None
    table: bytes | None


class UsageText:
    """The words of a usage, for one reader."""

    def __init__(self, locale: str | None) -> None:
        self._say = speaker(locale)

    def refusal(self, refusal: UsageRefusal) -> str:
        """Say why there is none."""
        return self._say(_REFUSALS[refusal], usage="`/usage`")

    def message(self, report: UsageReport, *, name: str, labels: Labels) -> UsageMessage:
        """Make the message; ``name`` is what the scope tells of, as Discord shows it (a mention, or a name)."""
        template = _TITLES[report.scope]
        if report.scope is UsageScope.CHANNEL and report.user_id is not None:
            template = _TITLE_OF_BOTH
        title = f"{self._say(template, name=name, user=f'<@{report.user_id}>')} · {self._say(_SPANS[report.span])}"
        used = [day for day in report.days if day.used != Used()]
        lines = [self._say(_NOTHING)]
        if used:
            lines = [
                *self._shares(report.channels, "<#{}>", report.cut),
                *self._shares(report.users, "<@{}>", report.cut),
                *self._cut(report.cut),
            ]
        lines += (f"-# {self._left(left, report)}" for left in report.left)
        return UsageMessage(
            content=self._content(report, f"**{title}**", used, "\n".join(lines)),
            alt=self._alt(report),
            chart=self._chart(report, labels) if used else None,
            table=_csv(report, [self._say(name) for name in _COLUMNS]) if used else None,
        )

    def _left(self, left: QuotaLeft, report: UsageReport) -> str:
        template, values = notice_words(left, of_another=report.of_another)
        return self._say(template, **values)

    def _content(self, report: UsageReport, title: str, used: Sequence[DayUsage], rest: str) -> str:
        """Put the table between; where a message does not hold it, the oldest days are one line together."""
        shown = len(used)
        while True:
            table = (
                ["```", *self._table(report, used[: len(used) - shown], used[len(used) - shown :]), "```"]
                if used
                else []
            )
            content = "\n".join(filter(None, (title, *table, rest)))
            if units(content) <= PAGE_LIMIT or not shown:
                return clip(content, PAGE_LIMIT)
            shown -= 1

    def _table(self, report: UsageReport, together: Sequence[DayUsage], days: Sequence[DayUsage]) -> list[str]:
        """Lay out a table of days, those before them ``together``, and the sum of all."""
        say = self._say
        head = [say(_DAY), say(_REQUESTS), say(_TOKENS), say(_PICTURES)]
        priced = report.cost(report.total) is not None
        rows = [head + ([say(_COST)] if priced else [])]
        if together:
            rows.append(self._row(report, "…", sum((day.used for day in together), Used()), priced=priced))
        rows += [self._row(report, day.day.isoformat(), day.used, priced=priced) for day in days]
        if len(report.days) > 1:
            rows.append(self._row(report, say(_TOTAL), report.total, priced=priced))
        widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
        return ["  ".join(map(_padded, row, widths, range(len(row)))).rstrip() for row in rows]

    def _row(self, report: UsageReport, name: str, used: Used, *, priced: bool) -> list[str]:
        cells = [name, f"{used.calls:,}", f"{used.total_tokens:,}", f"{used.pictures:,}"]
        cost = report.cost(used)
        if not priced:
            return cells
        # The table is code, which a backtick could end.
        return [*cells, price(cost.amount, one_line(cost.currency).replace("`", "ʼ")) if cost else "–"]

    def _cut(self, cut: Cut | None) -> list[str]:
        if cut is None:
            return []
        template = _CUT if cut.whole else _CUT_DAY
        return [f"-# {self._say(template, count=f'{cut.rows:,}', day=cut.first.isoformat())}"]

    def _shares(self, shares: Shares, mention: str, cut: Cut | None) -> list[str]:
        if shares.count < 2:
            return []
        say, more = self._say, shares.count - MOST_LINES
        lines = [
            "- "
            + say(
                _SHARE,
                who=mention.format(share.id),
                calls=f"{share.used.calls:,}",
                tokens=f"{share.used.total_tokens:,}",
                pictures=f"{share.used.pictures:,}",
            )
            for share in shares.largest[:MOST_LINES]
        ]
        if more > 0:
            lines.append(f"- {say(_MORE if cut is None else _MORE_THAN_FILE, count=f'{more:,}')}")
        return lines

    def _alt(self, report: UsageReport) -> str:
        say, total = self._say, report.total
        parts = ((_REQUESTS, total.calls), (_TOKENS, total.total_tokens), (_PICTURES, total.pictures))
        return f"{say(_SPANS[report.span])}: " + ", ".join(f"{say(name)} {count:,}" for name, count in parts)

    def _chart(self, report: UsageReport, labels: Labels) -> ChartData:
        # Every font can write English, which is drawn if there is none for the reader's language.
        say, plain = self._say, speaker(ENGLISH)
        shares, kind, title = (
            (report.users, "person", _BY_PERSON)
            if report.users.count > 1
            else (report.channels, "channel", _BY_CHANNEL)
        )
        panels: tuple[tuple[WordId, Callable[[DayUsage], int]], ...] = (
            (_REQUESTS, lambda day: day.used.calls),
            (_TOKENS, lambda day: day.used.total_tokens),
            (_PICTURES, lambda day: day.used.pictures),
        )
        return ChartData(
            title=say(_SPANS[report.span]),
            plain=plain(_SPANS[report.span]),
            days=[f"{day.day:%m-%d}" for day in report.days],
            panels=[
                Panel(title=say(name), plain=plain(name), values=[value(day) for day in report.days])
                for name, value in panels
            ],
            shares_title=say(title),
            shares_plain=plain(title),
            shares=[
                ShareRow(label=clip(one_line(labels(kind, share.id)), LABEL_CHARS) or f"#{number}", plain=f"#{number}",
                         value=share.used.total_tokens)
                for number, share in enumerate(shares.largest, 1)
            ] if shares.count > 1 else [],
        )  # fmt: skip


def _csv(report: UsageReport, head: Sequence[str]) -> bytes:
    """Write every row; numbers and dates only, so that no cell can be taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    for row in report.rows:
        account, used = row.account, row.used
        writer.writerow(
            (
                account.day.isoformat(), account.guild_id, account.channel_id, account.user_id,
                used.calls, used.prompt_tokens, used.completion_tokens, used.total_tokens, used.pictures,
            )
        )  # fmt: skip
    text = out.getvalue()
    # Spreadsheets take a file for one in UTF-8 only where it begins so.
    return text.encode("ascii" if text.isascii() else "utf-8-sig")


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int, column: int) -> str:
    """Pad a cell: names, in the first column, stand left, numbers right."""
    space = " " * (width - _width(text))
    return space + text if column else text + space


def shown_name(name: str) -> str:
    """Make a name of people's fit to stand in a message."""
    return literal(name, 100)
