"""The stores that every turn is written to."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.history.ports import HistoryStore
from bot.domain.picture.ports import DrawingStore
from bot.domain.turn.ports import TurnStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What a turn is kept in."""

    history: HistoryStore
    turns: TurnStore
    drawings: DrawingStore
