"""What is shown of a model's text: mended for Discord, and no line of it like one of the bot's own."""

from __future__ import annotations

from bot.domain.page.mends.mender import Mender
from bot.domain.page.small import ModelLines


class Display:
    """Turns a text that comes in pieces into what is shown of it; what can't be told yet is held back."""

    def __init__(self) -> None:
        self._mender = Mender()
        self._lines = ModelLines()

    def push(self, delta: str) -> str:
        """Take the next piece; returns what is shown next."""
        return self._lines.push(self._mender.push(delta))

    def finish(self) -> str:
        """Take the text to end here; returns what is shown of what was held back. Nothing may be pushed after that."""
        return self._lines.push(self._mender.finish())

    @property
    def taken_chars(self) -> int:
        """How much of the text what was returned so far stands for."""
        return self._mender.taken_chars

    def source_chars(self, shown_chars: int) -> int:
        """Tell how much of the text the first ``shown_chars`` of what was returned stand for."""
        return self._mender.source_chars(self._lines.source_chars(shown_chars))

    def growing(self, most_chars: int) -> tuple[str, int]:
        """Show a table that is held back, as far as it has room in so many characters; empty if there is none.

        Returns how much of the text stands with it, too.
        """
        return self._mender.growing(most_chars)
