"""Has pictures looked at in processes of their own, which no picture can hold up, fill or outlive.

A process is started when a picture comes, kept for the next one, and ended when none has come for a while.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Hashable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from bot.domain.picture.files import Picture, PictureFormat
from bot.errors import ErrorKind, ProviderError
from bot.providers.picture.bench.frames import Request
from bot.providers.picture.containers.stripped import MAX_PIXELS
from bot.providers.picture.formats import measure
from bot.providers.picture.gate import Bounds, Gate
from bot.providers.picture.worker import Source, Worker

logger = logging.getLogger(__name__)

LOOK: Final = "bot.providers.picture.check:check_picture"
_MIB: Final = 1024 * 1024
_PIXEL_BYTES: Final = {PictureFormat.PNG: 4, PictureFormat.GIF: 4, PictureFormat.JPEG: 12, PictureFormat.WEBP: 16}
"""What a decoder may hold for a pixel: all coefficients of a progressive JPEG, two canvases and a copy of a WebP."""
_HEAD_BYTES: Final = 64 * 1024
_PIXELS_A_CPU_SECOND: Final = 4_000_000
"""A quarter of what one core of a virtual Intel Xeon does when it makes one smaller (``benchmarks.pictures``)."""


class PictureChecker(Protocol):
    """Looks at pictures."""

    async def check(
        self, source: Source, *, limit_bytes: int, guild: Hashable = None, asker: Hashable = None
    ) -> Picture:
        """Prove that bytes are a picture; see ``Workshop.check``."""

    def leave(self) -> None:
        """Take no more pictures, and be done with those that have come in some seconds."""


GATE: Final = Bounds(places=2, budget=224 * _MIB, small=32 * _MIB, waiting=500, wait_s=60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What looking at pictures may take.

    ``cpu_s`` is the time of the processor that the smallest picture may take (each pixel adds to it), ``wall_s`` the
    deadline of a picture that is looked at. ``idle_s`` is how long a process is kept for the next picture, ``leave_s``
    how long pictures may still take once the bot is told to stop.
    """

    gate: Bounds = GATE
    cpu_s: int = 3
    wall_s: int = 30
    idle_s: float = 60.0
    leave_s: float = 2.0
    max_pixels: int = MAX_PIXELS


class Workshop:
    """Looks at pictures, at most two at once, large ones one by one. ``close`` it in the end."""

    def __init__(self, *, look: str = LOOK, limits: Limits | None = None) -> None:
        self._look = look
        self._limits = limits or Limits()
        self._gate = Gate(self._limits.gate)
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._endings: set[asyncio.Task[None]] = set()
        self._resting: asyncio.TimerHandle | None = None
        self._leaving: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def pids(self) -> frozenset[int]:
        """Tell the numbers of the processes there are."""
        return frozenset(worker.pid for worker in (*self._idle, *self._busy))

    async def check(
        self, source: Source, *, limit_bytes: int, guild: Hashable = None, asker: Hashable = None
    ) -> Picture:
        """Prove that bytes are a picture and return it without metadata, at most ``limit_bytes`` long.

        ``guild`` and ``asker`` say for whom, and take turns. Raises ``ProviderError``: ``picture_fetch`` if it is none,
        ``too_large``, ``picture_busy`` if too many come at once, ``picture_slow`` if it takes too long,
        ``cancelled`` once closed; ``OSError`` if the source can't be read.
        """
        pixels, pixel_bytes = await self._measured(source)
        async with self._gate.hold(source.size_bytes + pixels * pixel_bytes, guild=guild, asker=asker):
            request = Request(
                length=source.size_bytes,
                limit_bytes=limit_bytes,
                max_pixels=self._limits.max_pixels,
                cpu_s=self._limits.cpu_s + pixels // _PIXELS_A_CPU_SECOND,
            )
            try:
                async with self._worker() as worker, asyncio.timeout(self._limits.wall_s):
                    return await worker.look(source, request)
            except TimeoutError as error:
                raise ProviderError(ErrorKind.PICTURE_SLOW, "a picture took longer than it may") from error
            except ProviderError as error:
                if self._closed:
                    raise ProviderError(ErrorKind.CANCELLED, "the bot is stopping") from error
                raise

    def leave(self) -> None:
        """Look at what has come for some seconds more and at nothing else: the bot is about to close."""
        self._gate.close()
        if self._leaving is None:
            self._leaving = asyncio.get_running_loop().call_later(self._limits.leave_s, self._kill)

    async def close(self) -> None:
        """End all processes at once; what they look at ends with ``cancelled``. Idempotent."""
        self._gate.close()
        for timer in (self._resting, self._leaving):
            if timer is not None:
                timer.cancel()
        self._kill()
        if self._endings:
            await asyncio.wait(self._endings)

    def _kill(self) -> None:
        self._closed = True
        for worker in self._busy:
            worker.kill()
        self._rest()

    async def _measured(self, source: Source) -> tuple[int, int]:
        """Tell how many pixels the first bytes promise, as many as may be if they don't say, and the bytes of each."""
        async with aclosing(source.pieces()) as pieces:
            head = await anext(pieces, b"")
        seen = measure(bytes(head[:_HEAD_BYTES]))
        if seen is None:
            return self._limits.max_pixels, max(_PIXEL_BYTES.values())
        return min(seen.width * seen.height, self._limits.max_pixels), _PIXEL_BYTES[seen.format]

    @asynccontextmanager
    async def _worker(self) -> AsyncIterator[Worker]:
        """Lend a process; one that was interrupted or has died is replaced when the next picture comes."""
        worker = await self._ready()
        self._busy.add(worker)
        try:
            yield worker
        except ProviderError:
            self._take_back(worker)
            raise
        except BaseException:
            worker.kill()
            self._take_back(worker)
            raise
        else:
            self._take_back(worker)

    async def _ready(self) -> Worker:
        while self._idle:
            if (worker := self._idle.pop()).alive:
                return worker
            self._end(worker)
        try:
            worker = await Worker.start(self._look, wall_s=self._limits.wall_s)
        except OSError as error:
            logger.error("no process could be started to look at a picture: %s", error)  # noqa: TRY400  # the error says all
            raise ProviderError(ErrorKind.PICTURE_FETCH, "no process to look at the picture") from error
        if self._closed:
            self._end(worker)
            raise ProviderError(ErrorKind.CANCELLED, "the bot is stopping")
        return worker

    def _take_back(self, worker: Worker) -> None:
        self._busy.discard(worker)
        if self._closed or not worker.alive:
            self._end(worker)
            return
        self._idle.append(worker)
        if self._resting is not None:
            self._resting.cancel()
        self._resting = asyncio.get_running_loop().call_later(self._limits.idle_s, self._rest)

    def _rest(self) -> None:
        """End the processes that have nothing to do."""
        idle, self._idle = self._idle, []
        for worker in idle:
            self._end(worker)

    def _end(self, worker: Worker) -> None:
        worker.kill()
        task = asyncio.create_task(worker.ended(), name=f"bench-{worker.pid}")
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)
