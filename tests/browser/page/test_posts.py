"""What is posted beside words, as the page shows it: forwards, polls, webhooks, Components V2 of other apps."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from sandbox.discord import LocalDiscord
from sandbox.launcher.scenes import seed_scenes
from tests.browser.acts import become, last, open_channel

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="module")
def scenes(discord: LocalDiscord) -> LocalDiscord:
    """The server with the demo's channel of posts."""
    seed_scenes(discord.world)
    return discord


async def test_every_kind_of_post_is_shown(page: Page, scenes: LocalDiscord) -> None:
    await open_channel(page, "posts")
    forward = page.get_by_test_id("forward")
    await expect(forward).to_contain_text("Forwarded")
    await expect(forward).to_contain_text("The night train leaves")
    await expect(forward).to_contain_text("#posts")
    poll = page.get_by_test_id("poll")
    await expect(poll.get_by_test_id("poll-answer")).to_have_count(3)
    await expect(poll).to_contain_text("2 · 67%")
    await expect(page.get_by_test_id("embed")).to_contain_text("Build 482 failed")
    await expect(page.get_by_test_id("container").get_by_role("heading")).to_have_text("Weather for Saturday")
    for name in ("CI", "Weather"):
        row = page.get_by_test_id("message").filter(has=page.get_by_test_id("author").filter(has_text=name))
        await expect(row.locator(".app-tag")).to_have_count(1)
    await expect(page.get_by_test_id("file")).to_contain_text("message.txt")


async def test_a_vote_moves_the_bars_and_is_taken_back(page: Page, scenes: LocalDiscord) -> None:
    await open_channel(page, "posts")
    third = page.get_by_test_id("poll-answer").nth(2)
    await third.click()
    await expect(third).to_have_attribute("aria-pressed", "true")
    await expect(third).to_contain_text("1 · 33%")
    await third.click()
    await expect(third).to_contain_text("0 · 0%")
    await page.get_by_test_id("poll-answer").first.click()


async def test_a_poll_ends_with_its_result(page: Page, scenes: LocalDiscord) -> None:
    await open_channel(page, "posts")
    world = scenes.world
    poll = await world.start_poll(world.person("bob"), world.channel("posts"), "Tea?", [("🍵", "Yes"), "No"])
    await world.vote(world.person("dora"), poll, 1)
    await world.end_poll(poll)
    await expect(page.get_by_test_id("poll-result")).to_contain_text("🍵 Yes · 1/1")
    await expect(page.get_by_test_id("poll").last).to_contain_text("The poll has closed.")
    await expect(page.get_by_test_id("poll").last.get_by_test_id("poll-answer").first).to_be_disabled()


async def test_a_message_is_forwarded_from_its_menu_and_shown_in_replies(page: Page, scenes: LocalDiscord) -> None:
    await open_channel(page, "art")
    world = scenes.world
    art = world.channel("art")
    said = await world.say(world.person("bob"), art, "a picture of a fox")
    await expect(last(page)).to_contain_text("a picture of a fox")
    await last(page).focus()
    await last(page).get_by_test_id("more").click()
    await page.get_by_role("menuitem", name="Forward").click()
    await page.get_by_role("textbox", name="Channel").fill("art")
    await page.get_by_role("button", name="Forward", exact=True).click()
    await expect(last(page).get_by_test_id("forward")).to_contain_text("a picture of a fox")
    forward = next(one for one in reversed(art.messages.values()) if one.snapshots)
    await world.say(world.person("dora"), art, "nice", reply_to=forward)
    await expect(last(page).locator(".reply-words")).to_contain_text("Forwarded: a picture of a fox")
    assert said.content


async def test_names_of_one_webhook_stand_apart_and_stickers_are_named(page: Page, scenes: LocalDiscord) -> None:
    await open_channel(page, "art")
    world = scenes.world
    hook = await world.webhook(world.channel("art"), "Names")
    for name in ("Luna", "Sol"):
        await world.webhook_says(hook, f"I am {name}", username=name)
        await expect(last(page).get_by_test_id("author")).to_have_text(name)
    await expect(last(page)).not_to_have_class("message grouped")
    await world.send_sticker(world.person("bob"), world.channel("art"))
    await expect(last(page).get_by_test_id("sticker")).to_have_text("Sticker: Wave")


async def test_a_long_paste_becomes_a_file_and_a_short_one_stays_text(page: Page, scenes: LocalDiscord) -> None:
    await open_channel(page, "art")
    field = page.get_by_test_id("composer-input")
    paste = """(field, text) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData("text", text);
        return field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, cancelable: true }));
    }"""
    assert await field.evaluate(paste, "x" * 2000), "the browser may put a short text into the field"
    assert not await field.evaluate(paste, "y" * 3900)
    await field.fill("please review this")
    await field.press("Enter")
    await expect(last(page)).to_contain_text("please review this")
    await expect(last(page).get_by_test_id("file")).to_contain_text("message.txt")
    sent = list(scenes.world.channel("art").messages.values())[-1]
    assert [(one.content_type, one.size) for one in sent.attachments] == [("text/plain; charset=utf-8", 3900)]


async def test_the_plus_offers_polls_stickers_and_voice_messages(page: Page, scenes: LocalDiscord) -> None:
    await open_channel(page, "art")
    for name, shown in (("Sticker", "Sticker: Wave"), ("Voice message", "voice-message.ogg")):
        await page.get_by_test_id("add-more").click()
        await page.get_by_role("menuitem", name=name).click()
        await expect(last(page)).to_contain_text(shown)
    await page.get_by_test_id("add-more").click()
    await page.get_by_role("menuitem", name="Poll").click()
    dialog = page.get_by_test_id("poll-dialog")
    await dialog.get_by_label("Question").fill("Tea?")
    await dialog.get_by_label("Answers, one a line").fill("Yes\n\nNo\n")
    await dialog.get_by_role("button", name="Create").click()
    await expect(last(page).get_by_test_id("poll-answer")).to_have_count(2)
    await become(page, "Bob")  # an administrator may attach files everywhere
    await open_channel(page, "no-files")
    await page.get_by_test_id("add-more").click()
    await expect(page.get_by_role("menuitem")).to_have_text(["Poll", "Sticker"])
    await page.keyboard.press("Escape")
