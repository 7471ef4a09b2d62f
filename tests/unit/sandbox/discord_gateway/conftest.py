"""A world, its gateway on a real socket, and a raw gateway client."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sandbox.discord.acts.setup import populate
from sandbox.discord.gateway.server import Gateway
from sandbox.discord.state.records import User
from sandbox.discord.state.world import WorldState
from sandbox.discord.traffic.buckets import Limits

GUILDS_AND_MESSAGES = 1 << 0 | 1 << 9 | 1 << 12
DEADLINE_S = 45.0


@dataclass(slots=True)
class FakeClock:
    """A clock that stands still until it is moved; Unix seconds."""

    now: float = 1_750_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class GatewayClient:
    """Speaks the gateway's protocol and checks nothing."""

    ws: aiohttp.ClientWebSocketResponse
    inflater: Any = None
    frames: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, op: int, data: object = None) -> None:
        await self.ws.send_str(json.dumps({"op": op, "d": data}))

    async def receive(self) -> dict[str, Any]:
        """Return the next frame; fails where the connection closes."""
        message = await self.ws.receive(timeout=DEADLINE_S)
        if message.type is aiohttp.WSMsgType.BINARY:
            text = self.inflater.decompress(message.data).decode()
        else:
            assert message.type is aiohttp.WSMsgType.TEXT, f"closed with {self.ws.close_code}"
            text = message.data
        frame: dict[str, Any] = json.loads(text)
        self.frames.append(frame)
        return frame

    async def until(self, name: str | int) -> dict[str, Any]:
        """Return the next dispatch of this name, or the next frame of this opcode."""
        while True:
            frame = await self.receive()
            if frame["t"] == name or (frame["op"] == name and not isinstance(name, str)):
                return frame

    async def close_code(self) -> int | None:
        """Return the code that the server closes with; frames before it are dropped."""
        while not self.ws.closed:
            message = await self.ws.receive(timeout=DEADLINE_S)
            if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR):
                break
        return self.ws.close_code

    async def identify(self, token: str, intents: int = GUILDS_AND_MESSAGES, **more: object) -> dict[str, Any]:
        """Identify and return READY's data."""
        await self.send(2, {"token": token, "intents": intents, "properties": {"os": "linux"}, **more})
        ready = await self.until("READY")
        data: dict[str, Any] = ready["d"]
        return data

    async def quiet(self) -> list[str]:
        """Return the names of the events that are under way, by asking for a heartbeat's acknowledgement."""
        await self.send(1, None)
        names: list[str] = []
        while True:
            frame = await self.receive()
            if frame["op"] == 11:
                return names
            names.append(frame["t"])


class Connect(Protocol):
    """Opens a client's connection; HELLO is read."""

    def __call__(self, query: str = ...) -> Awaitable[GatewayClient]: ...


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
