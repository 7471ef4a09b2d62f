"""A button that was pressed: whose it is, and whether that person may."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.people import Person, Place
from bot.domain.reply.controls import Action, PressRefusal, may_press
from bot.domain.settings.choices import Buttons
from bot.domain.turn.ports import TurnStore
from bot.domain.turn.record import Turn
from bot.services.settings.service import SettingsService


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button that was pressed: by whom, where, and whether that person manages messages there."""

    action: Action
    turn_id: int
    person: Person
    place: Place
    manages_messages: bool


def hidden_from(turn: Turn, person: Person) -> bool:
    """Whether a turn is nothing for a person: an answer that is for the asker alone has buttons for no other."""
    return turn.wish is not None and turn.wish.private and turn.asker_id != person.id


async def find_pressed(press: Press, turns: TurnStore, settings: SettingsService) -> Turn | PressRefusal:
    """Find the turn whose button was pressed, or why nothing is to be done. Raises ``StorageError``."""
    turn = await turns.get(press.turn_id)
    if turn is None or turn.channel_id != press.place.channel_id or hidden_from(turn, press.person):
        return PressRefusal.UNKNOWN
    in_force = await settings.in_force(press.place, press.person.id)
    if not may_press(
        press.action,
        person_id=press.person.id,
        asker_id=turn.asker_id,
        manages_messages=press.manages_messages,
        everyone=in_force.buttons_for is Buttons.EVERYONE,
    ):
        return PressRefusal.NOT_YOURS
    return turn
