"""The names behind mentions: what Discord tells with a message or an interaction, and what is known of the guild."""

from __future__ import annotations

from collections.abc import Callable

import discord

NAME_CHARS = 100
"""No name of a user, a role or a channel is longer (Discord documentation, Channel, Role and User objects)."""

_TOLD = {
    "user": (("members", "nick"), ("users", "global_name"), ("users", "username")),
    "role": (("roles", "name"),),
    "channel": (("channels", "name"),),
}
"""Where names stand in what Discord resolves (its documentation, Interaction Data, Resolved Data Structure)."""

Names = Callable[[str, int], str | None]
"""Finds the name of a ``user``, ``role`` or ``channel`` by id; None where it is not known."""


def names_in(message: discord.Message | None) -> Names:
    """Find names as a message tells them, else those that are known already."""

    def name(kind: str, identifier: int) -> str | None:
        if message is None:
            return None
        if kind == "user":
            found = next((user.display_name for user in message.mentions if user.id == identifier), None)
            return found or _cached_name(message.guild, kind, identifier)
        return _cached_name(message.guild, kind, identifier)

    return name


def names_of(interaction: discord.Interaction) -> Names:
    """Find names as Discord tells them with the interaction itself, else those that are known already."""
    data: object = interaction.data
    resolved = data.get("resolved") if isinstance(data, dict) else None

    def name(kind: str, identifier: int) -> str | None:
        found = _cached_name(interaction.guild, kind, identifier)
        if kind == "user" and identifier == interaction.user.id:
            return found or interaction.user.display_name
        found = found or told_name(resolved, kind, identifier)
        if kind == "user" and found is None and (user := interaction.client.get_user(identifier)) is not None:
            return user.display_name
        return found

    return name


def told_name(resolved: object, kind: str, identifier: int) -> str | None:
    """Find a name in what Discord has resolved with an interaction, in one line; its form is not taken for granted."""
    for group, field in _TOLD[kind]:
        entries = resolved.get(group) if isinstance(resolved, dict) else None
        entry = entries.get(str(identifier)) if isinstance(entries, dict) else None
        value = entry.get(field) if isinstance(entry, dict) else None
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())[:NAME_CHARS]
    return None


def _cached_name(guild: discord.Guild | None, kind: str, identifier: int) -> str | None:
    if guild is None:
        return None
    found: discord.Member | discord.Role | discord.abc.GuildChannel | discord.Thread | None
    if kind == "user":
        found = guild.get_member(identifier)
        return found.display_name if found is not None else None
    found = guild.get_role(identifier) if kind == "role" else guild.get_channel_or_thread(identifier)
    return found.name if found is not None else None
