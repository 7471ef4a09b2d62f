"""The routes below /cdn: attachments by their signed addresses, and avatars, which are painted here."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState

_COLOURS: Final = ((88, 101, 242), (87, 166, 120), (214, 146, 60), (200, 84, 96), (146, 108, 196), (70, 150, 176))
_AVATAR_PX: Final = 128
_INLINE: Final = ("image/png", "image/jpeg", "image/gif", "image/webp", "text/plain")


def _avatar(seed: int) -> bytes:
    """Return a plain disc as PNG, its colour by the user's id."""
    red, green, blue = _COLOURS[seed % len(_COLOURS)]
    middle = (_AVATAR_PX - 1) / 2
    rows = bytearray()
    for y in range(_AVATAR_PX):
        rows.append(0)
        for x in range(_AVATAR_PX):
            head = (x - middle) ** 2 + (y - _AVATAR_PX * 0.4) ** 2 < (_AVATAR_PX * 0.17) ** 2
            body = (x - middle) ** 2 + (y - _AVATAR_PX * 0.98) ** 2 < (_AVATAR_PX * 0.34) ** 2
            rows += bytes((255, 255, 255)) if head or body else bytes((red, green, blue))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", _AVATAR_PX, _AVATAR_PX, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b"")
    )


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
        seed = int(request.match_info["seed"]) % len(_COLOURS)
        return web.Response(body=avatars.setdefault(seed, _avatar(seed)), content_type="image/png")

    return [
        web.get(r"/cdn/attachments/{channel:\d{1,20}}/{file:\d{1,20}}/{name}", attachment),
        web.get(r"/cdn/embed/avatars/{seed:\d{1,20}}.png", avatar),
        web.get(r"/cdn/avatars/{seed:\d{1,20}}/{name}", avatar),
    ]
