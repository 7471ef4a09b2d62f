"""The command: reads the configuration, runs the sections beside each other, writes the report."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, TextIO

from bot.config import Config, SettingParser
from bot.log import Redactor
from bot.operations.doctor.findings import Finding, Verdict, failed
from bot.operations.doctor.report import Style, TextReport, write_json
from bot.operations.doctor.settings import Sources, read_settings

logger = logging.getLogger(__name__)

EXIT_WELL, EXIT_FAILED, EXIT_CONFIG = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was asked for on the command line."""

    calls: bool = True
    draw: bool = False
    json: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Checks that belong together. ``deadline_s`` is a last resort: every wait inside has a deadline of its own."""

    title: str
    run: Callable[[], Awaitable[Sequence[Finding]]]
    deadline_s: float


OpenSections = Callable[[Config | None, Options], AbstractAsyncContextManager[Sequence[Section]]]
"""Puts the sections together; without a configuration those that need none."""
CONFIGURATION: Final = "Configuration"


async def examine(
    sources: Sources,
    options: Options,
    out: TextIO,
    *,
    parse_setting: SettingParser,
    settings: Collection[str],
    old_names: Mapping[str, str],
    open_sections: OpenSections,
    style: Style,
) -> int:
    """Make every check and report; returns the exit code: 0 nothing failed, 1 something did, 2 the configuration."""
    reading = read_settings(sources, parse_setting=parse_setting, settings=settings, old_names=old_names)
    config = reading.config
    redact = Redactor((*sources.secrets(), *(config.secrets() if config is not None else ())))
    report = None if options.json else TextReport(out, redact, style)
    done: list[tuple[str, Sequence[Finding]]] = []

    def show(title: str, findings: Sequence[Finding]) -> None:
        done.append((title, findings))
        if report is not None and findings:
            report.section(title, findings)

    if report is not None and config is not None:
        report.note(_announcement(options))
    show(CONFIGURATION, reading.findings)
    async with open_sections(config, options) as sections:
        await run_sections(sections, show)
    every = [finding for _, findings in done for finding in findings]
    code = exit_code(every, configured=config is not None)
    if report is None:
        write_json(out, done, redact, code)
    else:
        report.end(every)
    return code


async def run_sections(sections: Sequence[Section], show: Callable[[str, Sequence[Finding]], None]) -> None:
    """Run all at once, and show each as soon as it and those before it are done. Cancelled, it ends all of them."""
    tasks = [asyncio.create_task(_run(section), name=section.title) for section in sections]
    try:
        for section, task in zip(sections, tasks, strict=True):
            show(section.title, await task)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _run(section: Section) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(section.deadline_s):
            return await section.run()
    except TimeoutError:
        found = f"nothing came of it within {section.deadline_s:.0f} s"
        return [failed("in time", found, "Check this machine's network and load, and try again.")]
    except Exception as error:
        logger.exception("the checks of %s broke", section.title)
        cure = "This is a fault of the doctor itself: report it, with the output of LOG_LEVEL=DEBUG."
        return [failed("checks", f"they broke off ({type(error).__name__})", cure)]


def exit_code(findings: Sequence[Finding], *, configured: bool) -> int:
    """Tell the exit code; warnings alone are no failure."""
    if not configured:
        return EXIT_CONFIG
    return EXIT_FAILED if any(finding.verdict is Verdict.FAILED for finding in findings) else EXIT_WELL


def _announcement(options: Options) -> str:
    if not options.calls:
        return "No call is made to the model; nothing is changed anywhere."
    call = "One short call is made to the model, which may cost a fraction of a cent (--no-calls leaves it out)"
    picture = ", and one picture is drawn, which costs what a picture costs" if options.draw else ""
    return f"{call}{picture}. Nothing is changed anywhere."
