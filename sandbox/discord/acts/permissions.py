"""Changing what a role may do, in a guild or in one channel, as its owner would in Discord's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.objects.places import render_channel, render_role
from sandbox.discord.protocol.permissions import NONE, Permission
from sandbox.discord.state.events import Event
from sandbox.discord.state.places import Overwrite
from sandbox.discord.state.records import Channel, Guild, Role

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState

_ROLE_OVERWRITE = 0


def bot_role(world: WorldState, guild: Guild) -> Role:
    """Return the role that the first application's bot brought along; @everyone where it has none."""
    found = (role for role in guild.roles.values() if role.bot_id == world.bot.id)
    return next(found, guild.everyone)


def change_permissions(
    world: WorldState,
    guild: Guild,
    *,
    channel: Channel | None = None,
    role: Role | None = None,
    allow: Permission = NONE,
    deny: Permission = NONE,
) -> None:
    """Allow and deny: in `channel` by an overwrite, else for the role itself (the bot's own role without one).

    What is named neither way stays as it is. Clients hear of it.
    """
    target = role if role is not None else bot_role(world, guild)
    if channel is None:
        target.permissions = (target.permissions | allow) & ~deny
        data = {"guild_id": str(guild.id), "role": render_role(target)}
        world.publish(Event(t="GUILD_ROLE_UPDATE", d=data, guild_id=guild.id))
        return
    overwrite = channel.overwrites.setdefault(target.id, Overwrite(id=target.id, type=_ROLE_OVERWRITE))
    overwrite.allow = (overwrite.allow & ~deny) | allow
    overwrite.deny = (overwrite.deny & ~allow) | deny
    data = render_channel(world, channel)
    world.publish(Event(t="CHANNEL_UPDATE", d=data, guild_id=guild.id, channel_id=channel.id))
