"""What the bot has of an answer so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.domain.drawing.plan import DrawingCard
from bot.domain.model.events import Usage
from bot.domain.picture.files import PictureFile
from bot.domain.picture.parameters import DrawingParameters
from bot.services.model.spending import Spending
from bot.services.picture.keeper import Made


@dataclass(slots=True, kw_only=True)
class Answer:
    """What becomes of a turn while it is answered; ``text`` grows. ``version`` counts the answers to it, from 1.

    ``made`` are the pictures so far, by their index: kept already, not yet delivered; ``card`` tells what is to be said
    of them.
    """

    version: int = 1
    parts: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    made: dict[int, Made] = field(default_factory=dict)
    card: Callable[[], DrawingCard | None] = lambda: None
    first_event_at: float | None = None
    spending: Spending = field(default_factory=Spending)

    @property
    def text(self) -> str:
        """The answer so far."""
        return "".join(self.parts)

    @property
    def files(self) -> tuple[PictureFile, ...]:
        """The pictures so far, to be uploaded."""
        return tuple(made.file for _, made in sorted(self.made.items()))

    @property
    def recipes(self) -> tuple[DrawingParameters, ...]:
        """How the pictures so far were made."""
        return tuple(made.drawing.parameters for _, made in sorted(self.made.items()))
