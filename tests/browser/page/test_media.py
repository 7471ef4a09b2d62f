"""Pictures, files, embeds and components as they are shown."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.acts import last, open_channel, run_to_answer

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_pictures_are_enlarged_and_turned_by_keys(page: Page) -> None:
    await open_channel(page, "art")
    await run_to_answer(page, "gallery", count="3")
    card = last(page)
    await expect(card.get_by_test_id("picture")).to_have_count(3)
    await expect(card.get_by_test_id("alt-badge")).to_have_count(3)
    await expect(card.locator("[inert]").get_by_test_id("picture")).to_have_attribute("alt", "picture 2")
    await card.get_by_role("button", name="picture 1").press("Enter")
    box, caption = page.get_by_test_id("lightbox"), page.get_by_test_id("lightbox-caption")
    await expect(caption).to_have_text("1 of 2 · picture 1")
    await box.press("ArrowRight")
    await expect(caption).to_have_text("2 of 2 · picture 3")
    await expect(page.get_by_test_id("lightbox-picture")).to_have_attribute("alt", "picture 3")
    await box.press("ArrowRight")
    await expect(caption).to_have_text("1 of 2 · picture 1")
    await page.keyboard.press("Escape")
    await expect(box).to_have_count(0)
    await expect(card.get_by_role("button", name="picture 1")).to_be_focused()
    await card.get_by_role("button", name="Show spoiler").first.press("Enter")
    await card.get_by_role("button", name="picture 2").click()
    await expect(caption).to_have_text("2 of 3 · picture 2")


async def test_files_have_a_size_a_preview_and_a_cover(page: Page) -> None:
    await open_channel(page, "art")
    await run_to_answer(page, "gallery", count="1")
    script = last(page).get_by_test_id("file").filter(has_text="fox.py")
    await expect(script).to_contain_text("80 bytes")
    await expect(script.get_by_role("link", name="Download fox.py")).to_have_attribute("download", "fox.py")
    await script.get_by_test_id("file-preview").click()
    await expect(script.locator(".code-keyword").first).to_have_text("def")
    await script.get_by_test_id("file-preview").click()
    await expect(script.locator("pre")).to_be_hidden()
    await last(page).get_by_role("button", name="Show spoiler").click()
    await expect(last(page).get_by_role("link", name="SPOILER_end.txt", exact=True)).to_be_visible()


async def test_an_embed_has_all_its_parts(page: Page) -> None:
    await open_channel(page, "art")
    await run_to_answer(page, "embed")
    card = last(page).get_by_test_id("embed")
    await expect(card.get_by_role("link", name="The fox")).to_have_attribute("href", "https://example.com/fox")
    await expect(card.get_by_role("link", name="A naturalist")).to_be_visible()
    await expect(card.locator(".embed-field.inline")).to_have_count(3)
    await expect(card.locator(".embed-field li")).to_have_text(["mice", "berries"])
    await expect(card.locator(".embed-mark")).to_have_count(2)
    await expect(card.get_by_test_id("picture")).to_have_count(2)
    await expect(card.locator(".embed-footer")).to_contain_text("Field notes")
    await expect(card.locator(".embed-footer time")).to_have_attribute("datetime", "2026-01-02T03:04:00.000Z")
    assert await card.evaluate("(one) => getComputedStyle(one).borderLeftColor") == "rgb(232, 98, 61)"
    await expect(last(page).get_by_test_id("picture")).to_have_count(2)  # the files are in the embed alone


async def test_components_of_the_second_kind(page: Page) -> None:
    await open_channel(page, "art")
    await run_to_answer(page, "panel")
    box = last(page).get_by_test_id("container").first
    await expect(box.get_by_role("heading")).to_have_text("Panel")
    await expect(box.get_by_role("button", name="Press")).to_be_disabled()
    await expect(box.locator(".thumbnail").get_by_test_id("picture")).to_have_attribute("alt", "a paw")
    await expect(box.locator(".gallery > *")).to_have_count(2)
    await expect(box.get_by_test_id("file")).to_contain_text("45 bytes")
    await expect(box.locator("hr")).to_have_count(2)
    await expect(box.locator("hr.no-divider.spacing-2")).to_have_count(1)
    await expect(box.locator(".action-row").get_by_role("link", name="Read on")).to_be_visible()
    await expect(box.locator(".subtext")).to_have_text("small print")
    await expect(last(page).get_by_test_id("file")).to_have_count(1)  # not once more among the attachments
    cover = last(page).get_by_role("button", name="Show spoiler").last
    await cover.press("Enter")
    await expect(last(page).get_by_text("the end of the story")).to_be_visible()
