"""Changing what roles and members may do, in a guild or in one channel, as its owner would in Discord's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.discord.acts.channels import publish_channel, publish_member
from sandbox.discord.objects.places import render_channel, render_role, render_thread_member, visible
from sandbox.discord.protocol.permissions import NONE, Permission
from sandbox.discord.state.events import Event
from sandbox.discord.state.places import Overwrite
from sandbox.discord.state.records import Channel, Guild, Role, User

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState

_ROLE: Final = 0
_MEMBER: Final = 1


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
    member: User | None = None,
    allow: Permission = NONE,
    deny: Permission = NONE,
) -> None:
    """Allow and deny: in `channel` by an overwrite, else for the role itself (the bot's own role without one).

    What is named neither way stays as it is. Clients hear of it. `member` is for overwrites alone.
    """
    before = _seen_by_bots(world, guild)
    if channel is None:
        target = role if role is not None else bot_role(world, guild)
        target.permissions = (target.permissions | allow) & ~deny
        data = {"guild_id": str(guild.id), "role": render_role(target)}
        world.publish(Event(t="GUILD_ROLE_UPDATE", d=data, guild_id=guild.id))
        _tell_gained(world, guild, before)
        return
    kind, target_id = (_MEMBER, member.id) if member is not None else (_ROLE, (role or bot_role(world, guild)).id)
    overwrite = channel.overwrites.setdefault(target_id, Overwrite(id=target_id, type=kind))
    overwrite.allow = (overwrite.allow & ~deny) | allow
    overwrite.deny = (overwrite.deny & ~allow) | deny
    publish_channel(world, "CHANNEL_UPDATE", channel)
    _tell_gained(world, guild, before, told=channel)


def clear_overwrites(world: WorldState, channel: Channel) -> None:
    """Take away all that a channel allows or denies of its own, and tell of it."""
    guild = world.guilds[channel.guild_id or 0]
    before = _seen_by_bots(world, guild)
    channel.overwrites.clear()
    publish_channel(world, "CHANNEL_UPDATE", channel)
    _tell_gained(world, guild, before, told=channel)


def _seen_by_bots(world: WorldState, guild: Guild) -> dict[int, set[int]]:
    """Return which channels of a guild each bot sees, by the bot's id."""
    bots = [one.bot.id for one in world.applications.values() if one.bot.id in guild.members]
    return {bot: {one.id for one in guild.channels.values() if visible(world, one, bot)} for bot in bots}


def _tell_gained(world: WorldState, guild: Guild, before: dict[int, set[int]], *, told: Channel | None = None) -> None:
    """Tell bots of the channels that they see now and did not: in full, and of the threads that are open there.

    (Documentation, "Gaining Access to Channels" and "Obfuscated Channels".) `told` has been told of already.
    """
    for bot, seen in _seen_by_bots(world, guild).items():
        gained = seen - before.get(bot, set())
        for channel_id in sorted(gained):
            people, channel = frozenset((bot,)), guild.channels[channel_id]
            if channel is not told:
                body = render_channel(world, channel, bot)
                world.publish(Event(t="CHANNEL_UPDATE", d=body, guild_id=guild.id, people=people))
            threads = [
                one
                for one in guild.threads.values()
                if one.parent_id == channel_id and one.thread and not one.thread.archived and world.can_see(bot, one)
            ]
            members = [render_thread_member(one, bot) for one in threads if one.thread and bot in one.thread.members]
            sync: dict[str, Any] = {
                "guild_id": str(guild.id),
                "channel_ids": [str(channel_id)],
                "threads": [render_channel(world, one, bot) for one in threads],
                "members": members,
            }
            world.publish(Event(t="THREAD_LIST_SYNC", d=sync, guild_id=guild.id, people=people))


def time_out(world: WorldState, guild: Guild, user: User, until: float | None) -> None:
    """Silence a member until a time (Unix seconds), or end that with None; clients hear of it, the member included.

    Nothing is told when the time is over, as on Discord.
    """
    member = guild.members[user.id]
    member.timed_out_until = until
    publish_member(world, guild, member)
