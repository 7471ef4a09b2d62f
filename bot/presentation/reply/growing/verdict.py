"""What becomes of a reply when Discord did not take a request: the decision alone."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.reply.ending import Ending
from bot.errors import ErrorKind, ProviderError
from bot.presentation.outbound.faults import DeliveryError, DeliveryFault

FINAL_TRIES: Final = 6
BACKOFF_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
LONGEST_PAUSE_S: Final = 60.0
"""No longer is Discord left alone before another try, however long it wants to be."""
LAST_TRIES_S: Final = (2.0, 5.0)
"""How long after each other a last state is tried again that Discord has forbidden: permissions are often mended at
once, by those who have just changed them."""
_PICTURE_FAULTS: Final = {DeliveryFault.TOO_LARGE: ErrorKind.TOO_LARGE, DeliveryFault.LOST: ErrorKind.PICTURE_FETCH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Try again, in so many seconds."""

    after_s: float


class Step(Enum):
    """What to do instead of trying the same again. Each can be done once, so that they come to an end."""

    FORGET = auto()
    """Do without the message: another takes its place."""
    WITHOUT_FILES = auto()
    WITHOUT_CONTROLS = auto()
    WITHOUT_HEADING = auto()
    """Leave out the bot's own words above the answer: they may be what Discord does not want."""
    STOP = auto()
    """Stop the answer, and try to say so."""
    HOLD = auto()
    """Go back to the text that stands, and end below it."""
    NO_MORE = auto()
    """End in the messages that stand."""
    WORDS_ALONE = auto()
    """Bring the words on the end without the text above them."""
    APART = auto()
    """Leave the messages as they are, and end in a new one."""
    GIVE_UP = auto()
    """Say it in another way, if there is one."""


Verdict = Retry | Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """How a reply stands when a request fails.

    ``making``: the request was for a new message, and ``stands``: there are messages already. ``inherited``: it was
    about a message of an earlier version that nothing was changed in yet. ``has_files``, ``has_controls``,
    ``new_heading``: what was refused has files, buttons, a heading that Discord has not taken before. ``held``,
    ``limited``, ``alone``, ``apart``: what was decided before (HOLD, NO_MORE, WORDS_ALONE, APART). ``tries`` counts the
    requests that failed in a row for the same, this one too.
    """

    ended: bool
    making: bool = False
    stands: bool = True
    inherited: bool = False
    has_files: bool = False
    has_controls: bool = False
    new_heading: bool = False
    held: bool = False
    limited: bool = False
    alone: bool = False
    apart: bool = False
    tries: int = 1


_Row = tuple[Collection[DeliveryFault], Callable[[Situation], bool], Step]

_GONE = (DeliveryFault.GONE,)
_NO_WAY = (DeliveryFault.GONE, DeliveryFault.INTERACTION_OVER)
_OF_TEXT = (DeliveryFault.TEXT, DeliveryFault.REJECTED, DeliveryFault.COMPONENTS)
_CLOSED = (DeliveryFault.FORBIDDEN, DeliveryFault.ARCHIVED, DeliveryFault.FULL, DeliveryFault.PASSING)
"""What has nothing to do with what was sent."""


def _always(_: Situation) -> bool:
    return True


def _may_fall_back(now: Situation) -> bool:
    return now.making and now.stands and not now.limited and not now.apart


_GROWING: Final[tuple[_Row, ...]] = (
    (_GONE, lambda now: now.inherited, Step.FORGET),
    (_NO_WAY, _always, Step.GIVE_UP),
    ((DeliveryFault.COMPONENTS,), lambda now: now.has_controls, Step.WITHOUT_CONTROLS),
    (_OF_TEXT, lambda now: now.new_heading, Step.WITHOUT_HEADING),
    (_OF_TEXT, _always, Step.HOLD),
    (_CLOSED, _may_fall_back, Step.NO_MORE),
    (tuple(DeliveryFault), _always, Step.STOP),
)
"""The first row that fits decides; passing faults are tried again before it is asked."""

_ENDED: Final[tuple[_Row, ...]] = (
    (_GONE, lambda now: now.inherited, Step.FORGET),
    (_NO_WAY, _always, Step.GIVE_UP),
    ((DeliveryFault.COMPONENTS,), lambda now: now.has_controls, Step.WITHOUT_CONTROLS),
    (
        (DeliveryFault.TOO_LARGE, DeliveryFault.LOST, DeliveryFault.FORBIDDEN),
        lambda now: now.has_files,
        Step.WITHOUT_FILES,
    ),
    (_OF_TEXT, lambda now: now.new_heading, Step.WITHOUT_HEADING),
    (_OF_TEXT, lambda now: not now.held, Step.HOLD),
    ((DeliveryFault.REJECTED,), lambda now: now.has_controls, Step.WITHOUT_CONTROLS),
    ((*_OF_TEXT, *_CLOSED), _may_fall_back, Step.NO_MORE),
    (_OF_TEXT, lambda now: not now.alone, Step.WORDS_ALONE),
    ((DeliveryFault.REJECTED,), lambda now: now.has_files, Step.WITHOUT_FILES),
    (tuple(DeliveryFault), lambda now: not (now.making or now.limited or now.apart), Step.APART),
    (tuple(DeliveryFault), _always, Step.GIVE_UP),
)


def verdict(error: DeliveryError, now: Situation) -> Verdict:
    """Decide what to do about a request that Discord did not take."""
    again = _again(error, now)
    if again is not None:
        return again
    rows = _ENDED if now.ended else _GROWING
    return next(step for faults, fits, step in rows if error.fault in faults and fits(now))


def _again(error: DeliveryError, now: Situation) -> Retry | None:
    """Say when to try the same again; None if that is of no use."""
    if error.fault is DeliveryFault.PASSING:
        if now.ended and now.tries >= FINAL_TRIES:
            return None
        backoff_s = BACKOFF_S[min(now.tries, len(BACKOFF_S)) - 1]
        return Retry(after_s=max(backoff_s, min(error.retry_after_s, LONGEST_PAUSE_S)))
    if error.fault not in (DeliveryFault.FORBIDDEN, DeliveryFault.ARCHIVED) or not now.ended or now.apart:
        return None
    # Something else can be tried after the first of these.
    most = 1 if now.has_files or _may_fall_back(now) else len(LAST_TRIES_S)
    return Retry(after_s=LAST_TRIES_S[now.tries - 1]) if now.tries <= most else None


def without_pictures(ending: Ending, fault: DeliveryFault) -> Ending:
    """Say in words what pictures would have shown; an ending that has none stays as it is."""
    if not ending.pictures:
        return ending
    kind = _PICTURE_FAULTS.get(fault)
    problem = ProviderError(kind) if kind is not None else DrawingDenial.CANNOT_ATTACH
    return replace(ending, pictures=(), problem=problem)
