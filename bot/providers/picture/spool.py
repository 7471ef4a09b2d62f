"""Bytes that come in faster than they can be looked at: little of them in memory, the rest in a file without a name."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, Self, TypeVar

from bot.errors import ErrorKind, ProviderError

logger = logging.getLogger(__name__)

T = TypeVar("T")

IN_MEMORY_BYTES: Final = 1024 * 1024
PIECE_BYTES: Final = 1024 * 1024
DISK_BYTES: Final = 512 * 1024 * 1024
"""All downloads together; a picture may have 32 MiB."""
MEMORY_BYTES: Final = 64 * 1024 * 1024
"""The same where the disk takes none of them."""
STALE_S: Final = 600.0
"""A file that still has a name after this long is left of a process that died: names are taken away at once."""
_PREFIX, _SUFFIX = "download-", ".part"


class SpoolRoom:
    """Where the spools of a process are, and how much they hold together.

    ``folder`` is made when it is first needed, for the bot's user alone; None: the system's for temporary files, which
    may be memory. Other processes may use the same folder.
    """

    def __init__(
        self, folder: Path | None = None, *, disk_bytes: int = DISK_BYTES, memory_bytes: int = MEMORY_BYTES
    ) -> None:
        self._folder = folder.absolute() if folder is not None else None
        self._free = {False: disk_bytes, True: memory_bytes}
        self._ready = folder is None

    def take(self, number: int, *, memory: bool) -> None:
        """Count bytes that come. Raises ``ProviderError`` of kind ``picture_busy`` where there is no room for them."""
        if number > self._free[memory]:
            raise ProviderError(ErrorKind.PICTURE_BUSY, "no room for what is downloaded")
        self._free[memory] -= number

    def give_back(self, number: int, *, memory: bool) -> None:
        """Count bytes that go."""
        self._free[memory] += number

    def open_file(self) -> io.FileIO:
        """Open a file that goes when it is closed, also where the process is killed. Blocks. Raises ``OSError``."""
        if not self._ready and self._folder is not None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._tidy(self._folder)
            self._ready = True
        return tempfile.TemporaryFile(buffering=0, dir=self._folder, prefix=_PREFIX, suffix=_SUFFIX)

    @staticmethod
    def _tidy(folder: Path) -> None:
        """Take away what a kill left where a file without a name has one for a moment."""
        oldest = time.time() - STALE_S
        for entry in os.scandir(folder):
            ours = entry.name.startswith(_PREFIX) and entry.name.endswith(_SUFFIX)
            with suppress(OSError):  # another process was quicker
                if ours and entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < oldest:
                    Path(entry.path).unlink()


class Spool:
    """Collects a download; ``async with`` takes its file away again.

    Where the disk has no room for a file, all of it stays in memory.
    """

    def __init__(self, room: SpoolRoom) -> None:
        self.size_bytes = 0
        self._room = room
        self._taken = {False: 0, True: 0}
        self._memory = bytearray()
        self._file: io.FileIO | None = None
        self._has_disk = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.clear()

    def clear(self) -> None:
        """Drop all of it, to be written anew."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._memory = bytearray()
        self.size_bytes = 0
        for memory, number in self._taken.items():
            self._room.give_back(number, memory=memory)
            self._taken[memory] = 0

    async def write(self, data: bytes) -> None:
        """Take the next bytes. Raises ``ProviderError`` of kind ``picture_busy`` where there is no room for them."""
        memory = not self._has_disk
        self._room.take(len(data), memory=memory)
        self._taken[memory] += len(data)
        self._memory += data
        self.size_bytes += len(data)
        if len(self._memory) >= IN_MEMORY_BYTES and self._has_disk:
            try:
                await _in_thread(self._unload)
            except OSError as error:
                logger.warning("no room for what is downloaded, it stays in memory: %s", type(error).__name__)
                self._has_disk = False

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
            self._file = self._room.open_file()
        while self._memory:
            with memoryview(self._memory) as unwritten:
                written = self._file.write(unwritten)
            del self._memory[:written]


async def _in_thread(work: Callable[[], T]) -> T:
    """Run what blocks. Cancelled, it is waited for all the same: a file that is written must not be closed."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait((task,))
        raise
