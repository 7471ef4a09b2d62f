"""The folder of the demo's database and logs: new at each start, and never somebody else's."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sandbox.launcher.options import DEFAULT_DATA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MARK: Final = ".fusion-bot-demo"
_MOST_DEMOS: Final = 9


class DataError(Exception):
    """The folder can't be used; the text says why, for a person."""


class _InUseError(DataError):
    pass


@contextmanager
def open_data(chosen: Path | None, root: Path) -> Iterator[Path]:
    """Give the emptied folder, absolute, held until the end.

    Without a choice it is the usual one below `root`, or the next where a running demo has that. Raises DataError
    where the folder is in use, holds what no demo wrote, or can't be made.
    """
    usual = root / DEFAULT_DATA
    candidates = [chosen] if chosen else [usual, *(usual.with_name(f"{usual.name}-{n}") for n in range(2, _MOST_DEMOS))]
    for n, candidate in enumerate(candidates, start=1):
        folder = candidate.absolute()
        try:
            lock = _claim(folder)
        except _InUseError:
            if n == len(candidates):
                raise
            continue
        except OSError as error:
            raise DataError(f"The folder {folder} can't be used: {error.strerror}.") from error
        try:
            yield folder
        finally:
            os.close(lock)
        return


def _claim(folder: Path) -> int:
    """Lock the folder and empty it; return the lock, which closing lets go."""
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / MARK
    if not mark.exists() and any(folder.iterdir()):
        raise DataError(f"The folder {folder} holds files that no demo wrote: give an empty one with --data.")
    lock = os.open(mark, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(lock, folder)
        for entry in folder.iterdir():
            if entry == mark:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
    except BaseException:
        os.close(lock)
        raise
    return lock


def _lock(descriptor: int, folder: Path) -> None:
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise _InUseError(
            f"The folder {folder} is in use by another demo: stop that one, or give this one another folder "
            "(.venv/bin/python -m sandbox --data FOLDER)."
        ) from error
