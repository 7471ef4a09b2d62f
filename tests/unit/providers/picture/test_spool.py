"""Downloads that wait to be looked at: whole, and little of them in memory."""

from __future__ import annotations

import asyncio
import os
import stat
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import ErrorKind, ProviderError
from bot.providers.picture.spool import IN_MEMORY_BYTES, STALE_S, Spool, SpoolRoom
from tests.fakes.clock import settle

PIECE = os.urandom(100_000)


async def whole(spool: Spool) -> bytes:
    return b"".join([bytes(piece) async for piece in spool.pieces()])


@pytest.mark.parametrize("pieces", [0, 1, 10, 11, 35])
async def test_what_was_written_is_read(pieces: int) -> None:
    async with Spool(SpoolRoom()) as spool:
        for _ in range(pieces):
            await spool.write(PIECE)
        assert spool.size_bytes == pieces * len(PIECE)
        for _ in range(2):
            assert await whole(spool) == PIECE * pieces


async def test_a_large_download_is_in_a_file_that_goes_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    plain = tempfile.TemporaryFile

    def make(**options: object) -> object:
        file = plain(**options)  # type: ignore[call-overload]  # as it is called
        made.append(file.fileno())
        return file

    monkeypatch.setattr(tempfile, "TemporaryFile", make)
    folder = tmp_path / "pictures" / "incoming"
    async with Spool(SpoolRoom(folder)) as spool:
        for _ in range(2 * IN_MEMORY_BYTES // len(PIECE)):
            await spool.write(PIECE)
        assert os.fstat(made[0]).st_size > IN_MEMORY_BYTES
        assert os.fstat(made[0]).st_dev == folder.stat().st_dev
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert await asyncio.to_thread(os.listdir, folder) == []
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(made[0])


async def test_without_room_on_the_disk_it_stays_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    async with Spool(SpoolRoom()) as spool:
        for _ in range(30):
            await spool.write(PIECE)
        assert await whole(spool) == PIECE * 30


async def test_a_file_that_is_written_is_not_closed_under_it(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, may_end = threading.Event(), threading.Event()
    plain: Callable[[Spool], None] = Spool._unload

    def slowly(spool: Spool) -> None:
        begun.set()
        may_end.wait(10)
        plain(spool)

    monkeypatch.setattr(Spool, "_unload", slowly)
    spool = Spool(SpoolRoom())

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


async def fill(spool: Spool, pieces: int) -> None:
    for _ in range(pieces):
        await spool.write(PIECE)


async def test_what_a_kill_left_goes_and_what_another_process_writes_stays(tmp_path: Path) -> None:
    old = time.time() - STALE_S - 60
    for name, when in {
        "download-a.part": old,
        "download-b.part": time.time(),
        "1-0.png": old,
        "download-c.png": old,
    }.items():
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (when, when))
    async with Spool(SpoolRoom(tmp_path)) as spool:
        await fill(spool, 20)
        assert sorted(await asyncio.to_thread(os.listdir, tmp_path)) == ["1-0.png", "download-b.part", "download-c.png"]


@pytest.mark.parametrize("disk", [True, False], ids=["on disk", "in memory"])
async def test_all_downloads_together_are_bounded(disk: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty-four downloads of 32 MiB are 2 GiB, and a system's folder for temporary files may be memory."""
    if not disk:
        (tmp_path / "file").write_bytes(b"")
        tmp_path /= "file"  # no folder
    room = SpoolRoom(tmp_path / "in", disk_bytes=40 * len(PIECE), memory_bytes=15 * len(PIECE))
    async with Spool(room) as one, Spool(room) as other:
        await fill(one, 20)
        with pytest.raises(ProviderError) as caught:
            await fill(other, 25)
        assert caught.value.kind is ErrorKind.PICTURE_BUSY
        one.clear()
        await fill(other, 5)
    async with Spool(room) as all_of_it:
        await fill(all_of_it, 24)
        assert await whole(all_of_it) == PIECE * 24


async def test_a_download_that_is_tried_again_begins_empty(tmp_path: Path) -> None:
    async with Spool(SpoolRoom(tmp_path)) as spool:
        await fill(spool, 20)
        spool.clear()
        await spool.write(b"anew")
        assert (spool.size_bytes, await whole(spool)) == (4, b"anew")
