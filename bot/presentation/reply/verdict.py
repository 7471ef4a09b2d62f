"""What becomes of a reply when Discord did not take a request: the decision alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.reply.ending import Ending
from bot.errors import ErrorKind, ProviderError
from bot.presentation.outbound.faults import DeliveryError, DeliveryFault

FINAL_TRIES = 6
BACKOFF_S = (0.5, 1.0, 2.0, 4.0, 8.0)
LONGEST_PAUSE_S = 60.0
"""No longer is Discord left alone before another try, however long it wants to be."""
_OF_FILES = frozenset({DeliveryFault.TOO_LARGE, DeliveryFault.FORBIDDEN, DeliveryFault.LOST})
"""What may be the fault of the files alone."""
_PICTURE_FAULTS = {DeliveryFault.TOO_LARGE: ErrorKind.TOO_LARGE, DeliveryFault.LOST: ErrorKind.PICTURE_FETCH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Try again, in so many seconds."""

    after_s: float


class Step(Enum):
    """What to do instead of trying the same again."""

    FORGET = auto()
    """Do without the message: another takes its place."""
    WITHOUT_FILES = auto()
    """Bring the words alone."""
    GIVE_UP = auto()


Verdict = Retry | Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """How a reply stands when a request fails.

    ``inherited`` is whether the request was about a message of an earlier version that nothing was changed in yet,
    ``has_files`` whether the last state has any, ``tries`` how many passing faults came in a row, this one counted.
    """

    inherited: bool
    ended: bool
    has_files: bool
    tries: int


def verdict(error: DeliveryError, situation: Situation) -> Verdict:
    """Decide what to do about a request that Discord did not take."""
    fault = error.fault
    if fault is DeliveryFault.GONE and situation.inherited:
        return Step.FORGET
    if fault is DeliveryFault.PASSING:
        if situation.ended and situation.tries >= FINAL_TRIES:
            return Step.GIVE_UP
        backoff_s = BACKOFF_S[min(situation.tries, len(BACKOFF_S)) - 1]
        return Retry(after_s=max(backoff_s, min(error.retry_after_s, LONGEST_PAUSE_S)))
    if fault in _OF_FILES and situation.ended and situation.has_files:
        return Step.WITHOUT_FILES
    return Step.GIVE_UP


def without_pictures(ending: Ending, fault: DeliveryFault) -> Ending:
    """Say in words what pictures would have shown; an ending that has none stays as it is."""
    if not ending.pictures:
        return ending
    kind = _PICTURE_FAULTS.get(fault)
    problem = ProviderError(kind) if kind is not None else DrawingDenial.CANNOT_ATTACH
    return replace(ending, pictures=(), problem=problem)
