"""Channels and members that come, change and go, and the direct message channels of two users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sandbox.discord.objects.places import render_channel, render_member, render_user
from sandbox.discord.state.events import Event
from sandbox.discord.state.places import ChannelType
from sandbox.discord.state.records import Channel, Guild, Member, User

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState


def publish_channel(world: WorldState, name: str, channel: Channel) -> None:
    """Tell of a channel or thread: CHANNEL_CREATE, THREAD_UPDATE and so on."""
    people = frozenset(channel.recipients) if channel.is_dm else None
    body = render_channel(world, channel)
    world.publish(Event(t=name, d=body, guild_id=channel.guild_id, channel_id=channel.id, people=people))


def add_channel(world: WorldState, guild: Guild, channel: Channel) -> Channel:
    """Take a new channel into a guild, at the end of its place, and tell of it."""
    channel.position = max((one.position for one in guild.channels.values()), default=-1) + 1
    guild.channels[channel.id] = world.channels[channel.id] = channel
    publish_channel(world, "CHANNEL_CREATE", channel)
    return channel


def publish_member(world: WorldState, guild: Guild, member: Member) -> None:
    """Tell of a member's changed name or roles."""
    body = render_member(member) | {"guild_id": str(guild.id)}
    world.publish(Event(t="GUILD_MEMBER_UPDATE", d=body, guild_id=guild.id))


def leave(world: WorldState, user: User, guild: Guild) -> None:
    """Take a user out of a guild and tell of it; the user itself hears that the guild is gone."""
    del guild.members[user.id]
    world.publish(Event(t="GUILD_DELETE", d={"id": str(guild.id)}, guild_id=guild.id, people=frozenset((user.id,))))
    body = {"guild_id": str(guild.id), "user": render_user(user)}
    world.publish(Event(t="GUILD_MEMBER_REMOVE", d=body, guild_id=guild.id))


def direct_channel(world: WorldState, one: User, other: User) -> Channel:
    """Return the direct message channel of two users, new or not."""
    found = world.direct_between(one, other)
    if found is None:
        found = Channel(id=world.ids.next(), type=ChannelType.DM, recipients=[one.id, other.id])
        world.add_direct(found)
        _publish_direct(world, found)
    return found


def group_channel(world: WorldState, owner: User, others: Sequence[User], name: str) -> Channel:
    """Return a new group direct message; its owner is in it too. A bot is never, but is carried there."""
    recipients = list(dict.fromkeys(one.id for one in (owner, *others)))
    found = Channel(id=world.ids.next(), type=ChannelType.GROUP_DM, name=name, recipients=recipients, owner_id=owner.id)
    world.add_direct(found)
    _publish_direct(world, found)
    return found


def _publish_direct(world: WorldState, channel: Channel) -> None:
    """Tell all who are in a new direct message channel, each of the others."""
    for user_id in channel.recipients:
        body = render_channel(world, channel, user_id)
        people = frozenset((user_id,))
        world.publish(Event(t="CHANNEL_CREATE", d=body, channel_id=channel.id, people=people))
