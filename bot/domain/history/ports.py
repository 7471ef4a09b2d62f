"""What the use cases need of the history, in the database and on Discord.

Every method of a store raises ``StorageError`` when the database fails, and holds no session open when it returns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Protocol

from bot.domain.history.messages import HistoryMessage, Kind
from bot.domain.history.readers import Reader
from bot.domain.history.removals import Comparison, Removal
from bot.domain.history.retention import Purged

NEWEST = 100
"""How many messages of a channel Discord shows at once (its documentation, "Get Channel Messages")."""


class HistoryStore(Protocol):
    """The messages of every channel."""

    async def append(self, message: HistoryMessage) -> bool:
        """Keep a message; False, and nothing changed, where (channel_id, id) is there already."""

    async def get(self, channel_id: int, message_id: int) -> HistoryMessage | None:
        """Find one message; deleted ones are not found."""

    async def recent(
        self, channel_id: int, *, limit: int, up_to: int | None = None, reader: Reader | None = None
    ) -> tuple[HistoryMessage, ...]:
        """Return the newest ``limit`` messages that are not deleted, oldest first, ids ≤ ``up_to`` where given.

        Only what the ``reader`` may read; without one everything, for what goes into nobody's prompt.
        Of those that asked for a turn it is said what has become of it.
        """

    async def range(self, channel_id: int, *, after: int, limit: int) -> tuple[HistoryMessage, ...]:
        """Return the oldest ``limit`` messages that are not deleted with ids > ``after``, oldest first."""

    async def channels_since(self, created_after: datetime, *, limit: int) -> tuple[int, ...]:
        """Return up to ``limit`` channels with messages (not deleted) newer than that, the most recent first."""

    async def edit(
        self,
        channel_id: int,
        message_id: int,
        *,
        text: str,
        edited_at: datetime,
        kind: Kind = Kind.TEXT,
        drawn: str = "",
    ) -> bool:
        """Replace what a message says; False if there is none, or it is deleted."""

    async def delete(self, channel_id: int, message_ids: tuple[int, ...], *, deleted_at: datetime) -> int:
        """Take messages out of the history, their text too; returns how many were there. Idempotent."""


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


class RemovalStore(Protocol):
    """Takes away what is kept of places that are gone. Every method raises ``StorageError``."""

    async def note(self, removal: Removal) -> None:
        """Remember that a place is gone, until ``done``; one that is known to be keeps its time."""

    async def pending(self) -> tuple[Removal, ...]:
        """Return the places that are gone, oldest first."""

    async def done(self, removal: Removal) -> None:
        """Forget that a place is gone."""

    async def threads(self, removal: Removal) -> tuple[int, ...]:
        """Return the threads of a channel that something is kept of."""

    async def purge_channel(self, removal: Removal, *, limit: int) -> Purged:
        """Take away at most ``limit`` each of a channel's messages, turns and drawings, those under way too."""

    async def forget_settings(self, removal: Removal) -> None:
        """Take a place's settings away; a server's with the audit log of their changes."""

    async def guilds(self, *, after: int, limit: int) -> tuple[int, ...]:
        """Return the ids above ``after`` of guilds that are more than places where users carry the bot along.

        Those that have settings, or talk that is nobody's alone; lowest first, at most ``limit``.
        """


class ComparisonStore(Protocol):
    """How far channels have been compared with Discord. Every method raises ``StorageError``."""

    async def channels(self, *, after: int, limit: int) -> tuple[tuple[int, int], ...]:
        """Return the next channels above ``after`` that have messages, lowest id first, with the newest one's id.

        What is one person's alone does not count: Discord does not show it to the bot.
        """

    async def comparison(self, channel_id: int) -> Comparison | None:
        """Return how far a channel was compared."""

    async def note(self, comparison: Comparison) -> None:
        """Remember it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenMessage:
    """A message as Discord shows it now; ``text`` None where it was never edited or is not shown to the bot."""

    id: int
    text: str | None
    edited_at: datetime | None = None


class Unread(Enum):
    """Why nothing is known of a channel's messages."""

    GONE = auto()
    """There is no such channel any more."""
    HIDDEN = auto()
    """The bot may not see it, or Discord did not answer."""


class ChannelReader(Protocol):
    """Reads what stands on Discord. No method raises."""

    async def page(self, channel_id: int, *, before: int | None = None) -> Sequence[SeenMessage] | Unread:
        """Return the newest messages of a channel (below the id ``before``), at most ``NEWEST``.

        None at all may be that there are none, or that the bot may not read what was said.
        """

    async def starter(self, thread_id: int) -> SeenMessage | Unread:
        """Return the message that a thread grew from, or the first one of a forum's post: it has the thread's id.

        ``Unread.GONE`` is that message's end, and not the thread's.
        """

    async def is_gone(self, channel_id: int, message_id: int) -> bool:
        """Whether Discord says that there is no such message in a channel that the bot may read."""

    async def guild_is_gone(self, guild_id: int) -> bool:
        """Whether Discord says that there is no such server, or that the bot is no member of it."""
