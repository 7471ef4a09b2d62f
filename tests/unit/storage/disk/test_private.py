"""What the bot keeps is for its own user on the machine."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from bot.storage.database.engine import open_database
from bot.storage.disk.pictures import DiskPictureFiles
from bot.storage.disk.private import close_to_others, make_folder, open_new, open_to_others

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_folder_that_is_made_is_its_owners(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "c"
    before = mode(tmp_path)
    make_folder(folder)
    make_folder(folder)
    assert [mode(path) for path in (folder, folder.parent, folder.parent.parent)] == [0o700] * 3
    assert mode(tmp_path) == before


@pytest.mark.parametrize(
    ("before", "after"), [(0o644, 0o600), (0o666, 0o600), (0o755, 0o700), (0o640, 0o640), (0o600, 0o600)]
)
def test_others_lose_their_rights_and_a_group_keeps_what_it_was_given(tmp_path: Path, before: int, after: int) -> None:
    path = tmp_path / "file"
    path.touch()
    path.chmod(before)
    close_to_others(path)
    assert mode(path) == after
    close_to_others(tmp_path / "none")


@pytest.mark.parametrize(("found", "told"), [(0o644, True), (0o640, True), (0o604, True), (0o600, False)])
def test_a_file_that_others_may_read_is_found(tmp_path: Path, found: int, told: bool) -> None:
    path = tmp_path / "file"
    path.touch()
    path.chmod(found)
    assert open_to_others(path) is told
    assert not open_to_others(tmp_path / "none")


def test_a_new_file_is_its_owners_and_takes_no_place_that_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "file"
    os.close(open_new(path))
    assert mode(path) == 0o600
    with pytest.raises(FileExistsError):
        open_new(path)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        open_new(tmp_path / "link")


async def test_pictures_are_their_owners(tmp_path: Path) -> None:
    path = await DiskPictureFiles(tmp_path / "data" / "pictures").write("5-0.png", [b"x"])
    assert [mode(each) for each in (path, path.parent, path.parent.parent)] == [0o600, 0o700, 0o700]


async def test_a_database_that_everybody_could_read_is_closed(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("bot.db", "bot.db-wal", "bot.db-shm", "beside.txt")]
    for path in files:
        path.touch()
        path.chmod(0o644)
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.db"):
        assert [mode(path) for path in files] == [0o600, 0o600, 0o600, 0o644]
