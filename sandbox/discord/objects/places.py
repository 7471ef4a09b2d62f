"""Discord's JSON of users, roles, members, channels and threads: every field that its document requires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.protocol.snowflake import iso
from sandbox.discord.state.places import ChannelFlag, ChannelType, Overwrite, Tag
from sandbox.discord.state.records import Channel, Member, Message, Role, User

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
        "flags": int(ChannelFlag.REQUIRE_TAG) if channel.requires_tag else 0,
        "last_message_id": None if channel.last_message_id is None else str(channel.last_message_id),
    }
    if channel.is_dm:
        return found | _render_direct(world, channel, viewer)
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
    return found | _render_kind(channel)


def _render_direct(world: WorldState, channel: Channel, viewer: int | None) -> dict[str, Any]:
    others = [render_user(world.users[one]) for one in channel.recipients if one != viewer]
    if channel.type is not ChannelType.GROUP_DM:
        return {"recipients": others}
    return {"recipients": others, "name": channel.name or None, "icon": None, "owner_id": str(channel.owner_id)}


def _render_kind(channel: Channel) -> dict[str, Any]:
    """Return what channels have by their kind, as Discord's document describes the fields of each."""
    found: dict[str, Any] = {"topic": channel.topic, "rate_limit_per_user": channel.rate_limit_per_user}
    if channel.is_voice:
        return found | {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
    found |= {
        "last_pin_timestamp": None if channel.last_pin_at is None else iso(channel.last_pin_at),
        "default_auto_archive_duration": 1440,
    }
    if not channel.has_posts:
        return found
    return found | {
        "available_tags": [_render_tag(one) for one in channel.tags],
        "default_reaction_emoji": None,
        "default_sort_order": None,
        "default_forum_layout": 0,
        "default_thread_rate_limit_per_user": channel.post_rate_limit_per_user,
    }


def _render_tag(tag: Tag) -> dict[str, Any]:
    return {
        "id": str(tag.id),
        "name": tag.name,
        "moderated": tag.moderated,
        "emoji_id": None,
        "emoji_name": tag.emoji,
    }


_WHOLE_ONLY: Final = (
    "permission_overwrites", "available_tags", "default_auto_archive_duration", "default_reaction_emoji",
    "default_sort_order", "default_forum_layout", "default_thread_rate_limit_per_user",
)  # fmt: skip


def render_partial(world: WorldState, channel: Channel, person: int, bot: int) -> dict[str, Any]:
    """Render a channel as interactions have it: in part, never veiled, with the permissions of person and bot.

    Those are without what they imply for each other (documentation, "Resolved Data Structure", "Channel Structure").
    """
    whole = render_channel(world, channel, bot)
    return {key: value for key, value in whole.items() if key not in _WHOLE_ONLY} | {
        "permissions": str(int(world.stated_permissions(person, channel))),
        "app_permissions": str(int(world.stated_permissions(bot, channel))),
    }


def render_for_gateway(world: WorldState, channel: Channel, viewer: int) -> dict[str, Any]:
    """Render a guild's channel as the gateway tells a bot of it: veiled where the bot may not see it."""
    found = render_channel(world, channel, viewer)
    return found if visible(world, channel, viewer) else veil(found)


def visible(world: WorldState, channel: Channel, viewer: int) -> bool:
    """Tell whether a bot sees a channel; a category is seen where one of its channels is."""
    if world.can_see(viewer, channel):
        return True
    guild = world.guilds[channel.guild_id or 0]
    return any(one.parent_id == channel.id and world.can_see(viewer, one) for one in guild.channels.values())


def veil(channel: dict[str, Any]) -> dict[str, Any]:
    """Return a rendered channel as a bot gets it that may not see it: id, type, parent and position stay true.

    Since 16 November 2026 ("Channel Object", Obfuscated Channels). What is nulled beside the name and the overwrites
    is not told in full; the fields that libraries need stay.
    """
    denied = {
        "id": channel["guild_id"],
        "type": 0,
        "allow": "0",
        "deny": str(int(Permission.VIEW_CHANNEL)),
    }
    found = channel | {
        "name": "___hidden___",
        "flags": int(ChannelFlag.OBFUSCATED),
        "permission_overwrites": [denied],
        "nsfw": False,
    }
    reduced: dict[str, Any] = {
        "topic": None, "last_message_id": None, "last_pin_timestamp": None, "rate_limit_per_user": 0,
        "available_tags": [],
    }  # fmt: skip
    return found | {key: value for key, value in reduced.items() if key in channel}


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
    if channel.applied_tags:
        found["applied_tags"] = [str(one) for one in channel.applied_tags]
    if viewer is not None and viewer in thread.members:
        found["member"] = render_thread_member(channel, viewer)
    return found


def render_thread_member(channel: Channel, user_id: int) -> dict[str, Any]:
    """Render a user's membership of a thread."""
    if channel.thread is None:
        raise TypeError("not a thread")
    joined = channel.thread.members[user_id]
    return {"id": str(channel.id), "user_id": str(user_id), "join_timestamp": iso(joined), "flags": 1}


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
