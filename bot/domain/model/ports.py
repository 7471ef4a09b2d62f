"""What the use cases need of a model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.model.calibration import Known, ModelName
from bot.domain.model.events import ModelEvent
from bot.domain.model.request import ModelRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What an endpoint can do; the bot asks these, never its name.

    ``drawing_fields`` are the names of the fields of ``DrawingParameters`` that it honours. ``draws`` is whether all is
    set that it needs for drawing.
    """

    intent_check: bool
    pictures_per_call: int
    drawing_fields: frozenset[str]
    draws: bool = True


class ChatModel(Protocol):
    """A model behind an endpoint."""

    @property
    def capabilities(self) -> Capabilities:
        """What the endpoint can do."""

    def stream(self, request: ModelRequest) -> AbstractAsyncContextManager[AsyncIterator[ModelEvent]]:
        """Ask the model; the iterator ends after exactly one terminal event (``Finish`` or ``Failure``).

        Leaving the context closes the connection, whatever was read. Nothing but ``CancelledError`` is raised: every
        fault of the endpoint is a ``Failure``.
        """


class CalibrationStore(Protocol):
    """What is learnt of how models count tokens: of each model some terms by their names.

    Every method raises ``StorageError`` when the database fails, and holds no session open when it returns.
    """

    async def load(self) -> Mapping[ModelName, Mapping[str, Known]]:
        """Return what is kept of every model."""

    async def keep(self, learnt: Mapping[ModelName, Mapping[str, Known]], *, at: datetime, most_models: int) -> None:
        """Keep terms over what was kept of them; beyond so many models, those that were longest not kept go."""
