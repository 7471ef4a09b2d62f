"""What came of a change in the panel, in lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.settings.layers import Explained
from bot.domain.settings.scopes import Change, Target
from bot.presentation.settings.pages.layout import Tone
from bot.presentation.words import panel as words_of
from bot.presentation.words.panel import PanelWords

LINES = 5
"""How many changes are told one by one in a panel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a wish: the changes, or in words why there are none.

    ``before`` and ``after`` say what held at ``target``; ``typed`` is a long text that was refused.
    """

    changes: tuple[Change, ...] = ()
    target: Target | None = None
    before: Mapping[str, Explained] = field(default_factory=dict)
    after: Mapping[str, Explained] = field(default_factory=dict)
    said: str = ""
    tone: Tone = Tone.DONE
    typed: str = ""

    def line(self, change: Change, words: PanelWords) -> str:
        """Say one change in a line."""
        if change.target != self.target:  # an act may reach over several places
            return words.change(change)
        return words.change(change, self.before.get(change.key), self.after.get(change.key))

    def in_words(self, words: PanelWords) -> str:
        """Say it in a few lines."""
        lines = [self.line(one, words) for one in self.changes[:LINES]]
        if len(self.changes) > LINES:
            lines.append(words.say(words_of.MORE, count=str(len(self.changes) - LINES)))
        return "\n".join(filter(None, (self.said, *lines)))
