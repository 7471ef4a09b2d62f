"""Talking: mentions, replies that grow, pictures, edits, deletions, people, themes, languages."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Page, Route, WebSocketRoute, expect

from sandbox.discord import LocalDiscord
from tests.browser.acts import become, last, open_channel, say, until_another, until_ready, use_tool
from tests.browser.conftest import Window

pytestmark = pytest.mark.asyncio(loop_scope="session")

RECORD = """() => {
  window.seen = new Set();
  const note = () => document.querySelectorAll("[data-testid=message]:last-of-type [data-testid=message-content]")
    .forEach((one) => window.seen.add(one.textContent.trim()));
  new MutationObserver(note).observe(document.querySelector("[data-testid=messages]"),
    {subtree: true, childList: true, characterData: true});
}"""


async def test_a_reply_grows_by_edits(page: Page) -> None:
    await page.evaluate(RECORD)
    await until_another(page, say(page, "@Fusion tell me a story"))
    await expect(last(page).locator("pre code")).to_have_text("print('fox')")
    await expect(last(page).locator("strong", has_text="time")).to_be_visible()
    await expect(last(page).locator(".reply-preview")).to_contain_text("tell me a story")
    await expect(last(page).locator(".code-language")).to_have_text("python")
    seen = [one for one in await page.evaluate("[...window.seen]") if one.startswith("Once")]
    assert len(seen) >= 3
    assert seen == sorted(seen, key=len)


async def test_a_mention_is_sent_as_one(page: Page, discord: LocalDiscord) -> None:
    field = page.get_by_test_id("composer-input")
    await field.press_sequentially("hi @fus")
    await expect(page.get_by_test_id("completion-item")).to_have_count(1)
    await field.press("Tab")
    await expect(field).to_have_value("hi @Fusion ")
    await field.press_sequentially("and `@Fusion`")
    await field.press("Enter")
    # Until it is answered: the next test's newest message is not to be this answer.
    await expect(last(page).locator(".reply-preview")).to_contain_text("hi @Fusion and")
    await expect(last(page)).to_contain_text("print('fox')")
    mine = page.get_by_test_id("message").filter(has_text="and @Fusion").first
    await expect(mine.locator(".mention")).to_have_text("@Fusion")
    channel = discord.world.channel("general")
    sent = next(one.content for one in reversed(channel.messages.values()) if one.author.username == "alice")
    assert sent == f"hi {discord.world.bot.mention} and `@Fusion`"


async def test_a_picture_is_shown_with_its_words(page: Page) -> None:
    await until_another(page, say(page, "@Fusion draw me a fox"))
    picture = last(page).get_by_test_id("picture")
    await expect(picture).to_have_attribute("alt", "a fox in the snow")
    await expect(picture).to_have_js_property("naturalWidth", 320)


DROP = """name => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["fox"], name, {type: "text/plain"}));
  const drop = new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true});
  return !document.getElementById("timeline").dispatchEvent(drop);
}"""


async def test_a_file_is_dropped_anywhere_and_its_long_name_shortened(page: Page) -> None:
    await open_channel(page, "code")
    assert await page.evaluate(DROP, f"{'a-long-name-' * 12}.txt")  # else the browser leaves the page for the file
    await expect(page.locator(".file-chip")).to_contain_text("a-long-name")
    await page.get_by_test_id("send").click()
    await expect(last(page).get_by_test_id("file")).to_contain_text("3 bytes")
    beyond = "one => one.getBoundingClientRect().right - one.closest('.message').getBoundingClientRect().right"
    assert await last(page).get_by_test_id("file").evaluate(beyond) <= 0


async def test_markup_is_never_run(page: Page) -> None:
    await say(page, "<img src=x onerror=alert(1)> [bad](javascript:alert(1)) **<b>x</b>**")
    await expect(last(page)).to_contain_text("<img src=x onerror=alert(1)>")
    await expect(last(page).locator("img[src=x], a[href^=javascript], b")).to_have_count(0)


async def test_own_messages_are_edited_and_deleted(page: Page) -> None:
    await open_channel(page, "art")
    before = await page.get_by_test_id("message").count()
    await say(page, "frist")
    await expect(last(page)).to_contain_text("frist")
    await page.get_by_test_id("composer-input").press("ArrowUp")
    await page.get_by_test_id("edit-field").fill("first")
    await page.get_by_test_id("edit-field").press("Enter")
    await expect(last(page).get_by_test_id("message-content")).to_contain_text("first")
    await expect(last(page)).to_contain_text("(edited)")
    await use_tool(last(page), "delete")
    await page.get_by_test_id("confirm-yes").click()
    await expect(page.get_by_text("first", exact=True)).to_have_count(0)
    await expect(page.get_by_test_id("message")).to_have_count(before)


async def test_what_is_refused_is_put_back_before_what_was_typed_meanwhile(page: Page, window: Window) -> None:
    refuse = asyncio.Event()

    async def hold(route: Route) -> None:
        await refuse.wait()
        await route.fulfill(status=503, json={"error": "Not now."})

    await page.route("**/people/say", hold)
    await open_channel(page, "art")
    field = page.get_by_test_id("composer-input")
    await page.get_by_test_id("file-input").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"})
    await say(page, "the first line")
    await expect(field).to_have_value("")
    await expect(page.locator(".file-chip")).to_have_count(0)
    await field.press_sequentially("the second")
    async with page.expect_console_message(lambda one: "503" in one.text):
        refuse.set()
    await expect(field).to_have_value("the first line\nthe second")
    await expect(page.locator(".file-chip")).to_contain_text("a.txt")
    await expect(page.get_by_test_id("toast")).to_contain_text("Not now.")
    await field.press_sequentially(" half")  # where one was
    await expect(field).to_have_value("the first line\nthe second half")
    assert all("503" in one for one in window.faults)
    window.faults.clear()


async def test_a_message_is_edited_before_its_sending_is_answered(page: Page) -> None:
    answer = asyncio.Event()

    async def hold(route: Route) -> None:
        response = await route.fetch()
        await answer.wait()
        await route.fulfill(response=response)

    await page.route("**/people/say", hold)
    await open_channel(page, "art")
    await say(page, "shown early")
    await expect(last(page)).to_contain_text("shown early")
    await page.get_by_test_id("composer-input").press("ArrowUp")
    await expect(page.get_by_test_id("edit-field")).to_have_value("shown early")
    async with page.expect_response("**/people/say"):
        answer.set()
    await expect(page.get_by_test_id("edit-field")).to_be_focused()
    await page.keyboard.press("Escape")


async def test_a_reply_names_its_message(page: Page, discord: LocalDiscord) -> None:
    world = discord.world
    await open_channel(page, "code")
    original = await world.say(world.person("bob"), world.channel("code"), "who knows Rust?")
    await expect(last(page)).to_contain_text("who knows Rust?")
    await use_tool(last(page), "reply")
    await expect(page.get_by_test_id("replying")).to_contain_text("Bob")
    await say(page, "I do")
    await expect(last(page).locator(".reply-preview")).to_contain_text("who knows Rust?")
    answer = list(world.channel("code").messages.values())[-1]
    assert answer.reference is not None
    assert answer.reference.message_id == original.id


async def test_another_person_sees_other_things(page: Page) -> None:
    await expect(page.get_by_test_id("channel").filter(has_text="staff")).to_be_visible()
    await become(page, "Bob")
    await expect(page.get_by_test_id("channel").filter(has_text="staff")).to_have_count(0)
    await open_channel(page, "read-only")
    await expect(page.get_by_test_id("composer-closed")).to_be_visible()


async def test_theme_and_language(page: Page) -> None:
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.get_by_test_id("theme-toggle").click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "light")
    await page.get_by_test_id("language-toggle").click()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(page.get_by_test_id("composer-input")).to_have_attribute("placeholder", re.compile("发消息给"))
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(page.locator("html")).to_have_attribute("data-theme", "light")


async def test_a_phones_width_has_a_drawer_and_nothing_beside(page: Page) -> None:
    await page.set_viewport_size({"width": 320, "height": 720})
    await expect(page.get_by_test_id("channel").first).not_to_be_visible()
    await page.get_by_test_id("drawer").click()
    await page.get_by_test_id("channel").filter(has_text="age-restricted").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("age-restricted")
    await expect(page.get_by_test_id("channel").first).not_to_be_visible()
    await expect(page.get_by_test_id("panel-toggle")).to_be_in_viewport(ratio=1)
    assert await page.evaluate("document.documentElement.scrollWidth") == 320


async def test_older_messages_come_when_one_scrolls_up(page: Page, discord: LocalDiscord) -> None:
    world = discord.world
    channel = world.channel("no-files")
    for number in range(70):
        await world.say(world.person("bob"), channel, f"line {number}")
    await open_channel(page, "no-files")
    await expect(page.get_by_test_id("message")).to_have_count(50)
    await expect(last(page)).to_contain_text("line 69")
    await expect(last(page)).to_be_in_viewport()
    await page.locator(".scroller").evaluate("(one) => { one.scrollTop = 0; }")
    await expect(page.get_by_test_id("message")).to_have_count(70)
    await expect(page.get_by_test_id("message").first).to_contain_text("line 0")
    await expect(page.get_by_test_id("message").nth(20)).to_be_in_viewport()
    await say(page, "what one writes is seen")
    await expect(last(page)).to_contain_text("what one writes is seen")
    await expect(last(page)).to_be_in_viewport()


async def test_unread_messages_and_mentions_are_marked(page: Page, discord: LocalDiscord) -> None:
    world = discord.world
    await open_channel(page, "code")
    art = page.get_by_test_id("channel").filter(has_text="art")
    alice = world.person("alice")
    await world.say(world.person("bob"), world.channel("art"), f"<@{alice.id}> look")
    await expect(art).to_contain_text("unread")
    await expect(art.locator(".badge")).to_have_text("1")
    await art.click()
    await expect(art.locator(".badge")).to_have_count(0)


async def test_what_happened_while_the_connection_was_lost_is_caught_up(window: Window, discord: LocalDiscord) -> None:
    world = discord.world
    sockets: list[WebSocketRoute] = []
    reachable = True

    async def handle(socket: WebSocketRoute) -> None:
        if reachable:
            socket.connect_to_server()
            sockets.append(socket)
        else:
            await socket.close()

    page = await window.page.context.new_page()  # of its own: such a route can't be taken away again
    window.watch(page)
    await page.route_web_socket(re.compile("/people/events"), handle)
    await page.goto(f"{discord.base_url}/?as=alice")
    await until_ready(page)
    await open_channel(page, "code")
    await say(page, "what was begun")
    await expect(last(page)).to_contain_text("what was begun")
    await page.get_by_test_id("composer-input").press("ArrowUp")
    await page.get_by_test_id("edit-field").fill("goes on")
    reachable = False
    await sockets[-1].close()
    await expect(page.locator("#banner")).to_contain_text("Connection lost")
    await world.say(world.person("bob"), world.channel("code"), "said meanwhile")
    await expect(page.get_by_test_id("messages")).not_to_contain_text("said meanwhile")
    reachable = True
    await expect(page.get_by_test_id("messages")).to_contain_text("said meanwhile")
    await expect(page.locator("#banner")).to_be_hidden()
    await expect(page.get_by_test_id("edit-field")).to_have_value("goes on")
    await expect(page.get_by_test_id("edit-field")).to_be_focused()
    await page.close()


async def test_a_line_stands_before_what_is_new(page: Page, discord: LocalDiscord) -> None:
    world = discord.world
    await world.say(world.person("bob"), world.channel("art"), "seen before")
    await page.reload()
    await until_ready(page)
    await open_channel(page, "code")
    await world.say(world.person("bob"), world.channel("art"), "the first new one")
    await world.say(world.person("bob"), world.channel("art"), "the second new one")
    await expect(page.get_by_test_id("channel").filter(has_text="art")).to_contain_text("unread")
    await page.keyboard.press("Alt+Shift+ArrowUp")
    await expect(page.get_by_role("heading", level=1)).to_have_text("art")
    line = page.get_by_test_id("new-line")
    await expect(line).to_have_count(1)
    await expect(line.locator("xpath=following-sibling::article[1]")).to_contain_text("the first new one")
    await open_channel(page, "code")
    await open_channel(page, "art")
    await expect(line).to_have_count(0)


async def test_reactions_are_given_and_taken_back(page: Page) -> None:
    await open_channel(page, "art")
    await say(page, "react to this")
    await expect(last(page)).to_contain_text("react to this")
    await use_tool(last(page), "more")
    await page.get_by_role("menuitem", name="React with 🎉").click()
    mark = last(page).get_by_role("button", name="🎉 1")
    await expect(mark).to_have_attribute("aria-pressed", "true")
    await mark.click()
    await expect(mark).to_have_count(0)


async def test_what_is_refused_is_told_in_the_readers_language(
    page: Page, window: Window, discord: LocalDiscord
) -> None:
    await page.get_by_test_id("composer-input").fill("x" * 2001)
    await page.get_by_test_id("send").click()
    await expect(page.get_by_test_id("toast")).to_contain_text("at most 2000 characters; this one has 2001")
    await page.get_by_test_id("composer-input").fill("")
    await page.get_by_test_id("language-toggle").click()
    await until_ready(page)
    await open_channel(page, "read-only")
    gone = await discord.world.say(discord.world.person("alice"), discord.world.channel("read-only"), "soon gone")
    await expect(last(page)).to_contain_text("soon gone")
    await use_tool(last(page), "edit")
    del discord.world.channel("read-only").messages[gone.id]
    await page.get_by_test_id("edit-field").fill("too late")
    async with page.expect_console_message(lambda one: "404" in one.text):
        await page.get_by_test_id("edit-field").press("Enter")
    await expect(page.get_by_test_id("toast").last).to_contain_text("该消息已不在此处。")
    assert all("404" in one for one in window.faults)  # the browser's own note of the answer
    window.faults.clear()


async def test_a_role_is_mentioned(page: Page, discord: LocalDiscord) -> None:
    role = next(one for one in discord.world.guild().roles.values() if one.name == "Moderator")
    await open_channel(page, "art")
    field = page.get_by_test_id("composer-input")
    await field.press_sequentially("dear @mod")
    await expect(page.get_by_test_id("completion-item")).to_contain_text("Moderator")
    await field.press("Tab")
    await field.press("Enter")
    await expect(last(page).locator(".mention")).to_have_text("@Moderator")
    assert list(discord.world.channel("art").messages.values())[-1].content == f"dear {role.mention}"
    await field.press("ArrowUp")
    await expect(page.get_by_test_id("edit-field")).to_have_value("dear @Moderator")
    await page.keyboard.press("Escape")
