"""Something that happened once, as the feed tells it: the bot killed, the gateway lost, a fault switched on."""

from __future__ import annotations

from typing import Any


class EventItem:
    """One event. `what` is a word of the page's catalogue, `detail` its values."""

    def __init__(self, item_id: str, at: float, what: str, *, turn: str | None = None, **detail: Any) -> None:
        self.id = item_id
        self._fixed = {"id": item_id, "kind": "event", "at": at, "turn": turn, "what": what, "detail": detail}

    def whole(self) -> dict[str, Any]:
        """Return everything, as JSON."""
        return self._fixed

    def live(self) -> dict[str, Any]:
        """Return nothing: it is past."""
        return {}
