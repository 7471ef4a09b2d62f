"""People and places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LARGEST_ID: Final = 2**63 - 1
"""What the database holds as an id, in 64 bits with a sign; Discord's stay below it until 2154."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Someone on Discord. ``name`` is the display name in the place where the user speaks; untrusted.

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
    interaction's, else the guild's, else ``en-US``. ``by_token_only``: the bot is no member here (a user has
    installed it for themselves), so that it can answer with the interaction's token and in no other way. ``certain``:
    what is around the channel is known; of one that Discord has told nothing of, only its id is.
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
    certain: bool = True

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
