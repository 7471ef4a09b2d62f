"""Which folder the pictures of a database are in: one that no other database has.

A bot deletes the pictures that its database does not know, which a kill has left behind. Two bots that kept theirs in
one folder, each with a database of its own, would delete each other's. So a folder has a mark that says whose it is:
the first database that comes takes the folder itself, any other one a folder inside it.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from bot.storage.disk.private import close_to_others, make_folder, open_new

logger = logging.getLogger(__name__)

MARK: Final = ".database"
_MOST_BYTES: Final = 4096


def claim_folder(folder: Path, owner: str) -> Path:
    """Return the folder for the pictures of the database ``owner``: ``folder`` or one inside it, made and marked.

    If that fails, which is logged, pictures can't be kept there, which each one says by itself; what is in ``folder``
    is left alone all the same, unless it is known to be this database's. Blocks.
    """
    folder = folder.absolute()
    own = folder / hashlib.sha256(owner.encode()).hexdigest()[:16]
    try:
        make_folder(folder)
        close_to_others(folder)
        found = _mark(folder, owner)
        if found == owner:
            return folder
        make_folder(own)
        _mark(own, owner)
    except OSError as error:
        logger.warning("the folder for pictures can't be used: %s", error.strerror or type(error).__name__)
        return own
    logger.info(
        "%s belongs to the database %s; pictures go to %s. If it does not any more, delete %s", folder, found, own, MARK
    )
    return own


def _mark(folder: Path, owner: str) -> str:
    """Return whose folder it is, after marking it if nobody's. Raises ``OSError``."""
    mark = folder / MARK
    with suppress(FileExistsError):
        # Written whole under another name first: who comes second never reads half a mark, nor does a loss of power
        # leave one. The name is nobody else's: processes in two containers may have the same number.
        unfinished = folder / f"{MARK}.{secrets.token_hex(8)}"
        try:
            with os.fdopen(open_new(unfinished), "w", encoding="utf-8") as file:
                file.write(owner)
                file.flush()
                os.fsync(file.fileno())
            _put(unfinished, mark)
        finally:
            unfinished.unlink(missing_ok=True)
    return _read(mark)


def _read(mark: Path) -> str:
    """Read a mark. Raises ``OSError`` if it is no file: another user may have put a link or a pipe in its place."""
    if not stat.S_ISREG(mark.lstat().st_mode):
        raise OSError(errno.EINVAL, f"{MARK} is not a file")
    with os.fdopen(
        os.open(mark, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), encoding="utf-8", errors="replace"
    ) as file:
        return file.read(_MOST_BYTES)


def _put(unfinished: Path, mark: Path) -> None:
    """Give a file its name unless another has it. Raises ``FileExistsError``, ``OSError``."""
    try:
        os.link(unfinished, mark)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if mark.exists():
            raise FileExistsError(mark.name) from None
        unfinished.replace(mark)
