"""The buttons under a reply: which stand there, and who may press them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.events import FinishReason
from bot.domain.turns import TurnState


class Action(StrEnum):
    """What a button does to the reply that it stands under."""

    STOP = "stop"
    """End the answer; what came stays."""
    RETRY = "retry"
    """Answer anew, as a further version."""
    CONTINUE = "continue"
    """Go on where the answer was cut by its greatest length."""
    PREVIOUS = "previous"
    NEXT = "next"
    DELETE = "delete"


class PressRefusal(StrEnum):
    """Why a button did nothing; each has words for people in every language."""

    NOT_YOURS = "not_yours"
    UNKNOWN = "unknown"
    UNDER_WAY = "under_way"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """The buttons of a turn's reply, in order; ``version`` of ``versions`` stands there (both count from 1)."""

    turn_id: int
    actions: tuple[Action, ...]
    version: int = 1
    versions: int = 1


def running_controls(turn_id: int) -> Controls:
    """Make the buttons of a reply that grows."""
    return Controls(turn_id=turn_id, actions=(Action.STOP,))


def ended_controls(
    turn_id: int, *, state: TurnState, reason: FinishReason, drawn: bool, version: int, versions: int
) -> Controls:
    """Make the buttons of a reply that has ended.

    A picture is not given up for another version, which would lose it: its own buttons are the drawing card's.
    """
    actions: list[Action] = []
    if versions > 1 and not drawn:
        actions += (Action.PREVIOUS, Action.NEXT)
    if not drawn:
        actions.append(Action.RETRY)
    if state is TurnState.COMPLETE and reason is FinishReason.LENGTH:
        actions.append(Action.CONTINUE)
    actions.append(Action.DELETE)
    return Controls(turn_id=turn_id, actions=tuple(actions), version=version, versions=versions)


def may_press(*, person_id: int, asker_id: int, manages_messages: bool) -> bool:
    """Say who may: the one who asked, and those who manage messages there."""
    return person_id == asker_id or manages_messages


_LARGEST_ID = 2**63 - 1
"""What the database holds as an id; snowflakes stay below it."""
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
    return (Action(match["action"]), turn_id) if turn_id <= _LARGEST_ID else None
