"""Looking at a database without changing it: where it is, what state it has, who else uses it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import struct
import sys
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlsplit

from sqlalchemy import text
from sqlalchemy.engine import URL

from bot.errors import StorageError
from bot.storage.database.address import SQLITE, parse_url
from bot.storage.database.engine import open_database
from bot.storage.schema.migrate import SCRIPTS, read_revision
from bot.storage.schema.tables import SCHEMA_REVISION

CHECKED_BYTES = 64 * 1024 * 1024
"""Up to which size a file is checked for damage: reading more would take long."""
BUSY_S = 2.0
NETWORK_TYPES = frozenset(
    {"9p", "afs", "ceph", "cifs", "davfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs", "virtiofs"}
)
"""Kinds of file systems that several machines share, on which SQLite's WAL does not work (its documentation,
"Write-Ahead Logging", Disadvantages)."""
_LOCKED_FROM, _LOCKED_BYTES = 0x4000_0002, 510
"""The bytes on which each connection in WAL mode keeps a shared lock (SQLite's documentation, "Database File Format",
The Lock-Byte Page)."""
_ABOUT_SERVER = """
SELECT current_setting('server_version'),
    pg_database_size(current_database()),
    NOT pg_is_in_recovery() AND has_schema_privilege(current_schema(), 'CREATE'),
    (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseState:
    """What a database looks like from outside; None where that can't be told.

    ``place`` names it without a password. ``revision`` is its schema's, None where it has none yet, ``wanted`` this
    version's; ``revision_known`` says whether this version can migrate from it. ``others`` are the processes that have
    it open, as far as they can be told. ``fault`` is why it could not be read.
    """

    is_sqlite: bool
    place: str
    exists: bool = True
    writable: bool = True
    fault: str = ""
    damage: str = ""
    revision: str | None = None
    revision_known: bool = True
    wanted: str = SCHEMA_REVISION
    size_bytes: int | None = None
    free_bytes: int | None = None
    file_system: str = ""
    shared_file_system: bool = False
    others: int | None = None
    server: str = ""


async def inspect_database(url: str) -> DatabaseState:
    """Look at the database of ``url``. Raises ``StorageError`` where the URL or its driver is unusable."""
    parsed = parse_url(url)
    if parsed.drivername == SQLITE:
        return await asyncio.to_thread(_inspect_file, _path(parsed))
    return await _inspect_server(url, parsed)


def _path(url: URL) -> Path:
    name = url.database or ""
    return Path(urlsplit(name).path if name.startswith("file:") else name).absolute()


def _inspect_file(path: Path) -> DatabaseState:
    folder = path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    exists = path.is_file()
    kind = file_system(folder)
    # SQLite makes files beside the database, so the folder counts too.
    writable = folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
    state = DatabaseState(
        is_sqlite=True,
        place=str(path),
        exists=exists,
        writable=writable and (not exists or os.access(path, os.W_OK)),
        file_system=kind,
        shared_file_system=kind in NETWORK_TYPES or kind.startswith("fuse."),
    )
    with suppress(OSError):
        state = replace(state, free_bytes=shutil.disk_usage(folder).free)
    if not exists:
        return replace(state, fault="it is no file") if path.exists() else state
    try:
        log = path.with_name(f"{path.name}-wal")
        size_bytes = path.stat().st_size
        # Asked before this process opens it: closing any descriptor of a file gives all its locks back (POSIX).
        state = replace(
            state,
            size_bytes=size_bytes + (log.stat().st_size if log.exists() else 0),
            others=lock_holders(path),
        )
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=BUSY_S)) as connection:
            revision = _file_revision(connection)
            state = replace(state, revision=revision, revision_known=is_known(revision))
            if size_bytes <= CHECKED_BYTES:
                first = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
                state = replace(state, damage="" if first == "ok" else first.splitlines()[0])
    except sqlite3.Error as error:
        return replace(state, fault=str(error))
    except OSError as error:
        return replace(state, fault=error.strerror or type(error).__name__)
    return state


def _file_revision(connection: sqlite3.Connection) -> str | None:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


async def _inspect_server(url: str, parsed: URL) -> DatabaseState:
    host = parsed.host or parsed.query.get("host") or "localhost"
    state = DatabaseState(is_sqlite=False, place=f"{parsed.database} at {host}")
    try:
        async with open_database(url) as database, database.read("look at the database") as connection:
            server, size_bytes, writable, others = (await connection.execute(text(_ABOUT_SERVER))).one()
            revision = await connection.run_sync(read_revision)
    except StorageError as error:
        return replace(state, fault=str(error))
    return replace(
        state,
        server=f"PostgreSQL {server}",
        size_bytes=size_bytes,
        writable=bool(writable),
        others=others,
        revision=revision,
        revision_known=is_known(revision),
    )


def is_known(revision: str | None) -> bool:
    """Whether this version of the bot has the migration of that name; None, an empty database, needs none."""
    return revision is None or any(path.stem.split("_")[0] == revision for path in (SCRIPTS / "versions").glob("*.py"))


def file_system(folder: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str:
    """Tell the kind of file system that a folder is on; empty where the system does not say (proc(5), mountinfo)."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        folder = folder.resolve()
    except OSError:
        return ""
    best, kind = -1, ""
    for line in lines:
        before, _, after = line.partition(" - ")
        point = before.split(" ")[4].replace("\\040", " ") if before.count(" ") >= 4 else ""
        # A later line of the same mount point lies over the earlier ones.
        if point and folder.is_relative_to(point) and len(point) >= best:
            best, kind = len(point), after.split(" ")[0]
    return kind


def lock_holders(path: Path) -> int | None:
    """Say whether another process has an SQLite file open: 1 or 0, None where it can't be told.

    Asks the system who holds a lock, without taking one (fcntl(2), F_GETLK).
    """
    if sys.platform != "linux" or sys.maxsize < 2**32:
        return None  # the question's form is that of 64-bit Linux
    import fcntl

    question = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, _LOCKED_FROM, _LOCKED_BYTES, 0)
    with path.open("rb") as file:
        kind: int = struct.unpack("hhqqi", fcntl.fcntl(file, fcntl.F_GETLK, question))[0]
    return 0 if kind == fcntl.F_UNLCK else 1
