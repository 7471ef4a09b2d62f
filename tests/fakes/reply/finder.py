"""Finds the messages of replies without Discord."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.turn.record import FoundTurn, StandingEnd, Turn


class FakeFinder:
    """Fulfils ``ReplyFinder``: a turn without a message gets one, where Discord is there."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.away = False
        self.stands = ""
        """The text that Discord shows; what was kept is taken if it is longer."""
        self.shows = False
        """Whether it is known what Discord shows."""
        self.end: StandingEnd | None = None
        """The last state that Discord shows."""
        self.gone = False
        """Whether the questions were deleted."""
        self.missed: tuple[int, ...] = ()
        """Further messages of every reply."""

    async def find(self, turn: Turn) -> FoundTurn:
        self.asked.append(turn.id)
        if self.gone:
            return FoundTurn(turn=replace(turn, prompt=""))
        if self.away:
            return FoundTurn(turn=turn, unread=True)
        reply_ids = (*turn.reply_ids, *self.missed) if turn.reply_ids else (turn.id + 1,)
        text = max(turn.text, self.stands, key=len)
        shown = self.stands if self.shows else None
        return FoundTurn(turn=replace(turn, reply_ids=reply_ids, text=text), shown=shown, end=self.end)
