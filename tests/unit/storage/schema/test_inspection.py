"""Looking at an SQLite file from outside, and at a server that is not there."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.storage.schema.inspection import file_system, inspect_database, lock_holders

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
print("open", flush=True)
sys.stdin.read()
"""
MOUNTS = """\
22 1 0:20 / / rw,relatime shared:1 - overlay overlay rw
23 22 0:21 / /data rw - ext4 /dev/sda1 rw
24 23 0:22 / /data/shared\\040folder rw - nfs4 server:/x rw
25 22 0:23 / /later rw - ext4 /dev/sdb rw
26 22 0:24 / /later rw - fuse.sshfs x rw
a line that is none
"""


def url(path: Path | str) -> str:
    return f"sqlite+aiosqlite:///{path}"


def make(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE things (name TEXT)")
        connection.executemany("INSERT INTO things VALUES (?)", [("x" * 200,)] * 200)
        connection.commit()


async def test_looking_makes_no_file_and_no_folder(tmp_path: Path) -> None:
    state = await inspect_database(url(tmp_path / "not" / "yet" / "bot.db"))
    assert (state.exists, state.writable, state.fault) == (False, True, "")
    assert state.free_bytes is not None
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []


async def test_a_folder_that_can_not_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert (await inspect_database(url(tmp_path / "file" / "bot.db"))).writable is False


async def test_a_path_that_is_a_folder(tmp_path: Path) -> None:
    assert (await inspect_database(url(tmp_path))).fault == "it is no file"


async def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_text("name,value\n" * 1000)
    assert "not a database" in (await inspect_database(url(tmp_path / "bot.db"))).fault


async def test_a_file_that_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    make(path)
    assert (await inspect_database(url(path))).damage == ""
    data = bytearray(path.read_bytes())
    data[3 * 4096 : 3 * 4096 + 200] = b"\xff" * 200
    path.write_bytes(data)
    state = await inspect_database(url(path))
    assert state.damage or state.fault


async def test_a_name_that_needs_quoting_and_an_uri(tmp_path: Path) -> None:
    make(tmp_path / "a#% b.db")
    assert (await inspect_database(url(tmp_path / "a#% b.db"))).fault == ""
    make(tmp_path / "plain.db")
    state = await inspect_database(url(f"file:{tmp_path}/plain.db?uri=true"))
    assert (state.exists, state.fault) == (True, "")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who holds a lock")
async def test_another_process_that_has_it_open(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    make(path)
    assert (await inspect_database(url(path))).others == 0
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLDER, str(path)), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    await process.stdout.readline()
    state = await inspect_database(url(path))
    await process.communicate(b"")
    assert (state.others, state.fault) == (1, "")
    assert lock_holders(path) == 0


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/data", "ext4"),
        ("/data/deep", "ext4"),
        ("/database", "overlay"),
        ("/data/shared folder/x", "nfs4"),
        ("/later", "fuse.sshfs"),
    ],
)
def test_the_kind_of_file_system(tmp_path: Path, folder: str, kind: str) -> None:
    (tmp_path / "mountinfo").write_text(MOUNTS)
    assert file_system(Path(folder), tmp_path / "mountinfo") == kind


def test_where_the_system_does_not_say(tmp_path: Path) -> None:
    assert file_system(tmp_path, tmp_path / "none") == ""


async def test_a_server_that_is_not_there(unused_tcp_port: int) -> None:
    pytest.importorskip("asyncpg", reason="the extra 'postgres' is not installed")
    state = await inspect_database(f"postgresql+asyncpg://me:pass-word@127.0.0.1:{unused_tcp_port}/bot")
    assert state.place == "bot at 127.0.0.1"
    assert state.fault
    assert "pass-word" not in repr(state)


async def test_an_address_of_no_kind() -> None:
    with pytest.raises(StorageError):
        await inspect_database("mysql://x/y")
