"""What a model's stream is made of, whatever the endpoint.

A stream is any number of the others, then exactly one terminal event: ``Finish`` or ``Failure``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.errors import ProviderError


class FinishReason(StrEnum):
    """Why the model stopped."""

    STOP = "stop"
    LENGTH = "length"
    FILTERED = "filtered"
    CUT = "cut"
    """The answer broke off: the endpoint said so, or ended it without a reason."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDelta:
    """The next piece of the answer; never empty, never part of the drawing sentinel."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasoningDelta:
    """A piece of what a reasoning model thinks; not part of the answer."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction:
    """All text of this answer so far was reasoning: what was shown of it goes. The answer's own text follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The endpoint's words on a drawing that is under way."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingIntent:
    """A drawing was asked for and, since the request said ``draw=False``, not made. No text comes with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureUrl:
    """Where the picture can be fetched, byte for byte as the endpoint gave it. A secret: it may be signed.

    ``thumbnail`` is the URL of a smaller one, for where this one does not come; empty if there is none. ``named``: a
    talk's text names it, which anybody may have made the model write; otherwise the endpoint made the picture.
    """

    url: str
    thumbnail: str = ""
    named: bool = False

    def __repr__(self) -> str:
        return "PictureUrl(...)"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureBytes:
    """A picture that came inside the answer; not yet checked to be one."""

    data: bytes

    def __repr__(self) -> str:
        return f"PictureBytes({len(self.data)} bytes)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the answer cost, as far as the endpoint says; ``pictures`` is 1 where the drawing path was taken."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    pictures: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            total_tokens=self.total_tokens + other.total_tokens,
            pictures=self.pictures + other.pictures,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying:
    """An attempt failed; the same is asked again after ``after_s`` seconds. Comes before anything of an answer."""

    error: ProviderError
    after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The answer is whole."""

    reason: FinishReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The answer ended badly; the text that came before it stands."""

    error: ProviderError


ModelEvent = (
    TextDelta
    | ReasoningDelta
    | Retraction
    | Progress
    | DrawingIntent
    | PictureUrl
    | PictureBytes
    | Usage
    | Retrying
    | Finish
    | Failure
)
