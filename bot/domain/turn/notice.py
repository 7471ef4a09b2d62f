"""Messages of the bot's that are no answers: those that are taken away again, and refusals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassingNotice:
    """A message that stands for a while, and when it goes."""

    channel_id: int
    message_id: int
    delete_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRefusal:
    """What stands in a channel instead of an answer to the message ``prompt_id``.

    ``message_id`` is that of the words; a sign is on the refused message itself, and has its id.
    """

    prompt_id: int
    channel_id: int
    message_id: int
    guild_id: int | None
    created_at: datetime

    @property
    def is_sign(self) -> bool:
        """Whether it is a sign on the refused message, and no message of its own."""
        return self.message_id == self.prompt_id
