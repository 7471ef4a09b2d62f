"""The routes below /cdn: attachments by their signed addresses, and avatars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from sandbox.discord.objects.avatars import AVATARS, paint_avatar

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState

_INLINE: Final = ("image/png", "image/jpeg", "image/gif", "image/webp", "text/plain")


def routes(world: WorldState) -> list[web.RouteDef]:
    """Return the routes below /cdn."""
    avatars: dict[int, bytes] = {}

    async def attachment(request: web.Request) -> web.Response:
        info, query = request.match_info, request.query
        known = world.cdn.valid(
            info["channel"], info["file"], query.get("ex", ""), query.get("is", ""), query.get("hm", "")
        )
        if not known:
            return web.Response(status=404, text="This content is no longer available.")
        stored = world.cdn.get(int(info["file"]))
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

    async def avatar(request: web.Request) -> web.Response:
        seed = int(request.match_info["seed"]) % AVATARS
        return web.Response(body=avatars.setdefault(seed, paint_avatar(seed)), content_type="image/png")

    return [
        web.get(r"/cdn/attachments/{channel:\d{1,20}}/{file:\d{1,20}}/{name}", attachment),
        web.get(r"/cdn/embed/avatars/{seed:\d{1,20}}.png", avatar),
        web.get(r"/cdn/avatars/{seed:\d{1,20}}/{name}", avatar),
    ]
