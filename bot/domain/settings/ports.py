"""What the use cases need to store settings."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.domain.people import User
from bot.domain.settings.scopes import Change, Edit, StoredSettings, Target


class SettingsStore(Protocol):
    """What was set where, and the audit log of every change. Every method raises ``StorageError``.

    ``whose`` is the target of a guild, which stands for everything in it, or of a user.
    """

    async def revision(self) -> int:
        """Return a number that differs after each change, whichever process made it."""

    async def load(self, whose: Target) -> StoredSettings:
        """Return all that a guild or a user has set, in every scope."""

    async def write(
        self, edits: tuple[Edit, ...], *, by: User, at: datetime, batch: str, last_change: int | None = None
    ) -> tuple[Change, ...] | None:
        """Write values and a line of the audit log for each, all or nothing; what stands so already makes no line.

        All edits are of one guild, or of one user; no two of the same key in the same place. Returns None, and
        nothing is changed, where an edit does not find what it expects, where the newest change of that guild or
        user is another than ``last_change``, or where a target belongs to another guild.
        """

    async def changes(self, whose: Target, *, limit: int, before: int | None = None) -> tuple[Change, ...]:
        """Return the newest ``limit`` changes, newest first, ids < ``before`` where given."""

    async def batch(self, whose: Target, batch: str) -> tuple[Change, ...]:
        """Return the changes of one act, oldest first."""
