"""How a turn's reply is closed: decided once, from what came of the turn, and carried out by the runner."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.drawing.plan import DrawingCard
from bot.domain.model.events import FinishReason
from bot.domain.model.request import Mode
from bot.domain.picture.files import PictureFile
from bot.domain.picture.parameters import PARAMETER_FIELDS
from bot.domain.reply.controls import Action, Controls, ended_controls
from bot.domain.reply.ending import Ending, kind_of
from bot.domain.turn.ask import Ask
from bot.domain.turn.record import TurnState
from bot.errors import ProviderError, Refusal, Shortage, StopReason, Trouble

INTERRUPTED = Ending(state=TurnState.INTERRUPTED, problem=Trouble.INTERRUPTED)
_STOPPED = Ending(state=TurnState.STOPPED, problem=Trouble.STOPPED)
_TOKEN_ENDING = Ending(state=TurnState.STOPPED, problem=Trouble.TOKEN_ENDING)
_SHOWN = frozenset({StopReason.ASKED, StopReason.TOKEN_ENDING, StopReason.REPLY_LOST})
"""Reasons to stop whose reply stays and says so."""


class Close(StrEnum):
    """What happens to a reply when its turn ends."""

    FINISH = "finish"
    """Its last state is shown."""
    KEEP = "keep"
    """What stands on Discord stays as it is, and is all that counts as answered."""
    DISCARD = "discard"
    """Its messages are deleted, and nothing counts as answered."""
    SILENCE = "silence"
    """Its messages are deleted: nobody has asked, so there is nothing to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The pictures that an answer has when its turn ends, and what its card says of them."""

    pictures: tuple[PictureFile, ...] = ()
    card: DrawingCard | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """How a reply is closed, and the ending that is recorded, and shown if the reply is finished."""

    how: Close
    ending: Ending


def decide(
    ask: Ask,
    outcome: Ending | StopReason,
    drawn: Drawn,
    *,
    version: int,
    written: bool = False,
    gone: bool = False,
    loss: Trouble | None = None,
) -> Closing:
    """Decide how the reply to ``ask`` is closed, whatever came of it.

    ``version`` counts the answers, from 1. ``written``: the answer has words. ``gone``: a message of the reply turned
    out to be deleted. ``loss``: why Discord takes no more of it.
    """
    if outcome is StopReason.REPLY_LOST and gone:
        # Our edit failed with 404 before the event of the deletion arrived, or meant anything.
        outcome = StopReason.REPLY_DELETED
    ending = _ending_of(outcome, loss)
    if drawn.pictures and not ending.pictures and (isinstance(outcome, Ending) or outcome in _SHOWN):
        # They were made and paid for before the turn was stopped or something failed.
        ending = replace(ending, pictures=drawn.pictures, card=drawn.card)
    return Closing(
        how=_how(ask, outcome), ending=replace(ending, controls=_controls(ask, ending, version, written=written))
    )


def curtailed(ending: Ending, loss: Trouble | None) -> Ending:
    """Say in an ending that Discord did not take all of the reply, for the reason ``loss``; None leaves it as it is."""
    if loss is None or (loss is Trouble.UNWRITABLE and ending.problem is not None):
        return ending
    whole = ending.state is not TurnState.COMPLETE or ending.pictures != ()
    controls = ending.controls
    if controls is not None and loss is not Trouble.UNWRITABLE:
        # What comes next would not be taken either.
        actions = tuple(action for action in controls.actions if action is not Action.CONTINUE)
        controls = replace(controls, actions=actions)
    return replace(
        ending,
        state=ending.state if whole else TurnState.FAILED,
        reason=FinishReason.STOP,
        problem=loss,
        controls=controls,
        open_channels=(),
    )


def _ending_of(outcome: Ending | StopReason, loss: Trouble | None) -> Ending:
    if isinstance(outcome, Ending):
        return outcome
    if outcome is StopReason.REPLY_LOST:
        return Ending(state=TurnState.FAILED, problem=loss or Trouble.UNWRITABLE)
    return _TOKEN_ENDING if outcome is StopReason.TOKEN_ENDING else _STOPPED


def _how(ask: Ask, outcome: Ending | StopReason) -> Close:
    match outcome:
        case StopReason.PROMPT_DELETED | StopReason.REPLY_DELETED:
            # One page of several that was deleted takes the others with it: half an answer is none.
            return Close.DISCARD
        case StopReason.PROMPT_EDITED:
            return Close.KEEP
        case Ending() if ask.overheard and isinstance(outcome.problem, Refusal | Shortage):
            # Nobody has asked: a full queue or a quota is no reason to speak up.
            return Close.SILENCE
        case _:
            return Close.FINISH


def _controls(ask: Ask, ending: Ending, version: int, *, written: bool) -> Controls:
    problem, card = ending.problem, ending.card
    refused = isinstance(problem, ProviderError) and problem.drawing
    return ended_controls(
        ask.id,
        state=ending.state,
        reason=ending.reason,
        drawn=bool(ending.pictures),
        offered=problem is DrawingDenial.CONFIRM,
        version=version,
        versions=version,
        problem=kind_of(problem),
        written=written,
        # What a picture was refused for can be edited, whatever the picture came out of.
        drawing=ask.mode is Mode.DRAW or refused,
        larger=card is not None and card.plan.larger is not None,
        honoured=card.plan.honoured if card is not None else PARAMETER_FIELDS,
    )
