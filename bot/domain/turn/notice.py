"""A message of the bot's that is taken away again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassingNotice:
    """A message that stands for a while, and when it goes."""

    channel_id: int
    message_id: int
    delete_at: datetime
