"""What places consist of: their kinds, and what channels and threads have beside their messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag

from sandbox.discord.protocol.permissions import NONE, Permission


class ChannelType(IntEnum):
    """Discord's channel types that the sandbox has."""

    TEXT = 0
    DM = 1
    VOICE = 2
    GROUP_DM = 3
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    STAGE = 13
    FORUM = 15
    MEDIA = 16


class ChannelFlag(IntFlag):
    """Discord's channel flags that the sandbox knows."""

    REQUIRE_TAG = 1 << 4
    OBFUSCATED = 1 << 17


@dataclass(slots=True, kw_only=True)
class Overwrite:
    """What a channel changes for one role (type 0) or member (type 1)."""

    id: int
    type: int
    allow: Permission = NONE
    deny: Permission = NONE


@dataclass(slots=True, kw_only=True)
class ThreadState:
    """What a thread has beyond a channel. Times are Unix seconds, `auto_archive_min` minutes."""

    owner_id: int
    created_at: float
    auto_archive_min: int = 1440
    archived: bool = False
    archived_at: float | None = None
    locked: bool = False
    invitable: bool = True
    members: dict[int, float] = field(default_factory=dict)
    message_count: int = 0
    total_message_sent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag that posts of a forum or media channel can have; `emoji` is a character."""

    id: int
    name: str
    moderated: bool = False
    emoji: str | None = None
