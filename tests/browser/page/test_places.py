"""Places: threads, forums, direct conversations, and the ways from one message to another."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Browser, Page, Route, WebSocketRoute, expect

from sandbox.discord import LocalDiscord
from tests.browser.acts import last, open_channel, say

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_thread_and_a_conversation(page: Page) -> None:
    await open_channel(page, "art")
    await page.get_by_test_id("threads").click()
    await page.get_by_role("menuitem", name="New thread").click()
    await page.get_by_label("Name of the thread").fill("Foxes only")
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Foxes only")
    await page.get_by_test_id("guild").first.click()
    await page.get_by_role("button", name="Fusion", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Fusion")
    await say(page, "hello in private")
    await expect(last(page)).to_contain_text("Once upon a time")


async def test_a_reply_leads_to_a_message_that_was_not_loaded(page: Page, discord: LocalDiscord) -> None:
    world = discord.world
    bob, channel = world.person("bob"), world.channel("age-restricted")
    original = await world.say(bob, channel, "long ago")
    for number in range(60):
        await world.say(bob, channel, f"then {number}")
    await world.say(bob, channel, "an answer", reply_to=original)
    await open_channel(page, "age-restricted")
    await expect(page.get_by_test_id("message")).to_have_count(50)
    await last(page).get_by_role("button", name="Go to the original message").click()
    await expect(page.get_by_test_id("message").filter(has_text="long ago").first).to_be_focused()
    await expect(page.get_by_test_id("message").filter(has_text="long ago").first).to_be_in_viewport()
    await page.get_by_role("button", name="Go to the newest message").click()
    await expect(last(page)).to_be_in_viewport()


async def test_people_write_in_places_of_every_kind(page: Page, discord: LocalDiscord) -> None:
    for name in ("news", "lounge", "no-bots"):
        await open_channel(page, name)
        await say(page, f"hello, {name}")
        await expect(last(page)).to_contain_text(f"hello, {name}")
    await open_channel(page, "gallery")
    await page.get_by_test_id("new-post").click()
    await page.get_by_label("Title").fill("A fox")
    await page.get_by_test_id("post-file").set_input_files(
        {"name": "fox.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n"}
    )
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("A fox")
    gallery = discord.world.channel("gallery")
    post = next(one for one in discord.world.guild().threads.values() if one.parent_id == gallery.id)
    assert [one.filename for one in post.messages[post.id].attachments] == ["fox.png"]


async def test_a_locked_thread_says_why_it_is_closed(page: Page, discord: LocalDiscord) -> None:
    world = discord.world
    alice = world.person("alice")
    thread = await world.start_thread(alice, world.channel("code"), "Old foxes")
    assert thread.thread is not None
    thread.thread.locked = thread.thread.archived = True
    await page.goto(f"{discord.base_url}/?as=bob")
    await open_channel(page, "code")
    await expect(page.get_by_test_id("channel").filter(has_text="Old foxes")).to_have_count(0)
    await page.get_by_test_id("threads").click()
    await page.get_by_role("menuitem", name="Old foxes").click()
    await expect(page.get_by_test_id("composer-closed")).to_have_text("This thread is locked.")
    await page.get_by_test_id("header-parent").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("code")


async def test_a_forum_has_posts(page: Page, discord: LocalDiscord) -> None:
    world = discord.world
    await open_channel(page, "questions")
    await page.get_by_test_id("new-post").click()
    await page.get_by_label("Title").fill("Where do foxes sleep?")
    await page.get_by_label("Text").fill("In a den, or in the open?")
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Where do foxes sleep?")
    await expect(last(page)).to_contain_text("In a den, or in the open?")
    await say(page, "@Fusion you know?")
    await expect(last(page)).to_contain_text("Once upon a time")
    await world.start_post(world.person("bob"), world.channel("questions"), "Do they sing?", "Or bark?")
    await page.get_by_test_id("header-parent").click()
    await expect(page.get_by_test_id("post")).to_have_count(2)
    await page.get_by_test_id("post").filter(has_text="Do they sing?").click()
    await expect(last(page)).to_contain_text("Or bark?")


async def test_a_link_to_a_message_is_followed_in_the_page(page: Page, discord: LocalDiscord) -> None:
    world = discord.world
    channel = world.channel("read-only")
    target = await world.say(world.person("alice"), channel, "the one that is meant")
    for number in range(60):
        await world.say(world.person("alice"), channel, f"later {number}")
    place = f"https://discord.com/channels/{channel.guild_id}/{channel.id}"
    await open_channel(page, "code")
    await say(page, f"see {place}/{target.id} or [elsewhere](https://discord.com/channels/1/2/3)")
    links = last(page).get_by_role("link")
    await expect(links).to_have_text(["#read-only › 💬", "elsewhere"])
    await expect(last(page).get_by_test_id("place-link")).to_have_count(1)
    await links.first.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("read-only")
    await expect(page.get_by_test_id("message").filter(has_text="the one that is meant")).to_be_focused()
    await expect(page.get_by_test_id("message").filter(has_text="the one that is meant")).to_be_in_viewport()


async def test_nothing_is_missed_while_the_page_connects(browser: Browser, discord: LocalDiscord) -> None:
    world = discord.world
    bob, channel = world.person("bob"), world.channel("age-restricted")
    told: list[str] = []

    async def late(socket: WebSocketRoute) -> None:
        await asyncio.sleep(0.3)  # a slow way to the server
        told.append("events")
        socket.connect_to_server()

    async def see(route: Route) -> None:
        answer = await route.fetch()  # as it is now: what is said from here on comes as an event
        if "messages" not in told:
            await world.say(bob, channel, "said meanwhile")
        told.append("messages")
        await route.fulfill(response=answer)

    async def know(route: Route) -> None:
        answer = await route.fetch()
        if "events" in told and "state" not in told:
            told.append("state")
            await world.start_thread(bob, channel, "Begun meanwhile")
        await route.fulfill(response=answer)

    async with await browser.new_page() as page:
        await page.add_init_script(f"localStorage.setItem('fusion-bot-demo.channel', '{channel.id}')")
        await page.route_web_socket("**/people/events*", late)
        await page.route("**/people/messages*", see)
        await page.route("**/people/state*", know)
        await page.goto(f"{discord.base_url}/?as=alice")
        await expect(last(page)).to_contain_text("said meanwhile")
        await expect(page.get_by_test_id("channel").filter(has_text="Begun meanwhile")).to_be_visible()
    assert told.index("events") < told.index("messages")


async def test_no_click_falls_between_two_buttons(page: Page, discord: LocalDiscord) -> None:
    world = discord.world
    bob, elsewhere = world.person("bob"), world.channel("age-restricted")
    await open_channel(page, "code")
    for number, button in enumerate((page.get_by_test_id("settings"), page.locator(".channel", has_text="art"))):
        await button.hover()
        await page.mouse.down()
        await world.say(bob, elsewhere, "news")
        thread = await world.start_thread(bob, elsewhere, f"News {number}")
        await expect(page.get_by_test_id("channel").filter(has_text=thread.name)).to_be_visible()
        await expect(page.get_by_test_id("channel").filter(has_text=elsewhere.name)).to_contain_text("unread")
        await page.mouse.up()
        if number == 0:
            await page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("art")
