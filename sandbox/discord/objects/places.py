"""Discord's JSON of users, roles, members, channels, threads and guilds: every field that its document requires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord.protocol.snowflake import iso
from sandbox.discord.state.records import Channel, ChannelType, Guild, Member, Message, Overwrite, Role, User

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState


def render_user(user: User) -> dict[str, Any]:
    """Render a user as others see it."""
    found: dict[str, Any] = {
        "id": str(user.id),
        "username": user.username,
        "discriminator": f"{user.id % 9999 + 1:04}" if user.bot else "0",
        "global_name": user.global_name,
        "avatar": user.avatar,
        "public_flags": 0,
        "flags": 0,
        "banner": None,
        "accent_color": None,
        "avatar_decoration_data": None,
        "collectibles": None,
        "primary_guild": None,
    }
    if user.bot:
        found["bot"] = True
    return found


def render_self(user: User) -> dict[str, Any]:
    """Render a bot to itself."""
    return render_user(user) | {
        "mfa_enabled": True,
        "locale": user.locale,
        "premium_type": 0,
        "email": None,
        "verified": True,
        "bio": "",
    }


def render_role(role: Role) -> dict[str, Any]:
    """Render a role."""
    found: dict[str, Any] = {
        "id": str(role.id),
        "name": role.name,
        "description": None,
        "permissions": str(int(role.permissions)),
        "position": role.position,
        "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": None, "tertiary_color": None},
        "hoist": role.hoist,
        "managed": role.bot_id is not None,
        "mentionable": role.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    if role.bot_id is not None:
        found["tags"] = {"bot_id": str(role.bot_id)}
    return found


def render_member(member: Member, *, user: bool = True) -> dict[str, Any]:
    """Render a member; in messages and mentions the user stands outside of it."""
    found: dict[str, Any] = {
        "avatar": None,
        "avatar_decoration_data": None,
        "banner": None,
        "collectibles": None,
        "communication_disabled_until": None if member.timed_out_until is None else iso(member.timed_out_until),
        "flags": 0,
        "joined_at": iso(member.joined_at),
        "nick": member.nick,
        "pending": False,
        "premium_since": None,
        "roles": [str(role) for role in member.roles],
        "mute": False,
        "deaf": False,
    }
    if user:
        found["user"] = render_user(member.user)
    return found


def _render_overwrite(overwrite: Overwrite) -> dict[str, Any]:
    return {
        "id": str(overwrite.id),
        "type": overwrite.type,
        "allow": str(int(overwrite.allow)),
        "deny": str(int(overwrite.deny)),
    }


def render_channel(world: WorldState, channel: Channel, viewer: int | None = None) -> dict[str, Any]:
    """Render a channel, thread or direct message; `viewer` is no recipient, and gets its own membership."""
    found: dict[str, Any] = {
        "id": str(channel.id),
        "type": int(channel.type),
        "flags": 0,
        "last_message_id": None if channel.last_message_id is None else str(channel.last_message_id),
    }
    if channel.is_dm:
        others = [world.users[one] for one in channel.recipients if one != viewer]
        return found | {"recipients": [render_user(one) for one in others]}
    found |= {"guild_id": str(channel.guild_id), "name": channel.name, "parent_id": _text(channel.parent_id)}
    if channel.thread is not None:
        return found | _render_thread(channel, viewer)
    found |= {
        "position": channel.position,
        "permission_overwrites": [_render_overwrite(one) for one in channel.overwrites.values()],
        "nsfw": channel.nsfw,
    }
    if channel.type is ChannelType.CATEGORY:
        del found["last_message_id"]
        return found
    if channel.type is ChannelType.FORUM:
        found |= {
            "available_tags": [],
            "default_reaction_emoji": None,
            "default_sort_order": None,
            "default_forum_layout": 0,
            "default_thread_rate_limit_per_user": 0,
        }
    return found | {
        "topic": channel.topic,
        "rate_limit_per_user": channel.rate_limit_per_user,
        "last_pin_timestamp": None if channel.last_pin_at is None else iso(channel.last_pin_at),
        "default_auto_archive_duration": 1440,
    }


def _render_thread(channel: Channel, viewer: int | None) -> dict[str, Any]:
    thread = channel.thread
    if thread is None:
        raise TypeError("not a thread")
    metadata: dict[str, Any] = {
        "archived": thread.archived,
        "archive_timestamp": iso(thread.archived_at or thread.created_at),
        "auto_archive_duration": thread.auto_archive_min,
        "locked": thread.locked,
        "create_timestamp": iso(thread.created_at),
    }
    if channel.type is ChannelType.PRIVATE_THREAD:
        metadata["invitable"] = thread.invitable
    found: dict[str, Any] = {
        "owner_id": str(thread.owner_id),
        "thread_metadata": metadata,
        "message_count": thread.message_count,
        "total_message_sent": thread.total_message_sent,
        "member_count": min(50, len(thread.members)),
        "rate_limit_per_user": channel.rate_limit_per_user,
    }
    if viewer is not None and viewer in thread.members:
        found["member"] = render_thread_member(channel, viewer)
    return found


def render_thread_member(channel: Channel, user_id: int) -> dict[str, Any]:
    """Render a user's membership of a thread."""
    if channel.thread is None:
        raise TypeError("not a thread")
    joined = channel.thread.members[user_id]
    return {"id": str(channel.id), "user_id": str(user_id), "join_timestamp": iso(joined), "flags": 1}


def render_guild(guild: Guild) -> dict[str, Any]:
    """Render a guild as REST answers it."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "description": guild.description,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": [],
        "banner": None,
        "owner_id": str(guild.owner_id),
        "application_id": None,
        "region": "us-west",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "roles": [render_role(role) for role in guild.roles.values()],
        "default_message_notifications": 0,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": guild.premium_tier,
        "premium_subscription_count": 0,
        "preferred_locale": guild.preferred_locale,
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
    }


def render_guild_create(world: WorldState, guild: Guild, viewer: int) -> dict[str, Any]:
    """Render a guild as the gateway sends it to a bot: with members, and the channels and threads that it may see."""
    channels = [one for one in guild.channels.values() if world.can_see(viewer, one)]
    threads = [
        one
        for one in guild.threads.values()
        if one.thread is not None and not one.thread.archived and world.can_see(viewer, one)
    ]
    return render_guild(guild) | {
        "joined_at": iso(guild.members[viewer].joined_at),
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [render_member(member) for member in guild.members.values()],
        "channels": [render_channel(world, one, viewer) for one in channels],
        "threads": [render_channel(world, one, viewer) for one in threads],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def render_reactions(message: Message, viewer: int | None) -> list[dict[str, Any]]:
    """Render the reactions of a message; `me` is the viewer's."""
    return [
        {
            "emoji": {"id": None, "name": emoji},
            "count": len(users),
            "count_details": {"burst": 0, "normal": len(users)},
            "burst_colors": [],
            "me_burst": False,
            "burst_me": False,
            "burst_count": 0,
            "me": viewer in users,
        }
        for emoji, users in message.reactions.items()
    ]


def _text(snowflake: int | None) -> str | None:
    return None if snowflake is None else str(snowflake)
