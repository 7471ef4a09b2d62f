"""The bot's commands, buttons, selects, modals and notices, worked by a person."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from sandbox.discord import LocalDiscord
from sandbox.discord.interactions.lifecycle import move
from sandbox.discord.state.interaction import NO_ANSWER, Kind, State
from tests.browser.acts import (
    become,
    last,
    open_channel,
    run_command,
    run_to_answer,
    say,
    start_command,
    until_another,
    until_ready,
    use_tool,
)
from tests.browser.demo import cards

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def art(page: Page) -> AsyncIterator[Page]:
    """The page in a channel where the bot's cards stand."""
    await open_channel(page, "art")
    yield page


async def ask_for_card(page: Page) -> None:
    await until_another(page, say(page, "@Fusion draw"))
    await expect(last(page).get_by_test_id("message-content")).to_have_text("Here is your fox.")


async def test_a_command_with_its_options(art: Page) -> None:
    field = art.get_by_test_id("composer-input")
    await field.press_sequentially("/dr")
    await expect(art.get_by_test_id("completion-item")).to_contain_text("Draw a picture")
    await field.press("Enter")
    await expect(art.get_by_label("prompt")).to_be_focused()
    await art.get_by_test_id("command-run").click()
    await expect(art.get_by_role("alert")).to_contain_text("prompt")
    await expect(art.get_by_test_id("fault-prompt")).to_have_text("This is required.")
    await art.get_by_label("prompt").fill("a fox")
    await expect(art.get_by_test_id("fault-prompt")).to_be_empty()
    await art.get_by_test_id("add-style").click()
    await art.get_by_test_id("option-style").press_sequentially("wood")
    await expect(art.get_by_test_id("completion-item")).to_have_count(1)
    await expect(art.get_by_test_id("completion-item")).to_contain_text("Woodcut")
    await art.get_by_test_id("option-style").press("Enter")
    await art.get_by_test_id("add-steps").click()
    await art.get_by_test_id("option-steps").fill("4")
    await art.get_by_test_id("option-steps").press("Enter")
    await expect(art.get_by_test_id("fault-steps")).to_have_text("Allowed: 5 to 150.")
    await art.get_by_test_id("option-steps").fill("30")
    await art.get_by_test_id("option-steps").press("Enter")
    await expect(last(art)).to_contain_text("a fox, woodcut, 30")
    await expect(last(art).get_by_test_id("used")).to_contain_text("/draw")
    await expect(art.get_by_test_id("composer-input")).to_be_focused()


async def test_suggestions_tell_how_they_stand(art: Page) -> None:
    await start_command(art, "draw")
    await art.get_by_test_id("add-style").click()
    style, note = art.get_by_test_id("option-style"), art.get_by_test_id("completion-note")
    await style.press_sequentially("zzz")
    await expect(note).to_have_text("Nothing matches.")
    await style.fill("never")
    await expect(note).to_have_text("Asking the bot…")
    await expect(note).to_contain_text("did not suggest anything in time")
    await style.fill("pix")
    await expect(art.get_by_test_id("completion-item")).to_contain_text("Pixels")


async def test_options_of_every_type(art: Page) -> None:
    await start_command(art, "options", text="ab")
    names = ("number", "choice", "user", "channel", "role", "file")
    for name in names:
        await art.get_by_test_id(f"add-{name}").click()
    number, choice, user, channel, role, file = (art.get_by_test_id(f"option-{name}") for name in names)
    await number.fill("a half")
    await art.get_by_test_id("command-run").click()
    await expect(art.get_by_test_id("fault-text")).to_have_text("At least 3 characters (2 now).")
    await expect(art.get_by_test_id("fault-number")).to_have_text("This has to be a number.")
    await art.get_by_test_id("option-text").fill("abc")
    await number.fill("0.5")
    await choice.select_option("large")
    await user.select_option(label="Bob")
    await channel.select_option(label="#code")
    await role.select_option(label="@Moderator")
    await file.set_input_files({"name": "fox.txt", "mimeType": "text/plain", "buffer": b"fox"})
    await art.get_by_test_id("command-run").click()
    await expect(last(art)).to_contain_text("abc | 0.5 | large | bob | code | Moderator | fox.txt")


async def test_subcommands_and_groups(art: Page) -> None:
    field = art.get_by_test_id("composer-input")
    await field.press_sequentially("/settings")
    await expect(art.get_by_test_id("completion-item")).to_have_count(2)
    await field.press_sequentially(" guild set tone")
    await expect(art.get_by_test_id("option-name")).to_have_value("tone")
    await art.get_by_test_id("option-value").select_option("true")
    await art.get_by_test_id("command-run").click()
    await expect(last(art)).to_contain_text("tone is True")
    await expect(last(art).get_by_test_id("used")).to_contain_text("/settings guild set")


async def test_a_command_is_hidden_from_those_who_may_not(art: Page) -> None:
    field, shown = art.get_by_test_id("composer-input"), art.get_by_test_id("completion-item")
    await field.press_sequentially("/gov")
    await expect(shown).to_contain_text("/govern")
    await field.fill("")
    await become(art, "Dora")
    await open_channel(art, "art")
    await field.press_sequentially("/")
    await expect(shown.filter(has_text="/draw")).to_be_visible()
    await expect(shown.filter(has_text="/govern")).to_have_count(0)


async def test_typing_a_whole_command_opens_its_fields(art: Page) -> None:
    await art.get_by_test_id("composer-input").press_sequentially("/draw a cat")
    await expect(art.get_by_label("prompt")).to_have_value("a cat")
    await art.keyboard.press("Escape")
    await expect(art.get_by_test_id("composer-input")).to_have_value("")


async def test_what_was_typed_before_the_commands_came_becomes_one(art: Page) -> None:
    come = asyncio.Event()

    async def hold(route: Route) -> None:
        await come.wait()
        await route.continue_()

    await art.route("**/people/commands*", hold)
    await open_channel(art, "code")
    await art.get_by_test_id("composer-input").press_sequentially("/draw a cat")
    await art.get_by_test_id("composer-input").press("Enter")
    come.set()
    await expect(art.get_by_label("prompt")).to_have_value("a cat")
    await expect(art.get_by_test_id("messages")).not_to_contain_text("/draw a cat")


async def test_a_private_answer_is_marked_and_can_be_dismissed(art: Page) -> None:
    await art.get_by_test_id("composer-input").press_sequentially("/draw an owl")
    await art.get_by_test_id("add-private").click()
    await art.get_by_test_id("option-private").select_option("true")
    await art.get_by_test_id("command-run").click()
    await expect(last(art)).to_contain_text("an owl")
    await expect(last(art).get_by_test_id("ephemeral")).to_contain_text("Only you can see this")
    await last(art).get_by_role("button", name="Dismiss").click()
    await expect(art.get_by_test_id("messages")).not_to_contain_text("an owl")


async def test_every_button(art: Page) -> None:
    await run_to_answer(art, "buttons")
    card = last(art)
    await expect(card).to_contain_text("Press one.")
    for name in ("Primary", "Secondary", "Success", "Danger", "🦊"):
        await card.get_by_role("button", name=name).click()
        await expect(card.get_by_test_id("message-content")).to_contain_text(f"Pressed: {name}")
    await expect(card.get_by_role("button", name="Off")).to_be_disabled()
    link = card.get_by_role("link", name="Read on")
    await expect(link).to_have_attribute("href", "https://example.com/")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")


async def test_a_button_changes_its_message(art: Page) -> None:
    await ask_for_card(art)
    await last(art).get_by_role("button", name="Again").click()
    await expect(last(art)).to_contain_text("Drawn again.")


async def test_a_button_pressed_twice_before_anything_came_of_it_is_pressed_once(art: Page) -> None:
    go_on = asyncio.Event()
    pressed: list[Route] = []

    async def hold(route: Route) -> None:
        pressed.append(route)
        await go_on.wait()
        await route.continue_()

    await ask_for_card(art)
    await art.route("**/people/interact", hold)
    again = last(art).get_by_role("button", name="Again")
    await again.dblclick()
    await expect(again).to_have_attribute("aria-busy", "true")
    go_on.set()
    await expect(last(art)).to_contain_text("Drawn again.")
    assert len(pressed) == 1


async def test_a_button_that_is_never_answered_says_so(art: Page) -> None:
    await ask_for_card(art)
    broken = last(art).get_by_role("button", name="Broken")
    await broken.click()
    await expect(broken).to_have_attribute("aria-busy", "true")
    failed = last(art).get_by_test_id("interaction-failed")
    await expect(failed).to_contain_text("This interaction failed. The application did not respond")
    await expect(broken).to_have_attribute("aria-busy", "false")
    await failed.get_by_role("button", name="Dismiss").click()
    await expect(failed).to_have_count(0)


async def test_a_select_by_keyboard(art: Page) -> None:
    await ask_for_card(art)
    select = last(art).get_by_test_id("select")
    await select.focus()
    await select.press("ArrowDown")
    await select.press("p")
    await select.press("ArrowUp")
    await select.press("Enter")
    await expect(last(art)).to_contain_text("Style: woodcut")


async def test_every_select(art: Page) -> None:
    await run_to_answer(art, "selects")
    card = last(art)
    await expect(card.get_by_test_id("select")).to_have_count(4)
    await card.get_by_test_id("select").first.click()
    await expect(card).to_contain_text("Choose 2")
    await card.get_by_test_id("select-option").filter(has_text="Dora", visible=True).click()
    await art.keyboard.press("Escape")
    await expect(card.get_by_test_id("select").first).to_have_text("People")  # one is too few
    for n, chosen, told in (
        (0, ("Alice", "Bob"), "alice, bob"),
        (1, ("@Moderator",), "Moderator"),
        (2, ("#code",), "code"),
        (3, ("Dora",), "dora"),
    ):
        select = card.get_by_test_id("select").nth(n)
        await select.click()
        for name in chosen:
            await card.get_by_test_id("select-option").filter(has_text=name, visible=True).click()
        if len(chosen) > 1:
            await art.keyboard.press("Escape")
        await expect(card.get_by_test_id("message-content")).to_contain_text(f"Chosen: {told}")


async def test_a_modal_is_filled_in(art: Page, discord: LocalDiscord) -> None:
    await ask_for_card(art)
    await last(art).get_by_role("button", name="Edit", exact=True).click()
    modal = art.get_by_test_id("modal")
    await expect(modal.get_by_label("Prompt")).to_have_value("a fox")
    await modal.get_by_label("Prompt").fill("")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal.get_by_role("alert")).to_contain_text("Size")
    await expect(modal.get_by_label("Prompt")).to_have_attribute("aria-invalid", "true")
    await modal.get_by_label("Prompt").fill(cards.NO_ANSWER)
    await modal.get_by_test_id("select").click()
    await modal.get_by_test_id("select-option").filter(has_text="960x960").click()
    await modal.get_by_test_id("modal-submit").click()
    world = discord.world
    sent = await world.wait_for(
        lambda: next(
            (one for one in world.interactions.values() if one.kind is Kind.MODAL and one.response is None), None
        )
    )
    move(world, sent, State.FAILED, NO_ANSWER)  # as the clock would after 3 s
    await expect(modal.get_by_role("alert")).to_contain_text("The application did not respond")
    await expect(modal.get_by_label("Prompt")).to_have_value(cards.NO_ANSWER)
    await modal.get_by_label("Prompt").fill("two foxes")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_have_count(0)
    await expect(last(art)).to_contain_text("Edited: two foxes, 960x960")


async def test_a_modal_with_every_field(art: Page) -> None:
    await run_command(art, "questions")
    modal = art.get_by_test_id("modal")
    await expect(modal.get_by_text("about foxes")).to_be_visible()
    await modal.get_by_label("Story").fill("short")
    await modal.get_by_label("Town").check()
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal.get_by_test_id("fault-story")).to_have_text("At least 10 characters (5 now).")
    await expect(modal.get_by_test_id("fault-colour")).to_have_text("This is required.")
    await expect(modal.get_by_test_id("fault-places")).to_be_empty()
    await modal.get_by_label("Story").fill("a long story")
    await modal.get_by_test_id("select").click()
    await modal.get_by_test_id("select-option").filter(has_text="Bob").click()
    await modal.get_by_label("White").check()
    await modal.get_by_label("Field").check()
    await modal.get_by_test_id("modal-submit").click()
    await expect(last(art)).to_contain_text("a long story; bob; white; town, field")


async def test_a_modal_takes_a_file(art: Page) -> None:
    await run_command(art, "upload")
    modal = art.get_by_test_id("modal")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal.get_by_test_id("fault-file")).to_have_text("This is required.")
    await modal.get_by_label("File").set_input_files({"name": "fox.txt", "mimeType": "text/plain", "buffer": b"fox!"})
    await modal.get_by_label("I made it myself").check()
    await modal.get_by_test_id("modal-submit").click()
    await expect(last(art)).to_contain_text("fox.txt, 4 bytes, True")


async def test_a_command_on_a_message(art: Page) -> None:
    await say(art, "quote me")
    await expect(last(art)).to_contain_text("quote me")
    await use_tool(last(art), "more")
    await art.get_by_role("menuitem", name="Quote this").click()
    await expect(last(art).locator("blockquote")).to_have_text("quote me")
    await expect(last(art).get_by_test_id("used").locator(".mention")).to_have_text("Quote this")
    await expect(last(art).get_by_test_id("ephemeral")).to_be_visible()
    await art.reload()
    await until_ready(art)
    await expect(last(art)).to_contain_text("quote me")
    await expect(art.get_by_test_id("ephemeral")).to_have_count(0)  # as in Discord


async def test_a_command_on_a_person(art: Page, discord: LocalDiscord) -> None:
    await discord.world.say(discord.world.person("bob"), discord.world.channel("art"), "greet me")
    await expect(last(art)).to_contain_text("greet me")
    await last(art).get_by_test_id("author").click()
    menu = art.get_by_test_id("menu")
    await expect(menu).to_contain_text("@bob · Member")
    await menu.get_by_role("menuitem", name="Greet").click()
    await expect(last(art)).to_contain_text("Hello, Bob!")
