"""The messages that a channel's history holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.model.messages import Role


class Kind(StrEnum):
    """What a message of the history is."""

    TEXT = "text"
    DRAWING = "drawing"
    """A reply that is a picture; its text is the prompt that was drawn."""


class Asked(StrEnum):
    """What has become of the turn that a message asked for."""

    UNDER_WAY = "under_way"
    """It waits or is being answered, in any process; perhaps once more."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryMessage:
    """A message as it is kept: the key is (``channel_id``, ``id``), both Discord snowflakes.

    ``id`` is the Discord message's, or the interaction's for a prompt given by a slash command. A reply that runs over
    several Discord messages is one history message with the first one's id. Times are UTC. ``drawn`` is the recipe of
    pictures that came with the text. ``only_for`` is the user whose alone it is, None if it is the whole channel's;
    ``private``: nobody else saw it either. ``part_of`` is the question, by the id of the message that asked it, which
    this is a further message of. ``asked`` and ``answer_id``, the first message of the reply, are not
    kept here; ``HistoryStore.recent`` knows them of questions.
    """

    id: int
    channel_id: int
    guild_id: int | None
    author_id: int
    author_name: str
    role: Role
    text: str
    created_at: datetime
    kind: Kind = Kind.TEXT
    reply_to: int | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    drawn: str = ""
    only_for: int | None = None
    private: bool = False
    part_of: int | None = None
    asked: Asked | None = None
    answer_id: int | None = None
