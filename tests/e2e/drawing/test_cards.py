"""``/draw`` as people use it: every parameter, the card's buttons and forms, recipes."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import Any

from sandbox.discord.state.interaction import Interaction
from sandbox.discord.state.records import Channel, Message, User
from sandbox.endpoint.script.replies import stalled_reply
from sandbox.endpoint.script.samples import SAMPLES
from tests.e2e.conftest import Stage
from tests.fakes.words import worded, worded_in, wording

RECIPE = {
    "prompt": "a *red* fox",
    "model": "Artist V0.3.0 Beta",
    "size": "512x768",
    "steps": 20,
    "scale": 9,
    "seed": 4711,
    "enhance": True,
    "control": "canny",
}
WIRE = {
    "mh_model_name": "Artist V0.3.0 Beta",
    "mh_output_size": "512x768",
    "mh_ddim_steps": 20,
    "mh_scale": 9,
    "mh_select_seed": 4711,
    "mh_add_prompt": True,
    "mh_controlnet_model": "canny",
}


def buttons(message: Message) -> dict[str, dict[str, Any]]:
    """The buttons under a message, by what they do."""
    found = [one for row in message.components for one in row["components"]]
    return {str(one["custom_id"]).split(":")[1]: one for one in found}


async def draw(
    stage: Stage, options: Mapping[str, Any], *, user: User | None = None, channel: Channel | None = None
) -> Message:
    """Use the command and wait for its card."""
    interaction = await stage.discord.world.slash(user or stage.alice, channel or stage.general, "draw", options)
    return await card(stage, interaction)


async def card(stage: Stage, interaction: Interaction) -> Message:
    """Wait for the card that comes of a command, a button or a form."""
    await stage.ended(interaction.id)
    assert interaction.response is not None, stage.bot.log
    return interaction.response


async def press(stage: Stage, message: Message, action: str, *, user: User | None = None) -> Interaction:
    """Press a button and wait until the person has an answer."""
    custom_id = str(buttons(message)[action]["custom_id"])
    interaction = await stage.discord.world.click(user or stage.alice, message, custom_id)
    await stage.discord.world.answered(interaction)
    return interaction


async def fill_in(stage: Stage, opened: Interaction, fields: Mapping[str, Any]) -> Interaction:
    """Send a form that a button has opened."""
    assert opened.modal is not None, stage.bot.log
    return await stage.discord.world.submit_modal(opened.user, opened, fields)


def picture_bytes(stage: Stage, message: Message) -> bytes:
    """The bytes of a message's one picture."""
    (attachment,) = message.attachments
    kept = stage.discord.world.cdn.get(attachment.id)
    assert kept is not None
    return kept.data


def wire(stage: Stage, number: int = -1) -> dict[str, Any]:
    """What was asked of the endpoint beside the prompt."""
    return {key: value for key, value in stage.endpoint.requests[number].body.items() if key in WIRE}


def prompt_of(stage: Stage, number: int = -1) -> str:
    """The prompt as the person wrote it; the request in front of it is the bot's."""
    return str(stage.endpoint.requests[number].body["messages"][-1]["content"]).split(": ", 1)[-1]


async def test_every_parameter_reaches_the_endpoint_and_the_card(stage: Stage) -> None:
    message = await draw(stage, RECIPE)
    assert wire(stage) == WIRE
    assert prompt_of(stage) == "a *red* fox"
    heading, recipe, facts = message.content.split("\n")
    assert heading == "> -# a \\*red\\* fox"
    made = (
        worded("drawing.card.seed", seed=4711),
        worded("drawing.card.steps", steps=20),
        worded("drawing.card.scale", scale=9),
        worded("drawing.card.enhanced"),
        worded("drawing.card.control", control="canny"),
    )
    assert recipe == f"-# Artist V0.3.0 Beta · 512×768 · {' · '.join(made)}"
    assert facts.startswith(f"-# {worded('drawing.card.asked_by', user=f'<@{stage.alice.id}>')} · ")
    (picture,) = message.attachments
    assert (picture.width, picture.height, picture.description) == (512, 768, "a *red* fox")
    assert set(buttons(message)) == {"again", "vary", "edit", "size", "upscale", "delete"}
    assert not message.mentions


async def test_each_button_makes_a_card_that_links_to_the_one_before(stage: Stage) -> None:
    first = await draw(stage, RECIPE)
    second = await card(stage, await press(stage, first, "again"))
    assert {**wire(stage), "mh_select_seed": 0} == {**WIRE, "mh_select_seed": 0}
    assert wire(stage)["mh_select_seed"] not in (4711, -1)
    link = f"https://discord.com/channels/{first.guild_id}/{first.channel_id}/{first.id}"
    assert link in second.content
    assert first.attachments  # the old one stays
    opened = await press(stage, second, "vary")
    third = await card(stage, await fill_in(stage, opened, {"steps": "30", "scale": "5"}))
    assert (wire(stage)["mh_ddim_steps"], wire(stage)["mh_scale"]) == (30, 5)
    assert wire(stage)["mh_select_seed"] == wire(stage, -2)["mh_select_seed"]
    await card(stage, await fill_in(stage, await press(stage, third, "size"), {"size": "640x640"}))
    assert wire(stage)["mh_output_size"] == "640x640"
    larger = await card(stage, await press(stage, first, "upscale"))
    assert wire(stage) == {**WIRE, "mh_output_size": "640x960"}
    assert link in larger.content


async def test_the_form_is_filled_in_and_takes_everything(stage: Stage) -> None:
    first = await draw(stage, RECIPE)
    opened = await press(stage, first, "edit")
    assert opened.modal is not None
    inputs = {block["component"]["custom_id"]: block["component"] for block in opened.modal["components"]}
    assert inputs["prompt"]["value"] == "a *red* fox"
    named = [worded(f"drawing.field.{name}") for name in ("steps", "scale", "seed", "count")]
    assert inputs["numbers"]["value"] == ", ".join(map(" ".join, zip(named, ("20", "9", "4711", "1"), strict=True)))
    changed = {"prompt": "a blue fox", "numbers": "Scale: 3; seed=5 count 2", "control": ["off"], "size": "512 × 512"}
    second = await card(stage, await fill_in(stage, opened, changed))
    assert [prompt_of(stage, number) for number in (-2, -1)] == ["a blue fox"] * 2
    assert {wire(stage, number)["mh_select_seed"] for number in (-2, -1)} == {5, 6}
    sent = wire(stage)
    assert (sent["mh_scale"], sent["mh_output_size"], sent["mh_controlnet_model"]) == (3, "512x512", "")
    assert (sent["mh_model_name"], sent["mh_ddim_steps"], sent["mh_add_prompt"]) == ("Artist V0.3.0 Beta", 50, False)
    assert worded("drawing.card.seeds", seeds="5, 6") in second.content
    opened = await press(stage, second, "upscale")
    third = await card(stage, await fill_in(stage, opened, {"picture": ["2"]}))
    assert (wire(stage)["mh_select_seed"], wire(stage)["mh_output_size"]) == (6, "640x640")
    assert len(third.attachments) == 1


async def test_nothing_that_was_typed_is_lost(stage: Stage) -> None:
    first = await draw(stage, {"prompt": "a fox", "seed": 1})
    asked = len(stage.endpoint.requests)
    typed = {"prompt": "a `very` *odd* [fox](x)", "size": "9x9", "numbers": "steps 999, scale 4", "model": "My_Model"}
    refused = await fill_in(stage, await press(stage, first, "edit"), typed)
    await stage.discord.world.answered(refused)
    shown = refused.response
    assert shown is not None
    assert shown.ephemeral
    range_ = worded("drawing.range.steps", steps_max=150)
    fault = worded("drawing.fault.given", name=worded("drawing.field.steps"), range=range_, given="999")
    assert fault in shown.content
    assert wording("drawing.fault.given", name=worded("drawing.field.size"), given="9x9").search(shown.content)
    assert len(stage.endpoint.requests) == asked
    opened = await press(stage, shown, "refill")
    assert opened.modal is not None
    inputs = {block["component"]["custom_id"]: block["component"] for block in opened.modal["components"]}
    assert {name: inputs[name]["value"] for name in typed} == typed
    fixed = await fill_in(stage, opened, {"size": "512x512", "numbers": "steps 9, scale 4"})
    second = await card(stage, fixed)
    assert not second.ephemeral
    assert prompt_of(stage) == "a `very` *odd* [fox](x)"
    assert wire(stage)["mh_model_name"] == "My_Model"


async def test_buttons_and_forms_work_after_a_restart(own_stage: Stage) -> None:
    stage = own_stage
    first = await draw(stage, RECIPE)
    opened = await press(stage, first, "vary")
    assert await stage.bot.end(signal.SIGTERM) == 0
    await stage.bot.start()
    await stage.connected()
    second = await card(stage, await fill_in(stage, opened, {"scale": "2"}))
    assert wire(stage) == {**WIRE, "mh_scale": 2}
    await card(stage, await press(stage, first, "again"))
    await press(stage, second, "delete")
    await stage.until(lambda: second.id not in stage.general.messages)
    menu = await stage.discord.world.context_menu(stage.alice, stage.general, "Recipe", first)
    await stage.discord.world.answered(menu)
    assert menu.response is not None
    assert "seed:4711" in menu.response.content
    again = await card(stage, await press(stage, menu.response, "redraw"))
    assert wire(stage) == WIRE
    assert picture_bytes(stage, again) == picture_bytes(stage, first)


async def test_somebody_else_s_press_is_refused_in_their_language(stage: Stage) -> None:
    first = await draw(stage, {"prompt": "a fox"}, user=stage.discord.world.person("bob"))
    refused = await press(stage, first, "again", user=stage.discord.world.person("xiaoming"))
    assert refused.response is not None
    assert refused.response.ephemeral
    assert worded_in("zh-CN", "press_refused.not_yours") in refused.response.content


async def test_a_private_card_stays_with_its_asker(stage: Stage) -> None:
    first = await draw(stage, {"prompt": "a secret fox", "private": True})
    assert first.ephemeral
    assert first.attachments
    second = await card(stage, await press(stage, first, "again"))
    assert second.ephemeral
    await press(stage, second, "delete")
    await stage.until(lambda: second.id not in stage.general.ephemerals)
    assert not [m for m in stage.general.messages.values() if "secret" in m.content]


async def test_a_private_card_can_be_taken_up_again_after_a_kill(own_stage: Stage) -> None:
    stage = own_stage
    stage.endpoint.script(stalled_reply())
    options = {"prompt": "a secret fox", "private": True}
    interaction = await stage.discord.world.slash(stage.alice, stage.general, "draw", options)
    await stage.until(lambda: interaction.response is not None and "🎨" in interaction.response.content)
    message = interaction.response
    assert message is not None
    await stage.bot.kill()
    stage.endpoint.clear()  # the kill may have come before the endpoint was asked
    await stage.bot.start()
    await stage.connected()
    assert await stage.ended(interaction.id) == "interrupted"
    # Only a press brings a token that leads to it again.
    await press(stage, message, "stop")
    await stage.until(lambda: set(buttons(message)) == {"retry", "edit", "delete"})
    assert worded("trouble.interrupted") in message.content
    await press(stage, message, "retry")
    await stage.until(lambda: bool(message.attachments))
    assert message.ephemeral
    assert not [one for one in stage.general.messages.values() if "secret" in one.content]


async def test_a_refusal_of_the_endpoint_s_has_edit_beside_it(stage: Stage) -> None:
    stage.endpoint.script(SAMPLES["sensitive_prompt"]())
    first = await draw(stage, {"prompt": "something"})
    assert worded("error.content_filtered") in first.content
    assert set(buttons(first)) == {"retry", "edit", "delete"}
    second = await card(stage, await fill_in(stage, await press(stage, first, "edit"), {"prompt": "a fox"}))
    assert second.attachments


async def test_draw_this_and_the_recipe_of_a_picture_that_was_posted_again(stage: Stage) -> None:
    world = stage.discord.world
    said = await world.say(world.person("bob"), stage.general, "a lighthouse at night")
    drawn = await card(stage, await world.context_menu(stage.alice, stage.general, "Draw this", said))
    assert prompt_of(stage) == "a lighthouse at night"
    file = drawn.attachments[0]
    data = picture_bytes(stage, drawn)
    silent = await world.say(world.person("bob"), stage.general, "", files=[(file.filename, data)])
    nothing = await world.context_menu(stage.alice, stage.general, "Draw this", silent)
    await world.answered(nothing)
    assert nothing.response is not None
    assert worded("drawing.no_text") in nothing.response.content
    found = await world.context_menu(stage.alice, stage.general, "Recipe", silent)
    await world.answered(found)
    assert found.response is not None
    assert worded("recipe.read_from_picture") in found.response.content
    before = wire(stage)
    await card(stage, await press(stage, found.response, "redraw"))
    assert (wire(stage), prompt_of(stage)) == (before, "a lighthouse at night")


async def test_suggestions(stage: Stage) -> None:
    world = stage.discord.world
    await draw(stage, {"prompt": "a fox", "model": "House Style 9"})
    models = await world.autocomplete(stage.alice, stage.general, "draw", {"prompt": "x", "model": "artist v"}, "model")
    assert [one["value"] for one in models] == ["Artist V0.3.0 Beta", "Artist v0.3.5 Beta", "Artist v0.4.0 Beta"]
    sizes = await world.autocomplete(world.person("xiaoming"), stage.general, "draw", {"size": "100x100"}, "size")
    square = worded_in("zh-CN", "drawing.shape.square")
    named = worded_in("zh-CN", "drawing.option.size", size="100x100", shape=square)
    assert sizes[0] == {"name": named, "value": "100x100"}


async def test_where_a_user_carries_the_bot_along(stage: Stage) -> None:
    world = stage.discord.world
    world.install_for(stage.alice)
    channel = await world.open_dm(stage.alice, world.person("bob"))
    first = await draw(stage, {"prompt": "a fox", "seed": 7}, channel=channel)
    assert first.attachments
    second = await card(stage, await press(stage, first, "upscale"))
    assert wire(stage)["mh_select_seed"] == 7
    assert f"https://discord.com/channels/@me/{channel.id}/{first.id}" in second.content
    stage.endpoint.script(SAMPLES["sensitive_prompt"]())
    failed = await draw(stage, {"prompt": "something"}, channel=channel)
    await press(stage, failed, "retry")
    await stage.until(lambda: bool(failed.attachments) and "again" in buttons(failed))
    await press(stage, second, "delete")
    await stage.until(lambda: second.id not in channel.messages)
    assert not [one for one in stage.discord.requests if f"/channels/{channel.id}/" in one.path]


async def test_in_an_age_restricted_place_pictures_are_hidden_until_clicked(stage: Stage) -> None:
    message = await draw(stage, {"prompt": "a fox"}, channel=stage.discord.world.channel("age-restricted"))
    assert [file.filename.startswith("SPOILER_") for file in message.attachments] == [True]


async def test_a_drawing_can_be_cancelled_while_it_is_made(stage: Stage) -> None:
    stage.endpoint.script(stalled_reply())
    interaction = await stage.discord.world.slash(stage.alice, stage.general, "draw", {"prompt": "a fox"})
    await stage.until(lambda: interaction.response is not None and "🎨" in interaction.response.content)
    message = interaction.response
    assert message is not None
    assert buttons(message)["stop"]["label"] == worded("button.cancel")
    await stage.endpoint.wait_for_request()
    await press(stage, message, "stop")
    assert await stage.ended(interaction.id) == "stopped"
    assert set(buttons(message)) == {"retry", "edit", "delete"}
    await press(stage, message, "retry")
    await stage.until(lambda: bool(message.attachments))
