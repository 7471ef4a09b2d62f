"""The control routes: scripts, the log and the standing faults over HTTP.

Bodies must be JSON with that content type, which a page of another origin can't send unasked.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.endpoint import checks
from sandbox.endpoint.script.replies import parse_reply
from sandbox.endpoint.script.samples import SAMPLES
from sandbox.endpoint.serving.faults import faults

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.endpoint.serving.context import Context

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """Handlers of `/control/...`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/control/log", self._safely(self._log)),
            web.post("/control/script", self._safely(self._script)),
            web.get("/control/faults", self._safely(self._show_faults)),
            web.post("/control/faults", self._safely(self._set_faults)),
            web.post("/control/behaviour", self._safely(self._set_behaviour)),
        ]

    def _safely(self, handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except checks.RefusedError as error:
                return web.json_response({"error": error.problem.message}, status=error.problem.status)

        return handle

    async def _log(self, request: web.Request) -> web.Response:
        """`?after=n`: the entries kept with a number above n, and the number to ask after next time."""
        after = request.query.get("after", "0")
        if not (after.isascii() and after.isdecimal() and len(after) < 16):
            raise checks.invalid("after", "after must be a whole number")
        entries = self._context.log.entries(int(after))
        return web.json_response(
            {"requests": [entry.as_json() for entry in entries], "next": entries[-1].n if entries else int(after)}
        )

    async def _script(self, request: web.Request) -> web.Response:
        """`{"replies": [...], "default": reply | null, "clear": bool}`: queue replies, set the standing one."""
        body = checks.parse_object(await request.read(), request.content_type)
        checks.refuse_unknown(body, {"replies", "default", "clear"})
        listed = body.get("replies", [])
        if not isinstance(listed, list):
            raise checks.invalid("replies", "replies must be an array")
        replies = [parse_reply(item, SAMPLES) for item in listed]
        default = body.get("default")
        standing = None if default is None else parse_reply(default, SAMPLES)
        scripts = self._context.scripts
        if checks.flag("clear", body.get("clear", False)):
            scripts.clear()
        try:
            scripts.add(*replies)
        except ValueError as error:
            raise checks.invalid("replies", str(error)) from error
        if "default" in body:
            scripts.default = standing
        return web.json_response({"queued": len(scripts), "samples": sorted(SAMPLES)})

    async def _show_faults(self, _request: web.Request) -> web.Response:
        return web.json_response({"faults": self._context.faults.names()})

    async def _set_faults(self, request: web.Request) -> web.Response:
        """`{"faults": [names]}` replaces the standing faults; an empty list is the way back."""
        body = checks.parse_object(await request.read(), request.content_type)
        checks.refuse_unknown(body, {"faults"})
        listed = body.get("faults")
        if not isinstance(listed, list):
            raise checks.invalid("faults", "faults must be an array of names")
        self._context.faults = faults(*(checks.text("faults", name) for name in listed))
        return await self._show_faults(request)

    async def _set_behaviour(self, request: web.Request) -> web.Response:
        """`{"tokens_per_s", "first_token_s", "drawing_s", "thinking_s"}`, each optional: the pace of the answers."""
        body = checks.parse_object(await request.read(), request.content_type)
        limits = {"tokens_per_s": 10_000, "first_token_s": 600, "drawing_s": 600, "thinking_s": 600}
        checks.refuse_unknown(body, limits)
        wanted = {name: checks.number(name, value, 0, limits[name]) for name, value in body.items()}
        current = self._context.behaviour
        self._context.behaviour = dataclasses.replace(
            current,
            tokens_per_s=wanted.get("tokens_per_s", current.tokens_per_s),
            first_token_s=wanted.get("first_token_s", current.first_token_s),
            drawing_s=wanted.get("drawing_s", current.drawing_s),
            thinking_s=wanted.get("thinking_s", current.thinking_s),
        )
        return web.json_response({name: getattr(self._context.behaviour, name) for name in limits})
