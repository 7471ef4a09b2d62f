"""The page says who answers in the demo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from sandbox.discord import LocalDiscord

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = pytest.mark.asyncio(loop_scope="session")
LOADING = {"kind": "real", "name": "Small-1M", "state": "loading", "reason": "", "why": ""}
READY = {**LOADING, "state": "ready"}
FAILED = {"kind": "scripted", "name": "", "state": "ready", "reason": "failed", "why": "its process <b>ended</b>"}


@pytest_asyncio.fixture(loop_scope="session")
async def about(discord: LocalDiscord) -> AsyncIterator[dict[str, Any]]:
    """What the page is told; a test changes it."""
    told: dict[str, Any] = {"provider": "fusion", "live": None, "model": LOADING}
    discord.about = lambda: told
    yield told
    discord.about = dict


async def test_a_page_of_no_demo_says_nothing(page: Page) -> None:
    await expect(page.get_by_test_id("demo-chip")).to_be_hidden()


async def test_the_model_is_told_from_loading_to_its_end(page: Page, about: dict[str, Any]) -> None:
    await page.reload()
    chip, dialog = page.get_by_test_id("demo-chip"), page.get_by_test_id("demo-dialog")
    await expect(chip).to_contain_text("Small-1M is loading")
    about["model"] = READY
    await expect(chip).to_have_text("Small-1M")
    await chip.dblclick()
    await expect(dialog).to_contain_text("often wrong")
    await dialog.press("Escape")
    await expect(chip).to_be_focused()
    about["model"] = FAILED
    await chip.click()
    await expect(dialog).to_contain_text("its process <b>ended</b>")
    await dialog.press("Escape")
    await expect(chip).to_have_text("Scripted answers")


async def test_a_live_endpoint_warns_of_its_cost_in_both_languages(page: Page, about: dict[str, Any]) -> None:
    about |= {"live": {"endpoint": "models.example", "unset": ["MIAOHUA_TOKEN"]}, "model": None}
    await page.reload()
    chip, dialog = page.get_by_test_id("demo-chip"), page.get_by_test_id("demo-dialog")
    await chip.click()
    for words in ("may cost money", "models.example", "there will be no drawings"):
        await expect(dialog).to_contain_text(words)
    await dialog.press("Escape")
    await page.get_by_test_id("language-toggle").click()
    await expect(chip).to_have_text("真实接口")
    await chip.click()
    await expect(dialog).to_contain_text("可能会产生费用")
