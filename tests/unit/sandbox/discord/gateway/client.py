"""A raw client of the gateway, and a clock that the test sets."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp

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
