"""The buttons under a reply: which stand there, and who may press them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.model.events import FinishReason
from bot.domain.people import LARGEST_ID
from bot.domain.picture.parameters import PARAMETER_FIELDS
from bot.domain.turn.record import ProblemKind, TurnState
from bot.errors import ErrorKind, Trouble


class Action(StrEnum):
    """What a button does to the reply that it stands under."""

    STOP = "stop"
    """End the answer; what came stays."""
    RETRY = "retry"
    """Answer anew, as a further version."""
    CONTINUE = "continue"
    """Go on where the answer was cut by its greatest length, or broke off."""
    PREVIOUS = "previous"
    NEXT = "next"
    DELETE = "delete"
    DRAW = "draw"
    """Make the picture that a question turned out to want, after all: the bot has asked first."""
    AGAIN = "again"
    """Draw the same anew, with another seed. This one and those below make a new card; the old one stays."""
    VARY = "vary"
    """Draw with the same seed and another scale or number of steps."""
    EDIT = "edit"
    """Draw with anything changed."""
    SIZE = "size"
    """Draw with the same seed in another size."""
    UPSCALE = "upscale"
    """Draw with the same seed in the next known size."""


DRAWING_ACTIONS = frozenset({Action.AGAIN, Action.VARY, Action.EDIT, Action.SIZE, Action.UPSCALE})
"""Those that make a new drawing of one that stands."""
EVERYONE_S_ACTIONS = DRAWING_ACTIONS | {Action.PREVIOUS, Action.NEXT}
"""Those that take nothing away and spend nothing of the one who asked: the others are never everyone's."""
_CARD = (Action.AGAIN, Action.VARY, Action.EDIT, Action.SIZE, Action.UPSCALE, Action.DELETE)
_NEEDS = {
    Action.VARY: frozenset({"steps", "scale"}),
    Action.SIZE: frozenset({"size"}),
    Action.UPSCALE: frozenset({"size"}),
}
"""The fields of ``DrawingParameters`` without which a button would change nothing."""


BROKEN_OFF: frozenset[ProblemKind] = frozenset(
    {
        ErrorKind.RATE_LIMITED,
        ErrorKind.INVALID_REQUEST,
        ErrorKind.OVERLOADED,
        ErrorKind.BUSY,
        ErrorKind.BAD_GATEWAY,
        ErrorKind.NETWORK,
        ErrorKind.TIMEOUT_CONNECT,
        ErrorKind.TIMEOUT_FIRST_BYTE,
        ErrorKind.TIMEOUT_IDLE,
        ErrorKind.TIMEOUT_TOTAL,
        ErrorKind.TRUNCATED,
        ErrorKind.PROTOCOL,
        Trouble.INTERRUPTED,
        Trouble.STORAGE,
        Trouble.INTERNAL,
        Trouble.UNWRITABLE,
    }
)
"""What an answer breaks off for that may go on when it is asked to: the same request was good until then.

An error in the middle of an answer that says nothing of itself is an invalid request, too.
"""


class PressRefusal(StrEnum):
    """Why a button did nothing; each has words for people in every language."""

    NOT_YOURS = "not_yours"
    UNKNOWN = "unknown"
    UNDER_WAY = "under_way"
    OVER = "over"
    OUT_OF_REACH = "out_of_reach"
    """Discord does not let the bot change all messages of the answer, so none of it is forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """The buttons of a turn's reply, in order; ``version`` of ``versions`` stands there (both count from 1).

    ``drawing`` says that a picture is what was asked for, ``larger`` that there is a larger size to draw it in.
    """

    turn_id: int
    actions: tuple[Action, ...]
    version: int = 1
    versions: int = 1
    drawing: bool = False
    larger: bool = False


def running_controls(turn_id: int, *, drawing: bool = False) -> Controls:
    """Make the buttons of a reply that grows."""
    return Controls(turn_id=turn_id, actions=(Action.STOP,), drawing=drawing)


def ended_controls(
    turn_id: int,
    *,
    state: TurnState,
    reason: FinishReason,
    drawn: bool,
    version: int,
    versions: int,
    problem: ProblemKind | None = None,
    written: bool = False,
    drawing: bool = False,
    larger: bool = False,
    offered: bool = False,
    honoured: frozenset[str] = PARAMETER_FIELDS,
) -> Controls:
    """Make the buttons of a reply that has ended; ``drawing`` where a picture was asked for by a command, ``offered``
    where the user is asked whether one is to be drawn, ``written`` if there are words of an answer.

    A picture is not given up for another version, which would lose it: its buttons make further cards, as far as the
    endpoint has ``honoured`` what they change.
    """
    if drawn:
        actions = [action for action in _CARD if not _NEEDS.get(action) or _NEEDS[action] & honoured]
        return Controls(turn_id=turn_id, actions=tuple(actions), drawing=True, larger=larger)
    actions = []
    if versions > 1:
        actions += (Action.PREVIOUS, Action.NEXT)
    actions.append(Action.DRAW if offered else Action.RETRY)
    if drawing:
        actions.append(Action.EDIT)
    cut_by_length = state is TurnState.COMPLETE and reason is FinishReason.LENGTH
    if cut_by_length or (written and not drawing and _broke_off(state, reason, problem)):
        actions.append(Action.CONTINUE)
    actions.append(Action.DELETE)
    return Controls(turn_id=turn_id, actions=tuple(actions), version=version, versions=versions, drawing=drawing)


def _broke_off(state: TurnState, reason: FinishReason, problem: ProblemKind | None) -> bool:
    if state is TurnState.COMPLETE:
        return reason is FinishReason.CUT
    return state is not TurnState.STOPPED and problem in BROKEN_OFF


def may_press(action: Action, *, user_id: int, asker_id: int, manages_messages: bool, everyone: bool = False) -> bool:
    """Say who may: the one who asked, those who manage messages there, and ``everyone`` where it costs them nothing.

    Nobody agrees to a price in the asker's stead.
    """
    if action is Action.DRAW:
        return user_id == asker_id
    return user_id == asker_id or manages_messages or (everyone and action in EVERYONE_S_ACTIONS)


_CUSTOM_ID = re.compile(r"reply:(?P<action>[a-z]+):(?P<turn>[0-9]{1,20})")


def custom_id(action: Action, turn_id: int) -> str:
    """Write what a button is known by: all that is needed to act on it, after any restart."""
    return f"reply:{action.value}:{turn_id}"


def parse_custom_id(text: str) -> tuple[Action, int] | None:
    """Read a button's id; None where it is no button of a reply."""
    match = _CUSTOM_ID.fullmatch(text)
    if match is None or match["action"] not in set(Action):
        return None
    turn_id = int(match["turn"])
    return (Action(match["action"]), turn_id) if turn_id <= LARGEST_ID else None
