"""The seam between the world and those who listen to it: the gateway, and people's clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol

CHANNEL_EVENTS: Final = frozenset({"CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE"})
"""Events of a channel itself: who may not see it gets them veiled, where it is a guild's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that clients hear of.

    `t` is Discord's dispatch name, such as `MESSAGE_CREATE`, or the sandbox's own `INTERACTION_UPDATE`.
    `d` is Discord's full object, as a bot with every intent gets it: the gateway strips content by intent.
    `people` holds the ids of the only users (bots included) who may hear it; None means all who may see the channel,
    or the whole guild where there is no channel.
    With `bots` false only people's clients hear it. `whole` is the message of which `d` is a part, if it is one.
    """

    t: str
    d: dict[str, Any]
    guild_id: int | None = None
    channel_id: int | None = None
    people: frozenset[int] | None = None
    bots: bool = True
    whole: dict[str, Any] | None = None


class Listener(Protocol):
    """Called at once, in the order of events; it must neither block nor raise."""

    def __call__(self, event: Event, /) -> None: ...
