"""Looks up the turn behind a pressed button and checks permission."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.model.request import Mode
from bot.domain.people import Place, User
from bot.domain.reply.controls import Action, PressRefusal, may_press
from bot.domain.settings.choices import Buttons
from bot.domain.turn.admission import refusal, written_words
from bot.domain.turn.ask import Ask
from bot.domain.turn.ports import TurnStore
from bot.domain.turn.record import Turn
from bot.errors import Refusal, Resource, Shortage
from bot.services.settings.service import SettingsService
from bot.services.turn.backlog import Backlog
from bot.services.usage.quota import QuotaService

_SPENDING = frozenset({Action.RETRY, Action.CONTINUE})
"""What asks the model again, and others than the asker may do too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button that was pressed: by whom, where, and whether that user manages messages there.

    ``private``: it is under a message that the user alone sees.
    """

    action: Action
    turn_id: int
    user: User
    place: Place
    manages_messages: bool
    private: bool = False


def hidden_from(turn: Turn, user: User) -> bool:
    """Whether a turn is nothing for a user: an answer that is for the asker alone has buttons for no other."""
    private = turn.private or (turn.wish is not None and turn.wish.private)
    return private and turn.asker_id != user.id


async def find_pressed(press: Press, turns: TurnStore, settings: SettingsService) -> Turn | PressRefusal:
    """Return the turn whose button was pressed, or why nothing is to be done. Raises ``StorageError``."""
    turn = await turns.get(press.turn_id)
    if turn is None or turn.channel_id != press.place.channel_id or hidden_from(turn, press.user):
        return PressRefusal.UNKNOWN
    in_force = await settings.in_force(press.place, press.user.id)
    if not may_press(
        press.action,
        user_id=press.user.id,
        asker_id=turn.asker_id,
        manages_messages=press.manages_messages,
        everyone=in_force.buttons_for is Buttons.EVERYONE,
    ):
        return PressRefusal.NOT_YOURS
    return turn


class PressGate:
    """Lets through who may press a button, and who can pay for what it does."""

    def __init__(self, turn_store: TurnStore, backlog: Backlog, settings: SettingsService, quota: QuotaService) -> None:
        self._turn_store = turn_store
        self._backlog = backlog
        self._settings = settings
        self._quota = quota

    async def find(self, press: Press) -> Turn | PressRefusal:
        """Return the turn whose button was pressed, or why nothing is to be done. Raises ``StorageError``."""
        await self._backlog.settled(press.turn_id)
        return await find_pressed(press, self._turn_store, self._settings)

    async def refusal(self, ask: Ask) -> Refusal | None:
        """Return which rule of the place is against asking something again. Raises ``StorageError``.

        Who pressed is told alone, and the answer that stands stays so.
        """
        settings = await self._settings.of_turn(ask.place, ask.user.id)
        if settings is None:
            return None
        return refusal(written_words(ask, settings), ask.place, ask.user.role_ids, settings.user)

    async def shortage(self, press: Press, turn: Turn) -> Shortage | None:
        """Return what a user lacks who wants another's question answered again, and has to pay for it.

        They alone are told: the answer that stands is not theirs. Raises ``StorageError``.
        """
        if press.action not in _SPENDING or press.user.id == turn.asker_id:
            return None
        settings = await self._settings.in_force(press.place, press.user.id)
        draws = turn.mode is Mode.DRAW
        left = await self._quota.left(press.place, press.user.id, settings)
        return next(
            (one.short for one in left if not one.left and (draws or one.resource is not Resource.PICTURES)), None
        )
