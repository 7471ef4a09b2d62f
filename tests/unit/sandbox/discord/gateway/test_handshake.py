"""HELLO, IDENTIFY, READY, heartbeats, and every close code."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.discord.gateway.server import Gateway
from sandbox.discord.state.records import Guild
from sandbox.discord.state.world import WorldState
from sandbox.discord.traffic.buckets import Limits
from tests.unit.sandbox.discord.gateway.client import GUILDS_AND_MESSAGES, Connect, FakeClock


async def test_ready_comes_first_and_then_each_guild(world: WorldState, connect: Connect) -> None:
    client = await connect()
    assert client.frames[0]["d"]["heartbeat_interval"] == 41_250

    ready = await client.identify(world.application.token)

    assert ready["v"] == 10
    assert ready["user"]["id"] == str(world.bot.id)
    assert ready["user"]["mfa_enabled"] is True
    assert ready["application"] == {"id": str(world.application.id), "flags": world.application.flags}
    assert ready["session_type"] == "normal"
    assert ready["resume_gateway_url"].startswith("ws://127.0.0.1:")
    assert ready["guilds"] == [{"id": str(one), "unavailable": True} for one in world.guilds]
    created = [(await client.until("GUILD_CREATE"))["d"]["id"] for _ in world.guilds]
    assert created == [str(one) for one in world.guilds]
    assert [frame["s"] for frame in client.frames[1:]] == [1, 2, 3]


async def test_a_heartbeat_is_acknowledged_before_and_after_identify(world: WorldState, connect: Connect) -> None:
    client = await connect()
    await client.send(1, None)
    assert (await client.receive())["op"] == 11
    await client.identify(world.application.token)
    await client.send(1, 1)
    assert (await client.until(11))["op"] == 11


async def test_zlib_stream_carries_the_same_frames(world: WorldState, connect: Connect) -> None:
    client = await connect("v=10&encoding=json&compress=zlib-stream")
    ready = await client.identify(world.application.token)
    assert ready["user"]["username"] == "Fusion"
    assert (await client.until("GUILD_CREATE"))["d"]["name"] == "Fusion Lab"


async def test_an_unknown_compression_gets_plain_text(world: WorldState, connect: Connect) -> None:
    client = await connect("v=10&encoding=json&compress=zstd-stream")
    assert (await client.identify(world.application.token))["v"] == 10


async def test_without_the_guilds_intent_no_guild_is_created(world: WorldState, connect: Connect) -> None:
    client = await connect()
    ready = await client.identify(world.application.token, intents=0)
    assert len(ready["guilds"]) == 2
    assert await client.quiet() == []


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("no json", 4002),
        (json.dumps([1]), 4002),
        (json.dumps({"op": "1"}), 4002),
        (json.dumps({"op": True}), 4002),
        (json.dumps({"op": 1, "d": "x" * 5000}), 4002),
        ("[" * 4000, 4002),
        (json.dumps({"op": 1, "d": "x"}), 4002),
        (json.dumps({"op": 99, "d": {}}), 4001),
        (json.dumps({"op": 0, "d": {}}), 4001),
        (json.dumps({"op": 3, "d": {"status": "online"}}), 4003),
        (json.dumps({"op": 8, "d": {"guild_id": "1"}}), 4003),
        (json.dumps({"op": 2, "d": None}), 4002),
        (json.dumps({"op": 6, "d": {"token": "x", "session_id": "y", "seq": 1}}), 4004),
    ],
)
async def test_malformed_frames_close_the_connection(connect: Connect, sent: str, code: int) -> None:
    client = await connect()
    await client.ws.send_str(sent)
    assert await client.close_code() == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"token": None}, 4004),
        ({"properties": None}, 4002),
        ({"large_threshold": 10}, 4002),
        ({"presence": {"status": "asleep"}}, 4002),
        ({"presence": {"activities": [{}]}}, 4002),
        ({"presence": "online"}, 4002),
        ({"shard": [1, 1]}, 4010),
        ({"shard": [0, 0]}, 4010),
        ({"shard": "0"}, 4010),
        ({"shard": [0]}, 4010),
        ({"shard": [False, True]}, 4010),
        ({"intents": None}, 4013),
        ({"intents": 1 << 40}, 4013),
        ({"intents": 1 << 17}, 4013),
        ({"intents": True}, 4013),
        ({"intents": 1 << 8}, 4014),
    ],
)
async def test_a_bad_identify_closes_the_connection(
    world: WorldState, connect: Connect, change: dict[str, Any], code: int
) -> None:
    client = await connect()
    data = {"token": world.application.token, "intents": GUILDS_AND_MESSAGES, "properties": {}}
    await client.send(2, data | change)
    assert await client.close_code() == code


async def test_a_token_with_the_word_bot_is_refused(world: WorldState, connect: Connect) -> None:
    client = await connect()
    await client.send(2, {"token": f"Bot {world.application.token}", "intents": 0, "properties": {}})
    assert await client.close_code() == 4004


async def test_message_content_has_to_be_granted(world: WorldState, connect: Connect) -> None:
    world.application.message_content_intent = False
    client = await connect()
    await client.send(2, {"token": world.application.token, "intents": 1 << 15, "properties": {}})
    assert await client.close_code() == 4014


async def test_a_second_identify_is_refused(world: WorldState, connect: Connect) -> None:
    client = await connect()
    await client.identify(world.application.token)
    await client.send(2, {"token": world.application.token, "intents": 0, "properties": {}})
    assert await client.close_code() == 4005


@pytest.mark.parametrize("query", ["v=6&encoding=json", "encoding=json", "v=ten"])
async def test_another_api_version_is_refused(connect: Connect, query: str) -> None:
    client = await connect(query)
    assert await client.close_code() == 4012


async def test_another_encoding_is_refused(connect: Connect) -> None:
    client = await connect("v=10&encoding=etf")
    assert await client.close_code() == 4002


async def test_many_guilds_need_shards(world: WorldState, connect: Connect) -> None:
    for number in range(2_501):
        guild = Guild(id=number + 1, name="many", owner_id=1)
        guild.members[world.bot.id] = next(iter(world.guilds.values())).members[world.bot.id]
        world.guilds[guild.id] = guild
    client = await connect()
    await client.send(2, {"token": world.application.token, "intents": 0, "properties": {}})
    assert await client.close_code() == 4011


async def test_120_payloads_a_minute_are_taken_and_no_more(
    world: WorldState, connect: Connect, clock: FakeClock
) -> None:
    client = await connect()
    for _ in range(120):
        await client.send(1, None)
    clock.now += 60.0
    await client.until(11)
    for _ in range(120):
        await client.send(1, None)
    await client.send(1, None)
    assert await client.close_code() == 4008


async def test_identifies_are_counted_by_the_day(world: WorldState, gateway: Gateway, connect: Connect) -> None:
    client = await connect()
    await client.identify(world.application.token)
    limit = gateway.session_start_limit(world.bot.id)
    assert limit == {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 16}


class TestPace:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(identify_every_s=5.0, max_concurrency=1)

    async def test_identifies_come_one_at_a_time(self, world: WorldState, connect: Connect, clock: FakeClock) -> None:
        first, second = await connect(), await connect()
        await first.identify(world.application.token)
        data = {"token": world.application.token, "intents": 0, "properties": {}}
        await second.send(2, data)
        assert await second.receive() == {"op": 9, "d": False, "t": None, "s": None}
        clock.now += 5.0
        await second.send(2, data)
        assert (await second.until("READY"))["s"] == 1


class TestSilence:
    @pytest.fixture
    async def gateway(self, world: WorldState, clock: FakeClock) -> Any:
        gateway = Gateway(world, clock=clock, heartbeat_interval_s=0.02)
        gateway.open()
        yield gateway
        gateway.close()

    async def test_a_client_without_heartbeats_is_closed(self, world: WorldState, connect: Connect) -> None:
        client = await connect()
        assert await client.close_code() == 4009
