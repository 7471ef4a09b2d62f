"""Threads, guilds, channels and users over REST."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord.protocol.errors import DiscordError
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.events import Event
from sandbox.discord.state.places import Overwrite
from sandbox.discord.world import World
from tests.unit.sandbox.discord.conftest import Api


def grant(world: World, allow: Permission) -> None:
    world.channel("general").overwrites[world.bot.id] = Overwrite(id=world.bot.id, type=1, allow=allow)


async def test_a_thread_from_a_message(api: Api, world: World, events: list[Event]) -> None:
    general = world.channel("general")
    said = await world.say(world.person("bob"), general, "start")
    path = f"/channels/{general.id}/messages/{said.id}"
    made = await api("POST", f"{path}/threads", {"name": "talk"})
    assert (made.status, made.body["id"], made.body["type"]) == (201, str(said.id), 11)
    assert "THREAD_CREATE" in [one.t for one in events]
    again = await api("POST", f"{path}/threads", {"name": "talk"})
    assert (again.status, again.body["code"]) == (400, 160004)
    assert (await api("GET", path)).body["thread"]["id"] == str(said.id)
    thread = f"/channels/{said.id}"
    [starter] = (await api("GET", f"{thread}/messages")).body
    assert (starter["type"], starter["referenced_message"]["content"]) == (21, "start")
    first = (await api("POST", f"{thread}/messages", {"content": "one"})).body
    second = (await api("POST", f"{thread}/messages", {"content": "two"})).body
    assert second["position"] == first["position"] + 1
    assert (await api("GET", thread)).body["message_count"] == 2
    deleted = await api("DELETE", f"{thread}/messages/{starter['id']}")
    assert deleted.body["code"] in (50013, 50021)


async def test_an_archived_thread_opens_again_when_someone_writes(api: Api, world: World, events: list[Event]) -> None:
    general = world.channel("general")
    thread = await world.start_thread(world.person("bob"), general, "mine")
    path = f"/channels/{thread.id}"
    assert (await api("PATCH", path, {"archived": True})).body["code"] == 50013
    grant(world, Permission.MANAGE_THREADS)
    assert (await api("PATCH", path, {"archived": True})).body["thread_metadata"]["archived"]
    assert (await api("PUT", f"{path}/thread-members/@me")).body["code"] == 50083
    [listed] = (await api("GET", f"/channels/{general.id}/threads/archived/public")).body["threads"]
    assert listed["id"] == str(thread.id)
    await world.say(world.person("bob"), thread, "again")
    assert events[-1].t == "MESSAGE_CREATE"
    assert not (await api("GET", path)).body["thread_metadata"]["archived"]
    active = (await api("GET", f"/guilds/{world.guild().id}/threads/active")).body
    assert [one["id"] for one in active["threads"]] == [str(thread.id), str(world.channel("Locked talk").id)]


async def test_a_locked_thread_is_closed_to_those_who_may_not_manage_it(api: Api, world: World) -> None:
    thread = await world.start_thread(world.person("bob"), world.channel("general"), "mine")
    assert thread.thread is not None
    thread.thread.locked = True
    answer = await api("POST", f"/channels/{thread.id}/messages", {"content": "x"})
    assert answer.body["code"] == 160005


async def test_a_private_thread_is_seen_by_its_members(api: Api, world: World, events: list[Event]) -> None:
    general = world.channel("general")
    assert (await api("POST", f"/channels/{general.id}/threads", {"name": "x"})).body["code"] == 50013
    grant(world, Permission.CREATE_PRIVATE_THREADS)
    made = await api("POST", f"/channels/{general.id}/threads", {"name": "secret"})
    assert made.body["type"] == 12
    thread, dora = world.channels[int(made.body["id"])], world.person("dora")
    assert not world.can_see(dora.id, thread)
    assert world.can_see(world.person("alice").id, thread)
    assert (await api("PUT", f"/channels/{thread.id}/thread-members/{dora.id}")).status == 204
    assert world.can_see(dora.id, thread)
    assert (await api("DELETE", f"/channels/{thread.id}/thread-members/{dora.id}")).status == 204
    assert not world.can_see(dora.id, thread)


@pytest.mark.parametrize(
    "body",
    [{}, {"name": ""}, {"name": "x" * 101}, {"name": "x", "auto_archive_duration": 5}, {"name": 1, "type": 99}, []],
)
async def test_bad_threads_are_refused(api: Api, world: World, body: Any) -> None:
    answer = await api("POST", f"/channels/{world.channel('general').id}/threads", body)
    assert (answer.status, answer.body["code"]) == (400, 50035)


async def test_a_deleted_channel_takes_its_threads_along(api: Api, world: World, events: list[Event]) -> None:
    grant(world, Permission.MANAGE_CHANNELS)
    general = world.channel("general")
    thread = await world.start_thread(world.person("bob"), general, "mine")
    assert (await api("DELETE", f"/channels/{general.id}")).status == 200
    assert [one.t for one in events[-2:]] == ["THREAD_DELETE", "CHANNEL_DELETE"]
    for channel_id in (general.id, thread.id):
        assert (await api("GET", f"/channels/{channel_id}")).body["code"] == 10003


async def test_a_deleted_category_leaves_its_channels(api: Api, world: World) -> None:
    general = world.channel("general")
    category = world.channels[general.parent_id or 0]
    category.overwrites[world.bot.id] = Overwrite(id=world.bot.id, type=1, allow=Permission.MANAGE_CHANNELS)
    assert (await api("DELETE", f"/channels/{category.id}")).status == 200
    assert (await api("GET", f"/channels/{general.id}")).body["parent_id"] is None


async def test_what_a_bot_sees_of_a_guild(api: Api, world: World) -> None:
    path = f"/guilds/{world.guild().id}"
    names = {one["name"] for one in (await api("GET", f"{path}/channels")).body}
    assert "staff" not in names
    assert {"general", "art", "code", "no-files", "read-only", "age-restricted"} <= names
    members = (await api("GET", f"{path}/members?limit=1000")).body
    assert {one["user"]["username"] for one in members} == {"alice", "bob", "xiaoming", "dora", "Fusion"}
    assert (await api("GET", "/guilds/5")).body["code"] == 10004
    assert (await api("GET", f"{path}/members/5")).body["code"] == 10007
    assert (await api("GET", f"{path}/roles/5")).body["code"] == 10011
    assert (await api("GET", "/users/5")).body["code"] == 10013
    assert world.guild("画室").preferred_locale == "zh-CN"


async def test_a_nickname_is_told(api: Api, world: World, events: list[Event]) -> None:
    path = f"/guilds/{world.guild().id}/members/@me"
    assert (await api("PATCH", path, {"nick": "Fu"})).body["nick"] == "Fu"
    assert (events[-1].t, events[-1].d["nick"]) == ("GUILD_MEMBER_UPDATE", "Fu")
    assert (await api("PATCH", path, {"nick": "x" * 33})).body["code"] == 50035


async def test_a_bot_leaves_a_guild(api: Api, world: World, events: list[Event]) -> None:
    assert (await api("DELETE", f"/users/@me/guilds/{world.guild().id}")).status == 204
    assert [one.t for one in events] == ["GUILD_DELETE", "GUILD_MEMBER_REMOVE"]
    assert (await api("GET", f"/guilds/{world.guild().id}")).body["code"] == 10004


async def test_several_applications(api: Api, world: World) -> None:
    second = world.add_application("Second")
    assert (await api("GET", "/users/@me", token=second.token)).body["username"] == "Second"
    sent = await api("POST", f"/channels/{world.channel('general').id}/messages", {"content": "x"}, token=second.token)
    path = f"/channels/{world.channel('general').id}/messages/{sent.body['id']}"
    assert (await api("PATCH", path, {"content": "y"})).body["code"] == 50005


async def test_a_reset_world_is_as_new_under_the_same_ids(api: Api, world: World, events: list[Event]) -> None:
    token, general = world.application.token, world.channel("general").id
    await world.say(world.person("bob"), world.channel("general"), "x")
    world.reset()
    assert (world.application.token, world.channel("general").id) == (token, general)
    assert (await api("GET", f"/channels/{general}/messages")).body == []
    heard = len(events)
    await world.say(world.person("bob"), world.channel("general"), "x")
    assert len(events) == heard + 1


async def test_a_post_in_a_forum(api: Api, world: World, events: list[Event]) -> None:
    forum = world.channel("questions")
    assert (await api("POST", f"/channels/{forum.id}/messages", {"content": "x"})).body["code"] == 40058
    path = f"/channels/{forum.id}/threads"
    assert (await api("POST", path, {"name": "Foxes"})).body["code"] == 50035
    assert (await api("POST", path, {"name": "Foxes", "message": {}})).body["code"] == 50006
    assert (await api("POST", path, {"name": "Foxes", "message": {"content": "x" * 2001}})).body["code"] == 50035
    events.clear()
    answer = await api("POST", path, {"name": "Foxes", "message": {"content": "Where?"}})
    assert (answer.status, answer.body["type"], answer.body["parent_id"]) == (201, 11, str(forum.id))
    assert answer.body["message"]["id"] == answer.body["id"]
    assert [one.t for one in events][:2] == ["THREAD_CREATE", "MESSAGE_CREATE"]


async def test_no_post_stays_without_its_message(api: Api, world: World) -> None:
    forum = world.channel("questions")
    gallery = {"type": 12, "items": [{"media": {"url": "attachment://none.png"}}]}
    body = {"name": "Foxes", "message": {"flags": 1 << 15, "components": [gallery]}}
    assert (await api("POST", f"/channels/{forum.id}/threads", body)).body["code"] == 50035
    assert [one for one in world.guild().threads.values() if one.parent_id == forum.id] == []


async def test_people_start_posts_where_they_may_write(world: World) -> None:
    bob, forum = world.person("bob"), world.channel("questions")
    post = await world.start_post(bob, forum, " Foxes ", "Where?", files=[("a.txt", b"x")])
    first = post.messages[post.id]
    assert (post.name, first.content, len(first.attachments)) == ("Foxes", "Where?", 1)
    assert world.abilities(bob, forum) | {"react": True} == {
        "send": False, "attach": False, "react": True, "threads": True, "manage_messages": False,
    }  # fmt: skip
    with pytest.raises(DiscordError, match="50006"):
        await world.start_post(bob, forum, "Foxes", " ")
