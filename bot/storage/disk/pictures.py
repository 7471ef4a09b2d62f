"""Pictures on the bot's disk: one folder of files, each there whole or not at all, for the bot's user alone."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import secrets
import stat
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from bot.domain.picture.files import PictureOnDisk
from bot.storage.disk.private import make_folder, open_new

logger = logging.getLogger(__name__)

_UNFINISHED = re.compile(r"[0-9]+-[0-9]+\.[a-z]+\.[0-9a-f]{8}\.part")
STALE_S = 600.0
"""A file that is not finished after this long never will be: its process has died."""


class DiskPictureFiles:
    """``PictureFiles`` in a folder, which is made when it is first needed. Everything that blocks runs in a thread.

    ``shared`` says that other processes may write there too.
    """

    def __init__(self, folder: Path, *, shared: bool = False) -> None:
        self._folder = folder.absolute()
        self._shared = shared

    async def write(self, name: str, pieces: Sequence[bytes | memoryview]) -> Path:
        """Keep a file, whole or not at all; one that is there is replaced. Raises ``OSError``."""
        return await asyncio.to_thread(self._write, name, pieces)

    async def present(self) -> tuple[PictureOnDisk, ...]:
        """List what is there, oldest first; unfinished files go. Raises ``OSError``."""
        return await asyncio.to_thread(self._present)

    async def delete(self, names: Iterable[str]) -> None:
        await asyncio.to_thread(self._delete, tuple(names))

    def _write(self, name: str, pieces: Sequence[bytes | memoryview]) -> Path:
        path = self._path(name)
        make_folder(self._folder)
        unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        try:
            with os.fdopen(open_new(unfinished), "wb") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except BaseException:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise
        self._sync_folder()
        return path

    def _sync_folder(self) -> None:
        """Bring the new name onto the disk too, where the system can."""
        with suppress(OSError):
            descriptor = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _present(self) -> tuple[PictureOnDisk, ...]:
        found: list[PictureOnDisk] = []
        try:
            entries = list(os.scandir(self._folder))
        except FileNotFoundError:
            return ()
        for entry in entries:
            try:
                state = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # another process was quicker
            if not stat.S_ISREG(state.st_mode) or entry.name.startswith("."):
                continue  # a folder of another database's, or the mark that says whose this one is
            if _UNFINISHED.fullmatch(entry.name) is None:
                path = self._folder / entry.name
                found.append(
                    PictureOnDisk(name=entry.name, path=path, size_bytes=state.st_size, changed_at=state.st_mtime)
                )
            elif not self._shared or state.st_mtime < time.time() - STALE_S:
                self._delete((entry.name,))
        return tuple(sorted(found, key=lambda file: (file.changed_at, file.name)))

    def _delete(self, names: Iterable[str]) -> None:
        for name in names:
            try:
                self._path(name).unlink(missing_ok=True)
            except OSError as error:
                logger.warning("a kept picture could not be deleted: %s", type(error).__name__)

    def _path(self, name: str) -> Path:
        """Find where a file is; names are the bot's own, and lead nowhere else."""
        if not name or name.startswith(".") or name != Path(name).name:
            raise OSError("not the name of a file")
        return self._folder / name
