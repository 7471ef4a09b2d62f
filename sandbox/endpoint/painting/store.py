"""Pictures at expiring, signed addresses: recipes are kept, the bytes are made again when they are asked for."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections import OrderedDict
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from aiohttp import web

from sandbox.endpoint.painting.painter import paint

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.endpoint.painting.recipe import Recipe

_MAX_RECIPES: Final = 5000
_CACHE_BYTES: Final = 32 * 1024 * 1024


class PictureStore:
    """Recipes by id (the last 5,000), and a cache of rendered pictures (the last 32 MiB).

    `clock` gives seconds since the epoch; addresses expire `ttl_s` seconds after they were made.
    """

    def __init__(self, *, clock: Callable[[], float], ttl_s: float) -> None:
        self.ttl_s = ttl_s
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._recipes: OrderedDict[str, Recipe] = OrderedDict()
        self._cache: OrderedDict[Recipe, bytes] = OrderedDict()
        self._cached_bytes = 0
        self._one_at_a_time = asyncio.Lock()

    async def add(self, recipe: Recipe) -> str:
        """Render a recipe and return the path and query of its picture: `/pictures/<id>.png?Expires=…&Signature=…`."""
        await self.render(recipe)
        picture_id = secrets.token_hex(12)
        self._recipes[picture_id] = recipe
        while len(self._recipes) > _MAX_RECIPES:
            self._recipes.popitem(last=False)
        expires = int(self._clock() + self.ttl_s)
        path = f"/pictures/{picture_id}.png"
        return f"{path}?Expires={expires}&Signature={self._sign(path, str(expires))}"

    async def render(self, recipe: Recipe) -> bytes:
        """Return the PNG of a recipe, from the cache or rendered in a thread, one at a time."""
        async with self._one_at_a_time:
            if recipe in self._cache:
                self._cache.move_to_end(recipe)
                return self._cache[recipe]
            data = await asyncio.to_thread(paint, recipe)
            self._cache[recipe] = data
            self._cached_bytes += len(data)
            while self._cached_bytes > _CACHE_BYTES and len(self._cache) > 1:
                self._cached_bytes -= len(self._cache.popitem(last=False)[1])
            return data

    async def serve(self, request: web.Request) -> web.Response:
        """Answer a download: 403 if the address expired or was tampered with, 404 for an unknown picture."""
        given = request.query.get("Expires", "")
        wanted = self._sign(request.path, given)
        if not hmac.compare_digest(wanted.encode(), request.query.get("Signature", "").encode()):
            return _refusal(403, "SignatureDoesNotMatch", "The request signature does not match.")
        if self._clock() > int(given):  # a signed value is a number of ours
            return _refusal(403, "AccessDenied", "Request has expired.")
        recipe = self._recipes.get(request.match_info["name"].removesuffix(".png"))
        if recipe is None:
            return _refusal(404, "NoSuchKey", "The specified key does not exist.")
        return web.Response(
            body=await self.render(recipe),
            content_type="image/png",
            headers={"Cache-Control": "private, max-age=60", "X-Content-Type-Options": "nosniff"},
        )

    def _sign(self, path: str, expires: str) -> str:
        return hmac.new(self._secret, f"{path}\n{expires}".encode(), hashlib.sha256).hexdigest()


def _refusal(status: int, code: str, message: str) -> web.Response:
    error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'
    return web.Response(status=status, text=body, content_type="application/xml")
