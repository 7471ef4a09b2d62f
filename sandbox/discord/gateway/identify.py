"""Reading IDENTIFY and RESUME as Discord does, and writing READY."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sandbox.discord.gateway.codes import ALL_INTENTS, PRIVILEGED, CloseCode, Intent
from sandbox.discord.gateway.connection import GatewayClose, check_presence
from sandbox.discord.gateway.session import Session, Shard
from sandbox.discord.objects.places import render_self

if TYPE_CHECKING:
    from sandbox.discord.state.records import Application
    from sandbox.discord.state.world import WorldState

GUILDS_PER_SHARD: Final = 2_500
"""More guilds than this on one shard close the connection with 4011."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identify:
    """What a client asks for in IDENTIFY."""

    intents: int
    shard: Shard
    large_threshold: int
    """Guilds of more members than this are told of without those that are offline."""


def parse_identify(data: dict[str, Any], application: Application, *, guilds: int) -> Identify:
    """Check IDENTIFY of a bot in so many `guilds`; raises `GatewayClose` 4002, 4010, 4011, 4013 or 4014."""
    if not isinstance(data.get("properties"), dict):
        raise GatewayClose(CloseCode.DECODE_ERROR, "Error while decoding payload.")
    threshold: Any = data.get("large_threshold", 50)
    if not _is_int(threshold) or not 50 <= threshold <= 250:
        raise GatewayClose(CloseCode.DECODE_ERROR, "Error while decoding payload.")
    presence = data.get("presence")
    if presence is not None:
        if not isinstance(presence, dict):
            raise GatewayClose(CloseCode.DECODE_ERROR, "Error while decoding payload.")
        check_presence(presence)
    shard = _parse_shard(data.get("shard"))
    if guilds / shard.count > GUILDS_PER_SHARD:
        raise GatewayClose(CloseCode.SHARDING_REQUIRED, "Sharding required.")
    intents = _parse_intents(data.get("intents"), application)
    return Identify(intents=intents, shard=shard, large_threshold=threshold)


def parse_resume(data: dict[str, Any]) -> tuple[str, int]:
    """Return the session id and the last sequence that the client saw; raises `GatewayClose` 4002."""
    session_id: Any = data.get("session_id")
    sequence: Any = data.get("seq")
    if not isinstance(session_id, str) or not _is_int(sequence) or sequence < 0:
        raise GatewayClose(CloseCode.DECODE_ERROR, "Error while decoding payload.")
    return session_id, int(sequence)


def ready(world: WorldState, application: Application, session: Session, resume_url: str) -> dict[str, Any]:
    """Return READY's data. Every guild of the shard is unavailable at first; GUILD_CREATE follows."""
    guilds = [one for one in world.guilds_of(application.bot.id) if session.shard.has(one.id)]
    return {
        "v": 10,
        "user_settings": {},
        "session_id": session.id,
        "session_type": "normal",
        "resume_gateway_url": resume_url,
        "shard": [session.shard.index, session.shard.count],
        "presences": [],
        "relationships": [],
        "guild_join_requests": [],
        "geo_ordered_rtc_regions": [],
        "game_relationships": [],
        "auth": {},
        "_trace": ["local-gateway"],
        "user": render_self(application.bot),
        "application": {"id": str(application.id), "flags": application.flags},
        "guilds": [{"id": str(one.id), "unavailable": True} for one in guilds],
        "private_channels": [],
    }


def first_view(guild: dict[str, Any], asked: Session) -> dict[str, Any]:
    """Return GUILD_CREATE's data as a session gets it: without the presences intent, the bot is the only member in it.

    ("Gateway Events", Guild Create. The others come by REQUEST_GUILD_MEMBERS.)
    """
    large = guild["member_count"] > asked.large_threshold
    if asked.intents & Intent.GUILD_PRESENCES and not large:
        return guild
    members = [one for one in guild["members"] if one["user"]["id"] == str(asked.bot_id)]
    return guild | {"large": large, "members": members}


def _parse_shard(value: object) -> Shard:
    if value is None:
        return Shard()
    if not isinstance(value, list) or len(value) != 2 or not all(_is_int(one) for one in value):
        raise GatewayClose(CloseCode.INVALID_SHARD, "Invalid shard.")
    index, count = value
    if not 0 <= index < count:
        raise GatewayClose(CloseCode.INVALID_SHARD, "Invalid shard.")
    return Shard(index=index, count=count)


def _parse_intents(value: object, application: Application) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= ALL_INTENTS or value & ~ALL_INTENTS:
        raise GatewayClose(CloseCode.INVALID_INTENTS, "Invalid intent(s).")
    for intent, granted_by in PRIVILEGED.items():
        if value & intent and not application.flags & granted_by:
            raise GatewayClose(CloseCode.DISALLOWED_INTENTS, "Disallowed intent(s).")
    return value


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
