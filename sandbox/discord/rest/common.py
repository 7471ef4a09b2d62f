"""What all REST routes share: who calls, the body as JSON or multipart, ids in paths, answers of Discord's form.

`read_body` leaves `request["body"]` (the JSON, of a multipart request its payload_json) and `request["files"]`
(`{"name", "filename", "content_type", "bytes"}` each) for the request log.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from aiohttp import BodyPartReader, hdrs, web

from sandbox.discord.bodies.message import Upload
from sandbox.discord.protocol import limits
from sandbox.discord.protocol.errors import DiscordError, refusal, unauthorized
from sandbox.discord.protocol.forms import fail, parse_snowflake
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.records import Application, Channel, Guild

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState

API: Final = "/api/v10"
_JSON_BYTES: Final = 1024 * 1024
_PARTS: Final = 32
_MAX_UPLOAD_BYTES: Final = max(limits.REQUEST_BYTES, *limits.FILE_BYTES.values()) + _JSON_BYTES

BotHandler = Callable[[web.Request, Application], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A request's JSON and its files."""

    data: Any
    uploads: list[Upload] = field(default_factory=list)


def answer(data: Any, status: int = 200) -> web.Response:
    """Return JSON with the content type exactly `application/json`: clients take anything else for text."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return web.Response(body=text.encode("utf-8", "replace"), status=status, content_type="application/json")


def no_content() -> web.Response:
    """Return 204, which has neither body nor content type."""
    return web.Response(status=204)


def bot_route(world: WorldState, method: str, path: str, handler: BotHandler) -> web.RouteDef:
    """Return the route of a call that needs a bot's token. Without a valid one the answer is 401."""

    async def handle(request: web.Request) -> web.StreamResponse:
        kind, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        application = world.application_for_token(token.strip()) if kind == "Bot" else None
        if application is None:
            raise unauthorized()
        return await handler(request, application)

    return (
        web.route(method, API + path, handle, allow_head=False)
        if method == "GET"
        else web.route(method, API + path, handle)
    )


def bot_routes(world: WorldState, *table: tuple[str, str, BotHandler]) -> list[web.RouteDef]:
    """Return the routes of a table of methods, paths and handlers, all of which need a bot's token."""
    return [bot_route(world, method, path, handler) for method, path, handler in table]


def parse_json(raw: bytes | str) -> Any:
    """Return the JSON of a body. Raises 50109."""
    try:
        return json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise refusal(50109) from error


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


async def read_body(request: web.Request, *, empty: Any = None) -> Body:
    """Return the body. Raises 50109 for what is no JSON, 40005 for what is too large, 50035 for a bad form.

    `empty` is what a request without a body stands for; without it that is an empty object.
    """
    if request.content_type == "multipart/form-data":
        body = await _read_multipart(request)
    else:
        if (request.content_length or 0) > _JSON_BYTES:
            raise refusal(40005)
        try:
            raw = await request.read()
        except web.HTTPRequestEntityTooLarge as error:
            raise refusal(40005) from error
        if len(raw) > _JSON_BYTES:
            raise refusal(40005)
        body = Body(data=parse_json(raw) if raw else ({} if empty is None else empty))
    _note(request, "body", body.data)
    return body


def _note(request: web.Request, key: str, value: Any) -> None:
    """Leave something for the middlewares. Plain names, so that they need nothing from here; aiohttp warns of those."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", web.NotAppKeyWarning)
        request[key] = value


async def _read_multipart(request: web.Request) -> Body:
    if (request.content_length or 0) > _MAX_UPLOAD_BYTES:
        raise refusal(40005)
    payload: Any = {}
    uploads: list[Upload] = []
    described: list[dict[str, Any]] = []
    loose: dict[str, str] = {}
    room = _MAX_UPLOAD_BYTES
    try:
        reader = await request.multipart()
        for _ in range(_PARTS):
            part = await reader.next()
            if part is None:
                break
            if not isinstance(part, BodyPartReader):
                raise fail(("files",), "MULTIPART_NESTED", "Nested multipart bodies are not taken")
            data = await _read_part(part, room)
            room -= len(data)
            name = part.name or ""
            if part.filename is not None:
                kind = part.headers.get(hdrs.CONTENT_TYPE)
                uploads.append(_upload(name, part.filename, kind, data, len(uploads)))
                described.append({"name": name, "filename": part.filename, "content_type": kind, "bytes": len(data)})
            elif name == "payload_json":
                payload = parse_json(data)
            else:
                loose[name] = data.decode("utf-8", "replace")
        else:
            raise refusal(40005)
    except (ValueError, AssertionError, RuntimeError, web.HTTPException) as error:
        raise fail(("payload_json",), "MULTIPART_MALFORMED", "The multipart body could not be read") from error
    _note(request, "files", described)
    if isinstance(payload, dict):
        payload = loose | payload
    return Body(data=payload, uploads=uploads)


async def _read_part(part: BodyPartReader, room: int) -> bytes:
    found = bytearray()
    while chunk := await part.read_chunk(256 * 1024):
        found += chunk
        if len(found) > room:
            raise refusal(40005)
    return bytes(part.decode(bytes(found))) if part.headers.get(hdrs.CONTENT_TRANSFER_ENCODING) else bytes(found)


def _upload(name: str, filename: str, content_type: str | None, data: bytes, position: int) -> Upload:
    """Return the file; the n of `files[n]` is its index, any other field name counts by its position."""
    index = position
    if name.startswith("files[") and name.endswith("]"):
        index = parse_snowflake(name[6:-1]) or 0
    return Upload(index=index, filename=filename[:1024], content_type=content_type, data=data)


def path_id(request: web.Request, key: str) -> int:
    """Return an id of the path. Raises 50035 for what is no snowflake."""
    found = parse_snowflake(request.match_info[key])
    if found is None:
        raise fail((key,), "NUMBER_TYPE_COERCE", f'Value "{request.match_info[key][:50]}" is not snowflake.')
    return found


def query_int(request: web.Request, key: str, default: int, *, low: int, high: int) -> int:
    """Return a whole number of the query. Raises 50035 outside of `low` and `high`."""
    text = request.query.get(key)
    if text is None:
        return default
    found = parse_snowflake(text)
    if found is None:
        raise fail((key,), "NUMBER_TYPE_COERCE", f'Value "{text[:50]}" is not int.')
    if not low <= found <= high:
        bound, word = (low, "greater") if found < low else (high, "less")
        code = "NUMBER_TYPE_MIN" if found < low else "NUMBER_TYPE_MAX"
        raise fail((key,), code, f"int value should be {word} than or equal to {bound}.")
    return found


def query_flag(request: web.Request, key: str) -> bool:
    """Return a truth value of the query."""
    return request.query.get(key, "").lower() in ("true", "1")


def seen_channel(world: WorldState, request: web.Request, application: Application) -> Channel:
    """Return the path's channel. Raises 10003 where there is none, 50001 where the bot may not see it.

    The same for a voice or stage channel without CONNECT ("Get Channel Messages").
    """
    channel = world.channel_by_id(path_id(request, "channel_id"))
    if not world.can_enter(application.bot.id, channel):
        raise refusal(50001)
    return channel


def joined_guild(world: WorldState, request: web.Request, application: Application) -> Guild:
    """Return the path's guild. Raises 10004, also where the bot is no member."""
    guild = world.guilds.get(path_id(request, "guild_id"))
    if guild is None or application.bot.id not in guild.members:
        raise refusal(10004)
    return guild


def require(world: WorldState, application: Application, channel: Channel, needed: Permission) -> None:
    """Raise 50013 unless the bot has these permissions in the channel."""
    if needed & ~world.permissions(application.bot.id, channel):
        raise refusal(50013)


def own_application(request: web.Request, application: Application) -> None:
    """Raise 20012 unless the path's application is the caller's."""
    if path_id(request, "application_id") != application.id:
        raise refusal(20012)


def error_answer(error: DiscordError) -> web.Response:
    """Return Discord's JSON for an error."""
    return answer(error.body(), error.status)
