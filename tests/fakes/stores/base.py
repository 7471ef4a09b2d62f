"""The stores in memory. ``failing`` set to an error makes every method raise it, as a database that is gone would."""

from __future__ import annotations

from bot.errors import StorageError


class _Fake:
    def __init__(self) -> None:
        self.failing: StorageError | None = None

    def _check(self) -> None:
        if self.failing is not None:
            raise self.failing
