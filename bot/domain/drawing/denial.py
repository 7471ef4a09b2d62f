"""Whether a picture may be made in a place, and whether the first call makes it."""

from __future__ import annotations

from enum import StrEnum

from bot.domain.people import Place
from bot.domain.settings.choices import IntentCheck
from bot.errors import Shortage


class DrawingDenial(StrEnum):
    """Why no picture may be made; each has words for people in every language."""

    CANNOT_ATTACH = "cannot_attach"
    SWITCHED_OFF = "switched_off"
    NOT_SET_UP = "not_set_up"
    """The operator has not set what the endpoint requires for it."""
    QUEUE_FULL = "queue_full"
    CONFIRM = "confirm"
    """Nothing speaks against it; the user is asked first, since it has its price."""


Denial = DrawingDenial | Shortage
"""Why no picture may be made: also a quota of pictures that is used up."""


def drawing_denial(
    place: Place, *, allowed: bool, draws: bool = True, queue_full: bool = False, shortage: Shortage | None = None
) -> Denial | None:
    """Say why no drawing may be made here, or None where one may; ``allowed`` is the setting in force.

    ``draws`` is the endpoint's ``Capabilities.draws``. ``queue_full``: the line of drawings takes no more. ``shortage``
    is the quota that does not allow it. The one place that
    decides it.
    """
    if not allowed:
        return DrawingDenial.SWITCHED_OFF
    if not draws:
        return DrawingDenial.NOT_SET_UP
    if not place.can_attach:
        return DrawingDenial.CANNOT_ATTACH
    if shortage is not None:
        return shortage
    return DrawingDenial.QUEUE_FULL if queue_full else None


def draws_at_once(denial: Denial | None, mode: IntentCheck, *, can_check: bool, changes: bool = False) -> bool:
    """Decide ``output_img`` of the first call: whether a drawing that is wanted is made by it.

    ``can_check`` is the endpoint's ``Capabilities.intent_check``: one that can't is not asked twice for nothing.
    ``changes``: the question replies to a picture; if it wants another, that one is drawn by a prompt of its own.
    """
    checks = mode in (IntentCheck.ALWAYS, IntentCheck.CONFIRM) or (changes and mode is IntentCheck.AUTO)
    return denial is None and not (checks and can_check)
