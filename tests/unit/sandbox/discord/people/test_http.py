"""The people's side over HTTP and WebSocket."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from sandbox.discord.interactions.lifecycle import expire
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.world import World
from tests.unit.sandbox.discord.conftest import Answer, Api, FakeClock


async def post(api: Api, call: str, **body: Any) -> Answer:
    return await api("POST", f"/people/{call}", body, token=None)


async def test_the_state_is_what_the_person_sees(api: Api, world: World) -> None:
    alice = (await api("GET", "/people/state?as=alice", token=None)).body
    dora = (await api("GET", f"/people/state?as={world.person('dora').id}", token=None)).body
    assert alice["me"]["username"] == "alice"
    assert {one["username"] for one in alice["people"]} == {"alice", "bob", "xiaoming", "dora"}
    assert [one["name"] for one in alice["guilds"]] == ["Fusion Lab", "画室"]
    assert [one["name"] for one in dora["guilds"]] == ["Fusion Lab"]
    assert alice["bot"]["id"] == str(world.bot.id)
    channels = {one["name"]: one for one in dora["guilds"][0]["channels"]}
    assert "staff" not in channels
    may = {"send": True, "attach": True, "react": True, "threads": True, "manage_messages": False}
    assert channels["general"]["can"] == may
    assert channels["read-only"]["can"]["react"] is False
    assert channels["no-files"]["can"]["attach"] is False
    assert channels["read-only"]["can"]["send"] is False
    assert {"members", "roles", "icon"} <= set(dora["guilds"][0])


async def test_people_talk(api: Api, world: World) -> None:
    general = str(world.channel("general").id)
    said = await post(api, "say", **{"as": "bob", "channel": general, "content": "hello"})
    assert (said.status, said.body["author"]["username"]) == (200, "bob")
    asked = {"as": "alice", "channel": general, "content": "yes", "reply_to": said.body["id"], "ping": False}
    replied = await post(api, "say", **asked)
    assert (replied.body["type"], replied.body["mentions"]) == (19, [])
    about = {"as": "bob", "channel": general, "message": said.body["id"]}
    assert (await post(api, "edit", **about, content="hi")).body["content"] == "hi"
    assert (await post(api, "react", **about, emoji="👍")).status == 200
    listed = (await api("GET", f"/people/messages?as=bob&channel={general}&limit=5", token=None)).body["messages"]
    assert [one["content"] for one in listed] == ["hi", "yes"]
    assert listed[0]["reactions"][0]["me"] is True
    older = f"/people/messages?as=bob&channel={general}&before={listed[1]['id']}"
    assert len((await api("GET", older, token=None)).body["messages"]) == 1
    assert (await post(api, "typing", **{"as": "bob", "channel": general})).status == 200
    thread = await post(api, "thread", **about, name="more")
    assert (thread.body["name"], thread.body["parent_id"]) == ("more", general)
    assert (await post(api, "delete", **about)).status == 200
    direct = await post(api, "dm", **{"as": "bob"})
    assert direct.body["recipients"][0]["id"] == str(world.bot.id)
    assert direct.body["can"]["send"] is True


async def test_people_upload_files(api: Api, world: World) -> None:
    payload = json.dumps({"as": "bob", "channel": "general", "content": ""})
    sent = await api.upload("POST", "/people/say", payload, ("a.txt", b"hello"))
    assert [one["filename"] for one in sent.body["attachments"]] == ["a.txt"]
    payload = json.dumps({"as": "bob", "channel": "no-files", "content": ""})
    refused = await api.upload("POST", "/people/say", payload, ("a.txt", b"hello"))
    assert (refused.status, refused.body) == (403, {"error": "Missing Permissions", "code": 50013})


@pytest.mark.parametrize(
    ("call", "body", "status", "code"),
    [
        ("say", {"as": "dora", "channel": "staff", "content": "x"}, 403, 50001),
        ("say", {"as": "dora", "channel": "read-only", "content": "x"}, 403, 50013),
        ("say", {"as": "dora", "channel": "画室/闲聊", "content": "x"}, 403, 50001),
        ("say", {"as": "nobody", "channel": "general", "content": "x"}, 404, 10013),
        ("say", {"as": "Fusion", "channel": "general", "content": "x"}, 404, 10013),
        ("say", {"channel": "general", "content": "x"}, 400, 50035),
        ("say", {"as": "dora", "channel": "nowhere", "content": "x"}, 404, 10003),
        ("say", {"as": "dora", "content": "x"}, 400, 50035),
        ("say", {"as": "dora", "channel": "general", "content": ""}, 400, 50006),
        ("say", {"as": "dora", "channel": "general", "content": "x" * 2001}, 400, 50035),
        ("say", {"as": "dora", "channel": "general", "content": ["x"]}, 400, 50035),
        ("say", {"as": "dora", "channel": "general", "content": "x", "reply_to": "5"}, 404, 10008),
        ("edit", {"as": "dora", "channel": "general", "message": "5", "content": "x"}, 404, 10008),
        ("react", {"as": "dora", "channel": "general", "message": "5", "emoji": "x"}, 404, 10008),
        ("locale", {"as": "dora", "locale": "xx"}, 400, 50035),
        ("interact", {"as": "dora", "channel": "general", "command": "draw"}, 404, 10063),
        ("interact", {"as": "dora", "modal": "5", "fields": {}}, 404, 10062),
        ("interact", {"as": "dora", "modal": "5", "fields": "x"}, 400, 50035),
        ("dm", {"as": "dora", "with": "dora"}, 400, 50033),
        ("thread", {"as": "dora", "channel": "general", "name": " "}, 400, 50035),
        ("say", {"as": {"x": 1}, "channel": "general"}, 400, 50035),
        ("say", ["not an object"], 400, 50035),
    ],
)
async def test_refusals_come_in_words(api: Api, call: str, body: Any, status: int, code: int) -> None:
    answer = await api("POST", f"/people/{call}", body, token=None)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert set(answer.body) == {"error", "code"}
    assert answer.body["error"]


async def test_events_come_to_those_who_may_see_them(api: Api, world: World) -> None:
    async with (
        api.client.ws_connect("/people/events?as=dora") as dora,
        api.client.ws_connect("/people/events?as=alice") as alice,
    ):
        await world.say(world.person("alice"), world.channel("staff"), "secret")
        await world.say(world.person("alice"), world.channel("general"), "open")
        heard = await dora.receive_json(timeout=45)
        assert (heard["t"], heard["d"]["content"]) == ("MESSAGE_CREATE", "open")
        assert (await alice.receive_json(timeout=45))["d"]["content"] == "secret"


async def test_a_command_from_the_page_to_its_answer(api: Api, world: World, clock: FakeClock) -> None:
    option = {"type": 3, "name": "prompt", "description": "x", "required": True}
    base = f"/applications/{world.application.id}/commands"
    await api("POST", base, {"name": "draw", "description": "Draw", "options": [option]})
    listed = (await api("GET", "/people/commands?as=bob&channel=general", token=None)).body["commands"]
    assert [one["name"] for one in listed] == ["draw"]
    async with api.client.ws_connect("/people/events?as=bob") as socket:
        call = {"as": "bob", "channel": "general", "command": "draw"}
        assert (await post(api, "interact", **call, options={})).body["code"] == 50035
        used = (await post(api, "interact", **call, options={"prompt": "fox"})).body
        waiting = await socket.receive_json(timeout=45)
        assert waiting["d"]["state"] == "waiting"
        interaction = world.interactions[int(used["id"])]
        button = {"type": 2, "style": 1, "label": "Again", "custom_id": "again"}
        data = {"content": "fox!", "flags": 64, "components": [{"type": 1, "components": [button]}]}
        path = f"/interactions/{interaction.id}/{interaction.token}/callback"
        await api("POST", path, {"type": 4, "data": data}, token=None)
        message = (await socket.receive_json(timeout=45))["d"]
        assert message["flags"] & 64
        assert (await socket.receive_json(timeout=45))["d"] == {
            "id": used["id"], "state": "done", "channel_id": str(interaction.channel.id),
        }  # fmt: skip
        press = {"channel": "general", "message": message["id"], "component": "again"}
        assert (await post(api, "interact", **press, **{"as": "dora"})).body["code"] == 10008
        pressed = (await post(api, "interact", **press, **{"as": "bob"})).body
        assert (await socket.receive_json(timeout=45))["d"]["id"] == pressed["id"]
        clock.now += 4
        expire(world)
        failed = (await socket.receive_json(timeout=45))["d"]
        assert (failed["state"], failed["error"]) == ("failed", "The application did not respond")


async def test_autocomplete_over_http(api: Api, world: World) -> None:
    option = {"type": 3, "name": "model", "description": "x", "autocomplete": True}
    base = f"/applications/{world.application.id}/commands"
    await api("POST", base, {"name": "draw", "description": "Draw", "options": [option]})

    async def bot() -> None:
        interaction = await world.wait_for(lambda: next(iter(world.interactions.values()), None))
        path = f"/interactions/{interaction.id}/{interaction.token}/callback"
        await api("POST", path, {"type": 8, "data": {"choices": [{"name": "a", "value": "b"}]}}, token=None)

    task = asyncio.create_task(bot())
    call = {"as": "bob", "channel": "general", "command": "draw", "options": {"model": "x"}, "focused": "model"}
    found = (await post(api, "autocomplete", **call)).body
    await task
    assert [(one["name"], one["value"]) for one in found["choices"]] == [("a", "b")]
    assert found["failed"] is False


async def test_autocomplete_without_an_answer_has_failed(api: Api, world: World, clock: FakeClock) -> None:
    option = {"type": 3, "name": "model", "description": "x", "autocomplete": True}
    base = f"/applications/{world.application.id}/commands"
    await api("POST", base, {"name": "draw", "description": "Draw", "options": [option]})

    async def time_passes() -> None:
        await world.wait_for(lambda: next(iter(world.interactions.values()), None))
        clock.now += 4
        expire(world)

    task = asyncio.create_task(time_passes())
    call = {"as": "bob", "channel": "general", "command": "draw", "options": {"model": "x"}, "focused": "model"}
    assert (await post(api, "autocomplete", **call)).body == {"choices": [], "failed": True}
    await task


async def test_nobody_writes_in_a_locked_thread(api: Api, world: World) -> None:
    thread = await world.start_thread(world.person("alice"), world.channel("general"), "Old")
    assert thread.thread is not None
    thread.thread.locked = True
    shown = {
        name: next(
            one
            for one in (await api("GET", f"/people/state?as={name}", token=None)).body["guilds"][0]["channels"]
            if one["id"] == str(thread.id)
        )
        for name in ("alice", "bob")
    }
    assert (shown["alice"]["can"]["send"], shown["bob"]["can"]["send"]) == (True, False)
    assert shown["bob"]["can"]["threads"] is False  # no thread in a thread


async def test_the_language_of_a_client(api: Api, world: World) -> None:
    assert (await post(api, "locale", **{"as": "bob", "locale": "zh-CN"})).body == {"locale": "zh-CN"}
    assert world.person("bob").locale == "zh-CN"


async def test_a_moderator_deletes_what_others_said(api: Api, world: World) -> None:
    bob, dora, general = world.person("bob"), world.person("dora"), world.channel("general")
    said = await world.say(bob, general, "x")
    about = {"channel": "general", "message": str(said.id)}
    assert (await post(api, "delete", **about, **{"as": "dora"})).body["code"] == 50013
    moderator = next(one for one in world.guild().roles.values() if one.name == "Moderator")
    world.guild().members[dora.id].roles.append(moderator.id)
    assert world.permissions(dora.id, general) & Permission.MANAGE_MESSAGES
    assert (await post(api, "delete", **about, **{"as": "dora"})).status == 200
    assert said.id not in general.messages
