"""All that is kept when a turn ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.history.messages import HistoryMessage
from bot.domain.model.events import FinishReason, Usage
from bot.domain.picture.files import Drawing
from bot.domain.turn.record import ProblemKind, TurnState
from bot.domain.usage.counts import Settlement


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedTurn:
    """How version ``version`` of a turn ended, to be kept whole or not at all.

    ``line`` is the answer's in the history; one without text only empties the line that is there. ``drawings`` are
    pictures that have got to Discord; ``forgets_drawings`` if those of the turn are to go. ``settlement`` is what was
    used, counted once for a version and ``ended_at``; None if there is nothing to count.
    """

    turn_id: int
    channel_id: int
    version: int
    state: TurnState
    reply_ids: tuple[int, ...]
    text: str
    ended_at: datetime
    reason: FinishReason = FinishReason.STOP
    error_kind: ProblemKind | None = None
    usage: Usage = field(default_factory=Usage)
    line: HistoryMessage | None = None
    drawings: tuple[Drawing, ...] = ()
    forgets_drawings: bool = False
    settlement: Settlement | None = None
