"""What the stores in memory share."""

from __future__ import annotations

from bot.errors import StorageError


class FailingStore:
    """A store whose methods raise ``failing`` while it is set."""

    def __init__(self) -> None:
        self.failing: StorageError | None = None

    def _check(self) -> None:
        if self.failing is not None:
            raise self.failing
