"""An endpoint that writes exactly the bytes it is told, at the told moments, and pictures beside it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image

from tests.unit.providers.servers import RawServer, Reset, Stall

_PICTURE = re.compile(rb"GET (?P<path>/pic/(?P<width>\d+)x(?P<height>\d+)\S*) ")
_ANY_PICTURE = re.compile(rb"^accept:[^\r]*(?:image/\*|image/avif)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Gap:
    """Send nothing for so many seconds of the report's time."""

    seconds: float


Step = bytes | Gap | Reset | Stall | asyncio.Event
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


class ByteServer(RawServer):
    """Answers each POST with the next script, the last one again and again; ``/pic/<w>x<h>`` are pictures.

    ``/pic/…?picky`` is refused unless a browser asks, ``/pic/…?offer`` is AVIF where any kind of picture is taken, and
    ``/pic/…?moved`` is elsewhere.
    Gaps pass ``speed`` times as fast as they are written. ``bodies`` are the requests as they came, ``fetched`` the
    paths of the pictures that were asked for.
    """

    def __init__(self, scripts: Sequence[Script | Reaction], *, speed: float = 1.0) -> None:
        super().__init__()
        self.bodies: list[Any] = []
        self.fetched: list[str] = []
        self._scripts = list(scripts)
        self._speed = speed

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
        await self.start()
        try:
            yield self
        finally:
            await self.stop()

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
                case Gap():
                    await asyncio.sleep(step.seconds / self._speed)
                case asyncio.Event():
                    await step.wait()
                case _:
                    told = step.replace(BASE.encode(), self.base.encode()) if isinstance(step, bytes) else step
                    if not await self.take(told, reader, writer):
                        return
