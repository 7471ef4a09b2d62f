"""What the stores in memory share."""

from __future__ import annotations

from bot.errors import StorageError


class FailingStore:
    """A store whose methods raise ``failing`` while it is set; ``locked``, it can be read and takes nothing."""

    def __init__(self) -> None:
        self.failing: StorageError | None = None
        self.locked = False

    def _check(self) -> None:
        if self.failing is not None:
            raise self.failing

    def _check_lock(self) -> None:
        self._check()
        if self.locked:
            raise StorageError("it is locked")
