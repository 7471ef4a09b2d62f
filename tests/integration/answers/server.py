"""An endpoint that writes exactly the bytes it is told, at the told moments, and pictures beside it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image

_PICTURE = re.compile(rb"GET (?P<path>/pic/(?P<width>\d+)x(?P<height>\d+)\S*) ")
_ANY_PICTURE = re.compile(rb"^accept:[^\r]*(?:image/\*|image/avif)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Gap:
    """Send nothing for so many seconds of the report's time."""

    seconds: float


class Abort:
    """Drop the connection with a TCP reset."""


class Hold:
    """Leave the connection open and send nothing more."""


Step = bytes | Gap | Abort | Hold | asyncio.Event
"""An event is waited for."""
Script = Sequence[Step]
Reaction = Callable[[Any], Script]
"""What is answered to a request, by its body."""
BASE = "http://127.0.0.1:00000"
"""In scripts the server's own address, as long as that is: ports that are handed out have five digits."""


@cache
def picture_of(width: int, height: int, form: str = "PNG") -> bytes:
    """Make a picture that is known by its size."""
    out = BytesIO()
    Image.new("RGB", (width, height), (width % 256, height % 256, 90)).save(out, form)
    return out.getvalue()


class ByteServer:
    """Answers each POST with the next script, the last one again and again; ``/pic/<w>x<h>`` are pictures.

    ``/pic/…?picky`` is refused unless a browser asks, ``/pic/…?offer`` is AVIF where any kind of picture is taken, and
    ``/pic/…?moved`` is elsewhere.
    Gaps pass ``speed`` times as fast as they are written. ``bodies`` are the requests as they came, ``fetched`` the
    paths of the pictures that were asked for.
    """

    def __init__(self, scripts: Sequence[Script | Reaction], *, speed: float = 1.0) -> None:
        self.bodies: list[Any] = []
        self.fetched: list[str] = []
        self.port = 0
        self._scripts = list(scripts)
        self._speed = speed
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def base(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def open(self) -> int:
        """How many connections there are."""
        return len(self._tasks)

    @property
    def calls(self) -> int:
        """How many requests came to the endpoint."""
        return len(self.bodies)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[ByteServer]:
        """Listen while inside."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._talk(reader, writer)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if picture := _PICTURE.match(head):
            self.fetched.append(picture["path"].decode())
            data, status = picture_of(int(picture["width"]), int(picture["height"])), 200
            if b"?picky" in picture["path"] and b"user-agent: mozilla/5.0" not in head.lower():
                data, status = b"", 403
            if b"?offer" in picture["path"] and _ANY_PICTURE.search(head):
                data = b"\0\0\0\x1cftypavif\0\0\0\0"
            lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(data)}", "Connection: close", "", ""]
            if b"?moved" in picture["path"]:
                lines[:1] = ["HTTP/1.1 302 X", f"Location: {picture['path'].decode().partition('?')[0]}"]
            writer.write("\r\n".join(lines).encode() + data)
            return
        if not head.startswith(b"POST "):
            self.fetched.append(head.split(b" ")[1].decode())
            writer.write(b"HTTP/1.1 404 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        self.bodies.append(json.loads(await reader.readexactly(length)))
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        for step in script(self.bodies[-1]) if callable(script) else script:
            match step:
                case bytes():
                    writer.write(step.replace(BASE.encode(), self.base.encode()))
                    await writer.drain()
                case Gap():
                    await asyncio.sleep(step.seconds / self._speed)
                case asyncio.Event():
                    await step.wait()
                case Hold():
                    await reader.read()
                    return
                case Abort():
                    reset(writer)
                    return


def reset(writer: asyncio.StreamWriter) -> None:
    """Drop a connection so that the other side sees a reset."""
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
