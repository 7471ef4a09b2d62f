"""How a reply begins and how it ends."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.drawing.plan import DrawingCard
from bot.domain.model.events import FinishReason
from bot.domain.picture.files import PictureFile
from bot.domain.reply.controls import Controls
from bot.domain.turn.record import ProblemKind, TurnState
from bot.domain.usage.quota import Notice
from bot.errors import ErrorKind, ProviderError, Refusal, Shortage, Trouble

Problem = ProviderError | Refusal | Trouble | DrawingDenial | Shortage
"""What went wrong, or why not; the presentation has words for each."""


def kind_of(problem: Problem | None) -> ProblemKind | None:
    """Say what is kept of a problem: neither the endpoint's words nor the numbers of a quota, which pass."""
    if isinstance(problem, ProviderError):
        return problem.kind
    return Trouble.QUOTA_THEN if isinstance(problem, Shortage) else problem


def problem_of(kind: ProblemKind | None) -> Problem | None:
    """Make the problem again that a kind was kept of."""
    return ProviderError(kind) if isinstance(kind, ErrorKind) else kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyOptions:
    """How a reply is shown.

    ``controls`` stand under it while it grows. ``message_ids`` are the Discord messages of an earlier version, which
    the reply takes over, first page first. Past ``pages_before_file`` messages the whole text comes as a file, where
    ``can_attach``. ``most_messages`` is how many Discord takes of it; None: as many as there are. A ``refusal`` says
    why nothing is done; it is for the asker alone where Discord has a way for that. ``stands``: the text is the one
    that stands there already, so that a message that nothing leads to is left as it is.
    """

    controls: Controls | None = None
    message_ids: tuple[int, ...] = ()
    pages_before_file: int = 5
    can_attach: bool = True
    most_messages: int | None = None
    refusal: bool = False
    stands: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The last state of a reply: the text that was pushed, then pictures, then words on what went wrong.

    ``card`` comes with pictures: their recipes, in their order, and what is to be said of them. ``notices`` are told
    below it all: what is left of a quota, what it cost. ``open_channels`` are where to ask instead.
    """

    state: TurnState
    reason: FinishReason = FinishReason.STOP
    problem: Problem | None = None
    pictures: tuple[PictureFile, ...] = ()
    card: DrawingCard | None = None
    controls: Controls | None = None
    notices: tuple[Notice, ...] = ()
    open_channels: tuple[int, ...] = ()
