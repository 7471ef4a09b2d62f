"""The whole demo in the browser, with the real bot: seen streaming, failing and recovering, killed and back again."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.acts import last, open_channel, say
from tests.browser.conftest import Window, visit
from tests.browser.demo.process import open_demo
from tests.fakes.words import worded

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANSWER_MS = 20_000


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The demo's address: `python -m sandbox` as a person starts it, with scripted answers."""
    async with open_demo(tmp_path_factory.mktemp("demo") / "data") as address:
        yield address


@pytest_asyncio.fixture(loop_scope="session")
async def page(window: Window, demo: str) -> AsyncIterator[Page]:
    async with visit(window, demo, width=1320, height=860) as shown:
        await open_channel(shown, "general")
        yield shown


LONGER = "least => [...document.querySelectorAll('[data-testid=message]')].at(-1).textContent.length > least"


async def test_an_answer_grows_in_the_chat_and_its_request_in_the_panel(page: Page) -> None:
    await say(page, "@Fusion tell me a long story")
    card = page.get_by_test_id("panel-turn").first
    request = card.get_by_test_id("panel-request")
    await expect(card.get_by_test_id("panel-state")).to_have_text("streaming")
    await expect(last(page)).to_contain_text("Chapter 1")
    for _ in range(3):
        await page.wait_for_function(LONGER, arg=len(await last(page).text_content() or ""))
    await expect(request).to_have_attribute("data-outcome", "open")
    await request.get_by_test_id("panel-parameters").locator("summary").click()
    await expect(request.get_by_test_id("panel-parameters")).to_contain_text("max_new_tokens")
    edit = card.locator("[data-testid=panel-call][data-op=edit][data-status='200']").first
    await expect(edit.get_by_role("img", name=re.compile(r"^[0-4] of 5 left"))).to_be_visible()
    await last(page).get_by_role("button", name=worded("button.stop")).click()
    await expect(card.get_by_test_id("panel-state")).to_have_text("stopped")
    await expect(card).to_contain_text(f"Alice used “{worded('button.stop')}”")


async def test_the_endpoint_goes_down_and_comes_back(page: Page) -> None:
    await page.get_by_test_id("fault-down").click()
    await expect(page.get_by_test_id("fault-down")).to_have_attribute("aria-pressed", "true")
    await say(page, "@Fusion hello")
    await expect(last(page).get_by_role("button", name=worded("button.retry"))).to_be_visible(timeout=ANSWER_MS)
    await expect(last(page)).to_contain_text("⚠️")
    card = page.get_by_test_id("panel-turn").first
    await expect(card.get_by_test_id("panel-state")).to_have_text("failed")
    await expect(card).to_contain_text("connection reset")
    await page.get_by_test_id("all-well").click()
    await expect(page.get_by_test_id("fault-count")).to_have_text("none")
    await last(page).get_by_role("button", name=worded("button.retry")).click()
    await expect(last(page)).to_contain_text("Hello", timeout=ANSWER_MS)
    await expect(last(page)).not_to_contain_text("⚠️")
    await expect(card.get_by_test_id("panel-state")).to_have_text("done")


async def test_a_kill_in_mid_reply_is_told_and_taken_up_again(page: Page) -> None:
    await say(page, "@Fusion tell me a very long story")
    await expect(last(page)).to_contain_text("Chapter 1", timeout=ANSWER_MS)
    # The bot keeps what it has about once a second: wait for more than that.
    await page.wait_for_function(LONGER, arg=400)
    await expect(page.get_by_test_id("status-bot")).to_contain_text("running")
    before = await page.get_by_test_id("status-bot").inner_text()
    await page.get_by_test_id("bot-kill").click()
    await expect(page.locator("[data-what=bot_ended]").first).to_contain_text("killed")
    await expect(last(page)).to_contain_text(worded("broke_off.interrupted"), timeout=ANSWER_MS)
    await expect(last(page)).to_contain_text("Chapter 1")
    card = page.get_by_test_id("panel-turn").first
    await expect(card.get_by_test_id("panel-state")).to_have_text("interrupted")
    await expect(page.get_by_test_id("status-bot")).not_to_have_text(before)
    await last(page).get_by_role("button", name=worded("button.retry")).click()
    await expect(card.get_by_test_id("panel-state")).to_have_text("streaming", timeout=ANSWER_MS)
    await expect(last(page)).not_to_contain_text(worded("broke_off.interrupted"))
    await last(page).get_by_role("button", name=worded("button.stop")).click()
    await expect(card.get_by_test_id("panel-state")).to_have_text("stopped")


async def test_the_bot_is_stopped_and_all_is_well_again(page: Page) -> None:
    await page.get_by_test_id("bot-stop").click()
    await expect(page.get_by_test_id("status-bot")).to_contain_text("stopped", timeout=ANSWER_MS)
    await expect(page.get_by_test_id("status-gateway")).to_have_attribute("data-kind", "bad")
    await page.get_by_test_id("all-well").click()
    await expect(page.get_by_test_id("status-bot")).to_contain_text("running", timeout=ANSWER_MS)
    await expect(page.get_by_test_id("status-gateway")).to_have_attribute("data-kind", "good", timeout=ANSWER_MS)
    await say(page, "@Fusion hello")
    await expect(last(page)).to_contain_text("Hello", timeout=ANSWER_MS)
