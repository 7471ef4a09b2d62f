"""What an adapter makes of one object of an answer: raw parts, which the assembler turns into events.

``ReasoningDelta`` and ``Usage`` of the domain serve as parts as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.domain.model.events import FinishReason, ModelEvent, ReasoningDelta, Usage
from bot.errors import ProviderError


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """An increment of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The answer's text so far, complete: only what was not seen yet is new."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureReference:
    """A picture that an answer names: an http(s) URL, a path at the endpoint, a ``data:`` URL, or base64 alone.

    ``thumbnail`` is a smaller one of it, for where it does not come itself. A ``preview`` is not finished: it is of no
    use once another picture follows. URLs may be signed, so they are never printed.
    """

    url: str
    thumbnail: str = ""
    preview: bool = False

    def __repr__(self) -> str:
        return "PictureReference(...)"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingPath:
    """Whether the endpoint took its drawing path; not that it worked."""

    taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The endpoint says that the answer is whole."""

    reason: FinishReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The endpoint reports an error inside its answer."""

    error: ProviderError


Part = Piece | Whole | ReasoningDelta | PictureReference | DrawingPath | Usage | Stopped | Fault


class Assembler(Protocol):
    """Turns the parts of one answer into events. Used once."""

    @property
    def complete(self) -> bool:
        """Whether the endpoint has said that the answer is whole."""

    def feed(self, part: Part) -> list[ModelEvent]:
        """Take a part; return the events that are certain by now. Raises the ``ProviderError`` of a ``Fault``."""

    def end(self, *, done: bool) -> list[ModelEvent]:
        """Return the last events, the terminal one included; ``done`` is whether the end marker came.

        Raises ``ProviderError`` where the answer is cut off, empty, or a drawing that failed.
        """

    def abandon(self) -> list[ModelEvent]:
        """Return what was held back and may be shown although the answer broke off; no terminal event."""
