"""Files that hold what people said and drew: for the user that runs the bot, and for nobody else on the machine.

POSIX has a mode for it; elsewhere a folder's own rules hold, and these functions change nothing.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600
_GROUP_AND_OTHERS: Final = 0o077
_OTHERS: Final = 0o007


def make_private_by_default() -> None:
    """Let all that this process makes from now on be its user's alone, whatever makes it: SQLite too, and children."""
    os.umask(os.umask(_GROUP_AND_OTHERS) | _GROUP_AND_OTHERS)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, each its user's alone; those that are there stay. Raises ``OSError``."""
    missing = [folder]
    while not missing[-1].parent.exists():
        missing.append(missing[-1].parent)
    for each in reversed(missing):
        each.mkdir(FOLDER_MODE, exist_ok=True)


def open_new(path: Path) -> int:
    """Make a file and open it for writing, as ``open`` takes for an opener. Raises ``FileExistsError``, ``OSError``."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), FILE_MODE)


def close_to_others(path: Path) -> None:
    """Take everybody's rights off a file or folder of the bot's that has them; what a group may do there stays.

    Releases up to 0.1.0 made files that everybody could read. A group's rights somebody has given on purpose, for
    backups for example. Nothing is raised: the file may be somebody else's, who then looks after it.
    """
    if os.name != "posix":
        return
    with suppress(OSError):
        mode = path.stat().st_mode
        if mode & _OTHERS:
            path.chmod(mode & 0o700)


def open_to_others(path: Path) -> bool:
    """Whether other users of this machine may read a file, or look into a folder; False if that can't be told."""
    if os.name != "posix":
        return False
    try:
        return bool(path.stat().st_mode & _GROUP_AND_OTHERS)
    except OSError:
        return False
