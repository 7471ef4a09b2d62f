"""A turn as far as the outside can tell: what somebody asked, and how far the bot is with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sandbox.backstage.items.endpoint import EndpointItem


class TurnState(StrEnum):
    """How far a turn is."""

    WAITING = "waiting"
    """Nothing was asked of the endpoint yet: it waits in a queue, or the bot needs no endpoint for it."""
    ASKED = "asked"
    STREAMING = "streaming"
    DRAWING = "drawing"
    FINISHING = "finishing"
    """The endpoint is done, the last edit is still to come."""
    RETRYING = "retrying"
    """The endpoint failed, and the bot has not said what becomes of it."""
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    """The bot let go of the answer, after somebody did something."""
    INTERRUPTED = "interrupted"
    """The bot ended before the turn did."""


SETTLED: Final = frozenset({TurnState.DONE, TurnState.FAILED, TurnState.STOPPED, TurnState.INTERRUPTED})
HUNG_UP: Final = "disconnected"


@dataclass(slots=True, kw_only=True, eq=False)
class Turn:
    """One turn; times in Unix seconds. `asked` is the text by which requests are recognised, spaces collapsed."""

    id: str
    at: float
    source: str
    who: str
    channel: str
    channel_id: int
    words: str
    asked: str = ""
    state: TurnState = TurnState.WAITING
    since: float = 0.0
    acted_at: float = 0.0
    """When a person last did something about it: it began, a button was pressed, the question was edited."""
    touched: bool = False
    """Whether a person did something since the last request was opened."""
    cut: bool = False
    answered: bool = False
    """Whether something was written, other than a request for more time, that no endpoint was asked for."""
    wrote_at: float | None = None
    requests: list[EndpointItem] = field(default_factory=list)

    def whole(self) -> dict[str, Any]:
        """Return everything, as JSON."""
        return {
            "id": self.id,
            "kind": "turn",
            "at": self.at,
            "source": self.source,
            "who": self.who,
            "channel": self.channel,
            "channel_id": str(self.channel_id),
            **self.live(),
        }

    def live(self) -> dict[str, Any]:
        """Return the fields that change."""
        return {"words": self.words, "state": str(self.state), "since": self.since, "acted_at": self.acted_at}

    @property
    def settled(self) -> bool:
        """Whether nothing more is expected."""
        return self.state in SETTLED

    def open_request(self, item: EndpointItem) -> None:
        """Take a request that was opened for it."""
        self.requests = [*self.requests[-20:], item]
        self.cut = self.touched = self.answered = False

    def derive(self) -> TurnState:
        """Work out the state from the requests and writes."""
        if self.cut:
            return TurnState.INTERRUPTED
        open_now = [one for one in self.requests if one.open]
        if open_now:
            latest = open_now[-1]
            if latest.drawing:
                return TurnState.DRAWING
            return TurnState.STREAMING if latest.speaks else TurnState.ASKED
        if not self.requests:
            return TurnState.DONE if self.answered else TurnState.WAITING
        return self._after(self.requests[-1])

    def _after(self, last: EndpointItem) -> TurnState:
        written = self.wrote_at is not None and last.ended_at is not None and self.wrote_at >= last.ended_at
        if last.good:
            if last.asks_for_drawing and not last.drawing:
                return TurnState.ASKED
            return TurnState.DONE if written else TurnState.FINISHING
        if last.outcome == HUNG_UP and self.touched:
            return TurnState.STOPPED
        return TurnState.FAILED if written else TurnState.RETRYING
