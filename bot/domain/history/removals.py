"""Places that are gone: a channel, a thread or a server that was deleted, or that the bot was taken out of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

SETTINGS_GRACE: Final = timedelta(days=30)
"""How long a server's settings outlive the bot's removal: it is often kicked and invited again. Talk does not."""


class Scope(StrEnum):
    """What is gone."""

    CHANNEL = "channel"
    """A channel, a category or a thread, for good: no id comes a second time."""
    GUILD = "guild"
    """A server; the bot may come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A place that is gone and of which something may still be kept. ``guild_id`` is its server's."""

    scope: Scope
    id: int
    guild_id: int
    gone_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How far a channel's history has been compared with Discord, from the newest message down.

    ``down_to`` is the oldest message that was reached, None if all that is kept was; ``begun_at`` is when it began.
    """

    channel_id: int
    begun_at: datetime
    down_to: int | None = None
