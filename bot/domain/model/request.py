"""One call of the model, in no endpoint's terms."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.domain.model.messages import PromptMessage
from bot.domain.picture.parameters import DrawingParameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How words are chosen; ranges and defaults are the fusion document's (endpoints.md, section 1).

    ``temperature`` (0, 2], ``top_p`` (0, 1], ``max_new_tokens`` ≥ 1, ``repetition_penalty`` > 0 (1 = none). ``chosen``
    names the fields that somebody has set, if only to the default: an endpoint with defaults of its own is told those.
    """

    temperature: float = 0.8
    top_p: float = 0.7
    max_new_tokens: int = 2048
    repetition_penalty: float = 1.0
    chosen: frozenset[str] = frozenset()

    def granted(self, new_tokens: int, *, bounded: bool) -> Sampling:
        """Return the same with the length that a quota grants; where it ``bounded`` that, any endpoint is told it."""
        chosen = self.chosen | {"max_new_tokens"} if bounded else self.chosen
        return replace(self, max_new_tokens=new_tokens, chosen=chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """One call of the model, in no endpoint's terms.

    ``messages`` alternate, user first and last. ``user_key`` is opaque (never a Discord id). ``draw`` False means that
    a wanted drawing is only recognised (``DrawingIntent``), where the endpoint can do that. ``mode`` DRAW means that
    nothing but a picture is wanted; ``messages`` then end with the prompt of the picture as the user wrote it.
    ``certain``: it is known that a picture is wanted, also of a conversation; one that may have been made, and billed,
    is not asked for again.
    ``provider`` is the endpoint that a place has chosen, ``chat_model`` and ``image_model`` are its models there, where
    it has some to choose from; empty is the operator's.
    """

    mode: Mode
    messages: tuple[PromptMessage, ...]
    persona: str = ""
    user_key: str
    draw: bool = True
    certain: bool = False
    sampling: Sampling = field(default_factory=Sampling)
    drawing: DrawingParameters = field(default_factory=DrawingParameters)
    provider: str = ""
    chat_model: str = ""
    image_model: str = ""


class Mode(StrEnum):
    """What was asked for."""

    CHAT = "chat"
    """Words; a drawing where the endpoint recognises that one is wanted."""
    DRAW = "draw"
    """A picture, asked for by a command."""
