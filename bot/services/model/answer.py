"""What the bot has of an answer so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.drawing.plan import Commission, DrawingCard
from bot.domain.model.events import Usage
from bot.domain.picture.files import PictureFile
from bot.domain.picture.parameters import DrawingParameters
from bot.services.model.spending import Spending
from bot.services.picture.keeper import KeptDrawing


@dataclass(slots=True, kw_only=True)
class Answer:
    """What becomes of a turn while it is answered; ``text`` grows. ``version`` counts the answers to it, from 1.

    ``commission`` is what its pictures are to be, and ``drawn_since`` when that was given, in monotonic seconds.
    ``made`` are the pictures so far, by their index: kept already, not yet delivered.
    """

    version: int = 1
    parts: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    commission: Commission | None = None
    drawn_since: float = 0.0
    made: dict[int, KeptDrawing] = field(default_factory=dict)
    first_event_at: float | None = None
    spending: Spending = field(default_factory=Spending)

    @property
    def text(self) -> str:
        """The answer so far."""
        return "".join(self.parts)

    def keep(self, chars: int) -> None:
        """Forget the answer beyond its first ``chars``: nobody has seen it."""
        self.parts[:] = [self.text[:chars]]

    @property
    def files(self) -> tuple[PictureFile, ...]:
        """The pictures so far, to be uploaded."""
        return tuple(made.file for _, made in sorted(self.made.items()))

    @property
    def recipes(self) -> tuple[DrawingParameters, ...]:
        """How the pictures so far were made."""
        return tuple(made.drawing.parameters for _, made in sorted(self.made.items()))

    def draw(self, commission: Commission, *, since: float) -> None:
        """Take what the pictures are to be; their time runs from ``since``, in monotonic seconds."""
        self.commission = commission
        self.drawn_since = since

    def card(self, asker_id: int, *, now: float) -> DrawingCard | None:
        """Return what is to be said of the pictures at ``now``, in monotonic seconds; None if there are none."""
        commission = self.commission
        if commission is None or not self.made:
            return None
        return DrawingCard(
            prompt=commission.prompt,
            pictures=self.recipes,
            asker_id=asker_id,
            took_s=now - self.drawn_since,
            plan=commission.plan,
            missing=max(0, len(commission.plan.pictures) - len(self.made)),
        )
