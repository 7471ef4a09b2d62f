"""Downloads that wait to be looked at: whole, and little of them in memory."""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.providers.picture.spool import IN_MEMORY_BYTES, Spool
from tests.fakes.clock import settle

PIECE = os.urandom(100_000)


@pytest.mark.parametrize("pieces", [0, 1, 10, 11, 35])
async def test_what_was_written_is_read(pieces: int) -> None:
    async with Spool() as spool:
        for _ in range(pieces):
            await spool.write(PIECE)
        assert spool.size_bytes == pieces * len(PIECE)
        for _ in range(2):
            assert await spool.read() == PIECE * pieces


async def test_a_large_download_is_in_a_file_that_goes_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    plain = tempfile.TemporaryFile

    def make(**options: int) -> object:
        file = plain(dir=tmp_path, **options)  # type: ignore[call-overload]  # as it is called
        made.append(file.fileno())
        return file

    monkeypatch.setattr(tempfile, "TemporaryFile", make)
    async with Spool() as spool:
        for _ in range(2 * IN_MEMORY_BYTES // len(PIECE)):
            await spool.write(PIECE)
        assert os.fstat(made[0]).st_size > IN_MEMORY_BYTES
    assert await asyncio.to_thread(os.listdir, tmp_path) == []
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(made[0])


async def test_without_room_on_the_disk_it_stays_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    async with Spool() as spool:
        for _ in range(30):
            await spool.write(PIECE)
        assert await spool.read() == PIECE * 30


async def test_a_file_that_is_written_is_not_closed_under_it(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, may_end = threading.Event(), threading.Event()
    plain: Callable[[Spool], None] = Spool._unload

    def slowly(spool: Spool) -> None:
        begun.set()
        may_end.wait(10)
        plain(spool)

    monkeypatch.setattr(Spool, "_unload", slowly)
    spool = Spool()

    async def download() -> None:
        async with spool:
            await spool.write(PIECE * 20)

    task = asyncio.create_task(download())
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    await settle()
    assert not task.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
