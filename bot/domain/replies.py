"""How a reply begins and how it ends."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.controls import Controls
from bot.domain.drawings import DrawingDenial, Picture
from bot.domain.events import FinishReason
from bot.domain.turns import TurnState
from bot.errors import ProviderError, Refusal, Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFile:
    """A picture to upload: ``alt`` is its alternative text (the prompt), untrusted and of any length."""

    picture: Picture
    filename: str
    alt: str


Problem = ProviderError | Refusal | Trouble | DrawingDenial
"""What went wrong, or why not; the presentation has words for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyOptions:
    """How a reply is shown.

    ``controls`` stand under it while it grows. ``message_ids`` are the Discord messages of an earlier version, which
    the reply takes over, first page first. Past ``pages_before_file`` messages the whole text comes as a file, where
    ``can_attach``.
    """

    controls: Controls | None = None
    message_ids: tuple[int, ...] = ()
    pages_before_file: int = 5
    can_attach: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The last state of a reply: the text that was pushed, then pictures, then words on what went wrong."""

    state: TurnState
    reason: FinishReason = FinishReason.STOP
    problem: Problem | None = None
    pictures: tuple[PictureFile, ...] = ()
    controls: Controls | None = None
