"""The names behind mentions: what Discord tells with a message or an interaction, and what is known of the guild."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord

NAME_CHARS = 100
"""No name of a person, a role or a channel is longer (Discord documentation, Channel, Role and User objects)."""

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
    data: Any = interaction.data
    resolved = data.get("resolved") if isinstance(data, dict) else None

    def told(kind: str, identifier: int, *fields: str) -> str | None:
        kept = resolved.get(kind) if isinstance(resolved, dict) else None
        one = kept.get(str(identifier)) if isinstance(kept, dict) else None
        values = (one.get(field) for field in fields) if isinstance(one, dict) else ()
        found = next((value for value in values if isinstance(value, str) and value.strip()), None)
        return None if found is None else " ".join(found.split())[:NAME_CHARS]

    def name(kind: str, identifier: int) -> str | None:
        cached = _cached_name(interaction.guild, kind, identifier)
        if kind == "user":
            if cached is None and identifier == interaction.user.id:
                cached = interaction.user.display_name
            known = told("members", identifier, "nick") or told("users", identifier, "global_name", "username")
            user = interaction.client.get_user(identifier) if cached is None and known is None else None
            return cached or known or (user.display_name if user is not None else None)
        return cached or told(f"{kind}s", identifier, "name")

    return name


def _cached_name(guild: discord.Guild | None, kind: str, identifier: int) -> str | None:
    if guild is None:
        return None
    found: discord.Member | discord.Role | discord.abc.GuildChannel | discord.Thread | None
    if kind == "user":
        found = guild.get_member(identifier)
        return found.display_name if found is not None else None
    found = guild.get_role(identifier) if kind == "role" else guild.get_channel_or_thread(identifier)
    return found.name if found is not None else None
