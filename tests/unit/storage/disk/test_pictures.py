"""Pictures in a folder: whole or not there, and nothing else in the folder is touched."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from bot.storage.disk.pictures import STALE_S, DiskPictureFiles


def placed(folder: Path, *files: str) -> list[Path]:
    """Put files there that are not the store's own doing."""
    folder.mkdir(parents=True)
    for name in files:
        (folder / name).write_bytes(b"x")
    return [folder / name for name in files]


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "pictures"


async def test_what_is_written_is_there_from_its_pieces_on_and_no_sooner(folder: Path) -> None:
    files = DiskPictureFiles(folder)
    assert await files.present() == ()
    data = memoryview(b"the whole picture")
    path = await files.write("5-0.png", [data[:4], b"wh", data[6:]])
    assert path.read_bytes() == data
    (found,) = await files.present()
    assert (found.name, found.path, found.size_bytes) == ("5-0.png", path, 17)
    assert found.changed_at == pytest.approx(time.time(), abs=60)
    assert names(folder) == {"5-0.png"}


async def test_a_file_that_is_there_is_replaced(folder: Path) -> None:
    files = DiskPictureFiles(folder)
    await files.write("5-0.png", [b"old and longer"])
    path = await files.write("5-0.png", [b"new"])
    assert path.read_bytes() == b"new"


async def test_what_can_not_be_finished_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = DiskPictureFiles(folder)
    await files.write("5-0.png", [b"old"])

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.storage.disk.pictures.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        await files.write("5-0.png", [b"new"])
    assert names(folder) == {"5-0.png"}
    assert (folder / "5-0.png").read_bytes() == b"old"


@pytest.mark.parametrize("name", ["", "..", "../5-0.png", "/etc/passwd", "a/5-0.png"])
async def test_a_name_leads_nowhere_else(folder: Path, name: str) -> None:
    with pytest.raises(OSError, match="not the name of a file"):
        await DiskPictureFiles(folder).write(name, [b"x"])


async def test_files_are_listed_oldest_first_without_what_is_no_file(folder: Path) -> None:
    files = DiskPictureFiles(folder)
    for age_s, name in enumerate(("1-0.png", "2-0.png", "3-0.png")):
        path = await files.write(name, [b"x"])
        os.utime(path, (1000 - age_s, 1000 - age_s))
    placed(folder / "folder")
    (folder / "link").symlink_to("/etc/passwd")
    assert [file.name for file in await files.present()] == ["3-0.png", "2-0.png", "1-0.png"]


async def test_unfinished_files_of_a_dead_process_go_and_others_stay(folder: Path) -> None:
    mine, young, old = placed(folder, "notes.part", "1-0.png.0123abcd.part", "2-0.png.0123abcd.part")
    os.utime(old, (time.time() - STALE_S - 60,) * 2)
    await DiskPictureFiles(folder, shared=True).present()
    assert names(folder) == {mine.name, young.name}
    await DiskPictureFiles(folder).present()
    assert names(folder) == {mine.name}


async def test_deleting_never_fails(folder: Path) -> None:
    placed(folder / "2-0.png")
    files = DiskPictureFiles(folder)
    await files.delete(["1-0.png"])
    path = await files.write("1-0.png", [b"x"])
    await files.delete(["2-0.png", "../x", "1-0.png", "3-0.png"])
    assert not path.exists()
