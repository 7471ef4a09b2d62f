"""A request to the endpoint, as the feed tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.backstage.items.abbreviate import abbreviate, cut_text
from sandbox.endpoint.script.samples import SENTINEL

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.endpoint.serving.record import Entry


class EndpointItem:
    """One request: its parameters as they came, and its answer so far. `clock` is that of the entry's times."""

    def __init__(self, item_id: str, entry: Entry, turn: str | None, clock: Callable[[], float]) -> None:
        self.id = item_id
        self.turn = turn
        self._entry = entry
        self._clock = clock
        body = entry.request.body
        fields: dict[str, Any] = body if isinstance(body, dict) else {}
        messages = fields.get("messages")
        listed: list[Any] = messages if isinstance(messages, list) else []
        self._fixed = {
            "id": item_id,
            "kind": "endpoint",
            "at": entry.at,
            "turn": turn,
            "endpoint": entry.kind,
            "path": entry.request.path,
            # The latest messages tell most, and a value is cut from its end.
            "messages": list(reversed(abbreviate(list(reversed(listed))[:100]))),
            "messages_count": len(listed),
            "parameters": abbreviate({key: value for key, value in fields.items() if key != "messages"}),
            "raw": cut_text(body) if isinstance(body, str) else None,
        }

    @property
    def drawing(self) -> bool:
        """Whether a picture is drawn for it."""
        return self._entry.drawing

    @property
    def open(self) -> bool:
        """Whether the answer is still under way."""
        return self._entry.ended_at is None

    @property
    def ended_at(self) -> float | None:
        """When the answer ended, by the log's clock."""
        return self._entry.ended_at

    @property
    def outcome(self) -> str:
        """How it ended: see `sandbox.endpoint.serving.record.Entry`; a refusal counts by its status."""
        return self._entry.outcome

    @property
    def speaks(self) -> bool:
        """Whether there is text."""
        return self._entry.progress.deltas > 0

    @property
    def good(self) -> bool:
        """Whether it ended as an answer should."""
        entry = self._entry
        scripted = entry.outcome == "scripted" and entry.progress.finish is not None
        return (entry.outcome == "complete" or scripted) and entry.status == 200 and entry.progress.error is None

    @property
    def asks_for_drawing(self) -> bool:
        """Whether the answer is the sign that a picture is wanted, for which the bot asks again."""
        return self._entry.progress.text.strip() == SENTINEL

    def whole(self) -> dict[str, Any]:
        """Return everything, as JSON."""
        return {**self._fixed, **self.live()}

    def live(self) -> dict[str, Any]:
        """Return the fields that change."""
        entry = self._entry
        end = entry.ended_at
        told = entry.progress.as_json(self._clock() if end is None else end)
        told["text"] = cut_text(entry.progress.text)
        return {
            "status": entry.status,
            "outcome": entry.outcome,
            "drawing": entry.drawing,
            "first_s": None if entry.first_byte_at is None else round(entry.first_byte_at - entry.at, 3),
            "seconds": None if end is None else round(end - entry.at, 3),
            "intent": self.asks_for_drawing,
            "progress": told,
        }


def last_words(entry: Entry) -> str:
    """Return the text of the last message of a request, "" where there is none."""
    body = entry.request.body
    messages = body.get("messages") if isinstance(body, dict) else None
    message = messages[-1] if isinstance(messages, list) and messages else None
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, list):
        content = " ".join(str(one.get("text", "")) for one in content if isinstance(one, dict))
    return content if isinstance(content, str) else ""
