"""A server of raw bytes on a real socket, told what to answer; a clock that is turned; requests to send."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import struct
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.domain.model.events import ModelEvent
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.ports import ChatModel
from bot.domain.model.request import Mode, ModelRequest, Sampling
from bot.domain.picture.parameters import DrawingParameters

KEY = "sk-very-secret-0123456789"
MIAOHUA = "miaohua-secret-9876543210"
FUZZ_FACTOR = int(os.environ.get("FUZZ_FACTOR", "1"))
"""How many times the usual number of examples the tests of hostile input try; CI fuzzes with more."""
PROMPT = "a prompt that no log may hold"


class Reset:
    """Drop the connection with a TCP reset."""


class Stall:
    """Send nothing more until the client goes away."""


class Wait:
    """Go on when the test sets the event."""

    def __init__(self) -> None:
        self.event = asyncio.Event()


Step = bytes | Reset | Stall | Wait


@dataclass
class Received:
    """A request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class RawServer:
    """Answers each connection with the next script; the last one again and again."""

    scripts: list[Sequence[Step]] = field(default_factory=list)
    requests: list[Received] = field(default_factory=list)
    connections: int = 0
    awaited: int = 0
    full: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, *scripts: Sequence[Step]) -> None:
        self.scripts = list(scripts)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        if self.connections == self.awaited:
            self.full.set()
        try:
            try:
                await self._talk(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                self.gone.set()
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        finally:
            writer.transport.abort()  # if the server was stopped meanwhile
            self._tasks.discard(task)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *rest = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (item.partition(": ") for item in rest)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.requests.append(Received(line, headers, body))
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        for step in script:
            if isinstance(step, Wait):
                await step.event.wait()
            elif not await self.take(step, reader, writer):
                return

    async def take(
        self, step: bytes | Reset | Stall, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Do one step of a script; False if the connection is gone with it."""
        match step:
            case bytes():
                writer.write(step)
                await writer.drain()
            case Stall():
                await reader.read()
                self.gone.set()
            case Reset():
                sock: socket.socket = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
                return False
        return True


def http(
    body: bytes | str | object,
    *,
    status: int = 200,
    content_type: str = "application/json",
    headers: Sequence[str] = (),
) -> bytes:
    """Write a whole answer with its length."""
    data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {content_type}", f"Content-Length: {len(data)}", *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + data


def opening(content_type: str = "text/event-stream") -> bytes:
    """Write the head of a chunked answer."""
    return (
        f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    ).encode()


def chunk(data: bytes | str) -> bytes:
    """Write one chunk; an empty one ends the body."""
    data = data.encode() if isinstance(data, str) else data
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def sse(*objects: object) -> bytes:
    """Write server-sent events; a string is sent as it is."""
    return b"".join(
        f"data: {item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)}\n\n".encode()
        for item in objects
    )


def streamed(*pieces: bytes) -> list[Step]:
    """Write a whole chunked answer, a chunk for each piece."""
    return [opening(), *(chunk(piece) for piece in pieces), chunk(b"")]


@dataclass
class FakeClock:
    """Time that only moves when somebody sleeps."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    on_sleep: Callable[[], Awaitable[None]] | None = None

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, delay_s: float) -> None:
        self.slept.append(delay_s)
        self.seconds += delay_s
        if self.on_sleep is not None:
            await self.on_sleep()


def ask(
    content: str = PROMPT,
    *,
    mode: Mode = Mode.CHAT,
    draw: bool = True,
    persona: str = "",
    sampling: Sampling | None = None,
    drawing: DrawingParameters | None = None,
    certain: bool = False,
) -> ModelRequest:
    """Make a request with one message."""
    return ModelRequest(
        mode=mode,
        messages=(PromptMessage(role=Role.USER, content=content),),
        persona=persona,
        user_key="u-1",
        draw=draw,
        sampling=sampling or Sampling(),
        drawing=drawing or DrawingParameters(),
        certain=certain,
    )


async def collect(model: ChatModel, request: ModelRequest) -> list[ModelEvent]:
    """Read a stream to its end."""
    async with model.stream(request) as events:
        return [event async for event in events]


async def warm_up(model: ChatModel, server: RawServer) -> None:
    """Let a model of chat completions answer well once: a refusal that names nothing is then the question's."""
    if model.capabilities.intent_check:
        return
    server.answer([http({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]})])
    await collect(model, ask("hi"))
    server.connections = 0
    server.requests.clear()
