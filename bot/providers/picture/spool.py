"""Bytes that come in faster than they can be looked at: little of them in memory, the rest in a file without a name."""

from __future__ import annotations

import asyncio
import io
import logging
import tempfile
from collections.abc import AsyncGenerator, Callable
from functools import partial
from typing import Final, Self, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")

IN_MEMORY_BYTES: Final = 1024 * 1024
PIECE_BYTES: Final = 1024 * 1024


class Spool:
    """Collects a download; ``async with`` takes its file away again.

    Where the system has no room for a file, all of it stays in memory.
    """

    def __init__(self) -> None:
        self.size_bytes = 0
        self._memory = bytearray()
        self._file: io.FileIO | None = None
        self._has_room = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    async def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self._memory += data
        self.size_bytes += len(data)
        if len(self._memory) >= IN_MEMORY_BYTES and self._has_room:
            try:
                await _in_thread(self._unload)
            except OSError as error:
                logger.warning("no room for what is downloaded, it stays in memory: %s", type(error).__name__)
                self._has_room = False

    async def read(self) -> bytes:
        """Return all of it. Raises ``OSError`` where the file can't be read."""
        return await _in_thread(self._whole) if self._file is not None else bytes(self._memory)

    async def pieces(self) -> AsyncGenerator[bytes | memoryview, None]:
        """Give all of it from the start, a piece at a time. Raises ``OSError`` where the file can't be read."""
        at = 0
        while self._file is not None and (piece := await _in_thread(partial(self._piece, at))):
            at += len(piece)
            yield piece
        for start in range(0, len(self._memory), PIECE_BYTES):
            yield bytes(self._memory[start : start + PIECE_BYTES])

    def _piece(self, at: int) -> bytes:
        if self._file is None:
            return b""
        self._file.seek(at)
        return self._file.read(PIECE_BYTES) or b""

    def _unload(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  # closed with the spool
        while self._memory:
            with memoryview(self._memory) as unwritten:
                written = self._file.write(unwritten)
            del self._memory[:written]

    def _whole(self) -> bytes:
        if self._file is None:
            return bytes(self._memory)
        self._file.seek(0)
        data = self._file.readall()
        return data + bytes(self._memory) if self._memory else data


async def _in_thread(work: Callable[[], T]) -> T:
    """Run what blocks. Cancelled, it is waited for all the same: a file that is written must not be closed."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait((task,))
        raise
