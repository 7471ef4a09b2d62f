"""Permission bits and how they are computed (Discord's documentation, "Permissions")."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntFlag
from typing import Final, Protocol


class Permission(IntFlag):
    """The bits, under Discord's names."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    STREAM = 1 << 9
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    MUTE_MEMBERS = 1 << 22
    DEAFEN_MEMBERS = 1 << 23
    MOVE_MEMBERS = 1 << 24
    USE_VAD = 1 << 25
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    REQUEST_TO_SPEAK = 1 << 32
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    SEND_VOICE_MESSAGES = 1 << 46
    SEND_POLLS = 1 << 49
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51
    BYPASS_SLOWMODE = 1 << 52


P = Permission
NONE: Final = Permission(0)
ALL: Final = Permission(sum(Permission))
EVERYONE: Final = (
    P.CREATE_INSTANT_INVITE
    | P.ADD_REACTIONS
    | P.VIEW_CHANNEL
    | P.SEND_MESSAGES
    | P.EMBED_LINKS
    | P.ATTACH_FILES
    | P.READ_MESSAGE_HISTORY
    | P.USE_EXTERNAL_EMOJIS
    | P.CONNECT
    | P.SPEAK
    | P.STREAM
    | P.USE_VAD
    | P.REQUEST_TO_SPEAK
    | P.CHANGE_NICKNAME
    | P.USE_APPLICATION_COMMANDS
    | P.CREATE_PUBLIC_THREADS
    | P.SEND_MESSAGES_IN_THREADS
    | P.USE_EXTERNAL_APPS
)
"""What @everyone may do in a new guild."""
IN_DM: Final = (
    P.ADD_REACTIONS
    | P.VIEW_CHANNEL
    | P.SEND_MESSAGES
    | P.EMBED_LINKS
    | P.ATTACH_FILES
    | P.READ_MESSAGE_HISTORY
    | P.MENTION_EVERYONE
    | P.USE_EXTERNAL_EMOJIS
    | P.USE_APPLICATION_COMMANDS
    | P.PIN_MESSAGES
)
"""What both sides may do in a direct message; `app_permissions` of interactions there holds these."""
_TIMED_OUT: Final = P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY
_NEED_SENDING: Final = P.MENTION_EVERYONE | P.SEND_TTS_MESSAGES | P.ATTACH_FILES | P.EMBED_LINKS


class Rights(Protocol):
    """What an overwrite says about one role or member."""

    @property
    def allow(self) -> Permission: ...
    @property
    def deny(self) -> Permission: ...


def base_permissions(everyone: Permission, roles: Iterable[Permission], *, owner: bool) -> Permission:
    """Return what a member may do in the guild as a whole."""
    if owner:
        return ALL
    found = everyone
    for role in roles:
        found |= role
    return ALL if found & P.ADMINISTRATOR else found


def overwritten_permissions(
    base: Permission,
    *,
    everyone: Rights | None,
    roles: Iterable[Rights],
    member: Rights | None,
    timed_out: bool = False,
) -> Permission:
    """Return what the overwrites of a channel leave: those of @everyone, then of roles, then of the member.

    What one permission implies for another is not in it, as in the permissions that Discord tells in interactions.
    """
    if base & P.ADMINISTRATOR:
        return ALL
    found = base
    if everyone is not None:
        found = found & ~everyone.deny | everyone.allow
    allow = deny = NONE
    for overwrite in roles:
        allow |= overwrite.allow
        deny |= overwrite.deny
    found = found & ~deny | allow
    if member is not None:
        found = found & ~member.deny | member.allow
    return found & _TIMED_OUT if timed_out else found


def implied_permissions(found: Permission, *, thread: bool = False, voice: bool = False) -> Permission:
    """Take away what goes with another permission (documentation, "Implicit Permissions").

    There is nothing without VIEW_CHANNEL, nothing but the view in a voice or stage channel without CONNECT, and no
    files without sending. In a thread, sending is SEND_MESSAGES_IN_THREADS.
    """
    if found & P.ADMINISTRATOR:
        return found
    if not found & P.VIEW_CHANNEL:
        return NONE
    if voice and not found & P.CONNECT:
        return P.VIEW_CHANNEL
    sending = P.SEND_MESSAGES_IN_THREADS if thread else P.SEND_MESSAGES
    if not found & sending:
        found &= ~_NEED_SENDING
    return found
