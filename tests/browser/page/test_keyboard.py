"""The page without a mouse, and what it tells screen readers."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Browser, Page, Route, expect

from sandbox.discord import LocalDiscord
from tests.browser.acts import last, open_channel, say, until_another, until_ready

pytestmark = pytest.mark.asyncio(loop_scope="session")

FOCUSED = "document.activeElement.getAttribute('data-testid') ?? document.activeElement.className"


async def test_lists_have_one_stop_each(page: Page) -> None:
    await page.get_by_test_id("guild").nth(1).focus()
    await page.keyboard.press("ArrowDown")
    assert await page.evaluate("document.activeElement.getAttribute('aria-label')") == "画室"
    await page.keyboard.press("Tab")
    await expect(page.locator(".channel[aria-current]")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_test_id("channel").filter(has_text="art")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("art")


async def test_regions_and_channels_by_keys(page: Page) -> None:
    await open_channel(page, "art")
    await say(page, "somewhere to go")
    await expect(last(page)).to_contain_text("somewhere to go")
    await page.get_by_test_id("composer-input").focus()
    await page.keyboard.press("Shift+F6")
    await expect(last(page)).to_be_focused()
    await page.keyboard.press("Shift+F6")
    await expect(page.locator(".channel[aria-current]")).to_be_focused()
    await page.keyboard.press("Alt+ArrowDown")
    await expect(page.get_by_role("heading", level=1)).not_to_have_text("art")
    await page.keyboard.press("Alt+ArrowUp")
    await expect(page.get_by_role("heading", level=1)).to_have_text("art")
    await last(page).focus()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("composer-input")).to_be_focused()


async def test_what_has_the_focus_keeps_it_while_older_messages_come(page: Page) -> None:
    come = asyncio.Event()

    async def hold(route: Route) -> None:
        await come.wait()
        await route.continue_()

    await open_channel(page, "art")
    await say(page, "there before")
    await expect(last(page)).to_contain_text("there before")
    await page.route("**/people/messages*", hold)
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("art")
    await say(page, "while it loads")
    await expect(page.get_by_test_id("message")).to_have_text([re.compile("while it loads")])
    await page.keyboard.press("Shift+F6")
    await expect(last(page)).to_be_focused()
    come.set()
    await expect(page.get_by_test_id("messages")).to_contain_text("there before")
    await expect(last(page)).to_be_focused()


async def test_a_message_by_keys(page: Page) -> None:
    await open_channel(page, "art")
    await say(page, "one of mine")
    await expect(last(page)).to_contain_text("one of mine")
    await last(page).press("r")
    await expect(page.get_by_test_id("replying")).to_contain_text("Alice")
    await page.keyboard.press("Escape")
    await last(page).press("e")
    await expect(page.get_by_test_id("edit-field")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(last(page)).to_be_focused()
    await last(page).press("Enter")
    await expect(page.get_by_role("menuitem").first).to_be_focused()
    await page.keyboard.press("Escape")
    await last(page).press("Delete")
    await expect(page.get_by_test_id("confirm-yes")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("messages")).not_to_contain_text("one of mine")


async def test_a_reply_is_announced_once_when_it_is_whole(browser: Browser, discord: LocalDiscord) -> None:
    async with await browser.new_page() as page:  # of its own: its clock stands still, however slowly the edits come
        await page.clock.install()
        await page.goto(f"{discord.base_url}/?as=alice")
        await until_ready(page)
        await open_channel(page, "code")
        await page.clock.pause_at(await page.evaluate("Date.now() + 1000"))
        await until_another(page, say(page, "@Fusion tell me a story"))
        await expect(last(page)).to_contain_text("print('fox')")
        announced = page.get_by_test_id("announcer").locator("p")
        await expect(announced).to_have_count(0)
        await page.clock.run_for(2000)
        await expect(announced).to_have_text([re.compile("Fusion: Once upon a time.")])
        assert await page.get_by_test_id("messages").get_attribute("aria-live") == "off"


async def test_settings_follow_the_system_and_tell_the_keys(page: Page) -> None:
    await page.keyboard.press("Control+/")
    dialog = page.get_by_test_id("settings-dialog")
    await expect(dialog).to_contain_text("Previous and next channel")
    await dialog.get_by_label("Light theme").check()
    await expect(page.locator("html")).to_have_attribute("data-theme", "light")
    await dialog.get_by_label("As the system has it").check()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.emulate_media(color_scheme="light")
    await expect(page.locator("html")).to_have_attribute("data-theme", "light")
    await page.emulate_media(color_scheme="dark")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_the_language_is_the_persons_own(page: Page, discord: LocalDiscord) -> None:
    await page.get_by_test_id("settings").click()
    await page.get_by_test_id("settings-language").get_by_label("中文").click()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(page.get_by_test_id("settings")).to_have_attribute("aria-label", "设置与快捷键")
    await until_ready(page)
    assert discord.world.person("alice").locale == "zh-CN"


async def test_all_is_wide_enough_for_a_finger(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 760})
    await until_another(page, say(page, "@Fusion draw me a fox"))
    await expect(last(page).get_by_test_id("picture")).to_be_visible()
    small = """() => [...document.querySelectorAll(".main button, .main a, .main select")]
      .filter((one) => one.checkVisibility({visibilityProperty: true, opacityProperty: true}))
      .filter((one) => !one.matches(".text-button, .author, .mention, .reply-preview, .skip-link, .code-copy"))
      .filter((one) => one.getBoundingClientRect().height < 44)
      .map((one) => one.outerHTML.slice(0, 120))"""
    assert await page.evaluate(small) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
