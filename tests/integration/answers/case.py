"""A case: what an endpoint sends, and what must become of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from bot.errors import ErrorKind
from tests.integration.answers.server import Reaction, Script


class Endpoint(StrEnum):
    """Which adapter asks."""

    CC = "chat_completions"
    FU = "fusion"


class Way(StrEnum):
    """How it is asked for."""

    MENTION = "mention"
    DRAW = "/draw"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One input with its outcome.

    ``answers`` are what the endpoint writes to one call after the other, the last again and again. ``speed``: how many
    times faster than reported gaps and deadlines pass. ``text`` is the answer that is shown and remembered; ``absent``
    is in nothing that is shown or remembered, ``shown`` in what is shown. ``kind`` is the error that is told, several
    where either is right. ``broken``: the answer is marked as broken off, and may be continued. ``cut``: it is as long
    as was allowed. ``noted``: something is said below the text. ``pictures`` are the sizes that arrived, in order.
    ``within_s``: in the report's time. ``settings`` are the operator's. ``absent_fields`` are not in the last request.
    """

    name: str
    answers: tuple[Script | Reaction, ...]
    endpoint: Endpoint = Endpoint.CC
    way: Way = Way.MENTION
    speed: float = 1.0
    text: str | None = None
    absent: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    kind: ErrorKind | tuple[ErrorKind, ...] | None = None
    broken: bool = False
    cut: bool = False
    noted: bool | None = None
    calls: int | tuple[int, ...] = 1
    pictures: tuple[str, ...] = ()
    within_s: float | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    absent_fields: tuple[str, ...] = ()
    tokens: int | None = None
    """How many tokens are counted, where the endpoint tells it."""

    def __str__(self) -> str:
        return f"{self.name}, {self.endpoint}, {self.way}".replace("_", " ")

    @property
    def kinds(self) -> tuple[ErrorKind, ...]:
        """The errors of which one is told; empty where none is."""
        return self.kind if isinstance(self.kind, tuple) else () if self.kind is None else (self.kind,)

    @property
    def counts(self) -> tuple[int, ...]:
        """How many calls are right."""
        return (self.calls,) if isinstance(self.calls, int) else self.calls


def both(case: Case, *answers: Script | Reaction, **changes: Any) -> list[Case]:
    """Return the case for chat completions, and for fusion with these answers."""
    return [case, replace(case, endpoint=Endpoint.FU, answers=answers, **changes)]


def ways(case: Case, **of_draw: Any) -> list[Case]:
    """Return the case for a mention, and for ``/draw`` with these changes."""
    return [case, replace(case, way=Way.DRAW, **of_draw)]
