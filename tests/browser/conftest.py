"""The page in a real browser, on a local Discord with a small bot connected to it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from sandbox.discord import LocalDiscord
from sandbox.discord.ratelimit import Limits
from sandbox.launcher_environment import bot_environment
from tests.browser.chromium import find_chromium, open_browser

if TYPE_CHECKING:
    from playwright.async_api import Browser, ConsoleMessage, Page

ROOT = Path(__file__).resolve().parents[2]
BOT = "tests.browser.demo_bot"
CONNECT_S = 20


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if find_chromium() is not None:
        return
    reason = "no Chromium here: install Debian's package chromium, or name one with CHROMIUM"
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def discord(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalDiscord]:
    """A local Discord with the small bot connected."""
    # Without rate limits: the tests write more in a minute than people do, and are to be quick.
    async with LocalDiscord(port=0, limits=Limits(enabled=False)) as server:
        settings = {"DISCORD_TOKEN": server.token, "DISCORD_API_BASE": server.api_base}
        log = tmp_path_factory.mktemp("bot") / "bot.log"
        with log.open("wb") as out:
            bot = await asyncio.create_subprocess_exec(
                sys.executable, "-m", BOT, env=bot_environment(settings, os.environ, ROOT), stdout=out, stderr=out
            )
        try:
            async with asyncio.timeout(CONNECT_S):
                while not any(one.outlet is not None for one in server.gateway.sessions):
                    assert bot.returncode is None, log.read_text()
                    await asyncio.sleep(0.05)
            yield server
        finally:
            if bot.returncode is None:
                bot.kill()
            await bot.wait()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, discord: LocalDiscord) -> AsyncIterator[Page]:
    """The page as Alice sees it, dark, in English. The test fails on any error in its console."""
    context = await browser.new_context(color_scheme="dark", locale="en-US", viewport={"width": 1200, "height": 800})
    found = await context.new_page()
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            faults.append(message.text)

    found.on("console", note)
    found.on("pageerror", lambda error: faults.append(str(error)))
    found.set_default_timeout(8000)
    await found.goto(f"{discord.base_url}/?as=alice")
    await found.locator("[data-testid=app][data-ready=true]").wait_for()
    yield found
    await context.close()
    assert not faults
