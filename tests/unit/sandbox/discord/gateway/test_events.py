"""Who hears which event: intents, shards, permissions, and content without its intent."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord.acts.channels import direct_channel
from sandbox.discord.gateway.codes import ALL_INTENTS, intents_for
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.events import Event
from sandbox.discord.state.places import Overwrite
from sandbox.discord.state.records import Channel, Member, User
from sandbox.discord.state.world import WorldState
from tests.unit.sandbox.discord.gateway.client import GUILDS_AND_MESSAGES, Connect, GatewayClient

CONTENT = 1 << 15
FIELDS: dict[str, Any] = {
    "content": "words", "embeds": [{"title": "t"}], "attachments": [{"id": "1"}], "components": [{"type": 1}],
}  # fmt: skip
EMPTY: dict[str, Any] = {"content": "", "embeds": [], "attachments": [], "components": []}


def message(author: User, *, mentions: tuple[User, ...] = (), **more: object) -> dict[str, Any]:
    people = [{"id": str(one.id)} for one in mentions]
    return {"id": "5", "author": {"id": str(author.id)}, "mentions": people, **FIELDS, **more}


def in_channel(channel: Channel, data: dict[str, Any], name: str = "MESSAGE_CREATE") -> Event:
    return Event(t=name, d=data, guild_id=channel.guild_id, channel_id=channel.id)


async def settled(client: GatewayClient) -> GatewayClient:
    await client.quiet()
    return client


@pytest.fixture
def general(world: WorldState) -> Channel:
    return world.channel("general")


async def heard(client: GatewayClient, world: WorldState, event: Event) -> dict[str, Any]:
    world.publish(event)
    data: dict[str, Any] = (await client.until(event.t))["d"]
    return data


async def test_content_is_withheld_without_the_intent(
    world: WorldState, connect: Connect, general: Channel, alice: User
) -> None:
    client = await connect()
    await client.identify(world.application.token)
    for name in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
        found = await heard(client, world, in_channel(general, message(alice), name))
        assert {key: found[key] for key in EMPTY} == EMPTY
        assert found["id"] == "5"


async def test_content_stays_where_discord_leaves_it(
    world: WorldState, connect: Connect, general: Channel, alice: User
) -> None:
    client = await connect()
    await client.identify(world.application.token)
    direct = direct_channel(world, alice, world.bot)
    events = [
        in_channel(general, message(alice, mentions=(world.bot,))),
        in_channel(general, message(world.bot)),
        in_channel(direct, message(alice)),
    ]
    for event in events:
        found = await heard(client, world, event)
        assert {key: found[key] for key in FIELDS} == FIELDS


async def test_the_message_replied_to_is_judged_by_itself(
    world: WorldState, connect: Connect, general: Channel, alice: User
) -> None:
    client = await connect()
    await client.identify(world.application.token)
    mine, hers = message(world.bot), message(alice)
    reply = message(alice, mentions=(world.bot,), referenced_message=hers)
    assert (await heard(client, world, in_channel(general, reply)))["referenced_message"]["content"] == ""
    reply = message(alice, referenced_message=mine)
    found = await heard(client, world, in_channel(general, reply))
    assert (found["content"], found["referenced_message"]["content"]) == ("", "words")


async def test_sessions_with_and_without_the_intent_hear_their_own_version(
    world: WorldState, connect: Connect, general: Channel, alice: User
) -> None:
    reading, other = await connect(), await connect()
    await reading.identify(world.application.token, intents=GUILDS_AND_MESSAGES | CONTENT)
    await other.identify(world.application.token)
    world.publish(in_channel(general, message(alice)))
    assert (await reading.until("MESSAGE_CREATE"))["d"]["content"] == "words"
    assert (await other.until("MESSAGE_CREATE"))["d"]["content"] == ""


async def test_events_go_by_intents(world: WorldState, connect: Connect, general: Channel, alice: User) -> None:
    guilds, messages = await connect(), await connect()
    await guilds.identify(world.application.token, intents=1 << 0)
    await messages.identify(world.application.token, intents=1 << 9)
    await settled(guilds)
    await settled(messages)
    direct = direct_channel(world, alice, world.bot)
    world.publish(in_channel(general, message(alice)))
    world.publish(in_channel(direct, message(alice)))
    world.publish(in_channel(general, {"id": str(general.id)}, "CHANNEL_UPDATE"))
    world.publish(in_channel(general, {}, "TYPING_START"))
    world.publish(in_channel(general, {}, "INTERACTION_CREATE"))
    assert await guilds.quiet() == ["CHANNEL_UPDATE", "INTERACTION_CREATE"]
    assert await messages.quiet() == ["MESSAGE_CREATE", "INTERACTION_CREATE"]


async def test_what_is_not_for_bots_or_for_others_is_not_heard(
    world: WorldState, connect: Connect, general: Channel, alice: User
) -> None:
    client = await connect()
    await client.identify(world.application.token)
    await settled(client)
    place = {"guild_id": general.guild_id, "channel_id": general.id}
    world.publish(Event(t="MESSAGE_CREATE", d=message(alice), bots=False, **place))  # type: ignore[arg-type]  # ids
    world.publish(Event(t="MESSAGE_CREATE", d=message(alice), people=frozenset({alice.id}), **place))  # type: ignore[arg-type]  # ids
    assert await client.quiet() == []
    people = frozenset({world.bot.id})
    world.publish(Event(t="INTERACTION_CREATE", d={}, people=people, **place))  # type: ignore[arg-type]  # ids
    assert await client.quiet() == ["INTERACTION_CREATE"]


async def test_a_channel_that_the_bot_may_not_see_is_silent(
    world: WorldState, connect: Connect, general: Channel, alice: User
) -> None:
    client = await connect()
    await client.identify(world.application.token)
    await settled(client)
    guild = world.guild()
    role = next(one for one in guild.roles.values() if one.bot_id == world.bot.id)
    general.overwrites[guild.id] = Overwrite(id=guild.id, type=0, deny=Permission.VIEW_CHANNEL)
    general.overwrites[role.id] = Overwrite(id=role.id, type=0, deny=Permission.VIEW_CHANNEL)
    world.publish(in_channel(general, message(alice)))
    assert await client.quiet() == []


async def test_the_deletion_of_a_channel_is_heard(world: WorldState, connect: Connect, general: Channel) -> None:
    client = await connect()
    await client.identify(world.application.token)
    await settled(client)
    del world.channels[general.id]
    world.publish(in_channel(general, {"id": str(general.id)}, "CHANNEL_DELETE"))
    assert await client.quiet() == ["CHANNEL_DELETE"]


async def test_each_guild_is_one_shards_and_direct_messages_are_shard_0s(
    world: WorldState, connect: Connect, alice: User
) -> None:
    shards = []
    for index in range(2):
        client = await connect()
        await client.identify(world.application.token, shard=[index, 2])
        await settled(client)
        shards.append(client)
    for channel in (world.channel("general"), world.channel("画室/闲聊")):
        world.publish(in_channel(channel, message(alice)))
        home = ((channel.guild_id or 0) >> 22) % 2
        assert await shards[home].quiet() == ["MESSAGE_CREATE"]
        assert await shards[1 - home].quiet() == []
    world.publish(in_channel(direct_channel(world, alice, world.bot), message(alice)))
    assert await shards[0].quiet() == ["MESSAGE_CREATE"]
    assert await shards[1].quiet() == []


async def test_ready_names_the_guilds_of_the_shard(world: WorldState, connect: Connect) -> None:
    named = []
    for index in range(2):
        client = await connect()
        ready = await client.identify(world.application.token, shard=[index, 2])
        assert ready["shard"] == [index, 2]
        assert all((int(one["id"]) >> 22) % 2 == index for one in ready["guilds"])
        named += [int(one["id"]) for one in ready["guilds"]]
    assert sorted(named) == sorted(world.guilds)


@pytest.mark.parametrize(("intents", "all_told"), [(1, False), (1 | 1 << 8, True)])
async def test_only_with_presences_do_guilds_come_with_their_members(
    world: WorldState, connect: Connect, intents: int, all_told: bool
) -> None:
    world.application.presence_intent = True
    client = await connect()
    await client.identify(world.application.token, intents=intents)
    guild = (await client.until("GUILD_CREATE"))["d"]
    told = {one["user"]["id"] for one in guild["members"]}
    everyone = {str(one) for one in world.guild().members}
    assert told == (everyone if all_told else {str(world.bot.id)})
    assert (guild["member_count"], guild["large"]) == (len(everyone), False)


async def test_large_guilds_come_without_their_members(world: WorldState, connect: Connect) -> None:
    world.application.presence_intent = True
    members = world.guild().members
    for number in range(60):
        members[number] = Member(user=User(id=number, username=f"user{number}"), joined_at=0.0)
    client = await connect()
    await client.identify(world.application.token, intents=1 | 1 << 8)
    guild = (await client.until("GUILD_CREATE"))["d"]
    assert (len(guild["members"]), guild["large"]) == (1, True)


async def test_a_bot_hears_of_its_own_membership_without_the_intent(
    world: WorldState, connect: Connect, alice: User
) -> None:
    client = await connect()
    await client.identify(world.application.token)
    await settled(client)
    guild = world.guild().id
    for user in (alice, world.bot):
        data = {"guild_id": str(guild), "user": {"id": str(user.id)}}
        world.publish(Event(t="GUILD_MEMBER_UPDATE", d=data, guild_id=guild))
    assert await client.quiet() == ["GUILD_MEMBER_UPDATE"]
    assert client.frames[-2]["d"]["user"]["id"] == str(world.bot.id)


async def test_members_are_told_by_name_by_id_and_all(world: WorldState, connect: Connect, alice: User) -> None:
    client = await connect()
    await client.identify(world.application.token, intents=GUILDS_AND_MESSAGES | 1 << 1)
    guild = str(world.guild().id)

    await client.send(8, {"guild_id": guild, "query": "xiao", "limit": 5, "nonce": "n"})
    chunk = (await client.until("GUILD_MEMBERS_CHUNK"))["d"]
    assert [one["user"]["username"] for one in chunk["members"]] == ["xiaoming"]
    assert (chunk["guild_id"], chunk["nonce"], chunk["chunk_index"], chunk["chunk_count"]) == (guild, "n", 0, 1)

    await client.send(8, {"guild_id": guild, "user_ids": [str(alice.id), "7"], "limit": 0, "presences": True})
    chunk = (await client.until("GUILD_MEMBERS_CHUNK"))["d"]
    assert [one["user"]["id"] for one in chunk["members"]] == [str(alice.id)]
    assert chunk["not_found"] == ["7"]
    assert chunk["presences"] == []

    await client.send(8, {"guild_id": guild, "query": "", "limit": 0})
    chunk = (await client.until("GUILD_MEMBERS_CHUNK"))["d"]
    assert len(chunk["members"]) == len(world.guild().members)


async def test_all_members_need_the_intent_and_a_known_guild(world: WorldState, connect: Connect) -> None:
    client = await connect()
    await client.identify(world.application.token)
    await settled(client)
    await client.send(8, {"guild_id": str(world.guild().id), "query": "", "limit": 0})
    await client.send(8, {"guild_id": "1", "query": "a", "limit": 1})
    assert await client.quiet() == []


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"guild_id": "x", "query": ""},
        {"guild_id": "1"},
        {"guild_id": "1", "query": 5},
        {"guild_id": "1", "query": "a", "user_ids": ["1"]},
        {"guild_id": "1", "query": "a", "limit": -1},
        {"guild_id": "1", "user_ids": ["x"]},
        {"guild_id": "1", "user_ids": ["1"] * 101},
        {"guild_id": ["1", "2"], "query": "a"},
    ],
)
async def test_malformed_requests_for_members_close(world: WorldState, connect: Connect, asked: object) -> None:
    client = await connect()
    await client.identify(world.application.token)
    await client.send(8, asked)
    assert await client.close_code() == 4002


async def test_presence_and_voice_states_are_taken(world: WorldState, connect: Connect) -> None:
    client = await connect()
    await client.identify(world.application.token)
    await settled(client)
    await client.send(3, {"since": None, "activities": [{"name": "x", "type": 0}], "status": "idle", "afk": False})
    await client.send(4, {"guild_id": "1", "channel_id": None, "self_mute": False, "self_deaf": False})
    assert await client.quiet() == []
    await client.send(3, {"status": "asleep"})
    assert await client.close_code() == 4002


def test_every_event_has_its_intent() -> None:
    assert intents_for("MESSAGE_CREATE", in_guild=True) == 1 << 9
    assert intents_for("MESSAGE_CREATE", in_guild=False) == 1 << 12
    assert intents_for("THREAD_CREATE", in_guild=True) == 1 << 0
    assert intents_for("GUILD_BAN_ADD", in_guild=True) == 1 << 2
    assert intents_for("INTERACTION_CREATE", in_guild=False) == -1
    assert intents_for("INTERACTION_UPDATE", in_guild=True) == 0
    assert sum({1 << n for n in (*range(17), 20, 21, 24, 25)}) == ALL_INTENTS
