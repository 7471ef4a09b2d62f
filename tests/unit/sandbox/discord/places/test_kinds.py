"""Kinds of channels: what may stand in each, what a thread of it is, and who gets at it."""

from __future__ import annotations

import pytest

from sandbox.discord.interactions.commands import upsert
from sandbox.discord.protocol.errors import DiscordError, PersonError
from sandbox.discord.state.events import Event
from sandbox.discord.state.places import ChannelType
from sandbox.discord.state.records import Channel
from sandbox.discord.world import World
from tests.unit.sandbox.discord.conftest import Api

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 16


async def sent(api: Api, channel: Channel, content: str = "x") -> tuple[int, int | None]:
    answer = await api("POST", f"/channels/{channel.id}/messages", {"content": content})
    return answer.status, answer.body.get("code")


@pytest.mark.parametrize("kind", [ChannelType.ANNOUNCEMENT, ChannelType.VOICE, ChannelType.STAGE])
async def test_bots_and_people_write_in_announcements_and_voice_chats(
    api: Api, world: World, kind: ChannelType
) -> None:
    channel = world.add_channel("place", kind)
    said = await world.say(world.person("bob"), channel, "hello")
    assert await sent(api, channel) == (200, None)
    listed = (await api("GET", f"/channels/{channel.id}/messages")).body
    assert [one["content"] for one in listed] == ["x", "hello"]
    assert said.guild_id == world.guild().id


@pytest.mark.parametrize(
    ("kind", "code"), [(ChannelType.CATEGORY, 50008), (ChannelType.FORUM, 40058), (ChannelType.MEDIA, 40058)]
)
async def test_no_message_stands_where_none_can(api: Api, world: World, kind: ChannelType, code: int) -> None:
    assert (await sent(api, world.add_channel("place", kind)))[1] == code


async def test_a_thread_has_the_type_of_its_channel(api: Api, world: World) -> None:
    bob, news = world.person("bob"), world.channel("news")
    said = await world.say(bob, news, "news")
    thread = await world.start_thread(bob, said, "talk")
    assert thread.type is ChannelType.ANNOUNCEMENT_THREAD
    for kind in (ChannelType.VOICE, ChannelType.STAGE):
        with pytest.raises(DiscordError, match="50024"):
            await world.start_thread(bob, world.add_channel("place", kind), "talk")
    with pytest.raises(DiscordError, match="50024"):
        await world.start_thread(world.person("alice"), news, "secret", private=True)


async def test_a_media_post_is_a_thread_that_begins_with_a_message_of_its_id(api: Api, world: World) -> None:
    bob, gallery = world.person("bob"), world.channel("gallery")
    post = await world.start_post(bob, gallery, "Fox", "look", files=[("fox.png", PNG)], tags=["drawn"])
    assert post.messages[post.id].content == "look"
    found = (await api("GET", f"/channels/{post.id}")).body
    assert found["applied_tags"] == [str(gallery.tags[0].id)]
    with pytest.raises(PersonError, match="picture"):
        await world.start_post(bob, gallery, "Fox", "words alone")
    # A bot may do without: only Discord's client asks for a file.
    made = await api("POST", f"/channels/{gallery.id}/threads", {"name": "Fox", "message": {"content": "no picture"}})
    assert made.status == 201


async def test_tags_are_checked(api: Api, world: World) -> None:
    forum = world.add_channel("forum", ChannelType.FORUM, tags=("one",), requires_tag=True)
    path, message = f"/channels/{forum.id}/threads", {"content": "x"}
    assert (await api("POST", path, {"name": "a", "message": message})).body["code"] == 40067
    unknown = {"name": "a", "message": message, "applied_tags": ["5"]}
    assert (await api("POST", path, unknown)).body["code"] == 10087
    many = {"name": "a", "message": message, "applied_tags": ["1", "2", "3", "4", "5", "6"]}
    assert (await api("POST", path, many)).body["code"] == 50035
    made = await api("POST", path, {"name": "a", "message": message, "applied_tags": [str(forum.tags[0].id)]})
    assert made.status == 201
    assert made.body["applied_tags"] == [str(forum.tags[0].id)]


async def test_a_voice_chat_takes_connect(api: Api, world: World, events: list[Event]) -> None:
    lounge, bob = world.channel("lounge"), world.person("bob")
    said = await world.say(bob, lounge, "hello")
    world.deny(lounge, "CONNECT")
    assert (await api("GET", f"/channels/{lounge.id}")).status == 200
    assert (await api("GET", f"/channels/{lounge.id}/messages")).body["code"] == 50001
    assert (await api("GET", f"/channels/{lounge.id}/messages/{said.id}")).body["code"] == 50001
    assert await sent(api, lounge) == (403, 50001)
    world.deny(lounge, "CONNECT", who=world.guild().everyone)
    with pytest.raises(DiscordError, match=r"50001|50013"):
        await world.say(bob, lounge, "again")


async def test_a_group_of_people_is_no_place_of_the_bot(api: Api, world: World, events: list[Event]) -> None:
    alice, bob, dora = (world.person(name) for name in ("alice", "bob", "dora"))
    group = world.open_group(alice, bob, dora, name="friends")
    said = await world.say(bob, group, "hello")
    assert said.guild_id is None
    assert (await api("GET", f"/channels/{group.id}")).body["code"] == 50001
    assert group in world.direct_channels(dora.id)
    assert world.open_group(alice, bob, dora) is not group
    made = next(one for one in events if one.t == "CHANNEL_CREATE")
    assert (made.d["type"], made.d["name"], made.d["owner_id"]) == (3, "friends", str(alice.id))


async def test_a_command_that_a_person_has_installed_comes_along_to_a_group(
    api: Api, world: World, events: list[Event]
) -> None:
    bob = world.person("bob")
    body = {"name": "ask", "description": "Ask", "integration_types": [1], "contexts": [0, 1, 2]}
    upsert(world, world.application, None, body)
    group = world.open_group(world.person("alice"), bob, world.person("dora"))
    with pytest.raises(PersonError):
        await world.slash(bob, group, "ask")
    world.install_for(bob)
    used = await world.slash(bob, group, "ask")
    told = next(one.d for one in events if one.t == "INTERACTION_CREATE")
    assert (told["context"], told["channel"]["type"], told["authorizing_integration_owners"]) == (
        2,
        3,
        {"1": str(bob.id)},
    )
    answer = await api("POST", f"/interactions/{used.id}/{used.token}/callback", {"type": 4, "data": {"content": "x"}})
    assert answer.status == 204
    assert [one.content for one in group.messages.values()] == ["x"]


async def test_channels_come_change_and_go(world: World, events: list[Event]) -> None:
    channel = world.add_channel("place", topic="t")
    world.rename(channel, "other")
    world.delete_channel(channel)
    assert [(one.t, one.d["name"]) for one in events] == [
        ("CHANNEL_CREATE", "place"), ("CHANNEL_UPDATE", "other"), ("CHANNEL_DELETE", "other"),
    ]  # fmt: skip
