"""Application commands over REST: naming, options, localizations, bulk overwrite."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord.bodies.commands import valid_name
from sandbox.discord.protocol.errors import PersonError
from sandbox.discord.state.events import Event
from sandbox.discord.world import World
from tests.unit.sandbox.discord.conftest import Api


def base(world: World) -> str:
    return f"/applications/{world.application.id}/commands"


@pytest.mark.parametrize("name", ["draw", "画图", "a-b_c'd", "рисуй", "ภาพ", "चित्र", "x" * 32, "9"])
def test_names_of_many_scripts_are_valid(name: str) -> None:
    assert valid_name(name)


@pytest.mark.parametrize("name", ["", "Draw", "two words", "x" * 33, "a!", "a/b", "🦊", "a.b", "\n"])
def test_other_names_are_not(name: str) -> None:
    assert not valid_name(name)


def option(**changes: Any) -> dict[str, Any]:
    return {"type": 3, "name": "a", "description": "b"} | changes


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Draw"}, "name"),
        ({"name": None}, "name"),
        ({"name": ["x"]}, "name"),
        ({"description": ""}, "description"),
        ({"description": "x" * 101}, "description"),
        ({"type": 9}, "type"),
        ({"type": 3, "description": "menus have none"}, "description"),
        ({"options": [option()] * 2}, "options"),
        ({"options": [option(name=f"o{n}") for n in range(26)]}, "options"),
        ({"options": [option(), option(name="b", required=True)]}, "options"),
        ({"options": [option(type=12)]}, "options"),
        ({"options": [option(choices=[{"name": "x", "value": 1}])]}, "options"),
        ({"options": [option(choices=[{"name": str(n), "value": str(n)} for n in range(26)])]}, "options"),
        ({"options": [option(choices=[{"name": "x", "value": "y"}], autocomplete=True)]}, "options"),
        ({"options": [option(min_length=5, max_length=1)]}, "options"),
        ({"options": [option(type=4, min_value="x")]}, "options"),
        ({"options": [option(type=1, name="sub"), option()]}, "options"),
        ({"options": [option(type=2, name="group", options=[option()])]}, "options"),
        ({"options": "none"}, "options"),
        ({"options": [None]}, "options"),
        ({"name_localizations": {"xx": "y"}}, "name_localizations"),
        ({"name_localizations": {"zh-CN": "两 个"}}, "name_localizations"),
        ({"default_member_permissions": "many"}, "default_member_permissions"),
        ({"contexts": [7]}, "contexts"),
        ({"nsfw": "yes"}, "nsfw"),
    ],
)
async def test_bad_commands_are_refused(api: Api, world: World, change: dict[str, Any], field: str) -> None:
    body = {"name": "draw", "description": "Draw"} | change
    answer = await api("POST", base(world), body)
    assert (answer.status, answer.body["code"]) == (400, 50035)
    assert field in answer.body["errors"]
    assert world.application.commands == {}


async def test_commands_are_made_replaced_and_listed(api: Api, world: World) -> None:
    body = {"name": "draw", "description": "Draw", "name_localizations": {"zh-CN": "画图"}}
    first = await api("POST", base(world), body)
    assert first.status == 201
    assert first.body["name_localizations"] == {"zh-CN": "画图"}
    second = await api("POST", base(world), body | {"description": "Draw again"})
    assert (second.status, second.body["id"]) == (200, first.body["id"])
    assert second.body["version"] != first.body["version"]
    [listed] = (await api("GET", base(world), headers={"X-Discord-Locale": "zh-CN"})).body
    assert listed["name_localized"] == "画图"
    assert "name_localizations" not in listed
    [whole] = (await api("GET", base(world) + "?with_localizations=true")).body
    assert whole["name_localizations"] == {"zh-CN": "画图"}
    path = f"{base(world)}/{first.body['id']}"
    assert (await api("PATCH", path, {"description": "New"})).body["description"] == "New"
    assert (await api("GET", path)).body["description"] == "New"
    assert (await api("DELETE", path)).status == 204
    gone = await api("GET", path)
    assert (gone.status, gone.body["code"]) == (404, 10063)


async def test_bulk_overwrite_keeps_ids_of_what_stays(api: Api, world: World) -> None:
    one, two = ({"name": name, "description": "x"} for name in ("one", "two"))
    first = (await api("PUT", base(world), [one, two])).body
    second = (await api("PUT", base(world), [two])).body
    assert [(row["id"], row["version"]) for row in second] == [(first[1]["id"], first[1]["version"])]
    assert (await api("PUT", base(world), [one, one])).body["errors"]["1"]["name"]
    assert (await api("PUT", base(world), {"not": "a list"})).body["code"] == 50035
    many = [{"name": f"c{n}", "description": "x"} for n in range(101)]
    assert (await api("PUT", base(world), many)).body["code"] == 30032
    assert [row["name"] for row in (await api("GET", base(world))).body] == ["two"]
    assert (await api("PUT", base(world), [])).body == []


async def test_guild_commands_hide_global_ones(api: Api, world: World) -> None:
    guild = f"/applications/{world.application.id}/guilds/{world.guild().id}/commands"
    await api("POST", base(world), {"name": "draw", "description": "everywhere"})
    made = await api("POST", guild, {"name": "draw", "description": "here"})
    assert made.body["guild_id"] == str(world.guild().id)
    bob = world.person("bob")
    assert [one.body["description"] for one in world.commands_for(bob, world.channel("general"))] == ["here"]
    assert [one.body["description"] for one in world.commands_for(bob, world.channel("画室/闲聊"))] == ["everywhere"]
    other = await api("GET", "/applications/5/commands")
    assert (other.status, other.body["code"]) == (403, 20012)
    unknown = await api("GET", f"/applications/{world.application.id}/guilds/5/commands")
    assert (unknown.status, unknown.body["code"]) == (403, 50001)


async def test_subcommands_are_nested(api: Api, world: World, events: list[Event]) -> None:
    group = option(type=2, name="model", options=[option(type=1, name="set", options=[option(name="to")])])
    await api("POST", base(world), {"name": "settings", "description": "x", "options": [group]})
    bob, general = world.person("bob"), world.channel("general")
    await world.slash(bob, general, "settings model set", {"to": "fox"})
    data = next(one for one in events if one.t == "INTERACTION_CREATE").d["data"]
    assert data["options"] == [
        {
            "type": 2,
            "name": "model",
            "options": [{"type": 1, "name": "set", "options": [{"name": "to", "type": 3, "value": "fox"}]}],
        }
    ]
    for wrong in ("settings", "settings model", "settings model get", "settings model set now"):
        with pytest.raises(PersonError, match="subcommand"):
            await world.slash(bob, general, wrong)


async def test_people_get_the_choice_that_they_name(api: Api, world: World, events: list[Event]) -> None:
    choices = [{"name": "Wide", "value": 1}, {"name": "Tall", "value": 2}]
    body = {"name": "size", "description": "x", "options": [option(type=4, choices=choices)]}
    await api("POST", base(world), body)
    await world.slash(world.person("bob"), world.channel("general"), "size", {"a": 2})
    data = next(one for one in events if one.t == "INTERACTION_CREATE").d["data"]
    assert data["options"] == [{"name": "a", "type": 4, "value": 2}]
