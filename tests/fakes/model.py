"""A model that says what a test tells it to, and a source of pictures without a network."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager

from bot.domain.model.events import ModelEvent
from bot.domain.model.ports import Capabilities
from bot.domain.model.request import ModelRequest
from bot.domain.picture.files import Picture, PictureFormat
from bot.domain.picture.ports import Errand
from bot.errors import ProviderError

Step = ModelEvent | float | asyncio.Event | Exception
"""An event, seconds to wait, something to wait for, or an error that is raised against the port's contract."""


class FakeModel:
    """Fulfils ``ChatModel``; ``script`` queues what the next requests get. ``requests`` holds what was asked."""

    capabilities = Capabilities(intent_check=True, pictures_per_call=1, drawing_fields=frozenset({"model", "size"}))

    def __init__(self) -> None:
        self.requests: list[ModelRequest] = []
        self.open_streams = 0
        self._scripts: deque[tuple[Step, ...]] = deque()

    def script(self, *steps: Step) -> None:
        """Queue one answer."""
        self._scripts.append(steps)

    @asynccontextmanager
    async def stream(self, request: ModelRequest) -> AsyncIterator[AsyncIterator[ModelEvent]]:
        self.requests.append(request)
        self.open_streams += 1
        events = self._events(self._scripts.popleft())
        try:
            yield events
        finally:
            self.open_streams -= 1
            await events.aclose()

    async def _events(self, steps: Iterable[Step]) -> AsyncGenerator[ModelEvent, None]:
        for step in steps:
            if isinstance(step, asyncio.Event):
                await step.wait()
            elif isinstance(step, float | int):
                await asyncio.sleep(step)
            elif isinstance(step, Exception):
                raise step
            else:
                yield step


def picture(data: bytes = b"picture", *, reduced: bool = False) -> Picture:
    """Make a picture that was checked."""
    return Picture(data=data, format=PictureFormat.PNG, width=64, height=64, reduced=reduced)


class FakePictures:
    """Fulfils ``PictureSource``; ``failing`` set to an error makes every call raise it."""

    def __init__(self) -> None:
        self.fetched: list[tuple[str, int]] = []
        self.errands: list[Errand] = []
        self.accepted: list[tuple[bytes, int]] = []
        self.failing: ProviderError | None = None

    async def fetch(self, url: str, *, limit_bytes: int, errand: Errand) -> Picture:
        self.fetched.append((url, limit_bytes))
        self.errands.append(errand)
        if self.failing is not None:
            raise self.failing
        return picture(url.encode())

    async def accept(self, data: bytes, *, limit_bytes: int, errand: Errand) -> Picture:
        self.accepted.append((data, limit_bytes))
        if self.failing is not None:
            raise self.failing
        return picture(data)
