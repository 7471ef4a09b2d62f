"""``/usage``: whose numbers and names somebody gets to see, and what they see where Discord or the chart fails."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from bot.domain.usage.counts import Used
from bot.domain.usage.quota import Account, day_of
from bot.presentation.outbound.wire import Wire
from bot.presentation.reply.budget import EditBudgets
from bot.presentation.reply.desk import ReplyDesk
from bot.presentation.usage.chart import ChartData
from bot.services.model.metering import Metering
from bot.services.model.registry import Models
from bot.services.usage.quota import QuotaService
from bot.services.usage.report import UsageService
from cogs import usage as usage_cog
from cogs.usage import UsageCog
from tests.fakes.clock import START, FakeClock
from tests.fakes.model import FakeModel
from tests.fakes.stores.calibrations import FakeCalibrationStore
from tests.fakes.stores.usage import FakeUsageStore
from tests.fakes.words import worded, wording
from tests.unit.cogs.settings.stage import EVERYTHING, MANAGE, Seen, SettingsStage
from tests.unit.presentation.discord_objects import ANN, BOB, CHANNEL, GUILD

ADMINISTRATOR = str(discord.Permissions(administrator=True).value)
ANNS = Account(day=day_of(START), guild_id=GUILD, channel_id=CHANNEL, user_id=ANN)
BOBS = replace(ANNS, user_id=BOB)
ONE = Used(calls=1, prompt_tokens=3, completion_tokens=7, total_tokens=10)
PICTURE = b"\x89PNG"


@dataclass(slots=True)
class Drawn:
    """Fulfils what the cog needs of ``UsageCharts``."""

    picture: bytes | None = PICTURE
    asked: list[ChartData] = field(default_factory=list)

    async def draw(self, data: ChartData) -> bytes | None:
        self.asked.append(data)
        return self.picture


class Desk(SettingsStage):
    """Where people ask for usage; ``names`` is what Discord says of members."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        clock, self.usage = FakeClock(), FakeUsageStore()
        self.usage.used = {ANNS: ONE, BOBS: ONE + ONE}
        self.charts = Drawn()
        desk = ReplyDesk(self.offline.client, Wire(), EditBudgets(clock), clock)
        metering = Metering(FakeCalibrationStore(), Models({"fusion": FakeModel()}, default="fusion"), clock)
        service = UsageService(self.usage, QuotaService(self.usage, metering, clock), self.settings, clock)
        self.cog = UsageCog(service, cast("Any", self.charts), desk)
        self.names: dict[int, str] | BaseException = {ANN: "安", BOB: "$x^2$ =cmd()\n\u202e"}

        async def query_members(_: discord.Guild, **how: Any) -> list[Any]:
            assert how["cache"] is False
            if isinstance(self.names, BaseException):
                raise self.names
            found = self.names
            return [SimpleNamespace(id=one, display_name=found[one]) for one in how["user_ids"] if one in found]

        monkeypatch.setattr(discord.Guild, "query_members", query_members)

    async def ask(self, *options: str, **who: Any) -> Seen:
        interaction, seen = self.heard(**{"permissions": "0", **who})
        await cast("Any", UsageCog.usage.callback)(self.cog, interaction, *options)
        return seen


def said(seen: Seen) -> str:
    return str(seen.pages[-1]["content"])


@pytest.mark.parametrize(
    ("permissions", "place", "may"),
    [
        (MANAGE, "guild", True),
        (ADMINISTRATOR, "guild", True),
        (EVERYTHING, "guild", True),
        ("0", "guild", False),
        (EVERYTHING, "abroad", False),
        ("0", "direct", False),
    ],
)
async def test_who_sees_the_server_s(monkeypatch: pytest.MonkeyPatch, permissions: str, place: str, may: bool) -> None:
    seen = await Desk(monkeypatch).ask("guild", permissions=permissions, place=place)
    assert (wording("usage.share", who=f"<@{BOB}>", calls=2).search(said(seen)) is not None) is may
    assert bool(seen.pages[-1].get("attachments")) is may
    assert [how["ephemeral"] for how in seen.deferred] == [True]
    assert seen.pages[-1]["allowed_mentions"].to_dict() == {"parse": []}


@pytest.mark.parametrize(
    ("scope", "permissions", "shown"),
    [
        ("person", MANAGE, worded("usage.title.person", name=f"<@{BOB}>")),
        ("channel", MANAGE, worded("usage.title.person_in_channel", user=f"<@{BOB}>", name=f"<#{CHANNEL}>")),
        ("guild", MANAGE, worded("usage.title.person", name=f"<@{BOB}>")),
        *(
            (scope, "0", worded("usage.refusal.not_a_manager", usage="`/usage`"))
            for scope in ("person", "channel", "guild")
        ),
    ],
)
async def test_somebody_else_s_in_every_scope(
    monkeypatch: pytest.MonkeyPatch, scope: str, permissions: str, shown: str
) -> None:
    user = SimpleNamespace(id=BOB, mention=f"<@{BOB}>")
    seen = await Desk(monkeypatch).ask(scope, "week", cast("Any", user), permissions=permissions)
    assert shown in said(seen)
    files = [file.fp.read().decode() for file in seen.pages[-1].get("attachments", ()) if file.filename == "usage.csv"]
    assert [[line.split(",")[3] for line in file.splitlines()[1:]] for file in files] == (
        [[str(BOB)]] if permissions == MANAGE else []
    )


async def test_people_have_their_names_in_the_chart_and_no_line_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    seen = await desk.ask("guild", "month", permissions=MANAGE)
    assert [row["label"] for row in desk.charts.asked[-1]["shares"]] == ["$x^2$ =cmd()", "安"]
    chart, table = seen.pages[-1]["attachments"]
    assert chart.fp.read() == PICTURE
    text = table.fp.read().decode()
    assert "cmd" not in text, "a cell could be taken for a formula"
    assert [line.split(",")[3] for line in text.splitlines()[1:]] == [str(ANN), str(BOB)]


@pytest.mark.parametrize("trouble", [discord.ClientException("no"), OSError("gone"), TimeoutError()])
async def test_without_names_they_are_numbered(monkeypatch: pytest.MonkeyPatch, trouble: BaseException) -> None:
    desk = Desk(monkeypatch)
    desk.names = trouble
    await desk.ask("guild", permissions=MANAGE)
    assert [row["label"] for row in desk.charts.asked[-1]["shares"]] == ["#1", "#2"]


async def test_names_that_never_come_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)

    async def never(*_: Any, **__: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(discord.Guild, "query_members", never)
    monkeypatch.setattr(usage_cog, "MEMBERS_S", 0)
    await desk.ask("guild", permissions=MANAGE)
    assert [row["label"] for row in desk.charts.asked[-1]["shares"]] == ["#1", "#2"]


async def test_without_a_chart_the_table_and_the_file_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    desk.charts.picture = None
    seen = await desk.ask()
    assert [file.filename for file in seen.pages[-1]["attachments"]] == ["usage.csv"]
    assert "10" in said(seen)


async def test_in_chinese_nothing_is_left_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    seen = await desk.ask("guild", permissions=MANAGE, locale="zh-CN")
    chart = desk.charts.asked[-1]
    table = [worded(f"usage.table.{name}") for name in ("day", "requests", "tokens", "pictures")]
    english = [*table, worded("usage.span.week"), worded("usage.by_person"), worded("usage.by_channel")]
    for text in (chart["title"], chart["shares_title"], *(panel["title"] for panel in chart["panels"])):
        assert not any(word in text for word in english), text
    assert not any(word in said(seen) for word in english)
    assert worded("usage.column.requests") not in seen.pages[-1]["attachments"][1].fp.read().decode("utf-8-sig")
