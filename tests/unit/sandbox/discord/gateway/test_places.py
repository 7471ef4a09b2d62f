"""What the gateway tells of places that a bot may not see, of threads, and of events that come late."""

from __future__ import annotations

import pytest

from sandbox.discord.acts import membership
from sandbox.discord.acts.channels import publish_channel
from sandbox.discord.acts.messages import create_message
from sandbox.discord.acts.permissions import change_permissions, time_out
from sandbox.discord.acts.threads import start_thread
from sandbox.discord.bodies.message import Draft
from sandbox.discord.gateway.server import Gateway
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.records import Channel, User
from sandbox.discord.state.world import WorldState
from tests.unit.sandbox.discord.gateway.client import GUILDS_AND_MESSAGES, Connect, GatewayClient

MEMBERS = 1 << 1


@pytest.fixture
async def client(world: WorldState, connect: Connect) -> GatewayClient:
    client = await connect()
    await client.identify(world.application.token)
    await client.quiet()
    return client


@pytest.fixture
def general(world: WorldState) -> Channel:
    return world.channel("general")


def hide(world: WorldState, channel: Channel) -> None:
    change_permissions(world, world.guild(), channel=channel, member=world.bot, deny=Permission.VIEW_CHANNEL)


def say(world: WorldState, author: User, channel: Channel) -> None:
    create_message(world, author, channel, Draft(content="words"))


async def test_a_channel_that_is_hidden_now_is_told_of_veiled_and_nothing_in_it(
    world: WorldState, client: GatewayClient, general: Channel, alice: User
) -> None:
    hide(world, general)
    told = (await client.until("CHANNEL_UPDATE"))["d"]
    assert (told["name"], told["id"]) == ("___hidden___", str(general.id))
    say(world, alice, general)
    start_thread(world, alice, general, "talk")
    publish_channel(world, "CHANNEL_UPDATE", general)
    assert await client.quiet() == ["CHANNEL_UPDATE"]
    assert client.frames[-2]["d"]["name"] == "___hidden___"


async def test_a_channel_that_is_shown_again_is_told_of_in_full(
    world: WorldState, client: GatewayClient, general: Channel
) -> None:
    hide(world, general)
    await client.quiet()
    change_permissions(world, world.guild(), channel=general, member=world.bot, allow=Permission.VIEW_CHANNEL)
    assert (await client.until("CHANNEL_UPDATE"))["d"]["name"] == "general"
    assert (await client.until("THREAD_LIST_SYNC"))["d"]["channel_ids"] == [str(general.id)]


async def test_a_voice_chat_without_connect_is_seen_and_silent(
    world: WorldState, client: GatewayClient, alice: User
) -> None:
    lounge = world.channel("lounge")
    change_permissions(world, world.guild(), channel=lounge, member=world.bot, deny=Permission.CONNECT)
    assert (await client.until("CHANNEL_UPDATE"))["d"]["name"] == "lounge"
    say(world, alice, lounge)
    assert await client.quiet() == []


async def test_a_bot_hears_of_its_own_membership_of_threads_alone(
    world: WorldState, client: GatewayClient, connect: Connect, general: Channel, alice: User
) -> None:
    reading = await connect()
    await reading.identify(world.application.token, intents=GUILDS_AND_MESSAGES | MEMBERS)
    await reading.quiet()
    thread = start_thread(world, alice, general, "talk")
    membership.join_thread(world, world.person("bob"), thread)
    assert await client.quiet() == ["THREAD_CREATE", "MESSAGE_CREATE"]
    assert await reading.quiet() == ["THREAD_CREATE", "MESSAGE_CREATE", "THREAD_MEMBERS_UPDATE"]
    membership.join_thread(world, world.bot, thread)
    assert await client.quiet() == ["THREAD_MEMBERS_UPDATE", "THREAD_CREATE"]


async def test_a_timed_out_bot_hears_of_it_whatever_its_intents(world: WorldState, client: GatewayClient) -> None:
    time_out(world, world.guild(), world.bot, world.clock() + 60)
    told = (await client.until("GUILD_MEMBER_UPDATE"))["d"]
    assert told["communication_disabled_until"] is not None


async def test_an_event_that_is_held_comes_behind_later_ones(
    world: WorldState, client: GatewayClient, gateway: Gateway, general: Channel, alice: User
) -> None:
    gateway.hold("THREAD_CREATE", after=2, times=1)
    thread = start_thread(world, alice, general, "talk")
    say(world, alice, thread)
    assert await client.quiet() == ["MESSAGE_CREATE", "MESSAGE_CREATE", "THREAD_CREATE"]
    start_thread(world, alice, general, "again")
    assert await client.quiet() == ["THREAD_CREATE", "MESSAGE_CREATE"]


async def test_an_event_that_is_held_for_good_comes_when_it_is_let_go(
    world: WorldState, client: GatewayClient, gateway: Gateway, general: Channel, alice: User
) -> None:
    gateway.hold("THREAD_CREATE", "CHANNEL_UPDATE", after=None)
    thread = start_thread(world, alice, general, "talk")
    for _ in range(3):
        say(world, alice, thread)
    publish_channel(world, "CHANNEL_UPDATE", general)
    assert "THREAD_CREATE" not in await client.quiet()
    assert [one.t for one in gateway.held] == ["THREAD_CREATE", "CHANNEL_UPDATE"]
    assert gateway.release() == 2
    publish_channel(world, "CHANNEL_UPDATE", general)
    assert await client.quiet() == ["THREAD_CREATE", "CHANNEL_UPDATE", "CHANNEL_UPDATE"]


async def test_a_guild_goes_and_comes_back(
    world: WorldState, client: GatewayClient, connect: Connect, gateway: Gateway
) -> None:
    gateway.outage(world.guild())
    told = (await client.until("GUILD_DELETE"))["d"]
    assert told == {"id": str(world.guild().id), "unavailable": True}
    late = await connect()
    await late.identify(world.application.token)
    assert (await late.until("GUILD_DELETE"))["d"] == told
    gateway.outage(world.guild(), over=True)
    created = (await client.until("GUILD_CREATE"))["d"]
    assert created["id"] == told["id"]
    assert [one["user"]["id"] for one in created["members"]] == [str(world.bot.id)]
