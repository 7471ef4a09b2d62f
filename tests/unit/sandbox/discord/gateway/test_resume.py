"""Sessions beyond their connection: resuming, what invalidates them, disturbances, and slow readers."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.discord.gateway.connection import PENDING_LIMIT
from sandbox.discord.gateway.server import RESUME_WINDOW_S, SESSIONS_LIMIT, Disturbance, Gateway
from sandbox.discord.gateway.session import REPLAY_LIMIT, Session, Shard
from sandbox.discord.state.events import Event
from sandbox.discord.state.world import WorldState
from tests.unit.sandbox.discord.gateway.client import Connect, FakeClock, GatewayClient


def publish(world: WorldState, *numbers: int) -> None:
    people = frozenset({world.bot.id})
    for number in numbers:
        world.publish(Event(t="INTERACTION_CREATE", d={"number": number}, people=people))


async def resume(client: GatewayClient, world: WorldState, session: str, sequence: int) -> None:
    await client.send(6, {"token": world.application.token, "session_id": session, "seq": sequence})


async def numbers_until_resumed(client: GatewayClient) -> list[int]:
    found = []
    while (frame := await client.receive())["t"] != "RESUMED":
        found.append(frame["d"]["number"])
    return found


async def start(world: WorldState, connect: Connect) -> tuple[GatewayClient, str, int]:
    """Return a client whose session is settled, with its id and sequence."""
    client = await connect()
    ready = await client.identify(world.application.token)
    await client.quiet()
    return client, ready["session_id"], client.frames[-2]["s"]


async def test_a_resumed_session_gets_what_it_missed_in_order(world: WorldState, connect: Connect) -> None:
    client, session, sequence = await start(world, connect)
    publish(world, 1)
    await client.until("INTERACTION_CREATE")
    await client.ws.close(code=4900)
    publish(world, 2, 3)
    again = await connect()
    await resume(again, world, session, sequence + 1)
    assert await numbers_until_resumed(again) == [2, 3]
    assert [frame["s"] for frame in again.frames[1:]] == [sequence + 2, sequence + 3, sequence + 4]
    publish(world, 4)
    assert (await again.until("INTERACTION_CREATE"))["d"] == {"number": 4}


async def test_the_old_connection_ends_when_its_client_resumes_on_a_new_one(
    world: WorldState, gateway: Gateway, connect: Connect
) -> None:
    client, session, sequence = await start(world, connect)
    again = await connect()
    await resume(again, world, session, sequence)
    await again.until("RESUMED")
    await client.close_code()
    assert client.ws.closed
    publish(world, 1)
    assert await again.quiet() == ["INTERACTION_CREATE"]
    assert len(gateway.sessions) == 1


async def test_a_close_by_the_gateway_leaves_the_session(world: WorldState, connect: Connect) -> None:
    client, session, sequence = await start(world, connect)
    await client.send(99, {})
    assert await client.close_code() == 4001
    again = await connect()
    await resume(again, world, session, sequence)
    assert await numbers_until_resumed(again) == []


@pytest.mark.parametrize("code", [1000, 1001])
async def test_a_clean_close_ends_the_session(world: WorldState, gateway: Gateway, connect: Connect, code: int) -> None:
    client, session, sequence = await start(world, connect)
    await client.ws.close(code=code)
    again = await connect()
    await resume(again, world, session, sequence)
    assert await again.receive() == {"op": 9, "d": False, "t": None, "s": None}
    assert gateway.sessions == ()


async def test_a_session_waits_a_bounded_time(world: WorldState, connect: Connect, clock: FakeClock) -> None:
    client, session, sequence = await start(world, connect)
    await client.ws.close(code=4900)
    clock.now += RESUME_WINDOW_S
    again = await connect()
    await resume(again, world, session, sequence)
    assert (await again.receive())["op"] == 9


async def test_an_unknown_session_is_invalid_and_identify_may_follow(world: WorldState, connect: Connect) -> None:
    client = await connect()
    await resume(client, world, "nonsense", 1)
    assert await client.receive() == {"op": 9, "d": False, "t": None, "s": None}
    assert (await client.identify(world.application.token))["v"] == 10


async def test_a_sequence_from_the_future_closes(world: WorldState, connect: Connect) -> None:
    client, session, sequence = await start(world, connect)
    await client.ws.close(code=4900)
    again = await connect()
    await resume(again, world, session, sequence + 1)
    assert await again.close_code() == 4007


@pytest.mark.parametrize("change", [{"session_id": 5}, {"seq": "1"}, {"seq": -1}, {"seq": None}, {"seq": True}])
async def test_a_malformed_resume_closes(world: WorldState, connect: Connect, change: dict[str, object]) -> None:
    client = await connect()
    data = {"token": world.application.token, "session_id": "x", "seq": 1}
    await client.send(6, data | change)
    assert await client.close_code() == 4002


async def test_too_far_behind_is_invalid(world: WorldState, connect: Connect) -> None:
    client, session, sequence = await start(world, connect)
    await client.ws.close(code=4900)
    again = await connect()
    publish(world, *range(REPLAY_LIMIT + 1))
    await resume(again, world, session, sequence)
    assert await again.receive() == {"op": 9, "d": False, "t": None, "s": None}


async def test_drop_cuts_without_a_close_frame_and_can_be_resumed(
    world: WorldState, gateway: Gateway, connect: Connect
) -> None:
    client, session, sequence = await start(world, connect)
    assert gateway.disturb(Disturbance.DROP) == 1
    assert await client.close_code() == 1006
    publish(world, 1)
    again = await connect()
    await resume(again, world, session, sequence)
    assert await numbers_until_resumed(again) == [1]


async def test_reconnect_is_asked_for(world: WorldState, gateway: Gateway, connect: Connect) -> None:
    client, session, sequence = await start(world, connect)
    gateway.disturb(Disturbance.RECONNECT)
    assert await client.receive() == {"op": 7, "d": None, "t": None, "s": None}
    await client.ws.close(code=4900)
    again = await connect()
    await resume(again, world, session, sequence)
    assert await numbers_until_resumed(again) == []


@pytest.mark.parametrize("resumable", [True, False])
async def test_a_session_is_declared_invalid(
    world: WorldState, gateway: Gateway, connect: Connect, resumable: bool
) -> None:
    client, session, sequence = await start(world, connect)
    gateway.disturb(Disturbance.INVALID_SESSION, resumable=resumable)
    assert await client.receive() == {"op": 9, "d": resumable, "t": None, "s": None}
    publish(world, 1)
    await resume(client, world, session, sequence)
    if resumable:
        assert await numbers_until_resumed(client) == [1]
    else:
        assert (await client.receive())["op"] == 9
        assert (await client.identify(world.application.token))["session_id"] != session


async def test_a_stalled_connection_is_silent_and_loses_nothing(
    world: WorldState, gateway: Gateway, connect: Connect
) -> None:
    client, session, sequence = await start(world, connect)
    gateway.disturb(Disturbance.STALL)
    publish(world, 1)
    await client.send(1, None)
    again = await connect()
    await resume(again, world, session, sequence)
    assert await numbers_until_resumed(again) == [1]
    assert await client.close_code() == 1006
    assert client.frames[-1]["op"] == 11
    assert len([frame for frame in client.frames if frame["op"] == 11]) == 1, "the second heartbeat had no answer"


async def test_replay_delivers_the_latest_events_again(world: WorldState, gateway: Gateway, connect: Connect) -> None:
    client, _, sequence = await start(world, connect)
    publish(world, 1, 2, 3)
    gateway.disturb(Disturbance.REPLAY, count=2)
    found = [await client.until("INTERACTION_CREATE") for _ in range(5)]
    assert [frame["d"]["number"] for frame in found] == [1, 2, 3, 2, 3]
    assert [frame["s"] for frame in found] == [sequence + number for number in range(1, 6)]


async def test_reset_ends_every_session(world: WorldState, gateway: Gateway, connect: Connect) -> None:
    client, _, _ = await start(world, connect)
    gateway.reset()
    assert await client.close_code() == 1006
    assert gateway.sessions == ()


async def test_sessions_are_bounded(world: WorldState, gateway: Gateway, connect: Connect) -> None:
    client, first, _ = await start(world, connect)
    for _ in range(SESSIONS_LIMIT):
        other = await connect()
        await other.identify(world.application.token, intents=0)
        await other.ws.close(code=4900)
    assert len(gateway.sessions) == SESSIONS_LIMIT
    assert first not in {session.id for session in gateway.sessions}
    assert await client.close_code() == 1006


async def test_a_reader_that_is_too_slow_is_cut(world: WorldState, gateway: Gateway, connect: Connect) -> None:
    client, session, _ = await start(world, connect)
    publish(world, *range(PENDING_LIMIT + 1))
    assert await client.close_code() == 1006
    assert [one.id for one in gateway.sessions] == [session]


def test_a_session_keeps_a_bounded_past() -> None:
    session = Session(id="s", bot_id=1, token="t", intents=0, shard=Shard())
    for number in range(REPLAY_LIMIT + 5):
        session.dispatch("X", str(number))
    assert session.missed_since(session.sequence) == []
    assert session.missed_since(session.sequence - 1) == [
        f'{{"t":"X","s":{REPLAY_LIMIT + 5},"op":0,"d":{REPLAY_LIMIT + 4}}}'
    ]
    assert len(session.missed_since(5) or []) == REPLAY_LIMIT
    assert session.missed_since(4) is None


async def test_listeners_hear_of_sessions_and_disturbances(
    world: WorldState, gateway: Gateway, connect: Connect
) -> None:
    heard: list[tuple[str, int]] = []
    lost = asyncio.Event()

    def note(what: str) -> None:
        heard.append((what, gateway.connected))
        if what == "lost":
            lost.set()

    gateway.listen(note)
    _client, session, sequence = await start(world, connect)
    gateway.disturb(Disturbance.DROP)
    async with asyncio.timeout(45):
        await lost.wait()
    again = await connect()
    await resume(again, world, session, sequence)
    await again.until("RESUMED")
    assert heard == [("identified", 1), ("drop", 1), ("lost", 0), ("resumed", 1)]
