"""People, places and the messages of a channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

LARGEST_ID: Final = 2**63 - 1
"""What the database holds as an id, in 64 bits with a sign; Discord's stay below it until 2154."""


class Role(StrEnum):
    """Who speaks, in the terms of the endpoints."""

    USER = "user"
    ASSISTANT = "assistant"


class Kind(StrEnum):
    """What a message of the history is."""

    TEXT = "text"
    DRAWING = "drawing"
    """A reply that is a picture; its text is the prompt that was drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone on Discord. ``name`` is the display name in the place where the person speaks; untrusted.

    ``role_ids`` are the roles there; None where they are not known, as in a direct message.
    """

    id: int
    name: str
    role_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a turn happens, with what the bot may do there.

    A thread is a channel of its own; ``parent_id`` is then the channel that it belongs to. ``category_id`` is the
    category of the channel, or of a thread's channel. ``locale`` is a Discord locale such as ``zh-CN``: the
    interaction's, else the guild's, else ``en-US``. ``by_token_only``: the bot is no member here (a person has
    installed it for themselves), so that it can answer with the interaction's token and in no other way.
    """

    channel_id: int
    guild_id: int | None = None
    parent_id: int | None = None
    category_id: int | None = None
    age_restricted: bool = False
    by_token_only: bool = False
    locale: str = "en-US"
    can_attach: bool = True
    file_limit_bytes: int = 10 * 1024 * 1024

    @property
    def is_direct(self) -> bool:
        """Whether this is a direct message, where nobody else reads along."""
        return self.guild_id is None

    @property
    def ruling_guild_id(self) -> int | None:
        """The guild whose settings, rules and quotas hold here: none where the bot is no member.

        What somebody does there who carries the bot along is theirs alone, as in a direct message.
        """
        return None if self.by_token_only else self.guild_id


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryMessage:
    """A message as it is kept: the key is (``channel_id``, ``id``), both Discord snowflakes.

    ``id`` is the Discord message's, or the interaction's for a prompt given by a slash command. A reply that runs over
    several Discord messages is one history message with the first one's id. Times are UTC.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptMessage:
    """A message as the model gets it."""

    role: Role
    content: str
