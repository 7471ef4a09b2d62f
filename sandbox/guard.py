"""Who may use the sandbox's ports: pages and programs of this machine, not another site's page in its browser.

A browser on this machine can reach the sandbox for any page that it shows. Two checks keep such a page out, on every
path of both servers, since reading what was said and speaking for someone hurts as much as the control routes do:

- `Origin`, which a browser sends with what a page does to another site, must be the sandbox's own.
- `Host` must be a name that only this machine can have. A page of another site may have its own name resolve to
  127.0.0.1 (DNS rebinding), and is then of the same origin as the sandbox. It cannot do that with an address, which
  is not looked up, nor with `localhost`.

Nor may another page frame this one, and have its user press what they don't see.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from aiohttp import hdrs, web
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Middleware

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CONTROL: Final = "/control/"
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::", ""})
_POLICY: Final = "Content-Security-Policy"
_UNFRAMED: Final = "frame-ancestors 'none'"


def guard_application(application: web.Application, host: str) -> None:
    """Put the checks before everything that an application does, which listens on `host`."""
    application.middlewares.insert(0, local_guard(host))
    application.on_response_prepare.append(_unframed)


def local_guard(host: str) -> Middleware:
    """Return the checks of a server that listens on `host`, as a middleware; it answers 403 or 415 by itself."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_local_name(request.headers.get(hdrs.HOST, ""), host):
            return _refused("Only pages and programs of this machine may do this: call it by its address.")
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is not None and not _is_own(origin, request.host):
            return _refused("Requests from other sites are not answered.")
        # A form of another site can send a body, but not declare it as JSON.
        unsafe = request.method == hdrs.METH_POST and request.path.startswith(CONTROL) and request.body_exists
        if unsafe and request.content_type != "application/json":
            return web.json_response({"error": "The content type must be application/json."}, status=415)
        return await handler(request)

    return guard


def is_local_name(authority: str, listening_on: str) -> bool:
    """Whether a Host header names this machine in a way that no other site can.

    That is an address, `localhost` and names below it, or the name that the server listens on. A server that listens
    on every address may also be called by a name without a dot, as containers call each other.
    """
    try:
        name = (URL(f"http://{authority}").host or "").rstrip(".")
    except ValueError:
        return False
    if not name or "@" in authority:
        return False
    if name in {"localhost", listening_on} or name.endswith(".localhost") or _is_address(name):
        return True
    return listening_on in _EVERYWHERE and "." not in name


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_own(origin: str, host: str) -> bool:
    try:
        theirs, ours = URL(origin), URL(f"http://{host}")
    except ValueError:
        return False
    return (theirs.host, theirs.port) == (ours.host, ours.port)


def _refused(words: str) -> web.Response:
    return web.json_response({"error": words}, status=403)


async def _unframed(_request: web.Request, response: web.StreamResponse) -> None:
    policy = response.headers.get(_POLICY)
    if policy is None or _UNFRAMED not in policy:
        response.headers[_POLICY] = _UNFRAMED if policy is None else f"{policy}; {_UNFRAMED}"
