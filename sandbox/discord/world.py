"""The world of the local Discord: its state, what people do in it, and how it starts."""

from __future__ import annotations

import time
from collections.abc import Callable

from sandbox.discord.acts.setup import add_application, populate
from sandbox.discord.people.interact import People
from sandbox.discord.people.owner import Owner
from sandbox.discord.state.records import Application


class World(People, Owner):
    """The local Discord's world. `clock` gives Unix seconds."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock)
        populate(self)

    def reset(self) -> None:
        """Start over: the same people, places and tokens, nothing said yet. Listeners stay."""
        self._clear()
        populate(self)

    def add_application(self, name: str) -> Application:
        """Add another bot to all guilds; bots that are connected already hear of it when they connect again."""
        return add_application(self, name, self.ids.next)
