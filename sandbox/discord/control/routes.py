"""The control side: `/control`, by which tests and the page read the log, make faults, and begin anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.discord.acts.permissions import change_permissions
from sandbox.discord.control.call import ControlError, answering, names, read_object
from sandbox.discord.control.places import place_routes
from sandbox.discord.gateway.server import Disturbance
from sandbox.discord.protocol.forms import parse_snowflake
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.traffic.catalogue import parse_faults

if TYPE_CHECKING:
    from sandbox.discord.gateway.server import Gateway
    from sandbox.discord.state.records import Channel, Guild, Role
    from sandbox.discord.traffic.faults import Faults
    from sandbox.discord.traffic.limiter import RateLimiter
    from sandbox.discord.traffic.log import RequestLog
    from sandbox.discord.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Controlled:
    """The parts of a local Discord that `/control` reads and changes; `reset` makes a new world."""

    log: RequestLog
    limiter: RateLimiter
    faults: Faults
    gateway: Gateway
    world: World
    reset: Callable[[], None]


def control_routes(parts: Controlled) -> list[web.RouteDef]:
    """Return the routes of `/control`; each answers JSON, errors as `{"error": words}`."""
    control = _Control(parts)
    return [
        web.get("/control/log", answering(control.log)),
        web.post("/control/faults", answering(control.faults)),
        web.post("/control/gateway", answering(control.gateway)),
        web.post("/control/permissions", answering(control.permissions)),
        web.post("/control/reset", answering(control.reset)),
        *place_routes(parts.world, parts.gateway),
    ]


class _Control:
    def __init__(self, parts: Controlled) -> None:
        self._parts = parts

    async def log(self, request: web.Request) -> dict[str, Any]:
        after = request.query.get("after", "0")
        if not (after.isascii() and after.isdecimal() and len(after) <= 15):
            raise ControlError("after must be a number")
        requests = self._parts.log.since(int(after))
        invalid = self._parts.limiter.invalid
        return {
            "requests": [one.as_json() for one in requests],
            "next": self._parts.log.last,
            "invalid_requests": {"count": invalid.count, "banned": invalid.banned},
        }

    async def faults(self, request: web.Request) -> dict[str, Any]:
        body = await read_object(request)
        try:
            faults = parse_faults(body)
            if "off" in body:
                self._parts.faults.change(faults, off=names(body, "off"))
            else:
                self._parts.faults.replace(faults)
        except ValueError as error:
            raise ControlError(str(error)) from error
        return {"faults": len(self._parts.faults.standing)}

    async def gateway(self, request: web.Request) -> dict[str, Any]:
        body = await read_object(request)
        try:
            what = Disturbance(str(body.get("do")))
        except ValueError as error:
            raise ControlError(f"do must be one of {', '.join(Disturbance)}") from error
        return {"sessions": self._parts.gateway.disturb(what)}

    async def permissions(self, request: web.Request) -> dict[str, Any]:
        body = await read_object(request)
        world = self._parts.world
        guild: Guild | None = world.guilds.get(_snowflake(body, "guild"))
        if guild is None:
            raise ControlError("there is no such guild")
        channel: Channel | None = None
        if body.get("channel") is not None:
            channel = guild.channels.get(_snowflake(body, "channel"))
            if channel is None:
                raise ControlError("there is no such channel in this guild")
        role: Role | None = None
        if body.get("role") is not None:
            role = guild.roles.get(_snowflake(body, "role"))
            if role is None:
                raise ControlError("there is no such role in this guild")
        allow, deny = _permissions(body, "allow"), _permissions(body, "deny")
        change_permissions(world, guild, channel=channel, role=role, allow=allow, deny=deny)
        return {}

    async def reset(self, request: web.Request) -> dict[str, Any]:  # noqa: ARG002 - a call like the others
        self._parts.reset()
        return {}


def _snowflake(body: dict[str, Any], key: str) -> int:
    found = parse_snowflake(body.get(key))
    if found is None:
        raise ControlError(f"{key} must be an id")
    return found


def _permissions(body: dict[str, Any], key: str) -> Permission:
    """Read permissions: bits, as a number or its digits, or a list of their names."""
    value = body.get(key)
    if value is None:
        return Permission(0)
    if isinstance(value, list):
        named = [one for one in value if isinstance(one, str)]
        unknown = [one for one in named if one not in Permission.__members__]
        if unknown or len(named) != len(value):
            raise ControlError(f"{key} names a permission that there is not")
        found = Permission(0)
        for name in named:
            found |= Permission[name]
        return found
    bits = parse_snowflake(value)
    if bits is None:
        raise ControlError(f"{key} must be permission bits, or a list of names")
    return Permission(bits)
