"""Messages over REST: create, edit, delete, list, limits, permissions, mentions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.discord.protocol import limits
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.events import Event
from sandbox.discord.state.places import Overwrite
from sandbox.discord.world import World
from tests.unit.sandbox.discord.conftest import Api, FakeClock

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000003000000020802000000"
    "1216f14d0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


def errors_at(body: Any, *path: str) -> list[str]:
    node = body["errors"]
    for part in path:
        node = node[part]
    return [one["code"] for one in node["_errors"]]


async def test_a_bot_sends_a_message_and_all_hear_of_it(api: Api, world: World, events: list[Event]) -> None:
    channel = world.channel("general")
    answer = await api("POST", f"/channels/{channel.id}/messages", {"content": "hello", "nonce": "n1"})
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.body["content"] == "hello"
    assert answer.body["nonce"] == "n1"
    assert answer.body["author"]["id"] == str(world.bot.id)
    [event] = events
    assert (event.t, event.channel_id, event.guild_id, event.people) == (
        "MESSAGE_CREATE", channel.id, channel.guild_id, None,
    )  # fmt: skip
    assert event.d["guild_id"] == str(channel.guild_id)
    assert event.d["member"]["roles"]
    assert event.d["channel_type"] == 0


@pytest.mark.parametrize("token", [None, "wrong", "x.y.z"])
async def test_without_a_token_the_answer_is_401(api: Api, world: World, token: str | None) -> None:
    answer = await api("GET", "/users/@me", token=token)
    assert answer.status == 401
    assert answer.body == {"message": "401: Unauthorized", "code": 0}


async def test_unknown_routes_are_404_in_json(api: Api) -> None:
    answer = await api("GET", "/nowhere/at/all")
    assert (answer.status, answer.body) == (404, {"message": "404: Not Found", "code": 0})


async def test_content_over_2000_characters_is_refused_with_nested_errors(api: Api, world: World) -> None:
    path = f"/channels/{world.channel('general').id}/messages"
    assert (await api("POST", path, {"content": "x" * 2000})).status == 200
    answer = await api("POST", path, {"content": "x" * 2001})
    assert answer.status == 400
    assert answer.body["code"] == 50035
    assert answer.body["errors"]["content"]["_errors"] == [
        {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length."}
    ]


@pytest.mark.parametrize("body", [{}, {"content": ""}, {"content": "  \n"}, {"content": None}, {"embeds": []}])
async def test_an_empty_message_is_refused(api: Api, world: World, body: Any) -> None:
    answer = await api("POST", f"/channels/{world.channel('general').id}/messages", body)
    assert (answer.status, answer.body["code"]) == (400, 50006)


async def test_permissions_decide_who_may_send_where(api: Api, world: World) -> None:
    async def code(name: str, body: Any) -> tuple[int, int]:
        answer = await api("POST", f"/channels/{world.channel(name).id}/messages", body)
        return answer.status, answer.body["code"]

    assert await code("staff", {"content": "x"}) == (403, 50001)
    assert await code("read-only", {"content": "x"}) == (403, 50013)
    unknown = await api("POST", "/channels/123/messages", {"content": "x"})
    assert (unknown.status, unknown.body["code"]) == (404, 10003)
    bad = await api("POST", "/channels/abc/messages", {"content": "x"})
    assert errors_at(bad.body, "channel_id") == ["NUMBER_TYPE_COERCE"]


async def test_files_are_refused_where_nobody_may_attach_them(api: Api, world: World) -> None:
    answer = await api.upload("POST", f"/channels/{world.channel('no-files').id}/messages", "{}", ("a.png", PNG))
    assert (answer.status, answer.body["code"]) == (403, 50013)


async def test_a_file_comes_back_from_its_signed_address(api: Api, world: World, clock: FakeClock) -> None:
    payload = json.dumps({"attachments": [{"id": 0, "description": "a dot"}]})
    path = f"/channels/{world.channel('general').id}/messages"
    answer = await api.upload("POST", path, payload, ("my dot.png", PNG))
    [attachment] = answer.body["attachments"]
    assert attachment["filename"] == "my_dot.png"
    assert attachment["description"] == "a dot"
    assert (attachment["width"], attachment["height"], attachment["size"]) == (3, 2, len(PNG))
    assert attachment["content_type"] == "image/png"
    path = attachment["url"].removeprefix(world.base_url)
    served = await api("GET", path, token=None)
    assert (served.status, served.raw, served.headers["Content-Type"]) == (200, PNG, "image/png")
    assert (await api("GET", path.replace("hm=", "hm=0"), token=None)).status == 404
    clock.now += limits.ATTACHMENT_URL_S + 1
    assert (await api("GET", path, token=None)).status == 404


async def test_files_have_limits(api: Api, world: World) -> None:
    path = f"/channels/{world.channel('general').id}/messages"
    eleven = [(f"{n}.txt", b"x") for n in range(11)]
    assert errors_at((await api.upload("POST", path, "{}", *eleven)).body, "files") == ["BASE_TYPE_MAX_LENGTH"]
    large = await api.upload("POST", path, "{}", ("a.bin", bytes(10 * 1024**2 + 1)))
    assert (large.status, large.body["code"]) == (413, 40005)
    assert (await api.upload("POST", path, "{}", ("a.bin", bytes(10 * 1024**2)))).status == 200
    three = [(f"{n}.bin", bytes(9 * 1024**2)) for n in range(3)]
    assert (await api.upload("POST", path, "{}", *three)).body["code"] == 40005
    world.guild().premium_tier = 2
    assert (await api.upload("POST", path, "{}", *three)).status == 200


async def test_html_is_served_to_be_saved_never_shown(api: Api, world: World) -> None:
    path = f"/channels/{world.channel('general').id}/messages"
    sent = await api.upload("POST", path, "{}", ("../../evil.html", b"<script>1</script>"))
    [attachment] = sent.body["attachments"]
    assert attachment["filename"] == "evil.html"
    served = await api("GET", attachment["url"].removeprefix(world.base_url), token=None)
    assert served.headers["Content-Disposition"] == "attachment"
    assert served.headers["X-Content-Type-Options"] == "nosniff"


async def test_an_enforced_nonce_gives_the_same_message_again(api: Api, world: World, clock: FakeClock) -> None:
    path = f"/channels/{world.channel('general').id}/messages"
    body = {"content": "once", "nonce": "abc", "enforce_nonce": True}
    first = await api("POST", path, body)
    second = await api("POST", path, body)
    assert first.body["id"] == second.body["id"]
    assert len(world.channel("general").messages) == 1
    clock.now += limits.NONCE_S + 1
    assert (await api("POST", path, body)).body["id"] != first.body["id"]
    assert (await api("POST", path, body | {"enforce_nonce": False})).body["id"] != first.body["id"]
    long = await api("POST", path, body | {"nonce": "x" * 26})
    assert errors_at(long.body, "nonce") == ["BASE_TYPE_MAX_LENGTH"]


async def test_allowed_mentions_decide_who_is_pinged(api: Api, world: World) -> None:
    alice, bob = world.person("alice"), world.person("bob")
    member = next(role for role in world.guild().roles.values() if role.name == "Member")
    text = f"{alice.mention} {bob.mention} {member.mention} @everyone `{world.person('dora').mention}`"
    path = f"/channels/{world.channel('general').id}/messages"

    async def pinged(allowed: Any) -> tuple[set[str], list[str], bool]:
        body = {"content": text} | ({"allowed_mentions": allowed} if allowed is not None else {})
        found = (await api("POST", path, body)).body
        return {one["username"] for one in found["mentions"]}, found["mention_roles"], found["mention_everyone"]

    assert await pinged(None) == ({"alice", "bob"}, [str(member.id)], False)
    assert await pinged({"parse": []}) == (set(), [], False)
    assert await pinged({"users": [str(bob.id)]}) == ({"bob"}, [], False)
    assert await pinged({"parse": ["roles"]}) == (set(), [str(member.id)], False)
    world.guild().everyone.permissions |= Permission.MENTION_EVERYONE
    assert await pinged({"parse": ["everyone"]}) == (set(), [], True)
    assert await pinged({"parse": []}) == (set(), [], False)
    wrong = await api("POST", path, {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}})
    assert wrong.body["code"] == 50035
    wrong = await api("POST", path, {"content": "x", "allowed_mentions": {"parse": ["me"]}})
    assert errors_at(wrong.body, "allowed_mentions", "parse", "0") == ["BASE_TYPE_CHOICES"]


async def test_a_reply_points_back_and_pings_by_default(api: Api, world: World) -> None:
    channel = world.channel("general")
    prompt = await world.say(world.person("alice"), channel, "hi")
    path = f"/channels/{channel.id}/messages"
    reference = {"message_reference": {"message_id": str(prompt.id)}}
    reply = (await api("POST", path, {"content": "yes"} | reference)).body
    assert reply["type"] == 19
    assert reply["referenced_message"]["id"] == str(prompt.id)
    assert [one["username"] for one in reply["mentions"]] == ["alice"]
    quiet = {"allowed_mentions": {"parse": [], "replied_user": False}}
    assert (await api("POST", path, {"content": "yes"} | reference | quiet)).body["mentions"] == []
    assert world.reply_to(prompt) is channel.messages[int(reply["id"])]
    await world.delete(world.person("alice"), prompt)
    assert (await api("GET", f"{path}/{reply['id']}")).body["referenced_message"] is None


async def test_a_reply_to_nothing_fails_unless_it_need_not_exist(api: Api, world: World) -> None:
    path = f"/channels/{world.channel('general').id}/messages"
    body: dict[str, Any] = {"content": "x", "message_reference": {"message_id": "5"}}
    assert errors_at((await api("POST", path, body)).body, "message_reference") == ["REPLIES_UNKNOWN_MESSAGE"]
    body["message_reference"]["fail_if_not_exists"] = False
    answer = await api("POST", path, body)
    assert (answer.status, answer.body["type"]) == (200, 0)
    assert "message_reference" not in answer.body


async def test_an_edit_changes_the_message_and_sends_the_whole_of_it(
    api: Api, world: World, events: list[Event], clock: FakeClock
) -> None:
    path = f"/channels/{world.channel('general').id}/messages"
    sent = (await api("POST", path, {"content": "a", "embeds": [{"title": "t"}]})).body
    assert sent["edited_timestamp"] is None
    clock.now += 5
    edited = await api("PATCH", f"{path}/{sent['id']}", {"content": "b"})
    assert edited.status == 200
    assert (edited.body["content"], edited.body["embeds"][0]["title"]) == ("b", "t")
    assert edited.body["edited_timestamp"] is not None
    assert events[-1].t == "MESSAGE_UPDATE"
    assert events[-1].d["author"]["id"] == str(world.bot.id)
    assert events[-1].d["content"] == "b"
    emptied = await api("PATCH", f"{path}/{sent['id']}", {"content": None, "embeds": []})
    assert (emptied.status, emptied.body["code"]) == (400, 50006)


async def test_only_its_own_messages_are_a_bots_to_edit_and_delete(api: Api, world: World) -> None:
    channel = world.channel("general")
    said = await world.say(world.person("bob"), channel, "mine")
    path = f"/channels/{channel.id}/messages/{said.id}"
    edited, deleted = await api("PATCH", path, {"content": "yours"}), await api("DELETE", path)
    assert (edited.status, edited.body["code"]) == (403, 50005)
    assert (deleted.status, deleted.body["code"]) == (403, 50013)
    channel.overwrites[world.bot.id] = Overwrite(id=world.bot.id, type=1, allow=Permission.MANAGE_MESSAGES)
    assert (await api("DELETE", path)).status == 204
    gone = await api("PATCH", path, {"content": "x"})
    assert (gone.status, gone.body["code"]) == (404, 10008)


async def test_attachments_are_kept_replaced_and_added_by_an_edit(api: Api, world: World) -> None:
    path = f"/channels/{world.channel('general').id}/messages"
    sent = (await api.upload("POST", path, '{"content": "x"}', ("a.png", PNG), ("b.png", PNG))).body
    first, second = (one["id"] for one in sent["attachments"])
    url = f"{path}/{sent['id']}"
    kept = await api("PATCH", url, {"content": "y"})
    assert [one["id"] for one in kept.body["attachments"]] == [first, second]
    payload = json.dumps({"attachments": [{"id": second}, {"id": 0, "description": "new"}]})
    replaced = await api.upload("PATCH", url, payload, ("c.png", PNG))
    assert [one["filename"] for one in replaced.body["attachments"]] == ["b.png", "c.png"]
    assert replaced.body["attachments"][1]["description"] == "new"
    assert (await api("PATCH", url, {"attachments": []})).body["attachments"] == []


async def test_pages_of_messages(api: Api, world: World) -> None:
    channel = world.channel("general")
    ids = [str((await world.say(world.person("bob"), channel, str(n))).id) for n in range(6)]
    path = f"/channels/{channel.id}/messages"

    async def found(query: str) -> list[str]:
        return [one["content"] for one in (await api("GET", f"{path}?{query}")).body]

    assert await found("limit=2") == ["5", "4"]
    assert await found(f"before={ids[3]}&limit=2") == ["2", "1"]
    assert await found(f"after={ids[1]}&limit=2") == ["3", "2"]
    assert await found(f"around={ids[3]}&limit=3") == ["4", "3", "2"]
    for bad in ("limit=0", "limit=101", "limit=x", "before=x"):
        assert (await api("GET", f"{path}?{bad}")).body["code"] == 50035


async def test_without_history_permission_the_list_is_empty(api: Api, world: World) -> None:
    channel = world.channel("general")
    await world.say(world.person("bob"), channel, "x")
    role = next(one for one in world.guild().roles.values() if one.bot_id)
    channel.overwrites[role.id] = Overwrite(id=role.id, type=0, deny=Permission.READ_MESSAGE_HISTORY)
    assert (await api("GET", f"/channels/{channel.id}/messages")).body == []


async def test_bulk_delete_has_its_rules(api: Api, world: World, events: list[Event], clock: FakeClock) -> None:
    channel = world.channel("general")
    channel.overwrites[world.bot.id] = Overwrite(id=world.bot.id, type=1, allow=Permission.MANAGE_MESSAGES)
    path = f"/channels/{channel.id}/messages/bulk-delete"
    ids = [str((await world.say(world.person("bob"), channel, str(n))).id) for n in range(3)]
    assert (await api("POST", path, {"messages": ids[:1]})).body["code"] == 50016
    assert (await api("POST", path, {"messages": ids[:2]})).status == 204
    assert (events[-1].t, events[-1].d["ids"]) == ("MESSAGE_DELETE_BULK", ids[:2])
    clock.now += limits.BULK_DELETE_AGE_S + 1
    late = str((await world.say(world.person("bob"), channel, "new")).id)
    assert (await api("POST", path, {"messages": [ids[2], late]})).body["code"] == 50034


async def test_a_channel_keeps_a_bounded_number_of_messages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MESSAGES_A_CHANNEL", 3)
    channel = world.channel("general")
    for n in range(5):
        await world.say(world.person("bob"), channel, str(n))
    assert [one.content for one in channel.messages.values()] == ["2", "3", "4"]


async def test_without_the_intent_content_is_left_out(api: Api, world: World) -> None:
    world.application.message_content_intent = False
    channel, alice = world.channel("general"), world.person("alice")
    plain = await world.say(alice, channel, "secret", files=[("a.png", PNG)])
    asked = await world.say(alice, channel, f"{world.bot.mention} open")
    path = f"/channels/{channel.id}/messages"
    found = (await api("GET", f"{path}/{plain.id}")).body
    assert (found["content"], found["attachments"]) == ("", [])
    assert (await api("GET", f"{path}/{asked.id}")).body["content"] == asked.content
    own = (await api("POST", path, {"content": "mine", "message_reference": {"message_id": str(plain.id)}})).body
    assert own["content"] == "mine"
    assert own["referenced_message"]["content"] == ""
    world.application.message_content_intent = True
    assert (await api("GET", f"{path}/{plain.id}")).body["content"] == "secret"
    world.application.intents = 1 << 9
    assert (await api("GET", f"{path}/{plain.id}")).body["content"] == ""
    direct = await world.open_dm(alice)
    private = await world.say(alice, direct, "between us")
    assert (await api("GET", f"/channels/{direct.id}/messages/{private.id}")).body["content"] == "between us"


async def test_a_direct_message_to_one_who_takes_none(api: Api, world: World) -> None:
    dora = world.person("dora")
    opened = await api("POST", "/users/@me/channels", {"recipient_id": str(dora.id)})
    assert (opened.status, opened.body["type"]) == (200, 1)
    assert [one["id"] for one in opened.body["recipients"]] == [str(dora.id)]
    path = f"/channels/{opened.body['id']}/messages"
    assert (await api("POST", path, {"content": "hi"})).status == 200
    world.closed_dms.add(dora.id)
    refused = await api("POST", path, {"content": "hi"})
    assert (refused.status, refused.body["code"]) == (403, 50007)


async def test_reactions_and_pins(api: Api, world: World, events: list[Event]) -> None:
    channel = world.channel("general")
    said = await world.say(world.person("bob"), channel, "x")
    path = f"/channels/{channel.id}/messages/{said.id}/reactions"
    assert (await api("PUT", f"{path}/%F0%9F%91%8D/@me")).status == 204
    assert events[-1].t == "MESSAGE_REACTION_ADD"
    assert [one["id"] for one in (await api("GET", f"{path}/%F0%9F%91%8D")).body] == [str(world.bot.id)]
    shown = (await api("GET", f"/channels/{channel.id}/messages/{said.id}")).body
    assert (shown["reactions"][0]["count"], shown["reactions"][0]["me"]) == (1, True)
    assert (await api("DELETE", f"{path}/%F0%9F%91%8D/@me")).status == 204
    assert events[-1].t == "MESSAGE_REACTION_REMOVE"
    assert (await api("PUT", f"{path}/hello/@me")).body["code"] == 10014
    pin = f"/channels/{channel.id}/messages/pins"
    assert (await api("PUT", f"{pin}/{said.id}")).body["code"] == 50013
    channel.overwrites[world.bot.id] = Overwrite(id=world.bot.id, type=1, allow=Permission.MANAGE_MESSAGES)
    assert (await api("PUT", f"{pin}/{said.id}")).status == 204
    assert [one["message"]["id"] for one in (await api("GET", pin)).body["items"]] == [str(said.id)]
    assert (await api("DELETE", f"/channels/{channel.id}/pins/{said.id}")).status == 204
    assert (await api("GET", f"/channels/{channel.id}/pins")).body == []


async def test_typing_is_told(api: Api, world: World, events: list[Event]) -> None:
    assert (await api("POST", f"/channels/{world.channel('general').id}/typing")).status == 204
    assert (events[-1].t, events[-1].d["user_id"]) == ("TYPING_START", str(world.bot.id))
    assert (await api("POST", f"/channels/{world.channel('read-only').id}/typing")).body["code"] == 50013


async def test_a_message_deleted_while_its_edit_comes_in_stays_deleted(
    api: Api, world: World, events: list[Event]
) -> None:
    channel = world.channel("general")
    sent = (await api("POST", f"/channels/{channel.id}/messages", {"content": "x"})).body
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b'{"content":'
        arrived.set()
        await go_on.wait()
        yield b'"y"}'

    path = f"/channels/{channel.id}/messages/{sent['id']}"
    edit = asyncio.create_task(api("PATCH", path, data=slow(), headers={"Content-Type": "application/json"}))
    await arrived.wait()
    await api("GET", "/gateway")  # its answer comes after the server has begun with the edit
    await world.delete(world.person("alice"), channel.messages[int(sent["id"])])
    go_on.set()
    assert (await edit).body["code"] == 10008
    assert events[-1].t == "MESSAGE_DELETE"
