"""Whose a folder of pictures is: no two databases have the same one."""

from __future__ import annotations

import logging
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.storage.database.address import name_database
from bot.storage.disk.folder import MARK, claim_folder
from bot.storage.disk.pictures import DiskPictureFiles


def test_the_first_database_has_the_folder_and_keeps_it(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "pictures"
    assert claim_folder(folder, "../bot.db") == folder
    assert claim_folder(folder, "../bot.db") == folder
    assert [path.name for path in folder.iterdir()] == [MARK]


def test_another_database_has_a_folder_inside_it_and_keeps_that(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    folder = tmp_path / "pictures"
    claim_folder(folder, "../bot.db")
    own = claim_folder(folder, "../other.db")
    assert own.parent == folder
    assert claim_folder(folder, "../other.db") == own
    assert claim_folder(folder, "../third.db") not in (folder, own)
    assert claim_folder(folder, "../bot.db") == folder
    assert "belongs to the database ../bot.db" in caplog.text


async def test_two_bots_in_one_folder_leave_each_others_pictures_alone(tmp_path: Path) -> None:
    one, other = (DiskPictureFiles(claim_folder(tmp_path / "pictures", name)) for name in ("../a.db", "../b.db"))
    await one.write("5-0.png", [b"one"])
    await other.write("5-0.png", [b"other"])
    # A start deletes what it finds and does not know.
    for files in (one, other):
        assert [found.name for found in await files.present()] == ["5-0.png"]
    await other.delete(["5-0.png"])
    assert [found.path.read_bytes() for found in await one.present()] == [b"one"]


def test_of_many_that_come_at_once_each_has_its_own(tmp_path: Path) -> None:
    names = [f"../{number}.db" for number in range(8)] * 2
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda name: claim_folder(tmp_path / "pictures", name), names))
    assert found[:8] == found[8:]
    assert len(set(found)) == 8
    assert tmp_path / "pictures" in found


def test_it_works_on_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    folder = tmp_path / "pictures"
    assert claim_folder(folder, "../bot.db") == folder
    assert claim_folder(folder, "../other.db").parent == folder
    assert (folder / MARK).read_text() == "../bot.db"


def test_a_folder_that_can_not_be_made_is_told_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "pictures"
    assert claim_folder(folder, "../bot.db").parent == folder
    assert "can't be used" in caplog.text


@pytest.mark.skipif(os.name != "posix", reason="links and pipes in files' places are POSIX's")
@pytest.mark.parametrize("what", ["link", "pipe", "folder"])
async def test_where_no_mark_can_be_read_what_is_there_is_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    """Another user of the machine may have put it there: it is neither followed, read nor waited for."""
    caplog.set_level(logging.INFO)
    folder, secret = tmp_path / "pictures", tmp_path / "secret"
    secret.write_text("KEY=not for the log")
    other = DiskPictureFiles(folder)
    await other.write("5-0.png", [b"another's"])
    put = {"link": lambda mark: mark.symlink_to(secret), "pipe": os.mkfifo, "folder": os.mkdir}
    put[what](folder / MARK)
    own = claim_folder(folder, "../bot.db")
    assert own != folder
    assert await DiskPictureFiles(own).present() == ()
    assert "KEY" not in caplog.text
    assert "can't be used" in caplog.text


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_folder_that_everybody_could_read_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    folder.chmod(0o755)
    own = claim_folder(claim_folder(folder, "../bot.db"), "../other.db")
    for path in (folder, own):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite+aiosqlite:////srv/bot/data/bot.db", "../bot.db"),
        ("sqlite+aiosqlite:////srv/bot/other.db", "../../other.db"),
        ("postgresql+asyncpg://user:secret@db.example/bot", "bot at db.example:5432"),
        ("postgresql+asyncpg://user:secret@db.example:6000/bot", "bot at db.example:6000"),
        ("postgresql+asyncpg:///bot?host=/run/postgresql", "bot at /run/postgresql:5432"),
    ],
)
def test_a_database_is_named_without_its_password(url: str, name: str) -> None:
    assert name_database(url, seen_from=Path("/srv/bot/data/pictures")) == name
