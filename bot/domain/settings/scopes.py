"""Where a setting holds, who may change it there, and the audit log of changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.people import Place, User


class Scope(StrEnum):
    """Where a value comes from, the broadest first: a narrower one wins."""

    BUILT_IN = "built_in"
    OPERATOR = "operator"
    """Whoever runs the bot, in its environment."""
    GUILD = "guild"
    CATEGORY = "category"
    CHANNEL = "channel"
    """A thread has its channel's."""
    PERSON = "person"


class Authority(StrEnum):
    """Who may change a setting in a guild and below. What is a user's own, that user alone changes."""

    MANAGER = "manager"
    """Who has Manage Server, or one of the guild's ``manager_roles``."""
    MANAGE_SERVER = "manage_server"
    """Who has Manage Server: a role must not be able to widen itself."""
    OPERATOR = "operator"


class Ceiling(StrEnum):
    """Where an operator sets the most that a setting may be anywhere."""

    NONE = "none"
    DEFAULT = "default"
    """``DEFAULT_<KEY>``, or what is built in: the value where nobody has chosen another is the most as well."""
    APART = "apart"
    """``CEILING_<KEY>``, apart from the default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One place, or user, that has settings of its own. Raises ``ValueError`` for what is none.

    ``id`` is the guild's, category's, channel's or user's; ``guild_id`` is 0 for a user.
    """

    scope: Scope
    id: int
    guild_id: int

    def __post_init__(self) -> None:
        good = {
            Scope.GUILD: self.id == self.guild_id > 0,
            Scope.CATEGORY: self.guild_id > 0,
            Scope.CHANNEL: self.guild_id > 0,
            Scope.PERSON: self.guild_id == 0,
        }
        if self.id <= 0 or not good.get(self.scope, False):
            raise ValueError("a target is a guild, a category, a channel or a person")

    @classmethod
    def guild(cls, guild_id: int) -> Target:
        """Name a guild."""
        return cls(scope=Scope.GUILD, id=guild_id, guild_id=guild_id)

    @classmethod
    def category(cls, guild_id: int, category_id: int) -> Target:
        """Name a category of a guild."""
        return cls(scope=Scope.CATEGORY, id=category_id, guild_id=guild_id)

    @classmethod
    def channel(cls, guild_id: int, channel_id: int) -> Target:
        """Name a channel of a guild, never a thread."""
        return cls(scope=Scope.CHANNEL, id=channel_id, guild_id=guild_id)

    @classmethod
    def user(cls, user_id: int) -> Target:
        """Name a user, wherever they are."""
        return cls(scope=Scope.PERSON, id=user_id, guild_id=0)

    @property
    def whose(self) -> Target:
        """Name whom the settings belong to: the guild or the user."""
        return self if self.scope in _OWNERS else Target.guild(self.guild_id)


_OWNERS = frozenset({Scope.GUILD, Scope.PERSON})


def targets_of(place: Place, user_id: int | None = None) -> tuple[Target, ...]:
    """List what may have settings for a place, broadest first; a thread has its channel's."""
    found: list[Target] = []
    if (guild_id := place.ruling_guild_id) is not None:
        found.append(Target.guild(guild_id))
        if place.category_id is not None:
            found.append(Target.category(guild_id, place.category_id))
        found.append(Target.channel(guild_id, place.parent_id or place.channel_id))
    if user_id is not None:
        found.append(Target.user(user_id))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who wants to change something, with their rights in one guild as Discord told them with this very request.

    ``guild_id`` is the guild in which they act, None in a direct message; ``manages_guild``: has Manage Server there
    (owners and administrators have); ``is_operator``: is one of those who run the bot.
    """

    user: User
    guild_id: int | None = None
    manages_guild: bool = False
    is_operator: bool = False


def may_change(
    authority: Authority,
    scope: Scope,
    *,
    is_self: bool,
    manages_guild: bool,
    is_operator: bool,
    has_manager_role: bool = False,
) -> bool:
    """Say whether somebody may change a setting in a scope.

    ``is_self``: the target is that user; the others are about the guild that the target belongs to.
    """
    match scope:
        case Scope.PERSON:
            return is_self
        case Scope.GUILD | Scope.CATEGORY | Scope.CHANNEL:
            match authority:
                case Authority.OPERATOR:
                    return is_operator
                case Authority.MANAGE_SERVER:
                    return manages_guild or is_operator
                case Authority.MANAGER:
                    return manages_guild or is_operator or has_manager_role
        case _:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSetting:
    """A value that was set somewhere, as it is written."""

    target: Target
    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSettings:
    """All that a guild or a user has set.

    ``revision`` is the number of the settings of all, read before them: newer values have a higher one. ``last_change``
    is the id of the newest change here, 0 where there was none.
    """

    revision: int
    last_change: int
    rows: tuple[StoredSetting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One value to be written; ``value`` None takes it away, so that the broader scope's holds.

    ``expected`` is tested where ``check`` is set: what must stand there, None for nothing.
    """

    target: Target
    key: str
    value: str | None
    check: bool = False
    expected: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of the audit log: what was set from what to what, None being not set.

    Ids rise in the order of the changes. Changes of one act (an import, an undo) share their ``batch``.
    """

    id: int
    target: Target
    key: str
    old: str | None
    new: str | None
    by: User
    changed_at: datetime
    batch: str
