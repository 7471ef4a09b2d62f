"""What answers to interactions say of where they come from: the whole command, the message that was pressed."""

from __future__ import annotations

from typing import Any

from sandbox.discord.state.interaction import Interaction
from sandbox.discord.world import World
from tests.unit.sandbox.discord.conftest import Api

BUTTON: list[dict[str, Any]] = [
    {"type": 1, "components": [{"type": 2, "style": 1, "label": "Again", "custom_id": "again"}]}
]
SHOW: dict[str, Any] = {
    "name": "settings",
    "description": "Settings",
    "options": [{"type": 2, "name": "guild", "description": "Here", "options": []}],
}
SHOW["options"][0]["options"] = [{"type": 1, "name": "show", "description": "Show them"}]


async def respond(api: Api, interaction: Interaction, **data: Any) -> None:
    path = f"/interactions/{interaction.id}/{interaction.token}/callback"
    assert (await api("POST", path, {"type": 4, "data": data}, token=None)).status == 204


async def use(api: Api, world: World) -> Interaction:
    await api("POST", f"/applications/{world.application.id}/commands", SHOW)
    return await world.slash(world.person("bob"), world.channel("general"), "settings guild show", {})


async def test_a_message_names_its_command_with_group_and_subcommand(api: Api, world: World) -> None:
    interaction = await use(api, world)
    await respond(api, interaction, content="All of them")
    assert interaction.response is not None
    assert interaction.response.interaction is not None
    assert interaction.response.interaction["name"] == "settings guild show"


async def test_an_answer_to_a_private_message_points_at_it_for_its_reader_alone(api: Api, world: World) -> None:
    interaction = await use(api, world)
    await respond(api, interaction, content="psst", flags=64, components=BUTTON)
    private, general = interaction.response, world.channel("general")
    assert private is not None
    for flags, shown in ((64, "psst"), (0, None)):
        pressed = await world.click(world.person("bob"), private, "again")
        await respond(api, pressed, content="once more", flags=flags)
        assert pressed.response is not None
        query = f"/webhooks/{world.application.id}/{pressed.token}/messages/@original"
        message = (await api("GET", query, token=None)).body
        assert message["message_reference"]["message_id"] == str(private.id)
        original = message["referenced_message"]
        assert (original and original["content"]) == shown, "a public answer does not give away a private message"
    assert private.id in general.ephemerals
