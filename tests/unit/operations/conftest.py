"""What the tests of the doctor share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.config import Config, Secret
from bot.operations.doctor.findings import Finding, Verdict
from bot.operations.doctor.web import HttpAnswer, WebFaultError
from tests.fakes.clock import VirtualTimeLoop

NOW = datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)
TOKEN = "MTIzNDU2Nzg5.abcdef.secret-of-the-token"
"""base64 of 123456789 in front."""


def config(**changes: Any) -> Config:
    """Make a configuration in which nothing is wrong."""
    values: dict[str, Any] = {
        "discord_token": Secret(TOKEN),
        "fusion_api_secret_key": Secret("fusion-key"),
        "miaohua_token": Secret("miaohua-token"),
    }
    return Config(**(values | changes))


def answer(body: Any = None, *, status: int = 200, date: datetime | None = None, took_s: float = 0.0) -> HttpAnswer:
    """Make an HTTP answer."""
    return HttpAnswer(status=status, body=body, date=date, received=NOW, took_s=took_s)


class FakeWeb:
    """Answers by the longest end of a URL that fits; ``asked`` holds the URLs and headers."""

    def __init__(self, answers: Mapping[str, HttpAnswer | WebFaultError]) -> None:
        self.answers = dict(answers)
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.greeting: float | WebFaultError = 0.02

    async def get(self, url: str, headers: Mapping[str, str]) -> HttpAnswer:
        self.asked.append((url, headers))
        found = self.answers[max((end for end in self.answers if url.endswith(end)), key=len)]
        if isinstance(found, WebFaultError):
            raise found
        return found

    async def hello(self, url: str) -> float:
        self.asked.append((url, {}))
        if isinstance(self.greeting, WebFaultError):
            raise self.greeting
        return self.greeting


def by_check(findings: list[Finding]) -> dict[str, Finding]:
    """Sort findings by their checks, each of which is there once, and see that all that is wrong has a cure."""
    found = {finding.check: finding for finding in findings}
    assert len(found) == len(findings), [finding.check for finding in findings]
    for finding in findings:
        assert bool(finding.cure) == (finding.verdict in (Verdict.WARNING, Verdict.FAILED)), finding
    return found


@pytest.fixture
def fault() -> WebFaultError:
    return WebFaultError("the name can't be resolved", "Check the DNS.")


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Let time be virtual where no socket is used."""
    if item.path.name in ("test_checkup.py", "test_command.py"):
        return {"virtual": VirtualTimeLoop}
    return {"real": asyncio.new_event_loop}
