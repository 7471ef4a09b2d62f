"""By which ways a message of a reply is reached: through its channel, or by an interaction's token."""

from __future__ import annotations

from enum import StrEnum


class View(StrEnum):
    """Whether the bot sees a channel, and so may change its own messages there."""

    OPEN = "open"
    SHUT = "shut"
    """Hidden from the bot, a private thread that it is not in, or a voice channel that it may not connect to."""
    UNKNOWN = "unknown"


class Life(StrEnum):
    """How an interaction's token stands that leads to a message."""

    NONE = "none"
    """There is none, or it is over."""
    FRESH = "fresh"
    ENDING = "ending"
    """In its last minute."""


class Way(StrEnum):
    """What a request goes by."""

    CHANNEL = "channel"
    TOKEN = "token"  # noqa: S105  # a way, no secret


def ways(view: View, token: Life, *, confined: bool, own: bool) -> tuple[Way, ...]:
    """List the ways to a message, the best first; none: it is out of reach.

    ``confined``: only a token may lead there, as the channel would show to all what is for one user alone, or the bot
    is no member. ``own``: the message is the token's own answer, and goes by it as long as there is time; what was
    said in the channel goes through the channel, if that is open for certain.
    """
    by_token = (Way.TOKEN,) if token is not Life.NONE else ()
    if confined or view is View.SHUT:
        return by_token
    first = token is Life.FRESH and (own or view is View.UNKNOWN)
    return (*by_token, Way.CHANNEL) if first else (Way.CHANNEL, *by_token)
