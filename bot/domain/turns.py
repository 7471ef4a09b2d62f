"""A turn: one question of a person and everything that becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.events import Usage
from bot.domain.messages import Person, Place
from bot.errors import ErrorKind


class TurnState(StrEnum):
    """How far a turn is; the last four are final."""

    QUEUED = "queued"
    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def final(self) -> bool:
        """Whether nothing more becomes of the turn."""
        return self not in (TurnState.QUEUED, TurnState.STREAMING)


class Mode(StrEnum):
    """What was asked for."""

    CHAT = "chat"
    """Words; a drawing where the endpoint recognises that one is wanted."""
    DRAW = "draw"
    """A picture, asked for by a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The message that a prompt replies to, as far as Discord shows it."""

    id: int
    author: Person
    text: str
    from_bot: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a person asked, parsed and clean: the input of a turn.

    ``id`` is the snowflake of the message or interaction that asked, and the id of the turn: the same event seen twice
    gives the same turn. ``text`` has mentions written as names and is never empty.
    """

    id: int
    mode: Mode
    text: str
    person: Person
    place: Place
    created_at: datetime
    reference: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A turn as it is kept.

    ``reply_ids`` are the Discord messages of the reply, first page first; ``text`` is what of the answer is known.
    """

    id: int
    channel_id: int
    guild_id: int | None
    asker_id: int
    mode: Mode
    state: TurnState
    prompt: str
    locale: str
    created_at: datetime
    updated_at: datetime
    reply_ids: tuple[int, ...] = ()
    text: str = ""
    error_kind: ErrorKind | None = None
    usage: Usage = field(default_factory=Usage)
