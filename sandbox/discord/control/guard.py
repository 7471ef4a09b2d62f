"""Who may use `/control`: pages and programs of this machine, not a page from elsewhere that a browser has open.

The check of `Origin` (`pipeline.same_origin`) is beaten by a name of another site that resolves to this machine; the
name that was asked for is therefore checked as well, and bodies must be declared as JSON, which a form can't do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Middleware

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::", ""})


def control_guard(host: str) -> Middleware:
    """Return the middleware of a server that listens on `host`."""

    @web.middleware
    async def guard(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if not request.path.startswith("/control/"):
            return await handler(request)
        if host not in _EVERYWHERE and _name(request.host) not in _LOOPBACK | {host}:
            return web.json_response({"error": "Only pages of this machine may do this."}, status=403)
        if request.method == "POST" and request.body_exists and request.content_type != "application/json":
            return web.json_response({"error": "The content type must be application/json."}, status=415)
        return await handler(request)

    return guard


def _name(host: str) -> str:
    """Return the name of a Host header without its port."""
    try:
        return URL(f"http://{host}").host or ""
    except ValueError:
        return ""
