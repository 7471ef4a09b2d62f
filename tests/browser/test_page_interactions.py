"""The bot's commands, buttons, selects, modals and notices, worked by a person."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def art(page: Page) -> AsyncIterator[Page]:
    """The page in a channel where the bot's cards stand."""
    await page.get_by_test_id("channel").filter(has_text="art").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("art")
    yield page


def last(page: Page) -> Locator:
    return page.get_by_test_id("message").last


async def ask_for_card(page: Page) -> None:
    await page.get_by_test_id("composer-input").fill("@Fusion draw")
    await page.get_by_test_id("composer-input").press("Enter")
    await expect(last(page).get_by_test_id("message-content")).to_have_text("Here is your fox.")


async def test_a_command_with_its_options(art: Page) -> None:
    field = art.get_by_test_id("composer-input")
    await field.press_sequentially("/dr")
    await expect(art.get_by_test_id("completion-item")).to_contain_text("Draw a picture")
    await field.press("Enter")
    await expect(art.get_by_label("prompt")).to_be_focused()
    await art.get_by_test_id("command-run").click()
    await expect(art.get_by_role("alert")).to_contain_text("prompt")
    await art.get_by_label("prompt").fill("a fox")
    await art.get_by_test_id("add-style").click()
    await art.get_by_test_id("option-style").press_sequentially("wood")
    await expect(art.get_by_test_id("completion-item")).to_have_count(1)
    await expect(art.get_by_test_id("completion-item")).to_contain_text("Woodcut")
    await art.get_by_test_id("option-style").press("Enter")
    await art.get_by_test_id("add-steps").click()
    await art.get_by_test_id("option-steps").fill("30")
    await art.get_by_test_id("option-steps").press("Enter")
    await expect(last(art)).to_contain_text("a fox, woodcut, 30")
    await expect(last(art).get_by_test_id("used")).to_contain_text("/draw")
    await expect(art.get_by_test_id("composer-input")).to_be_focused()


async def test_typing_a_whole_command_opens_its_fields(art: Page) -> None:
    await art.get_by_test_id("composer-input").press_sequentially("/draw a cat")
    await expect(art.get_by_label("prompt")).to_have_value("a cat")
    await art.keyboard.press("Escape")
    await expect(art.get_by_test_id("composer-input")).to_have_value("")


async def test_a_private_answer_is_marked_and_can_be_dismissed(art: Page) -> None:
    await art.get_by_test_id("composer-input").press_sequentially("/draw an owl")
    await art.get_by_test_id("add-private").click()
    await art.get_by_test_id("option-private").select_option("true")
    await art.get_by_test_id("command-run").click()
    await expect(last(art)).to_contain_text("an owl")
    await expect(last(art).get_by_test_id("ephemeral")).to_contain_text("Only you can see this")
    await last(art).get_by_role("button", name="Dismiss").click()
    await expect(art.get_by_test_id("messages")).not_to_contain_text("an owl")


async def test_a_button_changes_its_message(art: Page) -> None:
    await ask_for_card(art)
    await last(art).get_by_role("button", name="Again").click()
    await expect(last(art)).to_contain_text("Drawn again.")


async def test_a_button_that_is_never_answered_says_so(art: Page) -> None:
    await ask_for_card(art)
    await last(art).get_by_role("button", name="Broken").click()
    await expect(art.get_by_test_id("interaction-failed")).to_contain_text("did not respond", ignore_case=True)
    await art.get_by_test_id("interaction-failed").get_by_role("button", name="Dismiss").click()
    await expect(art.get_by_test_id("interaction-failed")).to_have_count(0)


async def test_a_select_by_keyboard(art: Page) -> None:
    await ask_for_card(art)
    select = last(art).get_by_test_id("select")
    await select.focus()
    await select.press("ArrowDown")
    await select.press("ArrowDown")
    await select.press("Enter")
    await expect(last(art)).to_contain_text("Style: woodcut")


async def test_a_modal_is_filled_in(art: Page) -> None:
    await ask_for_card(art)
    await last(art).get_by_role("button", name="Edit", exact=True).click()
    modal = art.get_by_test_id("modal")
    await expect(modal.get_by_label("Prompt")).to_have_value("a fox")
    await modal.get_by_label("Prompt").fill("two foxes")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal.get_by_role("alert")).to_contain_text("Size")
    await modal.get_by_test_id("select").click()
    await modal.get_by_test_id("select-option").filter(has_text="960x960").click()
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_have_count(0)
    await expect(last(art)).to_contain_text("Edited: two foxes, 960x960")


async def test_components_of_the_second_kind(art: Page) -> None:
    await art.get_by_test_id("composer-input").press_sequentially("/panel ")
    await art.get_by_test_id("command-run").click()
    box = last(art).get_by_test_id("container")
    await expect(box.get_by_role("heading")).to_have_text("Panel")
    await expect(box.get_by_role("button", name="Press")).to_be_disabled()
    await expect(box.locator(".subtext")).to_have_text("small print")


async def test_a_command_on_a_message(art: Page) -> None:
    await art.get_by_test_id("composer-input").fill("quote me")
    await art.get_by_test_id("composer-input").press("Enter")
    await expect(last(art)).to_contain_text("quote me")
    await last(art).hover()
    await last(art).get_by_test_id("more").click()
    await art.get_by_role("menuitem", name="Quote this").click()
    await expect(last(art).locator("blockquote")).to_have_text("quote me")
    await expect(last(art).get_by_test_id("ephemeral")).to_be_visible()
