"""The routes below /cdn: attachments by their signed addresses, and avatars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from sandbox.discord.objects.avatars import AVATARS, paint_avatar

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState

_INLINE: Final = ("image/png", "image/jpeg", "image/gif", "image/webp", "text/plain")


class FileRoutes:
    """Handlers of the routes below /cdn."""

    def __init__(self, world: WorldState) -> None:
        self._world = world
        self._avatars: dict[int, bytes] = {}

    async def _attachment(self, request: web.Request) -> web.Response:
        info, query = request.match_info, request.query
        known = self._world.cdn.valid(
            info["channel"], info["file"], query.get("ex", ""), query.get("is", ""), query.get("hm", "")
        )
        if not known:
            return web.Response(status=404, text="This content is no longer available.")
        stored = self._world.cdn.get(int(info["file"]))
        if stored is None:
            return web.Response(status=404, text="This content is no longer available.")
        # Only harmless kinds are shown in the page; the rest, HTML and SVG above all, is only ever saved.
        inline = stored.content_type.partition(";")[0] in _INLINE
        return web.Response(
            body=stored.data,
            headers={
                "Content-Type": stored.content_type,
                "Content-Disposition": "inline" if inline else "attachment",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "Access-Control-Allow-Origin": "*",
            },
        )

    async def _avatar(self, request: web.Request) -> web.Response:
        seed = int(request.match_info["seed"]) % AVATARS
        return web.Response(body=self._avatars.setdefault(seed, paint_avatar(seed)), content_type="image/png")

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get(r"/cdn/attachments/{channel:\d{1,20}}/{file:\d{1,20}}/{name}", self._attachment),
            web.get(r"/cdn/embed/avatars/{seed:\d{1,20}}.png", self._avatar),
            web.get(r"/cdn/avatars/{seed:\d{1,20}}/{name}", self._avatar),
        ]
