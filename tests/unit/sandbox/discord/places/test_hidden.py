"""Channels that the bot may not see, and private threads that it is not in."""

from __future__ import annotations

import pytest

from sandbox.discord.acts.permissions import change_permissions
from sandbox.discord.interactions.commands import upsert
from sandbox.discord.objects.guilds import render_guild_create
from sandbox.discord.people.events import hears, told
from sandbox.discord.people.owner import Who
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.events import Event
from sandbox.discord.state.records import Channel
from sandbox.discord.world import World
from tests.unit.sandbox.discord.conftest import Api

VIEW = int(Permission.VIEW_CHANNEL)


@pytest.fixture
def hidden(world: World) -> Channel:
    return world.add_channel("secret", topic="words", hidden_from_bot=True)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/messages"), ("POST", "/messages"), ("POST", "/typing"),
        ("GET", "/messages/5"), ("PATCH", "/messages/5"), ("DELETE", "/messages/5"), ("POST", "/threads"),
        ("GET", "/messages/pins"), ("PUT", "/messages/5/reactions/x/@me"), ("GET", "/threads/archived/public"),
    ],
)  # fmt: skip
async def test_all_routes_of_a_hidden_channel_are_closed(api: Api, hidden: Channel, method: str, path: str) -> None:
    answer = await api(method, f"/channels/{hidden.id}{path}", None if method == "GET" else {"content": "x"})
    assert (answer.status, answer.body["code"]) == (403, 50001)


async def test_a_hidden_channel_comes_veiled_and_is_not_listed(api: Api, world: World, hidden: Channel) -> None:
    guild = world.guild()
    listed = (await api("GET", f"/guilds/{guild.id}/channels")).body
    assert str(hidden.id) not in {one["id"] for one in listed}
    channels = {one["id"]: one for one in render_guild_create(world, guild, world.bot.id)["channels"]}
    veiled = channels[str(hidden.id)]
    assert (veiled["name"], veiled["topic"], veiled["flags"] >> 17 & 1) == ("___hidden___", None, 1)
    [denied] = veiled["permission_overwrites"]
    assert (denied["id"], denied["deny"]) == (str(guild.id), str(VIEW))
    assert veiled["position"] == hidden.position


async def test_a_category_is_seen_with_one_of_its_channels(world: World) -> None:
    guild, general = world.guild(), world.channel("general")
    category = guild.channels[general.parent_id or 0]

    def name() -> str:
        seen = render_guild_create(world, guild, world.bot.id)["channels"]
        return str(next(one["name"] for one in seen if one["id"] == str(category.id)))

    world.hide(category)
    assert name() == category.name
    for channel in guild.channels.values():
        if channel.parent_id == category.id:
            world.hide(channel)
    assert name() == "___hidden___"


@pytest.mark.parametrize("target", ["everyone", "role", "member"])
async def test_hiding_goes_by_everyone_roles_and_members(world: World, target: str) -> None:
    guild, general = world.guild(), world.channel("general")
    role = next(one for one in guild.roles.values() if one.bot_id == world.bot.id)
    targets: dict[str, Who] = {"everyone": guild.everyone, "role": role, "member": world.bot}
    who = targets[target]
    world.hide(general, who)
    assert not world.can_see(world.bot.id, general)
    if target == "everyone":
        world.show(general, role)
        assert world.can_see(world.bot.id, general)


async def test_what_the_bot_gains_is_told_in_full_with_the_threads_in_it(world: World, events: list[Event]) -> None:
    general = world.channel("general")
    thread = await world.start_thread(world.person("bob"), general, "talk")
    world.hide(general)
    events.clear()
    world.show(general)
    assert [one.t for one in events] == ["CHANNEL_UPDATE", "THREAD_LIST_SYNC"]
    assert [one["id"] for one in events[-1].d["threads"]] == [str(thread.id)]
    events.clear()
    everyone = world.guild().everyone
    change_permissions(world, world.guild(), role=everyone, deny=Permission.VIEW_CHANNEL)
    change_permissions(world, world.guild(), deny=Permission.VIEW_CHANNEL)
    events.clear()
    change_permissions(world, world.guild(), allow=Permission.VIEW_CHANNEL)
    gained = {one.d["id"] for one in events if one.t == "CHANNEL_UPDATE" and one.people == frozenset((world.bot.id,))}
    assert str(world.channel("art").id) in gained
    assert str(world.channel("no-bots").id) not in gained


async def test_a_person_is_told_of_a_channel_that_is_hidden_now_and_not_of_what_is_in_it(
    world: World, events: list[Event]
) -> None:
    bob, general = world.person("bob"), world.channel("general")
    world.hide(general, bob)
    await world.say(world.person("alice"), general, "words")
    changed, said = (next(one for one in events if one.t == name) for name in ("CHANNEL_UPDATE", "MESSAGE_CREATE"))
    assert hears(world, bob, changed)
    assert told(world, bob, changed)["name"] == "___hidden___"
    assert told(world, world.person("alice"), changed)["name"] == "general"
    assert not hears(world, bob, said)


async def test_an_interaction_in_a_hidden_channel_works_by_its_token(
    api: Api, world: World, hidden: Channel, events: list[Event]
) -> None:
    upsert(world, world.application, None, {"name": "ask", "description": "Ask"})
    used = await world.slash(world.person("bob"), hidden, "ask")
    sent = next(one.d for one in events if one.t == "INTERACTION_CREATE")
    assert sent["channel"]["name"] == "secret"
    assert "permission_overwrites" not in sent["channel"]
    rights = int(sent["app_permissions"])
    # As Discord tells them: what roles and overwrites come to, not what follows from it.
    assert not rights & VIEW
    assert rights & Permission.SEND_MESSAGES
    assert sent["channel"]["app_permissions"] == sent["app_permissions"]
    callback = f"/interactions/{used.id}/{used.token}/callback?with_response=true"
    made = await api("POST", callback, {"type": 4, "data": {"content": "here"}})
    message = made.body["resource"]["message"]["id"]
    assert (await api("PATCH", f"/channels/{hidden.id}/messages/{message}", {"content": "y"})).body["code"] == 50001
    edited = await api("PATCH", f"/webhooks/{world.bot.id}/{used.token}/messages/@original", {"content": "y"})
    assert edited.body["content"] == "y"


async def test_a_private_thread_is_closed_to_the_bot_until_it_is_mentioned(
    api: Api, world: World, events: list[Event]
) -> None:
    alice, general = world.person("alice"), world.channel("general")
    thread = await world.start_thread(alice, general, "quiet", private=True)
    said = await world.say(alice, thread, "hello")
    path = f"/channels/{thread.id}"
    assert (await api("GET", path)).body["code"] == 50001
    assert (await api("GET", f"{path}/messages/{said.id}")).body["code"] == 50001
    events.clear()
    await world.say(alice, thread, f"{world.bot.mention} come in")
    assert [one.t for one in events] == ["MESSAGE_CREATE", "THREAD_MEMBERS_UPDATE", "THREAD_CREATE"]
    assert events[-1].d["member"]["user_id"] == str(world.bot.id)
    assert (await api("GET", path)).status == 200
    events.clear()
    world.remove_from_thread(thread)
    assert [world.bot.id in (one.people or ()) for one in events] == [False, True]
    assert (await api("GET", path)).body["code"] == 50001


async def test_one_who_may_not_invite_adds_nobody_by_a_mention(world: World) -> None:
    alice, bob = world.person("alice"), world.person("bob")
    thread = await world.start_thread(alice, world.channel("general"), "quiet", private=True)
    assert thread.thread is not None
    thread.thread.invitable = False
    world.add_to_thread(thread, bob)
    await world.say(bob, thread, f"{world.bot.mention} come in")
    assert world.bot.id not in thread.thread.members
    await world.say(alice, thread, f"{world.bot.mention} come in")
    assert world.bot.id in thread.thread.members


async def test_without_the_history_there_is_nothing_to_read_or_to_reply_to(api: Api, world: World) -> None:
    general = world.channel("general")
    said = await world.say(world.person("bob"), general, "hello")
    world.deny(general, Permission.READ_MESSAGE_HISTORY)
    path = f"/channels/{general.id}/messages"
    assert (await api("GET", path)).body == []
    assert (await api("GET", f"{path}/pins")).body["items"] == []
    assert (await api("GET", f"{path}/{said.id}")).body["code"] == 50013
    reply = {"content": "x", "message_reference": {"message_id": str(said.id)}}
    assert (await api("POST", path, reply)).body["code"] == 160002
    assert (await api("POST", path, {"content": "x"})).status == 200


async def test_what_stands_is_edited_after_sending_was_taken_away(api: Api, world: World) -> None:
    general = world.channel("general")
    path = f"/channels/{general.id}/messages"
    sent = (await api("POST", path, {"content": "x"})).body["id"]
    world.deny(general, "SEND_MESSAGES")
    assert (await api("POST", path, {"content": "x"})).body["code"] == 50013
    assert (await api("PATCH", f"{path}/{sent}", {"content": "y"})).status == 200
    thread = await world.start_thread(world.person("bob"), general, "talk")
    assert (await api("POST", f"/channels/{thread.id}/messages", {"content": "x"})).status == 200
    world.deny(thread, "SEND_MESSAGES_IN_THREADS")
    assert (await api("POST", f"/channels/{thread.id}/messages", {"content": "x"})).body["code"] == 50013
