"""Channels and roles by their names, as people type them, in the lists of settings."""

from __future__ import annotations

import re

import discord

from bot.domain.settings.kinds import IdKind, Ids


def named_ids(kind: Ids, guild: discord.Guild | None) -> tuple[tuple[int, str], ...]:
    """List what a guild has that a list may name: each with its name as Discord writes it."""
    if guild is None:
        return ()
    if kind.names is IdKind.CHANNELS:
        return tuple((one.id, f"#{one.name}") for one in guild.channels)
    return tuple((one.id, f"@{one.name}") for one in guild.roles if not one.is_default())


def ids_for_names(kind: Ids, raw: str, guild: discord.Guild | None) -> str:
    """Write ids in the place of names between commas; a name that nothing has here, or more than one, stays.

    Discord's client leaves the name of what was chosen in a list that somebody goes on typing.
    """
    known: dict[str, list[int]] = {}
    for identifier, name in named_ids(kind, guild):
        known.setdefault(_folded(name), []).append(identifier)

    def written(part: str) -> str:
        found = known.get(_folded(part), ())
        return str(found[0]) if len(found) == 1 and not part.isdecimal() else part

    return ", ".join(written(part) for each in re.split(r"[,，、]", raw) if (part := each.strip()))


def _folded(name: str) -> str:
    return name.lstrip("#@").casefold()
