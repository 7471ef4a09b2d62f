"""What the world consists of. These records are mutable state: `World` owns them and alone changes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import Any, Final

from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.places import ChannelType, Overwrite, Tag, ThreadState
from sandbox.discord.state.posts import Poll


class MessageType(IntEnum):
    """Discord's message types that the sandbox makes."""

    DEFAULT = 0
    PINNED = 6
    THREAD_CREATED = 18
    REPLY = 19
    COMMAND = 20
    THREAD_STARTER = 21
    CONTEXT_MENU = 23
    POLL_RESULT = 46


class MessageFlag(IntFlag):
    """Discord's message flags that the sandbox knows."""

    CROSSPOSTED = 1 << 0
    IS_CROSSPOST = 1 << 1
    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    VOICE_MESSAGE = 1 << 13
    HAS_SNAPSHOT = 1 << 14
    COMPONENTS_V2 = 1 << 15


NO_FLAGS: Final = MessageFlag(0)


@dataclass(slots=True, kw_only=True)
class User:
    """A person or a bot. `locale` is the language of a person's client."""

    id: int
    username: str
    global_name: str | None = None
    bot: bool = False
    avatar: str | None = None
    locale: str = "en-US"

    @property
    def mention(self) -> str:
        """The text that mentions this user."""
        return f"<@{self.id}>"

    @property
    def display_name(self) -> str:
        """The name that others read."""
        return self.global_name or self.username


@dataclass(slots=True, kw_only=True)
class Role:
    """A guild's role; @everyone's has the guild's id. `bot_id` is set for the role that a bot brought along."""

    id: int
    name: str
    permissions: Permission
    position: int
    color: int = 0
    hoist: bool = False
    mentionable: bool = False
    bot_id: int | None = None

    @property
    def mention(self) -> str:
        """The text that mentions this role."""
        return f"<@&{self.id}>"


@dataclass(slots=True, kw_only=True)
class Member:
    """A user in a guild. Times are Unix seconds."""

    user: User
    joined_at: float
    nick: str | None = None
    roles: list[int] = field(default_factory=list)
    timed_out_until: float | None = None


@dataclass(slots=True, kw_only=True)
class Attachment:
    """A file of a message; `size` in bytes, `width` and `height` of pictures in pixels.

    A voice message's has `duration_s`, and `waveform`: its loudness, a byte a sample, in base64.
    """

    id: int
    channel_id: int
    filename: str
    size: int
    content_type: str | None
    width: int | None = None
    height: int | None = None
    description: str | None = None
    title: str | None = None
    spoiler: bool = False
    ephemeral: bool = False
    duration_s: float | None = None
    waveform: str | None = None


@dataclass(slots=True, kw_only=True)
class Reference:
    """What a message points to: the message replied to or forwarded, a thread's starter, a pinned message."""

    channel_id: int
    message_id: int | None = None
    guild_id: int | None = None
    forward: bool = False


@dataclass(slots=True, kw_only=True)
class Message:
    """A message. `embeds`, `components` and `stickers` are Discord's JSON, checked.

    `reader_id` is set for ephemeral ones. `snapshots` are copies of what it forwards.
    """

    id: int
    channel_id: int
    guild_id: int | None
    author: User
    created_at: float
    type: MessageType = MessageType.DEFAULT
    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    edited_at: float | None = None
    pinned_at: float | None = None
    flags: MessageFlag = NO_FLAGS
    tts: bool = False
    nonce: str | int | None = None
    reference: Reference | None = None
    position: int | None = None
    snapshots: list[Message] = field(default_factory=list)
    poll: Poll | None = None
    stickers: list[dict[str, Any]] = field(default_factory=list)
    reactions: dict[str, list[int]] = field(default_factory=dict)
    application_id: int | None = None
    webhook_id: int | None = None
    interaction_metadata: dict[str, Any] | None = None
    interaction: dict[str, Any] | None = None
    reader_id: int | None = None

    @property
    def ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return self.reader_id is not None

    @property
    def loading(self) -> bool:
        """Whether it is a deferred response that still shows "thinking"."""
        return bool(self.flags & MessageFlag.LOADING)


@dataclass(slots=True, kw_only=True)
class Channel:
    """A channel of any type; its messages by id, oldest first.

    `tags` are those that posts may have, `applied_tags` the ids of those that a post has. `spoke_at` says when each
    person wrote here last (Unix seconds), for slow mode. `owner_id` is set for group direct messages.
    """

    id: int
    type: ChannelType
    name: str = ""
    guild_id: int | None = None
    parent_id: int | None = None
    position: int = 0
    topic: str | None = None
    nsfw: bool = False
    rate_limit_per_user: int = 0
    post_rate_limit_per_user: int = 0
    requires_tag: bool = False
    tags: list[Tag] = field(default_factory=list)
    applied_tags: list[int] = field(default_factory=list)
    owner_id: int | None = None
    spoke_at: dict[int, float] = field(default_factory=dict)
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    recipients: list[int] = field(default_factory=list)
    thread: ThreadState | None = None
    messages: dict[int, Message] = field(default_factory=dict)
    ephemerals: dict[int, Message] = field(default_factory=dict)
    last_message_id: int | None = None
    last_pin_at: float | None = None

    @property
    def mention(self) -> str:
        """The text that links to this channel."""
        return f"<#{self.id}>"

    @property
    def is_dm(self) -> bool:
        """Whether it is a direct message, of two or of a group."""
        return self.type in (ChannelType.DM, ChannelType.GROUP_DM)

    @property
    def is_text(self) -> bool:
        """Whether messages can stand in it."""
        return self.type is not ChannelType.CATEGORY and not self.has_posts

    @property
    def has_posts(self) -> bool:
        """Whether it consists of posts: threads that begin with a message of the thread's id."""
        return self.type in (ChannelType.FORUM, ChannelType.MEDIA)

    @property
    def is_voice(self) -> bool:
        """Whether it is a voice or stage channel, whose text chat takes CONNECT as well."""
        return self.type in (ChannelType.VOICE, ChannelType.STAGE)


@dataclass(slots=True, kw_only=True)
class Guild:
    """A guild ("server")."""

    id: int
    name: str
    owner_id: int
    preferred_locale: str = "en-US"
    premium_tier: int = 0
    description: str | None = None
    unavailable: bool = False
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    threads: dict[int, Channel] = field(default_factory=dict)

    @property
    def everyone(self) -> Role:
        """The role that all members have."""
        return self.roles[self.id]


@dataclass(slots=True, kw_only=True)
class Command:
    """An application command: its id, its scope (a guild, or None for everywhere) and Discord's JSON of the rest."""

    id: int
    application_id: int
    guild_id: int | None
    version: int
    body: dict[str, Any]

    @property
    def type(self) -> int:
        """1 slash, 2 on a user, 3 on a message."""
        return int(self.body["type"])

    @property
    def name(self) -> str:
        """Its name, unlocalised."""
        return str(self.body["name"])


@dataclass(slots=True, kw_only=True)
class Application:
    """A bot's application: `flags` says which privileged intents its owner granted in the developer portal.

    `intents` is what its sessions identified with, None before the first: REST strips content by it as well.
    """

    id: int
    bot: User
    name: str
    token: str
    owner_id: int
    description: str = ""
    members_intent: bool = True
    presence_intent: bool = False
    message_content_intent: bool = False
    intents: int | None = None
    commands: dict[int, Command] = field(default_factory=dict)
    command_permissions: dict[tuple[int, int], list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def flags(self) -> int:
        """Discord's application flags: the "limited" bits are those of bots in fewer than 100 guilds."""
        return (
            (1 << 13 if self.presence_intent else 0)
            | (1 << 15 if self.members_intent else 0)
            | (1 << 19 if self.message_content_intent else 0)
        )

    @property
    def reads_content(self) -> bool:
        """Whether the message content intent is granted and, once connected, asked for."""
        return self.message_content_intent and (self.intents is None or bool(self.intents & 1 << 15))
