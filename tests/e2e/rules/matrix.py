"""Who may press, send and use what, and who sees what comes of it: written down once, for everything that there is.

The rows are held against the code's own commands, buttons, forms and panel, so that a new one without a row is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.domain.drawing.form_id import FormStep
from bot.domain.reply.controls import Action
from bot.presentation.settings.ids import Act


class Who(StrEnum):
    """Somebody who presses, and from where."""

    ASKER = "the one who asked"
    MEMBER = "another member"
    MODERATOR = "someone who manages messages"
    ELSEWHERE = "the one who asked, from another channel"
    DIRECT = "the one who asked, from a direct message"


class Let(StrEnum):
    """What becomes of it."""

    DONE = "done"
    NOT_YOURS = "not yours"
    UNKNOWN = "unknown"


_USUAL: Final = {
    Who.ASKER: Let.DONE,
    Who.MEMBER: Let.NOT_YOURS,
    Who.MODERATOR: Let.DONE,
    Who.ELSEWHERE: Let.UNKNOWN,
    Who.DIRECT: Let.UNKNOWN,
}
_ASKERS_ALONE: Final = {**_USUAL, Who.MODERATOR: Let.NOT_YOURS}

BUTTONS: Final[Mapping[Action, Mapping[Who, Let]]] = {
    Action.STOP: _USUAL,
    Action.RETRY: _USUAL,
    Action.CONTINUE: _USUAL,
    Action.PREVIOUS: _USUAL,
    Action.NEXT: _USUAL,
    Action.DELETE: _USUAL,
    # It agrees to a price, which nobody does in another's stead.
    Action.DRAW: _ASKERS_ALONE,
    Action.AGAIN: _USUAL,
    Action.VARY: _USUAL,
    Action.EDIT: _USUAL,
    Action.SIZE: _USUAL,
    Action.UPSCALE: _USUAL,
}
"""The buttons under a reply that everyone sees."""

FOR_EVERYONE: Final = frozenset(
    {Action.AGAIN, Action.VARY, Action.EDIT, Action.SIZE, Action.UPSCALE, Action.PREVIOUS, Action.NEXT}
)
"""Those that the setting ``buttons_for`` gives to every member of the channel, and to nobody outside it."""


class Known(StrEnum):
    """What a form, or a button under a form, has of the drawing that it is about."""

    CARD = "needs the card"
    """Without the card, from elsewhere or of another's private drawing, nothing is drawn."""
    FILLED = "has what it was filled in with"
    """It draws what was typed: whoever sends it has typed it, or sees it alone."""


FORMS: Final[Mapping[FormStep, Known]] = {
    FormStep.VARY: Known.CARD,
    FormStep.SIZE: Known.CARD,
    FormStep.UPSCALE: Known.CARD,
    FormStep.EDIT: Known.FILLED,
    FormStep.REFILL: Known.FILLED,
    FormStep.REDRAW: Known.FILLED,
}

PANEL: Final[Mapping[Act, str]] = {
    Act.OPEN: "",
    Act.TOPIC: "",
    Act.SETTING: "temperature",
    Act.PLACE: "",
    Act.ON: "drawing_allowed",
    Act.OFF: "drawing_allowed",
    Act.CHOOSE: "intent_check",
    Act.LIST: "channels_refused",
    Act.FORM: "temperature",
    Act.FILLED: "temperature",
    Act.RESET: "temperature",
    Act.UNDO: "",
    Act.TAKE: "",
    Act.AUDIT_LOG: "",
    Act.REVERT: "",
    Act.DIFF: "",
    Act.APPLY: "",
    Act.CANCEL: "",
}
"""Everything in the panel, with a setting that it may be about: for those who manage the server, the manager role and
the operator; a person's own settings for that person."""


class Users(StrEnum):
    """Who may use a command."""

    EVERYONE = "everyone"
    MANAGERS = "those who manage the server"


class Seen(StrEnum):
    """Who sees a command's answer."""

    CHANNEL = "the channel"
    ALONE = "the user alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRow:
    """A command, or a context menu, with the options that a test uses it with."""

    users: Users
    seen: Seen
    options: tuple[tuple[str, str], ...] = ()


def _all(seen: Seen, **options: str) -> CommandRow:
    return CommandRow(users=Users.EVERYONE, seen=seen, options=tuple(options.items()))


def _managers(**options: str) -> CommandRow:
    return CommandRow(users=Users.MANAGERS, seen=Seen.ALONE, options=tuple(options.items()))


COMMANDS: Final[Mapping[str, CommandRow]] = {
    "ask": _all(Seen.CHANNEL, prompt="hello"),
    "draw": _all(Seen.CHANNEL, prompt="a fox"),
    "Draw this": _all(Seen.CHANNEL),
    "Recipe": _all(Seen.ALONE),
    "usage": _all(Seen.ALONE),
    "preferences panel": _all(Seen.ALONE),
    "preferences set": _all(Seen.ALONE, key="seed", value="7"),
    "preferences reset": _all(Seen.ALONE, key="seed"),
    "preferences history": _all(Seen.ALONE),
    "settings panel": _managers(),
    "settings show": _managers(key="temperature"),
    "settings set": _managers(key="temperature", value="0.5"),
    "settings reset": _managers(key="temperature"),
    "settings history": _managers(),
    "settings export": _managers(),
    "settings import": _managers(),
}

SUGGESTING: Final[Mapping[str, frozenset[str]]] = {
    "draw": frozenset({"model", "size"}),
    "preferences set": frozenset({"key", "value"}),
    "preferences reset": frozenset({"key"}),
    "settings show": frozenset({"key"}),
    "settings set": frozenset({"key", "value"}),
    "settings reset": frozenset({"key"}),
    "settings history": frozenset({"key"}),
}
"""The options that the bot suggests something for. Whoever types gets nothing in them that a server has set, but what
every user may set for themselves, and nothing of another user's."""
