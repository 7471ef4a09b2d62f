"""An interaction under way, as both sides see it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, Final

from sandbox.discord.protocol.option_types import SUB_COMMAND, SUB_COMMAND_GROUP
from sandbox.discord.state.records import Application, Channel, Command, Message, User

NO_ANSWER: Final = "The application did not respond"
"""What Discord's client says when an interaction gets no answer in time."""


class Kind(IntEnum):
    """Discord's interaction types."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Callback(IntEnum):
    """Discord's interaction callback types."""

    PONG = 1
    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


class State(StrEnum):
    """How an interaction stands for the person: no answer yet, "thinking", answered, failed, a modal open."""

    WAITING = "waiting"
    THINKING = "thinking"
    DONE = "done"
    FAILED = "failed"
    MODAL = "modal"


@dataclass(slots=True, kw_only=True)
class Interaction:
    """One interaction. `response` is the message that `@original` names, `source` the message that a component is on,
    `submission` what its modal was last sent with.

    With `began_locked` it came from a thread that is locked to the person. `metadata` is Discord's
    `interaction_metadata` of the messages that come of it.
    """

    id: int
    token: str = field(repr=False)
    kind: Kind
    application: Application
    user: User
    channel: Channel
    locale: str
    created_at: float
    data: dict[str, Any]
    command: Command | None = None
    source: Message | None = None
    metadata: dict[str, Any]
    began_locked: bool = False
    state: State = State.WAITING
    callback: Callback | None = None
    response: Message | None = None
    followups: dict[int, Message] = field(default_factory=dict)
    modal: dict[str, Any] | None = None
    submission: Interaction | None = None
    choices: list[dict[str, Any]] | None = None
    error: str | None = None

    @property
    def answered(self) -> bool:
        """Whether the person has what comes of it: a message, a modal, choices, or an error."""
        return self.state in (State.DONE, State.FAILED, State.MODAL)

    @property
    def deferred(self) -> bool:
        """Whether the bot asked for more time first."""
        return self.callback in (Callback.DEFERRED_MESSAGE, Callback.DEFERRED_UPDATE)

    @property
    def command_name(self) -> str:
        """The name of the command with its group and subcommand, as messages tell it ("settings show")."""
        names, options = [str(self.data["name"])], self.data.get("options", [])
        while options and options[0]["type"] in (SUB_COMMAND, SUB_COMMAND_GROUP):
            names.append(str(options[0]["name"]))
            options = options[0].get("options", [])
        return " ".join(names)

    @property
    def ephemeral(self) -> bool:
        """Whether only the person sees the response."""
        return self.response is not None and self.response.ephemeral

    @property
    def original(self) -> Message | None:
        """The message that `@original` names: the response, or the message that the component is on."""
        if self.callback in (Callback.UPDATE, Callback.DEFERRED_UPDATE):
            return self.source
        return self.response


def new_token(interaction_id: int) -> str:
    """Return a fresh interaction token, long and opaque as Discord's are."""
    return f"aW50ZXJhY3Rpb24{interaction_id:x}{secrets.token_urlsafe(96)}"
