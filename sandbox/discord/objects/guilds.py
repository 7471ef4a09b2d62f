"""Discord's JSON of guilds: as REST answers it, and as the gateway tells a bot of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord.objects.places import render_channel, render_for_gateway, render_member, render_role
from sandbox.discord.protocol.snowflake import iso
from sandbox.discord.state.records import Guild

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState


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
    """Render a guild as the gateway sends it to a bot: with members, all channels, and the threads that it may see."""
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
        "channels": [render_for_gateway(world, one, viewer) for one in guild.channels.values()],
        "threads": [render_channel(world, one, viewer) for one in threads],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }
