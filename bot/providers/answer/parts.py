"""What an adapter makes of one object of an answer: raw parts, which the assembler turns into events.

``ReasoningDelta`` and ``Usage`` of the domain serve as parts as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.domain.model.events import FinishReason, ModelEvent, ReasoningDelta, Usage
from bot.errors import ProviderError
from bot.providers.http.transport import Patience


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """An increment of the answer's text. ``unfinished``: its object says that there is no finish reason yet."""

    text: str
    unfinished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The answer's text so far, complete: only what was not seen yet is new."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureReference:
    """A picture that an answer names: an http(s) URL, a path at the endpoint, a ``data:`` URL, or base64 alone.

    ``thumbnail`` is a smaller one of it, for where it does not come itself. A ``preview`` is not finished: it is of no
    use once another picture follows. ``named``: the answer's text names it. URLs may be signed, so they are never
    printed.
    """

    url: str
    thumbnail: str = ""
    preview: bool = False
    named: bool = False

    def __repr__(self) -> str:
        return "PictureReference(...)"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingPath:
    """Whether the endpoint took its drawing path; not that it worked."""

    taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The endpoint says that the answer is whole.

    ``alone``: in an object without anything of the answer, or with all of it; a reason beside a piece may be in every
    one. ``word`` is the endpoint's own, for a reason that is not known.
    """

    reason: FinishReason
    alone: bool = True
    word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The endpoint reports an error inside its answer."""

    error: ProviderError


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A part of the answer could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A part of another answer than the first: only one is asked for, but some servers number it differently."""

    index: str
    part: Part


Part = Piece | Whole | ReasoningDelta | PictureReference | DrawingPath | Usage | Stopped | Fault | Lost | Other


def carries(part: Part) -> bool:
    """Whether a part holds an increment of an answer, or something that others may follow."""
    return bool(part.text) if isinstance(part, (Piece, ReasoningDelta)) else isinstance(part, PictureReference)


class Assembler(Protocol):
    """Turns the parts of one answer into events. Used once."""

    @property
    def patience(self) -> Patience:
        """How long to wait for more of the answer."""

    @property
    def complete(self) -> bool:
        """Whether a connection that breaks off now is the answer's end."""

    def feed(self, part: Part) -> list[ModelEvent]:
        """Take a part; return the events that are certain by now. Raises the ``ProviderError`` of a ``Fault``."""

    def end(self, *, done: bool) -> list[ModelEvent]:
        """Return the last events, the terminal one included; ``done`` is whether the end marker came.

        Raises ``ProviderError`` where the answer is cut off, empty, or a drawing that failed.
        """

    def abandon(self) -> list[ModelEvent]:
        """Return what was held back and may be shown although the answer broke off; no terminal event."""
