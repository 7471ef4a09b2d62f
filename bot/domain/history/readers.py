"""Whose prompt a line of the history may go into."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.history.messages import HistoryMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who asks, and who sees the answer: what it is made of, it may tell.

    ``alone``: the answer is for them alone. Else nothing goes along that only one person saw. ``carried``: the bot is
    no member here, and the reader carries it along; then nothing goes along but their own.
    """

    user_id: int
    alone: bool = False
    carried: bool = False

    def may_read(self, line: HistoryMessage) -> bool:
        """Whether a line may go into the reader's prompt."""
        if line.private and not self.alone:
            return False
        return line.only_for == self.user_id or (line.only_for is None and not self.carried)
