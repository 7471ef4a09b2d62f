"""How the library reads events, and in which tasks it answers them."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import discord

logger = logging.getLogger(__name__)

TOLD_CHANNEL = "told_channel"
"""Where an interaction's data has what Discord tells of its channel."""
_ANSWERING = ("discord.py: on_", "CommandTree-invoker")
"""How the library names the tasks in which listeners and commands run."""


def read_carefully(client: discord.Client) -> None:
    """Leave out each event that the library can't read, which ends the whole bot otherwise.

    READY alone is one to go by. Discord's new events come so, and those that are empty where they never were.
    """
    parsers = client._connection.parsers  # noqa: SLF001  # the library has no other way in
    # In place: a connection keeps the table itself.
    parsers.update({name: _careful(name, read) for name, read in parsers.items() if name != "READY"})
    parsers["MESSAGE_UPDATE"] = _whole_alone(parsers["MESSAGE_UPDATE"])
    parsers["INTERACTION_CREATE"] = _with_channel(parsers["INTERACTION_CREATE"])


class Hears(Protocol):
    """Says who is heard."""

    def __call__(self, user_id: int, *, typing: bool) -> bool:
        """Whether a user's command, press or form is heard; ``typing``: their client asks for suggestions by itself."""


def hear_presses(client: discord.Client, hears: Hears) -> None:
    """Leave out the interactions of each user who is not heard, before the library reads them."""
    parsers = client._connection.parsers  # noqa: SLF001  # the library has no other way in
    read = parsers["INTERACTION_CREATE"]

    def read_if_heard(data: Any) -> None:
        if hears(_who(data), typing=data["type"] == discord.InteractionType.autocomplete.value):
            read(data)

    parsers["INTERACTION_CREATE"] = read_if_heard


def _who(data: Any) -> int:
    """Find who did something: a member in a guild, a user elsewhere (Discord documentation, Interaction Object)."""
    return int((data.get("member") or data)["user"]["id"])


def answering() -> set[asyncio.Task[Any]]:
    """Find the tasks that answer events and commands now."""
    return {task for task in asyncio.all_tasks() if task.get_name().startswith(_ANSWERING)}


def _whole_alone(read: Callable[[Any], None]) -> Callable[[Any], None]:
    """Leave out updates that are no whole message, as when an embed was resolved: they tell of no words."""

    def read_if_whole(data: Any) -> None:
        if data.get("author") is not None and "content" in data:
            read(data)

    return read_if_whole


def _with_channel(read: Callable[[Any], None]) -> Callable[[Any], None]:
    """Keep what an interaction tells of its channel: the library prefers what the gateway told it.

    Of a channel that the bot can't see the gateway tells a veil since November 2026: no name, no parent, no age
    restriction. Interactions tell the truth (Discord documentation, Channel, "Obfuscated Channels").
    """

    def read_with_channel(data: Any) -> None:
        if isinstance(data.get("data"), dict) and isinstance(data.get("channel"), dict):
            data["data"][TOLD_CHANNEL] = data["channel"]
        read(data)

    return read_with_channel


def _careful(event: str, read: Callable[[Any], None]) -> Callable[[Any], None]:
    def read_or_leave_out(data: Any) -> None:
        try:
            read(data)
        except Exception as error:  # noqa: BLE001  # whatever one event holds, the others are to be heard
            # Its words may quote what people wrote; where it came from says enough.
            frame = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(frame.filename).name}:{frame.lineno}"
            logger.error(  # noqa: TRY400  # as above
                "an event %s can't be read and is left out: %s in %s", event, type(error).__name__, place
            )

    return read_or_leave_out
