"""A turn: one question of a person and everything that becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.drawings import DrawingDenial, DrawWish
from bot.domain.events import FinishReason, Usage
from bot.domain.messages import Person, Place
from bot.errors import ErrorKind, Refusal, Trouble


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


ProblemKind = ErrorKind | Refusal | Trouble | DrawingDenial
"""What is kept of what went wrong with an answer, or why not. No two of them have the same value."""


class Mode(StrEnum):
    """What was asked for."""

    CHAT = "chat"
    """Words; a drawing where the endpoint recognises that one is wanted."""
    DRAW = "draw"
    """A picture, asked for by a command."""


class Source(StrEnum):
    """What a turn's id is the id of."""

    MESSAGE = "message"
    """A message, which can be replied to, edited and deleted."""
    INTERACTION = "interaction"
    """A slash command, which leaves no message of the person."""


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

    ``id`` is the snowflake of the message or interaction that asked (``source`` says which), and the id of the turn:
    the same event seen twice gives the same turn. ``text`` has mentions written as names and is never empty.
    ``response_id`` is the message that Discord has made for the answer already, as it does for a deferred command.
    ``wish`` is what was asked of a drawing, where one was asked for by a command or a button. ``overheard``: nobody
    spoke to the bot, which answers all the same where it is to; why it does not is nobody's concern. ``payer`` is who
    wants it asked again, on their own account, where that is not the one who asked.
    """

    id: int
    mode: Mode
    text: str
    person: Person
    place: Place
    created_at: datetime
    reference: Reference | None = None
    source: Source = Source.MESSAGE
    response_id: int | None = None
    wish: DrawWish | None = None
    overheard: bool = False
    payer: Person | None = None

    @property
    def response_ids(self) -> tuple[int, ...]:
        """The messages that the answer begins in; none where its first one has yet to be sent."""
        return () if self.response_id is None else (self.response_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A turn as it is kept.

    ``reply_ids`` are the Discord messages of the reply, first page first; ``text`` is what of the answer is known.
    ``parent_id`` is the channel of a thread. ``version`` is the number of the answer that stands, from 1, and
    ``state``, ``text``, ``reason`` and ``error_kind`` are that answer's. The prompt of a forgotten turn is empty.
    ``wish`` is the drawing's that was asked for, its seed resolved.
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
    source: Source = Source.MESSAGE
    asker_name: str = ""
    parent_id: int | None = None
    reply_ids: tuple[int, ...] = ()
    text: str = ""
    version: int = 1
    reason: FinishReason = FinishReason.STOP
    error_kind: ProblemKind | None = None
    usage: Usage = field(default_factory=Usage)
    wish: DrawWish | None = None

    @property
    def asked_in(self) -> int:
        """The channel of the message that asked: a thread that grew from it (and has its id) does not hold it."""
        if self.channel_id == self.id and self.parent_id is not None:
            return self.parent_id
        return self.channel_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One of the answers to a turn, as it ended; ``number`` counts from 1 and ``created_at`` is when it ended."""

    turn_id: int
    number: int
    text: str
    state: TurnState
    reason: FinishReason
    error_kind: ProblemKind | None
    created_at: datetime
