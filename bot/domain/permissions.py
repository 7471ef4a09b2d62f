"""The permissions that the bot uses, listed once: the invite link, the doctor and the README follow from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ADMINISTRATOR = 1 << 3
"""Has every permission (Discord documentation, Permissions)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One of Discord's permissions: its bit and its name as Discord's client shows it."""

    bit: int
    name: str


NEEDED_PERMISSIONS = (
    Permission(bit=1 << 10, name="View Channels"),
    Permission(bit=1 << 11, name="Send Messages"),
    Permission(bit=1 << 38, name="Send Messages in Threads"),
    Permission(bit=1 << 15, name="Attach Files"),
    Permission(bit=1 << 16, name="Read Message History"),
    Permission(bit=1 << 6, name="Add Reactions"),
)
"""What the bot can't do its work without; it asks for no other (Discord documentation, Permissions)."""

EVERYTHING = (1 << 53) - 1
"""More than there are."""

SCOPES = ("bot", "applications.commands")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overwrite:
    """What a channel gives or takes, from a role or a user with that id."""

    id: int
    allow: int
    deny: int


def held_in_channel(
    held: Iterable[int], overwrites: Iterable[Overwrite], *, guild_id: int, user_id: int, role_ids: Iterable[int]
) -> int:
    """Work out what somebody may do in a channel (Discord documentation, Permissions, "Permission Overwrites").

    ``held`` are the permissions of each of their roles, everyone's included. Ownership is not asked for.
    """
    may = 0
    for permissions in held:
        may |= permissions
    if may & ADMINISTRATOR:
        return EVERYTHING
    by_id = {each.id: each for each in overwrites}
    own_roles = {*role_ids} - {guild_id}
    # Everyone's first, then those of all roles together, then the user's own.
    for ids in ((guild_id,), own_roles, (user_id,)):
        found = [by_id[each] for each in ids if each in by_id]
        for each in found:
            may &= ~each.deny
        for each in found:
            may |= each.allow
    return may


def missing_permissions(held: int) -> tuple[str, ...]:
    """Name the needed permissions that a set of bits lacks; an administrator lacks none."""
    if held & ADMINISTRATOR:
        return ()
    return tuple(permission.name for permission in NEEDED_PERMISSIONS if not held & permission.bit)


def invite_link(application_id: int) -> str:
    """Make the address at which somebody who manages a server lets the bot in."""
    bits = sum(permission.bit for permission in NEEDED_PERMISSIONS)
    scopes = "+".join(SCOPES)
    return f"https://discord.com/oauth2/authorize?client_id={application_id}&scope={scopes}&permissions={bits}"
