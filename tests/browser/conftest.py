"""The page in a real browser, on a local Discord with a small bot connected to it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from sandbox.backstage import Backstage, watch_discord
from sandbox.discord import LocalDiscord
from sandbox.discord.traffic.buckets import Limits
from sandbox.launcher.environment import bot_environment
from tests.browser.chromium import find_chromium, open_browser

ROOT = Path(__file__).resolve().parents[2]
BOT = "tests.browser.demo.bot"
PATIENCE_S = 25
"""How long is waited for what should come about in an instant: a machine may be busy."""
LEFT = "WebSocket is closed before the connection is established."
"""What the browser says of a page that is left while it still connects, which is no fault of the page's."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if find_chromium() is not None:
        return
    reason = "no Chromium here: install Debian's package chromium, or name one with CHROMIUM"
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A page that stays open, and what its console complained of."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Note the errors and warnings of a page."""

        def note(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"} and not message.text.endswith(LEFT):
                self.faults.append(message.text)

        page.on("console", note)
        page.on("pageerror", lambda error: self.faults.append(str(error)))


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE_S * 1000)
    async with open_browser() as found:
        yield found


@pytest.fixture(scope="session")
def local() -> LocalDiscord:
    """A local Discord that is not started yet."""
    # Without rate limits: the tests write more in a minute than people do, and are to be quick.
    return LocalDiscord(port=0, limits=Limits(enabled=False), page_cache_s=600)


@pytest.fixture(scope="session")
def backstage(local: LocalDiscord) -> Backstage:
    """What the page's panel shows."""
    return watch_discord(local)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def discord(
    local: LocalDiscord, backstage: Backstage, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[LocalDiscord]:
    """A local Discord with the small bot connected, which the page's panel can watch."""
    async with local as server:
        settings = {"DISCORD_TOKEN": server.token, "DISCORD_API_BASE": server.api_base}
        log = tmp_path_factory.mktemp("bot") / "bot.log"
        with log.open("wb") as out:
            bot = await asyncio.create_subprocess_exec(
                sys.executable, "-m", BOT, env=bot_environment(settings, os.environ, ROOT), stdout=out, stderr=out
            )
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not server.gateway.connected:
                    assert bot.returncode is None, log.read_text()
                    await asyncio.sleep(0.05)
            yield server
        finally:
            if bot.returncode is None:
                bot.kill()
            await bot.wait()


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def window(browser: Browser) -> AsyncIterator[Window]:
    """One window for all tests: each opens the page anew in it, with what it needs in the cache."""
    context = await browser.new_context(color_scheme="dark", locale="en-US")
    found = Window(page=await context.new_page())
    found.page.set_default_timeout(PATIENCE_S * 1000)
    found.watch(found.page)
    yield found
    await context.close()


@asynccontextmanager
async def visit(window: Window, address: str, *, width: int, height: int) -> AsyncIterator[Page]:
    """Show the page at `address` as Alice sees it. Leaving fails on any error in its console.

    The window goes elsewhere then: a page that outlived its server would complain in the next test.
    """
    found = window.page
    window.faults.clear()
    await found.set_viewport_size({"width": width, "height": height})
    await found.goto(f"{address}/?as=alice")
    await found.locator("[data-testid=app][data-ready=true]").wait_for()
    yield found
    await found.unroute_all()
    await found.evaluate("localStorage.clear()")  # what one test chose is not the next one's
    await found.goto("about:blank")
    assert not window.faults


@pytest_asyncio.fixture(loop_scope="session")
async def page(window: Window, discord: LocalDiscord) -> AsyncIterator[Page]:
    """The page on the small bot's server, dark, in English."""
    async with visit(window, discord.base_url, width=1200, height=800) as shown:
        yield shown
