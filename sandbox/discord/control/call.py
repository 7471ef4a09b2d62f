"""How a call of `/control` reads its body and answers: JSON both ways, errors as `{"error": words}`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.discord.protocol.errors import DiscordError

Call = Callable[[web.Request], Awaitable[dict[str, Any]]]


class ControlError(Exception):
    """A call that makes no sense, or not now; its words go back with `status`."""

    def __init__(self, words: str, *, status: int = 400) -> None:
        super().__init__(words)
        self.status = status


def answering(call: Call) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return the handler that answers what `call` returns, or raises as ControlError or DiscordError."""

    async def handler(request: web.Request) -> web.StreamResponse:
        try:
            return web.json_response(await call(request))
        except ControlError as error:
            return web.json_response({"error": str(error)}, status=error.status)
        except DiscordError as error:
            return web.json_response({"error": error.message, "code": error.code}, status=error.status)

    return handler


async def read_object(request: web.Request) -> dict[str, Any]:
    """Return a request's body. Raises ControlError unless it is a JSON object."""
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise ControlError("the body is not JSON") from error
    if not isinstance(body, dict):
        raise ControlError("the body is not an object")
    return body


def names(body: dict[str, Any], key: str) -> list[str]:
    """Return a list of names in a body. Raises ControlError if there is none of that key."""
    found = body.get(key)
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise ControlError(f"{key} must be a list of names")
    return found
