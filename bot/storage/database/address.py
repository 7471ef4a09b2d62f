"""Where a database is: its URL, its name for people and marks, and the files that it consists of."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from bot.errors import StorageError
from bot.storage.disk.private import close_to_others, make_folder

SQLITE: Final = "sqlite+aiosqlite"
POSTGRESQL: Final = "postgresql+asyncpg"


def parse_url(url: str) -> URL:
    """Read a database URL. Raises ``StorageError`` where it is not one of the two kinds; the words hold no password."""
    expected = f"expected {SQLITE}:///path/to/file or {POSTGRESQL}://user:password@host/name"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        # The URL itself is left out: it may hold a password.
        raise StorageError(f"The database URL can't be read; {expected}.") from error
    if parsed.drivername not in {SQLITE, POSTGRESQL}:
        raise StorageError(f"The database URL begins with {parsed.drivername!r}; {expected}.")
    if parsed.drivername == SQLITE and parsed.database in {None, "", ":memory:"}:
        raise StorageError(f"The database URL names no file, and a database in memory forgets all; {expected}.")
    return parsed


def name_database(url: str, *, seen_from: Path) -> str:
    """Name a database for a mark in a folder: the same after both are moved together, and without its password.

    Raises ``StorageError`` as ``parse_url`` does.
    """
    parsed = parse_url(url)
    if parsed.drivername == SQLITE:
        path = Path(parsed.database or "").absolute()
        try:
            return os.path.relpath(path, seen_from.absolute())
        except ValueError:  # on another drive
            return str(path)
    host = parsed.host or parsed.query.get("host") or "localhost"
    return f"{parsed.database} at {host}:{parsed.port or 5432}"


def database_files(url: str) -> tuple[Path, ...]:
    """Name the files of a database: an SQLite file and the two that SQLite puts beside it; none of PostgreSQL's.

    Of an SQLite URI there are none either: whoever writes one looks after them. Raises ``StorageError``.
    """
    parsed = parse_url(url)
    if parsed.drivername != SQLITE or parsed.database is None or parsed.database.startswith("file:"):
        return ()
    path = Path(parsed.database).absolute()
    return tuple(path.with_name(f"{path.name}{suffix}") for suffix in ("", "-wal", "-shm"))


def prepare_files(files: tuple[Path, ...]) -> None:
    """Make the folder of the database file; what is there already is closed to other users of the machine."""
    for folder in {path.parent for path in files}:
        try:
            make_folder(folder)
        except OSError as error:
            raise StorageError(f"The folder {folder} for the database can't be made: {error.strerror}.") from error
    for path in files:
        close_to_others(path)
