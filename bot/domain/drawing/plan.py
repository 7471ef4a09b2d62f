"""What is drawn, and what the finished drawing's card says."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.drawing.wish import Origin
from bot.domain.picture.parameters import PARAMETER_FIELDS, DrawingParameters, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Clamp:
    """A wish that the place does not allow: a ceiling made ``size``, ``steps`` or ``count`` (the ``field``) smaller,
    or another ``model`` draws. ``asked`` may be a stranger's words.
    """

    field: str
    asked: str
    given: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawPlan:
    """What is drawn: one entry of ``pictures`` for each picture, which differ in their seeds alone.

    ``honoured`` are the fields of ``DrawingParameters`` that the endpoint heeds: the others say nothing of the picture.
    ``unused`` are those that were asked for and that it does not heed. ``larger`` is the next known size, where the
    place allows one. ``origin_deleted``: nothing stands any more where ``origin`` is.
    """

    pictures: tuple[DrawingParameters, ...]
    spoiler: bool = False
    private: bool = False
    origin: Origin | None = None
    origin_deleted: bool = False
    clamps: tuple[Clamp, ...] = ()
    unused: tuple[str, ...] = ()
    honoured: frozenset[str] = PARAMETER_FIELDS
    larger: Size | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingCard:
    """What a finished drawing's card says: ``pictures`` are the recipes of those that came, in their order.

    ``missing`` is how many of the wished ones did not come, ``took_s`` how long they took together, in seconds.
    """

    prompt: str
    pictures: tuple[DrawingParameters, ...]
    asker_id: int
    took_s: float
    plan: DrawPlan
    missing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Commission:
    """What the pictures of an answer are to be, and what they show; ``changes`` another picture, whose recipe it has.

    ``estimate_s`` is how long such pictures took lately, in seconds, where that is known.
    """

    plan: DrawPlan
    prompt: str
    changes: bool = False
    estimate_s: float | None = None
