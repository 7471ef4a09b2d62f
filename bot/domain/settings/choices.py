"""The settings that choose one of a few words."""

from __future__ import annotations

from enum import StrEnum

from bot.domain.settings.kinds import SIDE_MIN_PX as SIDE_MIN_PX


class IntentCheck(StrEnum):
    """When the endpoint is asked first whether a drawing is wanted, at the price of a second call if one is."""

    AUTO = "auto"
    """Where a picture would be refused."""
    ALWAYS = "always"
    NEVER = "never"
    """Never before a drawing that may be made; where none may, the request still says so."""
    CONFIRM = "confirm"
    """Always, and the user is asked before the picture is made."""


class TurnOrder(StrEnum):
    """How the questions of one channel are answered."""

    SIDE_BY_SIDE = "side_by_side"
    IN_ORDER = "in_order"


class WhileAnswering(StrEnum):
    """What becomes of a message that somebody sends while they are being answered in the same channel."""

    QUEUE = "queue"
    """It is a question of its own."""
    JOIN = "join"
    """The answer ends where it is and stays, and the next one goes on from both."""
    ANEW = "anew"
    """It joins the question, which is answered anew in the messages of its answer."""


class Buttons(StrEnum):
    """Who may press the buttons under a reply."""

    ASKER = "asker"
    """The one who asked, and those who manage messages."""
    EVERYONE = "everyone"
    """Everyone, but for what takes something away."""


class Listening(StrEnum):
    """Which messages of a channel the bot answers."""

    ADDRESSED = "addressed"
    ALL = "all"
    """Every message of a user, where the operator has the message content intent."""


class Refusals(StrEnum):
    """How somebody is told that a place's rules are against their question, where others read along."""

    WORDS = "words"
    """In words that go after a minute."""
    REACTION = "reaction"
    QUIET = "quiet"


class Reasoning(StrEnum):
    """What is seen of a model that thinks before it answers; never what it thinks."""

    LINE = "line"
    """A quiet line that says for how long it has been thinking, until the answer begins."""
    HIDDEN = "hidden"
