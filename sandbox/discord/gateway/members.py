"""REQUEST_GUILD_MEMBERS: the members of a guild, by name or id, in chunks of 1,000 ("Gateway Events")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.discord.gateway.codes import CloseCode, Intent
from sandbox.discord.gateway.connection import GatewayClose
from sandbox.discord.objects.places import render_member
from sandbox.discord.protocol.forms import parse_snowflake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.discord.gateway.session import Session
    from sandbox.discord.state.records import Guild, Member
    from sandbox.discord.state.world import WorldState

CHUNK: Final = 1_000
QUERY_LIMIT: Final = 100
NONCE_BYTES: Final = 32


def member_chunks(world: WorldState, session: Session, data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return the data of the GUILD_MEMBERS_CHUNK events that answer `data`.

    There are none for a guild that the bot is not in or that is another shard's, nor where all members are asked for
    without the intent. Raises `GatewayClose` (4002) for a malformed request.
    """
    guild_id = _guild_id(data)
    guild = world.guilds.get(guild_id)
    ids = _user_ids(data)
    query, limit = data.get("query"), data.get("limit", 0)
    # Some libraries send an empty query beside the ids: only a real one beside them is refused.
    asked = (isinstance(query, str) and not (query and ids)) or (query is None and ids is not None)
    if not asked or not _is_limit(limit):
        raise _malformed()
    if guild is None or session.bot_id not in guild.members or not session.shard.has(guild_id):
        return iter(())
    everyone = ids is None and not query and limit == 0
    if everyone and not session.intents & Intent.GUILD_MEMBERS:
        return iter(())
    if ids is not None:
        found = [guild.members[one] for one in ids if one in guild.members]
    else:
        found = _named(guild, query or "", None if everyone else limit or QUERY_LIMIT)
    missing = [str(one) for one in ids or () if one not in guild.members]
    return _chunks(guild, found, missing, data)


def _chunks(guild: Guild, found: list[Member], missing: list[str], data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    count = max(1, -(-len(found) // CHUNK))
    for index in range(count):
        chunk: dict[str, Any] = {
            "guild_id": str(guild.id),
            "members": [render_member(one) for one in found[index * CHUNK : (index + 1) * CHUNK]],
            "chunk_index": index,
            "chunk_count": count,
        }
        if missing:
            chunk["not_found"] = missing
        if data.get("presences"):
            chunk["presences"] = []
        nonce = data.get("nonce")
        if isinstance(nonce, str) and len(nonce.encode("utf-8", "replace")) <= NONCE_BYTES:
            chunk["nonce"] = nonce
        yield chunk


def _named(guild: Guild, query: str, limit: int | None) -> list[Member]:
    wanted = query.casefold()
    found = [
        member
        for member in guild.members.values()
        if any(
            name.casefold().startswith(wanted)
            for name in (member.user.username, member.user.global_name or "", member.nick or "")
        )
    ]
    return found if limit is None else found[: min(limit, QUERY_LIMIT)]


def _guild_id(data: dict[str, Any]) -> int:
    value = data.get("guild_id")
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    found = parse_snowflake(value)
    if found is None:
        raise _malformed()
    return found


def _user_ids(data: dict[str, Any]) -> list[int] | None:
    value = data.get("user_ids")
    if value is None:
        return None
    many = value if isinstance(value, list) else [value]
    found = [parse_snowflake(one) for one in many]
    if len(many) > QUERY_LIMIT or None in found:
        raise _malformed()
    return [one for one in found if one is not None]


def _is_limit(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _malformed() -> GatewayClose:
    return GatewayClose(CloseCode.DECODE_ERROR, "Error while decoding payload.")
