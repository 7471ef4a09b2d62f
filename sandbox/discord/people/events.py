"""The stream of events to a person's client, over a WebSocket."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from aiohttp import WSCloseCode, WSMsgType, web

from sandbox.discord.objects.places import veil, visible
from sandbox.discord.state.events import CHANNEL_EVENTS, Event
from sandbox.discord.state.records import User

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState

_BACKLOG: Final = 2_000
_HEARTBEAT_S: Final = 30.0


def hears(world: WorldState, person: User, event: Event) -> bool:
    """Tell whether a person's client gets an event."""
    if event.people is not None:
        return person.id in event.people
    if event.channel_id is not None and event.t not in CHANNEL_EVENTS:
        channel = world.channels.get(event.channel_id)
        if channel is not None:
            return world.can_enter(person.id, channel)
    if event.guild_id is not None:
        guild = world.guilds.get(event.guild_id)
        return guild is not None and person.id in guild.members
    return True


def told(world: WorldState, person: User, event: Event) -> dict[str, Any]:
    """Return an event's data as a person gets it: of a channel that it may not see, or no longer, veiled."""
    channel = world.channels.get(event.channel_id or 0)
    if event.guild_id is None or channel is None or event.t not in CHANNEL_EVENTS:
        return event.d
    return event.d if visible(world, channel, person.id) else veil(event.d)


def events_route(world: WorldState) -> web.RouteDef:
    """Return the route of /people/events."""

    async def handle(request: web.Request) -> web.StreamResponse:
        person = world.person(request.query.get("as", ""))
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_S)
        queue: asyncio.Queue[str] = asyncio.Queue(_BACKLOG)

        def listen(event: Event) -> None:
            if not hears(world, person, event):
                return
            try:
                data = {"t": event.t, "d": told(world, person, event)}
                queue.put_nowait(json.dumps(data, separators=(",", ":"), ensure_ascii=False))
            except asyncio.QueueFull:
                # A page that does not read is cut off; it loads anew when it comes back.
                unsubscribe()
                closing.set()

        closing = asyncio.Event()
        # Before the page learns that it is connected: from then on it counts on hearing all.
        unsubscribe = world.subscribe(listen)
        try:
            await socket.prepare(request)
            async with asyncio.TaskGroup() as group:
                writer = group.create_task(_write(socket, queue))
                reader = group.create_task(_read(socket, closing))
                overflow = group.create_task(closing.wait())
                await asyncio.wait((writer, reader, overflow), return_when=asyncio.FIRST_COMPLETED)
                for task in (writer, reader, overflow):
                    task.cancel()
        finally:
            unsubscribe()
            if socket.prepared and not socket.closed:
                await socket.close(code=WSCloseCode.GOING_AWAY)
        return socket

    return web.get("/people/events", handle, allow_head=False)


async def _write(socket: web.WebSocketResponse, queue: asyncio.Queue[str]) -> None:
    while True:
        text = await queue.get()
        try:
            await socket.send_str(text)
        except ConnectionError:
            return


async def _read(socket: web.WebSocketResponse, closing: asyncio.Event) -> None:
    """Read until the client goes; it has nothing to say."""
    async for message in socket:
        if message.type is WSMsgType.ERROR:
            break
    closing.set()
