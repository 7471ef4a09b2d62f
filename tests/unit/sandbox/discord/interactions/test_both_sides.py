"""Interactions from both sides: commands, components, modals, deadlines, followups."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from sandbox.discord.acts.permissions import change_permissions
from sandbox.discord.acts.threads import delete_channel
from sandbox.discord.interactions.lifecycle import expire
from sandbox.discord.protocol import limits
from sandbox.discord.protocol.errors import DiscordError, PersonError
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.events import Event
from sandbox.discord.state.interaction import NO_ANSWER, Interaction, State
from sandbox.discord.state.records import Message
from sandbox.discord.world import World
from tests.unit.sandbox.discord.conftest import Answer, Api, FakeClock

DRAW: dict[str, Any] = {
    "name": "draw",
    "description": "Draw a picture",
    "options": [
        {"type": 3, "name": "prompt", "description": "What", "required": True, "min_length": 2, "max_length": 20},
        {"type": 4, "name": "steps", "description": "How many", "min_value": 1, "max_value": 50},
        {"type": 10, "name": "scale", "description": "How strictly", "max_value": 30},
        {"type": 5, "name": "enhance", "description": "Better words"},
        {"type": 3, "name": "size", "description": "Size", "choices": [{"name": "Wide", "value": "960x640"}]},
        {"type": 3, "name": "model", "description": "Model", "autocomplete": True},
        {"type": 6, "name": "who", "description": "For whom"},
        {"type": 7, "name": "where", "description": "Where", "channel_types": [0]},
        {"type": 8, "name": "role", "description": "Role"},
        {"type": 11, "name": "file", "description": "A picture"},
    ],
}


@pytest.fixture
async def draw(api: Api, world: World) -> str:
    """Register the command /draw and return its id."""
    answer = await api("POST", f"/applications/{world.application.id}/commands", DRAW)
    assert answer.status == 201
    return str(answer.body["id"])


async def use(world: World, **options: Any) -> Interaction:
    return await world.slash(world.person("bob"), world.channel("general"), "draw", {"prompt": "a fox"} | options)


async def reply(api: Api, interaction: Interaction, kind: int, data: Any = None, *, query: str = "") -> Answer:
    path = f"/interactions/{interaction.id}/{interaction.token}/callback{query}"
    body = {"type": kind} | ({} if data is None else {"data": data})
    return await api("POST", path, body, token=None)


def hook(world: World, interaction: Interaction, rest: str = "") -> str:
    return f"/webhooks/{world.application.id}/{interaction.token}{rest}"


def sent(events: list[Event], name: str) -> list[Event]:
    return [one for one in events if one.t == name]


async def test_a_slash_command_reaches_its_bot_alone_and_complete(world: World, draw: str, events: list[Event]) -> None:
    bob, art = world.person("bob"), world.channel("art")
    role = next(one for one in world.guild().roles.values() if one.name == "Member")
    interaction = await use(
        world, steps=20, scale=7.5, enhance=True, size="Wide", who=bob, where=art, role=role, file=("a.txt", b"hi"),
    )  # fmt: skip
    [event] = sent(events, "INTERACTION_CREATE")
    assert event.people == frozenset((world.bot.id,))
    body = event.d
    assert (body["type"], body["locale"], body["guild_locale"], body["context"]) == (2, "en-GB", "en-US", 0)
    assert body["member"]["user"]["username"] == "bob"
    assert int(body["member"]["permissions"]) > 0
    assert body["authorizing_integration_owners"] == {"0": str(world.guild().id)}
    assert body["attachment_size_limit"] == 10 * 1024**2
    values = {one["name"]: one["value"] for one in body["data"]["options"]}
    assert values | {"file": ""} == {
        "prompt": "a fox", "steps": 20, "scale": 7.5, "enhance": True, "size": "960x640", "who": str(bob.id),
        "where": str(art.id), "role": str(role.id), "file": "",
    }  # fmt: skip
    assert set(body["data"]["resolved"]) == {"users", "members", "channels", "roles", "attachments"}
    assert body["data"]["id"] == draw
    assert interaction.state is State.WAITING


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"prompt": None}, "'prompt' is required"),
        ({"prompt": "x"}, "from 2 to 20 characters"),
        ({"prompt": "x" * 21}, "from 2 to 20 characters"),
        ({"prompt": 5}, "is text"),
        ({"steps": 51}, "from 1 to 50"),
        ({"steps": "many"}, "whole number"),
        ({"steps": 1.5}, "whole number"),
        ({"scale": float("nan")}, "number"),
        ({"scale": 31}, "at most 30"),
        ({"enhance": "yes"}, "true or false"),
        ({"size": "1x1"}, "one of its choices"),
        ({"who": "nobody"}, "no such user"),
        ({"where": "staff"}, "no such channel"),
        ({"role": "nothing"}, "no such role"),
        ({"file": 7}, "needs a file"),
        ({"colour": "red"}, "no option 'colour'"),
    ],
)
async def test_the_client_refuses_wrong_options(world: World, draw: str, options: Any, words: str) -> None:
    with pytest.raises(PersonError, match=words):
        await use(world, **options)
    assert world.interactions == {}


async def test_a_response_is_a_message_of_the_command(api: Api, world: World, draw: str, events: list[Event]) -> None:
    interaction = await use(world)
    answer = await reply(api, interaction, 4, {"content": "Here"}, query="?with_response=true")
    assert answer.status == 200
    message = answer.body["resource"]["message"]
    assert (answer.body["resource"]["type"], message["type"], message["content"]) == (4, 20, "Here")
    assert answer.body["interaction"]["response_message_id"] == message["id"]
    assert message["interaction_metadata"]["user"]["username"] == "bob"
    assert (message["webhook_id"], message["interaction"]["name"]) == (str(world.application.id), "draw")
    assert interaction.state is State.DONE
    assert interaction.response is world.channel("general").messages[int(message["id"])]
    states = [one.d["state"] for one in sent(events, "INTERACTION_UPDATE")]
    assert states == ["waiting", "done"]
    again = await reply(api, interaction, 4, {"content": "Again"})
    assert (again.status, again.body["code"]) == (400, 40060)


async def test_a_late_answer_finds_a_dead_token(api: Api, world: World, draw: str, clock: FakeClock) -> None:
    interaction = await use(world)
    clock.now += limits.INTERACTION_DEADLINE_S + 0.01
    expire(world)
    assert (interaction.state, interaction.error) == (State.FAILED, NO_ANSWER)
    answer = await reply(api, interaction, 4, {"content": "late"})
    assert (answer.status, answer.body["code"]) == (404, 10062)
    wrong = await api("POST", f"/interactions/{interaction.id}/wrong/callback", {"type": 5}, token=None)
    assert (wrong.status, wrong.body["code"]) == (404, 10062)


async def test_a_deferred_answer_thinks_then_is_filled_in(
    api: Api, world: World, draw: str, events: list[Event]
) -> None:
    interaction = await use(world)
    assert (await reply(api, interaction, 5)).status == 204
    assert interaction.state is State.THINKING
    shown = sent(events, "MESSAGE_CREATE")[-1].d
    assert (shown["content"], shown["flags"] & 128) == ("", 128)
    edited = await api("PATCH", hook(world, interaction, "/messages/%40original"), {"content": "done"}, token=None)
    assert edited.status == 200
    assert (edited.body["content"], edited.body["flags"], edited.body["edited_timestamp"]) == ("done", 0, None)
    assert interaction.answered
    assert sent(events, "MESSAGE_UPDATE")[-1].d["content"] == "done"
    assert (await api("GET", hook(world, interaction, "/messages/@original"), token=None)).body["content"] == "done"


async def test_the_first_followup_fills_in_what_was_deferred(api: Api, world: World, draw: str) -> None:
    interaction = await use(world)
    await reply(api, interaction, 5)
    first = (await api("POST", hook(world, interaction), {"content": "one"}, token=None)).body
    second = (await api("POST", hook(world, interaction), {"content": "two"}, token=None)).body
    assert interaction.response is not None
    assert first["id"] == str(interaction.response.id)
    assert second["id"] != first["id"]
    assert second["message_reference"]["message_id"] == first["id"]
    edited = await api("PATCH", hook(world, interaction, f"/messages/{second['id']}"), {"content": "2"}, token=None)
    assert edited.body["content"] == "2"
    assert (await api("DELETE", hook(world, interaction, f"/messages/{second['id']}"), token=None)).status == 204
    assert (await api("GET", hook(world, interaction, f"/messages/{second['id']}"), token=None)).body["code"] == 10008


async def test_an_ephemeral_answer_is_its_readers_alone(api: Api, world: World, draw: str, events: list[Event]) -> None:
    interaction = await use(world)
    await reply(api, interaction, 4, {"content": "psst", "flags": 64})
    assert interaction.ephemeral
    assert isinstance(interaction.response, Message)
    [event] = sent(events, "MESSAGE_CREATE")
    assert (event.people, event.bots) == (frozenset((world.person("bob").id,)), False)
    general = world.channel("general")
    assert interaction.response.id not in general.messages
    assert [one.content for one in world.history(world.person("bob"), general)] == ["psst"]
    assert world.history(world.person("dora"), general) == []
    path = f"/channels/{general.id}/messages/{interaction.response.id}"
    assert (await api("GET", path)).body["code"] == 10008
    edited = await api("PATCH", hook(world, interaction, "/messages/@original"), {"content": "psst!"}, token=None)
    assert edited.body["flags"] & 64
    assert (await api("DELETE", hook(world, interaction, "/messages/@original"), token=None)).status == 204
    assert world.history(world.person("bob"), general) == []


async def test_a_token_is_good_for_fifteen_minutes(api: Api, world: World, draw: str, clock: FakeClock) -> None:
    interaction = await use(world)
    early = await api("POST", hook(world, interaction), {"content": "x"}, token=None)
    assert (early.status, early.body["code"]) == (404, 10015)
    await reply(api, interaction, 4, {"content": "x"})
    clock.now += limits.INTERACTION_TOKEN_S + 1
    for method, rest in (("POST", ""), ("PATCH", "/messages/@original"), ("GET", "/messages/@original")):
        body = None if method == "GET" else {"content": "y"}
        late = await api(method, hook(world, interaction, rest), body, token=None)
        assert (late.status, late.body["code"]) == (401, 50027)
    assert interaction.response is not None
    path = f"/channels/{interaction.channel.id}/messages/{interaction.response.id}"
    assert (await api("PATCH", path, {"content": "by the channel"})).status == 200


async def test_autocomplete_gives_choices(api: Api, world: World, draw: str, events: list[Event]) -> None:
    bob, general = world.person("bob"), world.channel("general")

    async def answer() -> None:
        interaction = await world.wait_for(lambda: next(iter(world.interactions.values()), None))
        choices = [{"name": "Fox XL", "value": "fox-xl", "name_localizations": {"en-GB": "Vixen"}}]
        assert (await reply(api, interaction, 4, {"content": "no"})).body["code"] == 50035
        assert (await reply(api, interaction, 8, {"choices": choices * 26})).body["code"] == 50035
        assert (await reply(api, interaction, 8, {"choices": choices})).status == 204

    task = asyncio.create_task(answer())
    found = await world.autocomplete(bob, general, "draw", {"prompt": "x", "model": "fo"}, "model")
    await task
    assert found == [{"name": "Vixen", "value": "fox-xl"}]
    [event] = sent(events, "INTERACTION_CREATE")
    focused = [one for one in event.d["data"]["options"] if one.get("focused")]
    assert (event.d["type"], focused[0]["value"]) == (4, "fo")
    with pytest.raises(PersonError, match="no suggestions"):
        await world.autocomplete(bob, general, "draw", {}, "prompt")


async def test_context_menus_carry_their_target(api: Api, world: World, events: list[Event]) -> None:
    base = f"/applications/{world.application.id}/commands"
    await api("PUT", base, [{"name": "Draw this", "type": 3}, {"name": "Who is it?", "type": 2}])
    alice, general = world.person("alice"), world.channel("general")
    world.application.message_content_intent = False
    said = await world.say(world.person("bob"), general, "a red fox")
    on_message = await world.context_menu(alice, general, "Draw this", said)
    data = sent(events, "INTERACTION_CREATE")[-1].d["data"]
    assert (data["type"], data["target_id"]) == (3, str(said.id))
    assert data["resolved"]["messages"][str(said.id)]["content"] == "a red fox"
    answer = await reply(api, on_message, 4, {"content": "ok"}, query="?with_response=1")
    assert answer.body["resource"]["message"]["type"] == 23
    await world.context_menu(alice, general, "Who is it?", world.person("bob"))
    data = sent(events, "INTERACTION_CREATE")[-1].d["data"]
    assert list(data["resolved"]["members"]) == [str(world.person("bob").id)]


def rows(*components: Any) -> list[Any]:
    return [{"type": 1, "components": [one]} for one in components]


async def panel(api: Api, world: World) -> Message:
    components = rows(
        {"type": 2, "style": 1, "label": "Go", "custom_id": "go"},
        {"type": 2, "style": 2, "label": "Off", "custom_id": "off", "disabled": True},
        {
            "type": 3,
            "custom_id": "pick",
            "options": [{"label": one.upper(), "value": one} for one in "abc"],
            "max_values": 2,
        },
        {"type": 5, "custom_id": "people"},
    )
    channel = world.channel("general")
    answer = await api("POST", f"/channels/{channel.id}/messages", {"content": "panel", "components": components})
    assert answer.status == 200, answer.body
    return channel.messages[int(answer.body["id"])]


async def test_buttons_and_selects(api: Api, world: World, events: list[Event]) -> None:
    message, bob = await panel(api, world), world.person("bob")
    pressed = await world.click(bob, message, "go")
    body = sent(events, "INTERACTION_CREATE")[-1].d
    assert (body["type"], body["data"]["custom_id"], body["message"]["id"]) == (3, "go", str(message.id))
    answer = await reply(api, pressed, 7, {"content": "changed", "components": []}, query="?with_response=true")
    assert answer.body["resource"]["message"]["content"] == "changed"
    assert (message.content, message.components) == ("changed", [])
    with pytest.raises(PersonError):
        await world.click(bob, message, "go")

    message = await panel(api, world)
    await world.select(bob, message, "pick", ["a", "c"])
    assert sent(events, "INTERACTION_CREATE")[-1].d["data"]["values"] == ["a", "c"]
    await world.select(bob, message, "people", [bob])
    data = sent(events, "INTERACTION_CREATE")[-1].d["data"]
    assert (data["values"], list(data["resolved"]["users"])) == ([str(bob.id)], [str(bob.id)])
    for custom_id, values in (("pick", ["x"]), ("pick", []), ("pick", ["a", "b", "c"]), ("pick", ["a", "a"])):
        with pytest.raises(PersonError):
            await world.select(bob, message, custom_id, values)
    with pytest.raises(PersonError, match="switched off"):
        await world.click(bob, message, "off")


async def test_a_deferred_update_edits_the_message_of_the_button(api: Api, world: World) -> None:
    message = await panel(api, world)
    pressed = await world.click(world.person("bob"), message, "go")
    assert (await reply(api, pressed, 6)).status == 204
    edited = await api("PATCH", hook(world, pressed, "/messages/@original"), {"content": "later"}, token=None)
    assert edited.body["id"] == str(message.id)
    follow = (await api("POST", hook(world, pressed), {"content": "more", "flags": 64}, token=None)).body
    assert follow["flags"] & 64
    assert message.content == "later"


async def test_modals_of_both_kinds(api: Api, world: World, draw: str, events: list[Event]) -> None:
    opened = await use(world)
    modal = {
        "custom_id": "edit",
        "title": "Edit",
        "components": [
            {
                "type": 1,
                "components": [{"type": 4, "custom_id": "prompt", "style": 2, "label": "Prompt", "max_length": 9}],
            },
            {
                "type": 18,
                "label": "Size",
                "component": {"type": 3, "custom_id": "size", "options": [{"label": "Wide", "value": "w"}]},
            },
            {"type": 18, "label": "Seed", "component": {"type": 4, "custom_id": "seed", "style": 1, "required": False}},
            {"type": 18, "label": "File", "component": {"type": 19, "custom_id": "file", "required": False}},
            {"type": 10, "content": "A note."},
        ],
    }
    assert (await reply(api, opened, 9, modal)).status == 204
    assert opened.state is State.MODAL
    update = sent(events, "INTERACTION_UPDATE")[-1].d
    assert (update["state"], update["modal"]["title"]) == ("modal", "Edit")
    bob = world.person("bob")
    for fields in ({"prompt": "x" * 10, "size": ["w"]}, {"prompt": "x"}, {"prompt": "x", "size": ["z"]}, {"no": "x"}):
        with pytest.raises(PersonError):
            await world.submit_modal(bob, opened, fields)
    with pytest.raises(PersonError):
        await world.submit_modal(world.person("dora"), opened, {"prompt": "x", "size": ["w"]})
    done = await world.submit_modal(bob, opened.id, {"prompt": "owl", "size": ["w"], "file": [("a.txt", b"x")]})
    data = sent(events, "INTERACTION_CREATE")[-1].d["data"]
    assert data["custom_id"] == "edit"
    assert data["components"][0]["components"][0]["value"] == "owl"
    assert data["components"][1]["component"]["values"] == ["w"]
    assert data["components"][2]["component"]["value"] == ""
    assert len(data["resolved"]["attachments"]) == 1
    assert (await reply(api, done, 9, modal)).body["code"] == 50035
    answer = await reply(api, done, 4, {"content": "ok"}, query="?with_response=true")
    metadata = answer.body["resource"]["message"]["interaction_metadata"]
    assert metadata["triggering_interaction_metadata"]["id"] == str(opened.id)
    with pytest.raises(PersonError):
        await world.submit_modal(bob, opened, {"prompt": "again", "size": ["w"]})


async def test_a_modal_that_the_bot_left_unanswered_can_be_sent_again(
    api: Api, world: World, draw: str, clock: FakeClock
) -> None:
    opened = await use(world)
    field = {"type": 18, "label": "Seed", "component": {"type": 4, "custom_id": "seed", "style": 1}}
    assert (await reply(api, opened, 9, {"custom_id": "edit", "title": "Edit", "components": [field]})).status == 204
    bob = world.person("bob")
    first = await world.submit_modal(bob, opened, {"seed": "1"})
    with pytest.raises(PersonError):
        await world.submit_modal(bob, opened, {"seed": "2"})
    clock.now += limits.INTERACTION_DEADLINE_S + 0.01
    expire(world)
    assert first.state is State.FAILED
    again = await world.submit_modal(bob, opened, {"seed": "3"})
    assert (await reply(api, again, 4, {"content": "ok"})).status == 204
    with pytest.raises(PersonError):
        await world.submit_modal(bob, opened, {"seed": "4"})


@pytest.mark.parametrize(
    "modal",
    [
        {},
        {"custom_id": "x", "title": "t" * 46, "components": [{"type": 10, "content": "x"}]},
        {"custom_id": "x", "title": "t", "components": []},
        {"custom_id": "x", "title": "t", "components": [{"type": 10, "content": "x"}] * 6},
        {"custom_id": "x", "title": "t", "components": [{"type": 2}]},
        {"custom_id": "x", "title": "t", "components": [{"type": 18, "label": "l", "component": {"type": 2}}]},
        {"custom_id": "x", "title": "t", "components": ["x", None, 5]},
    ],
)
async def test_bad_modals_are_refused_and_can_be_answered_again(api: Api, world: World, draw: str, modal: Any) -> None:
    interaction = await use(world)
    answer = await reply(api, interaction, 9, modal)
    assert (answer.status, answer.body["code"]) == (400, 50035)
    assert "data" in answer.body["errors"]
    assert (await reply(api, interaction, 4, {"content": "ok"})).status == 204


async def test_a_response_with_a_file(api: Api, world: World, draw: str) -> None:
    interaction = await use(world)
    payload = json.dumps({"type": 4, "data": {"content": "x", "attachments": [{"id": 0, "description": "alt"}]}})
    path = f"/interactions/{interaction.id}/{interaction.token}/callback"
    assert (await api.upload("POST", path, payload, ("a.txt", b"hello"))).status == 204
    assert interaction.response is not None
    assert [(one.filename, one.description) for one in interaction.response.attachments] == [("a.txt", "alt")]


async def test_interactions_in_direct_messages(api: Api, world: World, draw: str, events: list[Event]) -> None:
    bob = world.person("bob")
    direct = await world.open_dm(bob)
    await world.slash(bob, direct, "draw", {"prompt": "a fox"})
    body = sent(events, "INTERACTION_CREATE")[-1].d
    assert (body["user"]["username"], body["context"]) == ("bob", 1)
    assert "guild_id" not in body
    assert "member" not in body


async def test_a_command_carried_to_a_place_without_the_bot(
    api: Api, world: World, draw: str, events: list[Event]
) -> None:
    bob, alice = world.person("bob"), world.person("alice")
    place = await world.open_dm(bob, alice)
    await api("PATCH", f"/applications/{world.application.id}/commands/{draw}", {"integration_types": [0, 1]})
    assert world.commands_for(bob, place) == []
    world.install_for(bob)
    assert [one.name for one in world.commands_for(bob, place)] == ["draw"]
    assert world.commands_for(alice, place) == []
    interaction = await world.slash(bob, place, "draw", {"prompt": "fox"})
    body = sent(events, "INTERACTION_CREATE")[-1].d
    assert (body["context"], body["authorizing_integration_owners"]) == (2, {"1": str(bob.id)})
    answer = await reply(api, interaction, 4, {"content": "here"}, query="?with_response=true")
    message = answer.body["resource"]["message"]
    by_channel = await api("PATCH", f"/channels/{place.id}/messages/{message['id']}", {"content": "x"})
    assert (by_channel.status, by_channel.body["code"]) == (403, 50001)
    for _ in range(limits.USER_INSTALL_FOLLOWUPS):
        assert (await api("POST", hook(world, interaction), {"content": "x"}, token=None)).status == 200
    assert (await api("POST", hook(world, interaction), {"content": "x"}, token=None)).body["code"] == 40094


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("kind", [4, 5], ids=["a message", "deferred"])
async def test_where_nobody_may_bring_applications_they_answer_one_person_alone(
    api: Api, world: World, draw: str, allowed: bool, kind: int
) -> None:
    bob, studio = world.person("bob"), world.guild("画室")
    body = {"integration_types": [0, 1], "contexts": [0]}
    await api("PATCH", f"/applications/{world.application.id}/commands/{draw}", body)
    del studio.members[world.bot.id]
    world.install_for(bob)
    if not allowed:
        change_permissions(world, studio, role=studio.everyone, deny=Permission.USE_EXTERNAL_APPS)
    interaction = await world.slash(bob, world.channel("画室/闲聊"), "draw", {"prompt": "fox"})
    data = {"content": "here"} if kind == 4 else {}
    answer = await reply(api, interaction, kind, data, query="?with_response=true")
    assert answer.body["interaction"]["response_message_ephemeral"] is not allowed
    assert interaction.ephemeral is not allowed
    for _ in range(2):  # the first one fills a deferred response in
        more = await api("POST", hook(world, interaction), {"content": "more"}, token=None)
        assert bool(more.body["flags"] & 64) is not allowed


async def test_where_the_bot_is_a_member_the_permission_changes_nothing(api: Api, world: World, draw: str) -> None:
    change_permissions(world, world.guild(), role=world.guild().everyone, deny=Permission.USE_EXTERNAL_APPS)
    interaction = await use(world)
    await reply(api, interaction, 4, {"content": "here"})
    assert not interaction.ephemeral


async def test_a_reply_to_a_response_does_not_mention_the_bot(api: Api, world: World, draw: str) -> None:
    interaction, bob, general = await use(world), world.person("bob"), world.channel("general")
    await reply(api, interaction, 4, {"content": "here"})
    assert interaction.response is not None
    assert (await world.say(bob, general, "more", reply_to=interaction.response)).mentions == []
    plain = (await api("POST", f"/channels/{general.id}/messages", {"content": "hi"})).body["id"]
    answered = await world.say(bob, general, "more", reply_to=general.messages[int(plain)])
    assert answered.mentions == [world.bot]


async def test_a_channel_that_has_gone_takes_no_answers(api: Api, world: World, draw: str) -> None:
    first, second = await use(world), await use(world)
    assert (await reply(api, first, 5)).status == 204
    delete_channel(world, world.channel("general"))
    assert (await reply(api, second, 4, {"content": "x"})).body["code"] == 10003
    assert (await api("POST", hook(world, first), {"content": "x"}, token=None)).body["code"] == 10003
    assert (await api("PATCH", hook(world, first, "/messages/@original"), {"content": "x"}, token=None)).status == 404


async def test_who_may_use_a_command(api: Api, world: World, draw: str) -> None:
    bob, alice, general = world.person("bob"), world.person("alice"), world.channel("general")
    path = f"/applications/{world.application.id}/commands/{draw}"

    async def names(person: Any, channel: Any = general) -> list[str]:
        return [one.name for one in world.commands_for(person, channel)]

    assert await names(bob) == ["draw"]
    await api("PATCH", path, {"default_member_permissions": str(1 << 5)})
    assert (await names(bob), await names(alice)) == ([], ["draw"])
    with pytest.raises(DiscordError, match="cannot use this command"):
        await use(world)
    overrides = {"permissions": [{"id": str(bob.id), "type": 2, "permission": True}]}
    guild = f"/applications/{world.application.id}/guilds/{world.guild().id}/commands/{draw}/permissions"
    assert (await api("PUT", guild, overrides)).status == 200
    assert await names(bob) == ["draw"]
    await api("PATCH", path, {"default_member_permissions": None, "nsfw": True})
    assert await names(bob) == []
    assert await names(bob, world.channel("age-restricted")) == ["draw"]
    await api("PATCH", path, {"nsfw": False, "contexts": [0]})
    assert await names(bob, await world.open_dm(bob)) == []
