"""Finds the messages of replies without Discord."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.turn.record import Turn


class FakeFinder:
    """Fulfils ``ReplyFinder``: a turn without a message gets one, where Discord is there."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.away = False
        self.stands = ""
        """The text that the message has."""
        self.gone = False
        """Whether the questions were deleted."""
        self.missed: tuple[int, ...] = ()
        """Further messages of every reply."""

    async def find(self, turn: Turn) -> Turn:
        self.asked.append(turn.id)
        if self.gone:
            return replace(turn, prompt="")
        if turn.reply_ids:
            return replace(turn, reply_ids=(*turn.reply_ids, *self.missed))
        return turn if self.away else replace(turn, reply_ids=(turn.id + 1,), text=turn.text or self.stands)
