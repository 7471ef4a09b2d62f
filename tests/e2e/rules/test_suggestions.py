"""What is suggested while somebody types a command: nothing that others have set, whatever is typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.domain.settings.catalogue import CATALOGUE
from sandbox.discord.interactions.create import create_interaction
from sandbox.discord.state.interaction import Kind
from sandbox.discord.state.records import User
from tests.e2e.conftest import Stage
from tests.e2e.rules.matrix import SUGGESTING


async def test_every_option_with_suggestions_has_its_row(stage: Stage) -> None:
    found: dict[str, set[str]] = {}
    for command in stage.discord.world.application.commands.values():
        subcommands = [one for one in command.body.get("options", []) if one["type"] == 1]
        for one in subcommands or [command.body]:
            name = f"{command.name} {one['name']}" if subcommands else command.name
            if options := {each["name"] for each in one.get("options", []) if each.get("autocomplete")}:
                found[name] = options
    assert found == SUGGESTING


async def suggestions(stage: Stage, user: User, name: str, typed: Mapping[str, str], focused: str) -> str:
    """Type into a command that Discord may not even offer; returns what is suggested."""
    world = stage.discord.world
    top, _, sub = name.partition(" ")
    command = next(one for one in world.application.commands.values() if one.name == top)
    options: list[dict[str, Any]] = [
        {"name": key, "type": 3, "value": value, "focused": key == focused} for key, value in typed.items()
    ]
    data: dict[str, Any] = {"id": str(command.id), "name": top, "type": 1}
    data["options"] = [{"name": sub, "type": 1, "options": options}] if sub else options
    interaction = create_interaction(
        world, Kind.AUTOCOMPLETE, world.application, user, stage.general, data, command=command
    )
    await world.answered(interaction)
    assert interaction.choices is not None
    return str(interaction.choices)


SECRET = "known to those who manage"


@pytest.mark.parametrize(
    ("name", "option"), [(name, one) for name, options in SUGGESTING.items() for one in sorted(options)]
)
async def test_suggestions_tell_members_nothing_of_what_others_have_set(stage: Stage, name: str, option: str) -> None:
    world = stage.discord.world
    bob, dora = world.person("bob"), world.person("dora")
    own = {"key": "drawing_model", "value": f"{SECRET}, and bob's"}
    await world.answered(await world.slash(bob, stage.general, "preferences set", own))
    drawn = await world.slash(bob, stage.general, "draw", {"prompt": "a fox", "model": SECRET, "private": True})
    await stage.ended(drawn.id)
    secrets = ("persona", "chat_model", "forbidden_words")
    for key in secrets:
        given = {"key": key, "value": SECRET}
        await world.answered(await world.slash(stage.alice, stage.general, "settings set", given))
    assert SECRET in await suggestions(stage, stage.alice, "settings set", {"key": "persona", "value": ""}, "value")
    scopes = ({}, {"scope": "person"}, {"scope": "channel"}) if name.startswith("settings") else ({},)
    for key in CATALOGUE if option == "value" else ("persona",):
        for scope in scopes:
            typed = {"key": key, **scope, "value": ""} if option == "value" else {option: "", **scope}
            assert SECRET not in await suggestions(stage, dora, name, typed, option), (key, scope)
    for key in secrets:
        await world.answered(await world.slash(stage.alice, stage.general, "settings reset", {"key": key}))
    await world.answered(await world.slash(bob, stage.general, "preferences reset", {"key": "drawing_model"}))
