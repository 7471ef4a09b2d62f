"""Forgetting what is older than a place keeps it; beside ``bot.domain.ports``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What one step has taken away, in rows; ``files`` are the names of pictures that nothing is known of any more."""

    messages: int = 0
    turns: int = 0
    drawings: int = 0
    files: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there was anything to take away."""
        return bool(self.messages or self.turns or self.drawings)


class RetentionStore(Protocol):
    """Takes away what is old. Every method raises ``StorageError``."""

    async def guilds(self, *, after: int, limit: int) -> tuple[int, ...]:
        """Return the ids above ``after`` of guilds that anything is kept of, lowest first, at most ``limit``."""

    async def purge(self, guild_id: int | None, *, before: datetime, limit: int) -> Purged:
        """Take away at most ``limit`` each of the oldest messages, turns and drawings of a guild made before a moment.

        None is everything outside of guilds. Turns go with their versions, pages and drawings, all or none of one step;
        one that is under way and was touched since stays, with its drawings. What was used stays: it has no content.
        Idempotent; where nothing is left to do, nothing is ``any``.
        """
