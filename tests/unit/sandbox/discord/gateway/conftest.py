"""A world, its gateway on a real socket, and a raw gateway client."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sandbox.discord.acts.setup import populate
from sandbox.discord.gateway.server import Gateway
from sandbox.discord.state.records import User
from sandbox.discord.state.world import WorldState
from sandbox.discord.traffic.buckets import Limits
from tests.unit.sandbox.discord.gateway.client import FakeClock, GatewayClient


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def world(clock: FakeClock) -> WorldState:
    world = WorldState(clock=clock)
    populate(world)
    return world


@pytest.fixture
def alice(world: WorldState) -> User:
    return world.person("alice")


@pytest.fixture
def limits() -> Limits:
    return Limits()


@pytest.fixture
async def gateway(world: WorldState, clock: FakeClock, limits: Limits) -> AsyncIterator[Gateway]:
    gateway = Gateway(world, clock=clock, limits=limits)
    gateway.open()
    yield gateway
    gateway.close()


@pytest.fixture
async def connect(gateway: Gateway) -> AsyncIterator[Callable[[str], Awaitable[GatewayClient]]]:
    app = web.Application()
    app.add_routes([web.get("/gateway", gateway.handle)])
    server = TestServer(app)
    # Held until they are closed: one that is collected before that warns of its connection.
    sockets: list[aiohttp.ClientWebSocketResponse[bool]] = []
    async with server, aiohttp.ClientSession() as http:

        async def connect(query: str = "v=10&encoding=json") -> GatewayClient:
            ws = await http.ws_connect(f"{server.make_url('/gateway')}?{query}")
            sockets.append(ws)
            inflater = zlib.decompressobj() if "zlib-stream" in query else None
            client = GatewayClient(ws, inflater)
            if "v=10" in query and "etf" not in query:
                hello = await client.receive()
                assert hello["op"] == 10
            return client

        yield connect
        gateway.close()
        for socket in sockets:
            await socket.close()
