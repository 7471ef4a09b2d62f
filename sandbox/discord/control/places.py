"""The control side of places: channels, threads and members changed from outside of the bot."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from sandbox.discord.control.call import ControlError, answering, names, read_object
from sandbox.discord.objects.places import render_channel
from sandbox.discord.protocol.forms import parse_snowflake
from sandbox.discord.state.places import ChannelType

if TYPE_CHECKING:
    from sandbox.discord.gateway.server import Gateway
    from sandbox.discord.state.records import Channel, Guild, User
    from sandbox.discord.world import World

_KINDS: Final = {
    "text": ChannelType.TEXT,
    "voice": ChannelType.VOICE,
    "announcement": ChannelType.ANNOUNCEMENT,
    "stage": ChannelType.STAGE,
    "forum": ChannelType.FORUM,
    "media": ChannelType.MEDIA,
    "category": ChannelType.CATEGORY,
}
_LONGEST_S: Final = 21_600
_MOST_EVENTS: Final = 1_000


def place_routes(world: World, gateway: Gateway) -> list[web.RouteDef]:
    """Return the routes of `/control/places`, `/control/timeout`, `/control/hold` and `/control/outage`."""
    control = _Places(world, gateway)
    return [
        web.post("/control/places", answering(control.places)),
        web.post("/control/timeout", answering(control.timeout)),
        web.post("/control/hold", answering(control.hold)),
        web.post("/control/outage", answering(control.outage)),
    ]


class _Places:
    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway
        self._acts: dict[str, Callable[[Channel], None]] = {
            "hide": world.hide,
            "show": world.show,
            "lock": world.lock,
            "unlock": world.unlock,
            "archive": world.archive,
            "unarchive": world.unarchive,
            "add_bot": world.add_to_thread,
            "remove_bot": world.remove_from_thread,
            "delete": world.delete_channel,
        }

    async def places(self, request: web.Request) -> dict[str, Any]:
        body = await read_object(request)
        what = str(body.get("do"))
        if what == "add":
            channel = self._add(body)
        elif what == "slowmode":
            channel = self._channel(body)
            self._world.set_slowmode(channel, _whole(body, "seconds", _LONGEST_S))
        elif what in self._acts:
            channel = self._channel(body)
            self._acts[what](channel)
        else:
            raise ControlError(f"do must be one of add, slowmode, {', '.join(self._acts)}")
        return {"channel": render_channel(self._world, channel)}

    def _add(self, body: dict[str, Any]) -> Channel:
        name, kind = body.get("name"), str(body.get("kind", "text"))
        if not isinstance(name, str) or not 1 <= len(name) <= 100:
            raise ControlError("name must be 1 to 100 characters")
        if kind not in _KINDS:
            raise ControlError(f"kind must be one of {', '.join(_KINDS)}")
        hidden = body.get("hidden") is True
        return self._world.add_channel(name, _KINDS[kind], guild=self._guild(body), hidden_from_bot=hidden)

    async def timeout(self, request: web.Request) -> dict[str, Any]:
        body = await read_object(request)
        guild = self._guild(body)
        user = self._user(body)
        if user.id not in guild.members:
            raise ControlError("this user is no member of the guild")
        self._world.time_out(user, _whole(body, "seconds", 28 * 86_400), guild)
        return {}

    async def hold(self, request: web.Request) -> dict[str, Any]:
        body = await read_object(request)
        if body.get("events") == []:
            return {"released": self._gateway.release()}
        after = None if body.get("after", 1) is None else _whole(body, "after", _MOST_EVENTS, default=1)
        times = None if body.get("times") is None else _whole(body, "times", _MOST_EVENTS)
        self._gateway.hold(*names(body, "events"), after=after, times=times)
        return {"held": len(self._gateway.held)}

    async def outage(self, request: web.Request) -> dict[str, Any]:
        body = await read_object(request)
        self._gateway.outage(self._guild(body), over=body.get("over") is True)
        return {}

    def _guild(self, body: dict[str, Any]) -> Guild:
        if body.get("guild") is None:
            return self._world.guild()
        found = self._world.guilds.get(parse_snowflake(body["guild"]) or 0)
        if found is None:
            raise ControlError("there is no such guild")
        return found

    def _channel(self, body: dict[str, Any]) -> Channel:
        found = self._world.channels.get(parse_snowflake(body.get("channel")) or 0)
        if found is None or found.is_dm:
            raise ControlError("there is no such channel in a guild")
        return found

    def _user(self, body: dict[str, Any]) -> User:
        if body.get("user") is None:
            return self._world.bot
        found = self._world.users.get(parse_snowflake(body["user"]) or 0)
        if found is None:
            raise ControlError("there is no such user")
        return found


def _whole(body: dict[str, Any], key: str, high: int, *, default: int | None = None) -> int:
    value = body.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= high:
        raise ControlError(f"{key} must be a whole number from 0 to {high}")
    return value
