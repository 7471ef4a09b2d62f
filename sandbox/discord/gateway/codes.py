"""Discord's gateway numbers: opcodes, close codes, intents, and which intent lets which event through.

Source: Discord's developer documentation, "Opcodes and Status Codes" and "Gateway" (list of intents), API version 10.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Final


class Op(IntEnum):
    """Gateway opcodes that a bot meets."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE_UPDATE = 3
    VOICE_STATE_UPDATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_GUILD_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11
    REQUEST_SOUNDBOARD_SOUNDS = 31


class CloseCode(IntEnum):
    """Close codes of the gateway."""

    UNKNOWN_ERROR = 4000
    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQUENCE = 4007
    RATE_LIMITED = 4008
    SESSION_TIMED_OUT = 4009
    INVALID_SHARD = 4010
    SHARDING_REQUIRED = 4011
    INVALID_API_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class Intent(IntFlag):
    """Groups of events that a session asks for."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_EXPRESSIONS = 1 << 3
    GUILD_INTEGRATIONS = 1 << 4
    GUILD_WEBHOOKS = 1 << 5
    GUILD_INVITES = 1 << 6
    GUILD_VOICE_STATES = 1 << 7
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15
    GUILD_SCHEDULED_EVENTS = 1 << 16
    AUTO_MODERATION_CONFIGURATION = 1 << 20
    AUTO_MODERATION_EXECUTION = 1 << 21
    GUILD_MESSAGE_POLLS = 1 << 24
    DIRECT_MESSAGE_POLLS = 1 << 25


ALL_INTENTS: Final = int(sum(Intent))

# The application's flags that say which privileged intent was granted: full (verified) and limited (up to 100 guilds).
PRIVILEGED: Final[dict[int, int]] = {
    int(Intent.GUILD_PRESENCES): 1 << 12 | 1 << 13,
    int(Intent.GUILD_MEMBERS): 1 << 14 | 1 << 15,
    int(Intent.MESSAGE_CONTENT): 1 << 18 | 1 << 19,
}

_MESSAGES: Final = (int(Intent.GUILD_MESSAGES), int(Intent.DIRECT_MESSAGES))
_REACTIONS: Final = (int(Intent.GUILD_MESSAGE_REACTIONS), int(Intent.DIRECT_MESSAGE_REACTIONS))
_POLLS: Final = (int(Intent.GUILD_MESSAGE_POLLS), int(Intent.DIRECT_MESSAGE_POLLS))
_MEMBERS: Final = (int(Intent.GUILD_MEMBERS), 0)
_ALWAYS: Final = (-1, -1)

# Event → (intents in a guild, intents in a direct message); any one of the bits lets it through. -1 needs none.
_BY_EVENT: Final[dict[str, tuple[int, int]]] = {
    "MESSAGE_CREATE": _MESSAGES,
    "MESSAGE_UPDATE": _MESSAGES,
    "MESSAGE_DELETE": _MESSAGES,
    "MESSAGE_DELETE_BULK": _MESSAGES,
    "MESSAGE_REACTION_ADD": _REACTIONS,
    "MESSAGE_REACTION_REMOVE": _REACTIONS,
    "MESSAGE_REACTION_REMOVE_ALL": _REACTIONS,
    "MESSAGE_REACTION_REMOVE_EMOJI": _REACTIONS,
    "MESSAGE_POLL_VOTE_ADD": _POLLS,
    "MESSAGE_POLL_VOTE_REMOVE": _POLLS,
    "TYPING_START": (int(Intent.GUILD_MESSAGE_TYPING), int(Intent.DIRECT_MESSAGE_TYPING)),
    "CHANNEL_PINS_UPDATE": (int(Intent.GUILDS), int(Intent.DIRECT_MESSAGES)),
    "GUILD_MEMBER_ADD": _MEMBERS,
    "GUILD_MEMBER_UPDATE": _MEMBERS,
    "GUILD_MEMBER_REMOVE": _MEMBERS,
    "THREAD_MEMBERS_UPDATE": (int(Intent.GUILDS | Intent.GUILD_MEMBERS), 0),
    "GUILD_AUDIT_LOG_ENTRY_CREATE": (int(Intent.GUILD_MODERATION), 0),
    "GUILD_BAN_ADD": (int(Intent.GUILD_MODERATION), 0),
    "GUILD_BAN_REMOVE": (int(Intent.GUILD_MODERATION), 0),
    "GUILD_EMOJIS_UPDATE": (int(Intent.GUILD_EXPRESSIONS), 0),
    "GUILD_STICKERS_UPDATE": (int(Intent.GUILD_EXPRESSIONS), 0),
    "GUILD_INTEGRATIONS_UPDATE": (int(Intent.GUILD_INTEGRATIONS), 0),
    "WEBHOOKS_UPDATE": (int(Intent.GUILD_WEBHOOKS), 0),
    "INVITE_CREATE": (int(Intent.GUILD_INVITES), 0),
    "INVITE_DELETE": (int(Intent.GUILD_INVITES), 0),
    "VOICE_STATE_UPDATE": (int(Intent.GUILD_VOICE_STATES), 0),
    "PRESENCE_UPDATE": (int(Intent.GUILD_PRESENCES), 0),
    "INTERACTION_CREATE": _ALWAYS,
    "USER_UPDATE": _ALWAYS,
    "APPLICATION_COMMAND_PERMISSIONS_UPDATE": _ALWAYS,
}

_PREFIXES: Final[tuple[tuple[str, tuple[int, int]], ...]] = (
    ("GUILD_SCHEDULED_EVENT_", (int(Intent.GUILD_SCHEDULED_EVENTS), 0)),
    ("INTEGRATION_", (int(Intent.GUILD_INTEGRATIONS), 0)),
    ("ENTITLEMENT_", _ALWAYS),
    ("GUILD_", (int(Intent.GUILDS), 0)),
    ("CHANNEL_", (int(Intent.GUILDS), 0)),
    ("THREAD_", (int(Intent.GUILDS), 0)),
    ("STAGE_INSTANCE_", (int(Intent.GUILDS), 0)),
)


def intents_for(event: str, *, in_guild: bool) -> int:
    """Return the bits of which a session needs one to get `event`; -1: none needed, 0: no session gets it."""
    pair = _BY_EVENT.get(event)
    if pair is None:
        pair = next((needs for prefix, needs in _PREFIXES if event.startswith(prefix)), (0, 0))
    return pair[0 if in_guild else 1]
