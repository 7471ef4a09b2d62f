"""Threads that are archived or locked, slow mode, and members who are timed out."""

from __future__ import annotations

import pytest

from sandbox.discord.interactions.commands import upsert
from sandbox.discord.protocol.errors import DiscordError, PersonError
from sandbox.discord.state.events import Event
from sandbox.discord.state.places import ChannelType
from sandbox.discord.state.records import Channel
from sandbox.discord.world import World
from tests.unit.sandbox.discord.conftest import Api, FakeClock


@pytest.fixture
async def thread(world: World) -> Channel:
    return await world.start_thread(world.person("bob"), world.channel("general"), "talk")


async def sent(api: Api, channel: Channel) -> str:
    return str((await api("POST", f"/channels/{channel.id}/messages", {"content": "x"})).body["id"])


async def test_an_archived_thread_takes_no_edit_but_opens_with_a_message(
    api: Api, world: World, thread: Channel, events: list[Event]
) -> None:
    path = f"/channels/{thread.id}/messages"
    message = await sent(api, thread)
    world.archive(thread)
    assert (events[-1].t, events[-1].d["thread_metadata"]["archived"]) == ("THREAD_UPDATE", True)
    refused = await api("PATCH", f"{path}/{message}", {"content": "y"})
    assert (refused.status, refused.body["code"]) == (400, 50083)
    assert (await api("PUT", f"{path}/{message}/reactions/%F0%9F%91%8D/@me")).body["code"] == 50083
    assert (await api("DELETE", f"{path}/{message}")).status == 204
    events.clear()
    await sent(api, thread)
    assert [one.t for one in events] == [
        "THREAD_UPDATE", "THREAD_MEMBER_UPDATE", "THREAD_MEMBER_UPDATE", "MESSAGE_CREATE",
    ]  # fmt: skip


async def test_a_locked_thread_is_written_in_by_those_who_manage_threads(
    api: Api, world: World, thread: Channel, events: list[Event]
) -> None:
    path = f"/channels/{thread.id}/messages"
    message = await sent(api, thread)
    world.lock(thread)
    assert (events[-1].t, events[-1].d["thread_metadata"]["locked"]) == ("THREAD_UPDATE", True)
    assert (await api("POST", path, {"content": "x"})).body["code"] == 160005
    assert (await api("PATCH", f"{path}/{message}", {"content": "y"})).body["code"] == 160005
    assert (await api("PATCH", f"/channels/{thread.id}", {"archived": True})).body["code"] == 50013
    with pytest.raises(DiscordError, match="160005"):
        await world.say(world.person("bob"), thread, "x")
    await world.say(world.person("alice"), thread, "an administrator may")
    world.archive(thread)
    assert (await api("DELETE", f"{path}/{message}")).body["code"] == 50083
    world.allow(thread, "MANAGE_THREADS")
    assert (await api("POST", path, {"content": "x"})).status == 200
    opened = world.channels[thread.id].thread
    assert opened is not None
    assert not opened.archived


async def test_an_archived_thread_is_changed_only_when_it_is_opened(api: Api, world: World, thread: Channel) -> None:
    world.allow(thread, "MANAGE_THREADS")
    world.archive(thread)
    path = f"/channels/{thread.id}"
    assert (await api("PATCH", path, {"locked": True})).body["code"] == 50083
    opened = (await api("PATCH", path, {"locked": True, "archived": False})).body["thread_metadata"]
    assert (opened["locked"], opened["archived"]) == (True, False)


async def test_by_a_token_a_thread_that_was_locked_since_is_archived(api: Api, world: World, thread: Channel) -> None:
    upsert(world, world.application, None, {"name": "ask", "description": "Ask"})
    used = await world.slash(world.person("bob"), thread, "ask")
    await api("POST", f"/interactions/{used.id}/{used.token}/callback", {"type": 5})
    world.lock(thread)
    hook = f"/webhooks/{world.bot.id}/{used.token}"
    for method, path in (("PATCH", f"{hook}/messages/@original"), ("POST", hook)):
        answer = await api(method, path, {"content": "x"})
        assert (answer.status, answer.body["code"]) == (403, 50083)
    world.unlock(thread)
    assert (await api("PATCH", f"{hook}/messages/@original", {"content": "x"})).status == 200
    world.archive(thread)
    assert (await api("PATCH", f"{hook}/messages/@original", {"content": "y"})).body["code"] == 50083


async def test_what_is_asked_in_a_locked_thread_is_answered_to_one_person(
    api: Api, world: World, thread: Channel
) -> None:
    upsert(world, world.application, None, {"name": "Quote", "type": 3})
    said = await world.say(world.person("bob"), thread, "words")
    world.lock(thread)
    used = await world.context_menu(world.person("bob"), thread, "Quote", said)
    answer = await api("POST", f"/interactions/{used.id}/{used.token}/callback", {"type": 4, "data": {"content": "x"}})
    assert answer.status == 204
    assert used.ephemeral


async def test_a_carried_command_in_a_thread_locked_since_has_no_access(api: Api, world: World) -> None:
    upsert(world, world.application, None, {"name": "ask", "description": "Ask", "integration_types": [0, 1]})
    bob, guild = world.person("bob"), world.guild()
    world.install_for(bob)
    del guild.members[world.bot.id]
    thread = await world.start_thread(bob, world.channel("general"), "talk")
    used = await world.slash(bob, thread, "ask")
    await api("POST", f"/interactions/{used.id}/{used.token}/callback", {"type": 5})
    world.lock(thread)
    answer = await api("PATCH", f"/webhooks/{world.bot.id}/{used.token}/messages/@original", {"content": "x"})
    assert (answer.status, answer.body["code"]) == (403, 50001)


async def test_threads_in_which_nothing_happens_are_archived(world: World, thread: Channel, clock: FakeClock) -> None:
    clock.now += 1439 * 60
    assert thread not in world.archive_idle()
    clock.now += 60
    assert thread in world.archive_idle()
    assert thread not in world.archive_idle()


async def test_slow_mode_has_people_wait_and_no_bot(api: Api, world: World, clock: FakeClock) -> None:
    bob, channel = world.person("bob"), world.add_channel("slow", slowmode_s=10)
    await world.say(bob, channel, "one")
    with pytest.raises(PersonError, match="10 s") as refused:
        await world.say(bob, channel, "two")
    assert (refused.value.status, refused.value.code) == (429, 20016)
    for _ in range(2):
        await sent(api, channel)
        await world.say(world.person("alice"), channel, "an administrator does not wait")
    clock.now += 10
    await world.say(bob, channel, "two")
    world.set_slowmode(channel, 0)
    await world.say(bob, channel, "three")
    world.set_slowmode(channel, 10)
    world.allow(channel, "MANAGE_MESSAGES", who=bob)
    with pytest.raises(PersonError):
        await world.say(bob, channel, "four")
    world.allow(channel, "BYPASS_SLOWMODE", who=bob)
    await world.say(bob, channel, "four")


async def test_slow_mode_of_a_forum_is_for_its_posts(world: World) -> None:
    bob, forum = world.person("bob"), world.add_channel("forum", ChannelType.FORUM, slowmode_s=10)
    post = await world.start_post(bob, forum, "one", "x")
    with pytest.raises(PersonError):
        await world.start_post(bob, forum, "two", "x")
    await world.say(bob, post, "in the post")


async def test_a_bot_that_is_timed_out_only_reads(
    api: Api, world: World, clock: FakeClock, events: list[Event]
) -> None:
    general = world.channel("general")
    message = await sent(api, general)
    path = f"/channels/{general.id}"
    world.time_out_bot(60)
    [told] = [one for one in events if one.t == "GUILD_MEMBER_UPDATE"]
    assert told.d["user"]["id"] == str(world.bot.id)
    assert told.d["communication_disabled_until"] is not None
    assert (await api("POST", f"{path}/messages", {"content": "x"})).body["code"] == 50013
    assert (await api("POST", f"{path}/typing")).body["code"] == 50013
    assert (await api("GET", f"{path}/messages/{message}")).status == 200
    mine = (await api("GET", f"/guilds/{world.guild().id}/members/{world.bot.id}")).body
    assert mine["communication_disabled_until"] is not None
    clock.now += 61
    assert (await api("POST", f"{path}/messages", {"content": "x"})).status == 200
    world.time_out_bot(60)
    world.time_out_bot(0)
    assert (await api("POST", f"{path}/messages", {"content": "x"})).status == 200
