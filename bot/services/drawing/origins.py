"""What has become of the card that a drawing came from, as far as the database tells."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.drawing.plan import DrawPlan
from bot.domain.drawing.wish import Origin
from bot.domain.turn.record import TurnState
from bot.errors import Trouble
from bot.services.turn.stores import Stores


class OriginState(Enum):
    """What is where a drawing came from."""

    STANDS = auto()
    """Its pictures, or somebody else's message, or one that is so old that nothing is known of it any more."""
    DELETED = auto()
    """It had pictures, and is gone."""
    NO_PICTURE = auto()
    """A drawing that failed, was stopped or was refused: there is nothing to look at."""


async def origin_state(stores: Stores, origin: Origin) -> OriginState:
    """Tell what is there. Raises ``StorageError``."""
    if await stores.drawings.by_message(origin.message_id):
        return OriginState.STANDS
    turn = await stores.turns.by_reply(origin.message_id)
    if turn is None:
        return OriginState.STANDS
    # With an error of the endpoint beside it, a drawing is complete where some of its pictures came.
    drawn = turn.state is TurnState.COMPLETE and not isinstance(turn.error_kind, DrawingDenial | Trouble)
    return OriginState.DELETED if drawn else OriginState.NO_PICTURE


async def as_it_stands(stores: Stores, plan: DrawPlan) -> DrawPlan:
    """Leave out of a plan, for its card, what it can't link to. Raises ``StorageError``."""
    if plan.origin is None or plan.origin_deleted:
        return plan
    state = await origin_state(stores, plan.origin)
    if state is OriginState.NO_PICTURE:
        return replace(plan, origin=None)
    return replace(plan, origin_deleted=state is OriginState.DELETED)
