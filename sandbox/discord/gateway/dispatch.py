"""Who hears an event, and what of it.

An event is encoded once for all sessions that may read it whole, and once a bot for those that may not.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sandbox.discord.gateway.codes import Intent, intents_for
from sandbox.discord.objects.messages import redact
from sandbox.discord.objects.places import veil, visible
from sandbox.discord.state.events import CHANNEL_EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.discord.gateway.session import Session
    from sandbox.discord.state.events import Event
    from sandbox.discord.state.world import WorldState

_MESSAGE_EVENTS: Final = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE"})


def encode(data: object) -> str:
    """Return the JSON text of an event's data."""
    return json.dumps(data, separators=(",", ":"))


def deliver(event: Event, sessions: Iterable[Session], world: WorldState) -> None:
    """Dispatch an event to those of the sessions that hear it."""
    if not event.bots:
        return
    whole = veiled = ""
    readable_by: dict[int, str] = {}
    for session in _hearers(event, sessions, world):
        if _veiled(event, session.bot_id, world):
            text = veiled = veiled or encode(veil(event.d))
        elif event.t in _MESSAGE_EVENTS and not session.intents & Intent.MESSAGE_CONTENT:
            if session.bot_id not in readable_by:
                direct = event.guild_id is None
                readable = redact(event.d, session.bot_id, direct=direct, whole=event.whole)
                readable_by[session.bot_id] = encode(readable)
            text = readable_by[session.bot_id]
        else:
            text = whole = whole or encode(event.d)
        session.dispatch(event.t, text)


def _hearers(event: Event, sessions: Iterable[Session], world: WorldState) -> Iterator[Session]:
    needs = intents_for(event.t, in_guild=event.guild_id is not None)
    of_member = event.t == "GUILD_MEMBER_UPDATE" and event.d.get("user", {}).get("id")
    sees: dict[int, bool] = {}
    for session in sessions:
        # A bot hears of its own membership whatever its intents are.
        if not session.intents & needs and needs != -1 and of_member != str(session.bot_id):
            continue
        if not session.shard.has(event.guild_id):
            continue
        if event.t == "THREAD_MEMBERS_UPDATE" and not _may_hear_of_moves(event, session):
            continue  # without that intent a bot hears of itself alone
        bot = session.bot_id
        if bot not in sees:
            sees[bot] = _sees(bot, event, world)
        if sees[bot]:
            yield session


def _sees(bot_id: int, event: Event, world: WorldState) -> bool:
    if event.people is not None:
        return bot_id in event.people
    channel = world.channels.get(event.channel_id) if event.channel_id is not None else None
    if channel is not None and event.t not in CHANNEL_EVENTS:
        return world.can_enter(bot_id, channel)
    # No channel, or one that was just deleted: the guild's members hear of it.
    guild = world.guilds.get(event.guild_id) if event.guild_id is not None else None
    return guild is not None and bot_id in guild.members


def _veiled(event: Event, bot_id: int, world: WorldState) -> bool:
    """Tell whether an event is of a guild's channel that the bot may not see: it comes veiled."""
    if event.t not in CHANNEL_EVENTS or event.guild_id is None:
        return False
    channel = world.channels.get(event.channel_id or 0)
    return channel is not None and not visible(world, channel, bot_id)


def _may_hear_of_moves(event: Event, session: Session) -> bool:
    return bool(session.intents & Intent.GUILD_MEMBERS) or session.bot_id in _moved(event)


def _moved(event: Event) -> set[int]:
    """Return the users who came into a thread or left it by a THREAD_MEMBERS_UPDATE."""
    added = [one["user_id"] for one in event.d.get("added_members", [])]
    return {int(one) for one in (*added, *event.d.get("removed_member_ids", []))}
