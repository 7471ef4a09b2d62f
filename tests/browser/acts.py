"""What the browser tests do again and again."""

from __future__ import annotations

from collections.abc import Awaitable

from playwright.async_api import Locator, Page, expect


def last(page: Page) -> Locator:
    """Return the newest message."""
    return page.get_by_test_id("message").last


async def until_loaded(page: Page) -> None:
    """Wait until the newest messages of the channel are there."""
    await expect(page.get_by_test_id("messages")).to_have_attribute("aria-busy", "false")


async def until_ready(page: Page) -> None:
    """Wait until the page has all that it asked for: after another person or language was chosen, or a new start."""
    await expect(page.get_by_test_id("app")).to_have_attribute("data-ready", "true")
    await until_loaded(page)


async def until_another(page: Page, done: Awaitable[None]) -> None:
    """Let something be done, and wait until the newest message is another one."""
    await until_loaded(page)
    newest = await last(page).get_attribute("data-message") if await page.get_by_test_id("message").count() else ""
    await done
    await expect(page.get_by_test_id("message")).not_to_have_count(0)
    await expect(last(page)).not_to_have_attribute("data-message", newest or "")


async def say(page: Page, text: str) -> None:
    """Write a message."""
    await page.get_by_test_id("composer-input").fill(text)
    await page.get_by_test_id("composer-input").press("Enter")


async def become(page: Page, name: str) -> None:
    """Be another person."""
    await page.get_by_test_id("person-switch").select_option(label=name)
    await until_ready(page)


async def open_channel(page: Page, name: str) -> None:
    """Open a channel of the server that is shown, and wait until its newest messages are there."""
    await page.get_by_test_id("channel").filter(has_text=name).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(name)
    await until_loaded(page)


async def use_tool(message: Locator, name: str) -> None:
    """Use a tool of a message, by its test id. By the focus: from under the mouse a message may move away."""
    await message.focus()
    await message.get_by_test_id(name).click()


async def start_command(page: Page, name: str, **options: str) -> None:
    """Open a command's form and fill in the options that are there at once."""
    field = page.get_by_test_id("composer-input")
    await field.fill("")
    await field.press_sequentially(f"/{name} ")
    await expect(page.get_by_test_id("command-form")).to_be_visible()
    for option, value in options.items():
        await page.get_by_test_id(f"option-{option}").fill(value)


async def run_command(page: Page, name: str, **options: str) -> None:
    """Use a command and wait until its form has gone."""
    await start_command(page, name, **options)
    await page.get_by_test_id("command-run").click()
    await expect(page.get_by_test_id("command-form")).to_have_count(0)


async def run_to_answer(page: Page, name: str, **options: str) -> None:
    """Use a command and wait until its answer is the newest message."""
    await until_another(page, run_command(page, name, **options))
    await expect(last(page).get_by_test_id("used")).to_contain_text(f"/{name}")
