"""The permissions that the bot uses, listed once: the invite link, the doctor and the README follow from it."""

from __future__ import annotations

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
)
"""What the bot can't do its work without; it asks for no other (Discord documentation, Permissions)."""

SCOPES = ("bot", "applications.commands")


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
