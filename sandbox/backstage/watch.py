"""The feed over a WebSocket, and what may be done to the bot and the endpoint, for the page: `/control/...`."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from aiohttp import WSCloseCode, WSMsgType, web

from sandbox.backstage.backstage import Backstage
from sandbox.backstage.feed import KEPT
from sandbox.endpoint.checks import RefusedError
from sandbox.supervisor.process import NotNowError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.backstage.feed import Reader
    from sandbox.discord import LocalDiscord

EVERY_S: Final = 0.1
"""The least time between two frames to a reader; what changes in between is told together."""
SEND_S: Final = 10.0
"""How long a reader may take over one frame before it is cut off."""
WATCHERS: Final = 16
_HEARTBEAT_S: Final = 30.0
_DOINGS: Final = ("kill", "stop", "start", "restart")


def watch_discord(discord: LocalDiscord) -> Backstage:
    """Return what goes on behind the bot of a local Discord, which serves it from its next start."""
    stage = Backstage(discord.world, discord.log, discord.gateway, discord.faults)
    discord.mount(backstage_routes(stage))
    discord.on_reset(stage.clear)
    return stage


def backstage_routes(stage: Backstage, *, every_s: float = EVERY_S, send_s: float = SEND_S) -> list[web.RouteDef]:
    """Return the routes of `/control` that concern what is behind the bot."""
    watch = _Watch(stage, every_s, send_s)
    return [
        web.get("/control/watch", watch.handle, allow_head=False),
        web.post("/control/bot", _answering(stage, _bot)),
        web.post("/control/endpoint", _answering(stage, _endpoint)),
    ]


class _Watch:
    def __init__(self, stage: Backstage, every_s: float, send_s: float) -> None:
        self._stage = stage
        self._every_s = every_s
        self._send_s = send_s
        self._watchers = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Tell a client all that is kept, then what changes, until it goes or reads too slowly."""
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_S, timeout=1.0)
        await socket.prepare(request)
        if self._watchers >= WATCHERS:
            await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"Too many watch already.")
            return socket
        self._watchers += 1
        reader = self._stage.feed.open_reader()
        try:
            tasks = {
                asyncio.create_task(self._write(socket, request, reader)),
                asyncio.create_task(_until_closed(socket)),
            }
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            reader.close()
            self._watchers -= 1
        if not socket.closed:
            await socket.close(code=WSCloseCode.GOING_AWAY)
        return socket

    async def _write(self, socket: web.WebSocketResponse, request: web.Request, reader: Reader) -> None:
        frame: dict[str, Any] = {"hello": {"kept": KEPT}, **reader.take()}
        while True:
            frame["now"] = self._stage.now()
            try:
                async with asyncio.timeout(self._send_s):
                    await socket.send_str(_encode(frame))
            except (TimeoutError, ConnectionError):
                if request.transport is not None:
                    request.transport.abort()
                return
            await asyncio.sleep(self._every_s)
            await reader.wait()
            frame = reader.take()


def _encode(frame: dict[str, Any]) -> str:
    """Return JSON that every browser reads: Python takes and makes NaN and Infinity, which are none."""
    try:
        return json.dumps(frame, separators=(",", ":"), allow_nan=False)
    except ValueError:
        return json.dumps(json.loads(json.dumps(frame), parse_constant=str), separators=(",", ":"))


async def _until_closed(socket: web.WebSocketResponse) -> None:
    """Read until the client goes; it has nothing to say."""
    async for message in socket:
        if message.type is WSMsgType.ERROR:
            return


class _BadRequestError(Exception):
    """A request that makes no sense; its words go back with status 400."""


def _answering(
    stage: Backstage, call: Callable[[Backstage, dict[str, Any]], dict[str, Any]]
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handler(request: web.Request) -> web.StreamResponse:
        try:
            body = json.loads(await request.read())
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            return web.json_response({"error": "The body must be a JSON object."}, status=400)
        try:
            return web.json_response(call(stage, body))
        except _BadRequestError as error:
            return web.json_response({"error": str(error)}, status=400)
        except RefusedError as error:
            return web.json_response({"error": error.problem.message}, status=400)
        except NotNowError as error:
            return web.json_response({"error": str(error)}, status=409)

    return handler


def _bot(stage: Backstage, body: dict[str, Any]) -> dict[str, Any]:
    """`{"do": "kill"|"stop"|"start"|"restart"}`: what comes of it is told by the feed."""
    what = body.get("do")
    if what not in _DOINGS:
        raise _BadRequestError(f"do must be one of {', '.join(_DOINGS)}")
    if stage.bot is None:
        raise NotNowError("The bot was not started from here: start and stop it where it runs.")
    {"kill": stage.bot.kill, "stop": stage.bot.stop, "start": stage.bot.start, "restart": stage.bot.restart}[what]()
    return {"status": str(stage.bot.state.status)}


def _endpoint(stage: Backstage, body: dict[str, Any]) -> dict[str, Any]:
    """`{"faults": [names]}` replaces the endpoint's standing faults; an empty list is the way back.

    With `"off": [names]` those go and the others stay beside the ones given.
    """
    names = _names(body, "faults")
    off = _names(body, "off") if "off" in body else None
    if stage.endpoint is None:
        raise NotNowError("The endpoint is not the sandbox's: no faults can be made there.")
    return {"faults": stage.set_endpoint_faults(names, off=off)}


def _names(body: dict[str, Any], key: str) -> list[str]:
    found = body.get(key)
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise _BadRequestError(f"{key} must be a list of names")
    return found
