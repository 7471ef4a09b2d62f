"""How the sections run beside each other, and what comes of it."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.config import Config
from bot.domain.settings.catalogue import CATALOGUE, parse_setting
from bot.domain.settings.old_names import OLD_NAMES
from bot.operations.doctor.command import Options, Section, examine, run_sections
from bot.operations.doctor.findings import Finding, failed, fine, warning
from bot.operations.doctor.report import Style
from bot.operations.doctor.settings import Sources
from tests.unit.operations.conftest import TOKEN

GOOD = {"DISCORD_TOKEN": TOKEN, "FUSION_API_SECRET_KEY": "fusion-key"}


def section(title: str, *findings: Finding, after_s: float = 0, deadline_s: float = 10) -> Section:
    async def run() -> Sequence[Finding]:
        await asyncio.sleep(after_s)
        return findings

    return Section(title=title, run=run, deadline_s=deadline_s)


class Opened:
    """Sections that a test gives; notes what they were opened with, and that they were closed."""

    def __init__(self, *sections: Section) -> None:
        self.sections = sections
        self.config: Config | None = None
        self.closed = False

    @asynccontextmanager
    async def __call__(self, config: Config | None, options: Options) -> AsyncIterator[Sequence[Section]]:
        self.config = config
        try:
            yield self.sections
        finally:
            self.closed = True


async def report(folder: Path, opened: Opened, environment: dict[str, str], options: Options) -> tuple[int, str]:
    out = io.StringIO()
    sources = Sources(environment=environment, file=folder / ".env")
    code = await examine(
        sources,
        options,
        out,
        parse_setting=parse_setting,
        settings=CATALOGUE,
        old_names=OLD_NAMES,
        open_sections=opened,
        style=Style(),
    )
    assert opened.closed
    return code, out.getvalue()


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([fine("a", "well")], 0),
        ([fine("a", "well"), warning("b", "odd", "Look.")], 0),
        ([warning("b", "odd", "Look."), failed("c", "bad", "Repair.")], 1),
    ],
)
async def test_the_exit_code(tmp_path: Path, findings: list[Finding], code: int) -> None:
    opened = Opened(section("Discord", *findings))
    assert (await report(tmp_path, opened, GOOD, Options()))[0] == code
    assert opened.config is not None


async def test_a_wrong_configuration_is_told_with_what_can_be_checked_without(tmp_path: Path) -> None:
    opened = Opened(section("Machine", fine("python", "3.13")))
    code, text = await report(tmp_path, opened, {"LOG_LEVEL": "loud", "FUSION_KEY": "x"}, Options())
    assert code == 2
    assert opened.config is None
    for words in ("DISCORD_TOKEN is missing", "LOG_LEVEL must be", "Did you mean FUSION_API_SECRET_KEY?", "3.13"):
        assert words in text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (Options(), "may cost a fraction of a cent"),
        (Options(draw=True), "costs what a picture costs"),
        (Options(calls=False), "No call is made"),
    ],
)
async def test_what_may_cost_is_told_before(tmp_path: Path, options: Options, words: str) -> None:
    _, text = await report(tmp_path, Opened(), GOOD, options)
    assert words in text.splitlines()[0]


async def test_json_is_json_alone(tmp_path: Path) -> None:
    opened = Opened(section("Discord", failed("token", f"they said {TOKEN}", "Reset it.")))
    code, text = await report(tmp_path, opened, GOOD, Options(json=True))
    told = json.loads(text)
    assert told["exit_code"] == code == 1
    assert [finding["section"] for finding in told["findings"]] == ["Configuration", "Configuration", "Discord"]
    assert TOKEN not in text


async def test_sections_run_at_once_and_show_in_order() -> None:
    shown: list[tuple[str, float]] = []
    slow, quick = section("slow", after_s=3), section("quick", after_s=2)
    await run_sections([slow, quick], lambda title, _: shown.append((title, asyncio.get_running_loop().time())))
    assert [title for title, _ in shown] == ["slow", "quick"]
    assert shown[-1][1] == pytest.approx(3, abs=0.1)


async def test_a_section_that_hangs_or_breaks_spoils_no_other(caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> Sequence[Finding]:
        raise RuntimeError("a fault of the doctor")

    shown: dict[str, Sequence[Finding]] = {}
    sections = [
        section("hangs", after_s=100, deadline_s=5),
        Section(title="breaks", run=broken, deadline_s=5),
        section("works", fine("a", "well")),
    ]
    await run_sections(sections, shown.__setitem__)
    assert "within 5 s" in shown["hangs"][0].found
    assert "RuntimeError" in shown["breaks"][0].found
    assert shown["works"] == (fine("a", "well"),)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_told_to_stop_it_leaves_nothing_behind(tmp_path: Path) -> None:
    opened = Opened(section("one", after_s=50), section("two", after_s=50))
    running = asyncio.create_task(report(tmp_path, opened, GOOD, Options()))
    await asyncio.sleep(1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert opened.closed
    assert asyncio.all_tasks() == {asyncio.current_task()}
