"""The feed over a WebSocket, and what may be done to the bot and the endpoint, for the page: `/control/...`."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from aiohttp import WSCloseCode, WSMsgType, web

from sandbox.backstage.feed import KEPT
from sandbox.backstage.stage import Backstage
from sandbox.discord.control.call import ControlError, answering, names, read_object
from sandbox.endpoint.checks import RefusedError
from sandbox.process import NotNowError

if TYPE_CHECKING:
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
    hands = _Hands(stage)
    return [
        web.get("/control/watch", watch.handle, allow_head=False),
        web.post("/control/bot", answering(hands.bot)),
        web.post("/control/endpoint", answering(hands.endpoint)),
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


class _Hands:
    """What may be done to the bot and the endpoint."""

    def __init__(self, stage: Backstage) -> None:
        self._stage = stage

    async def bot(self, request: web.Request) -> dict[str, Any]:
        """`{"do": "kill"|"stop"|"start"|"restart"}`: what comes of it is told by the feed."""
        what = (await read_object(request)).get("do")
        if what not in _DOINGS:
            raise ControlError(f"do must be one of {', '.join(_DOINGS)}")
        bot = self._stage.bot
        if bot is None:
            raise ControlError("The bot was not started from here: start and stop it where it runs.", status=409)
        try:
            {"kill": bot.kill, "stop": bot.stop, "start": bot.start, "restart": bot.restart}[what]()
        except NotNowError as error:
            raise ControlError(str(error), status=409) from error
        return {"status": str(bot.state.status)}

    async def endpoint(self, request: web.Request) -> dict[str, Any]:
        """`{"faults": [names]}` replaces the endpoint's standing faults; an empty list is the way back.

        With `"off": [names]` those go and the others stay beside the ones given.
        """
        body = await read_object(request)
        wanted = names(body, "faults")
        off = names(body, "off") if "off" in body else None
        if self._stage.endpoint is None:
            raise ControlError("The endpoint is not the sandbox's: no faults can be made there.", status=409)
        try:
            return {"faults": self._stage.set_endpoint_faults(wanted, off=off)}
        except RefusedError as error:
            raise ControlError(error.problem.message) from error
