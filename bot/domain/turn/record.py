"""A turn: one question of a user and everything that becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.drawing.wish import DrawWish
from bot.domain.model.events import FinishReason, Usage
from bot.domain.model.request import Mode
from bot.domain.turn.ask import Source
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A turn as it is kept.

    ``reply_ids`` are the Discord messages of the reply, first page first; ``text`` is what of the answer is known.
    ``parent_id`` is the channel of a thread. ``version`` is the number of the answer that stands, from 1, and
    ``state``, ``text``, ``reason`` and ``error_kind`` are that answer's. The prompt of a forgotten turn is empty.
    ``wish`` is the drawing's that was asked for, its seed resolved. ``only_for`` and ``private`` are as those of
    ``HistoryMessage``. ``proxied_as`` is the message in which a proxy has said the question again, if one has: it
    stands for the person's own, which is gone.
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
    only_for: int | None = None
    private: bool = False
    proxied_as: int | None = None

    @property
    def asked_by(self) -> int:
        """The message that asks, as it stands in the channel."""
        return self.proxied_as or self.id

    @property
    def asked_in(self) -> int:
        """The channel of the message that asked: a thread that grew from it (and has its id) does not hold it."""
        if self.channel_id == self.id and self.parent_id is not None:
            return self.parent_id
        return self.channel_id


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingEnd:
    """How an answer ended whose last state is on Discord; ``pictures`` is how many are there with it."""

    state: TurnState
    reason: FinishReason = FinishReason.STOP
    error_kind: ProblemKind | None = None
    pictures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTurn:
    """A turn that was under way when its process died, with all messages of its reply that are known.

    Its text is the longer one of what was kept and what Discord shows. ``end`` is the last state that it shows;
    None if the reply still grew, or nothing is known of it. ``unread``: Discord did not show all of it, so that more
    may stand there.
    """

    turn: Turn
    end: StandingEnd | None = None
    unread: bool = False


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
