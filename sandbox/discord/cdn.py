"""Attachments and avatars: a bounded store, signed addresses that expire as Discord's do, and the routes that serve."""

from __future__ import annotations

import hashlib
import hmac
import mimetypes
import secrets
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from aiohttp import web
from PIL import Image, UnidentifiedImageError

from sandbox.discord import limits
from sandbox.discord.values import Attachment

if TYPE_CHECKING:
    from sandbox.discord.world_state import WorldState

_COLOURS: Final = ((88, 101, 242), (87, 166, 120), (214, 146, 60), (200, 84, 96), (146, 108, 196), (70, 150, 176))
_AVATAR_PX: Final = 128
_INLINE: Final = ("image/png", "image/jpeg", "image/gif", "image/webp", "text/plain")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file's bytes and its type, as sniffed when it came."""

    data: bytes
    content_type: str


class CdnStore:
    """Keeps files up to a total of bytes; the oldest go first."""

    def __init__(self, clock: Callable[[], float], capacity_bytes: int = limits.CDN_BYTES) -> None:
        self._clock = clock
        self._capacity_bytes = capacity_bytes
        self._files: dict[int, StoredFile] = {}
        self._bytes = 0
        self._key = secrets.token_bytes(32)

    def put(self, file_id: int, data: bytes, content_type: str | None) -> None:
        """Keep a file."""
        self._files[file_id] = StoredFile(data=data, content_type=content_type or "application/octet-stream")
        self._bytes += len(data)
        while self._bytes > self._capacity_bytes and len(self._files) > 1:
            self.drop(next(iter(self._files)))

    def get(self, file_id: int) -> StoredFile | None:
        """Return a file, or None where it was never there or has made room for others."""
        return self._files.get(file_id)

    def drop(self, file_id: int) -> None:
        """Forget a file, if it is there."""
        file = self._files.pop(file_id, None)
        if file is not None:
            self._bytes -= len(file.data)

    def sign(self, base_url: str, attachment: Attachment) -> str:
        """Return the file's address, good for `limits.ATTACHMENT_URL_S` seconds."""
        issued = int(self._clock())
        expires = issued + int(limits.ATTACHMENT_URL_S)
        path = f"/cdn/attachments/{attachment.channel_id}/{attachment.id}/{quote(attachment.filename)}"
        mark = self._mark(attachment.channel_id, attachment.id, f"{expires:x}", f"{issued:x}")
        return f"{base_url}{path}?ex={expires:x}&is={issued:x}&hm={mark}&"

    def valid(self, channel_id: str, file_id: str, expires: str, issued: str, mark: str) -> bool:
        """Tell whether an address is one of ours and has not expired."""
        try:
            late = self._clock() > int(expires, 16)
            return not late and hmac.compare_digest(
                mark.encode(), self._mark(channel_id, file_id, expires, issued).encode()
            )
        except (ValueError, UnicodeEncodeError):
            return False

    def _mark(self, channel_id: str | int, file_id: str | int, expires: str, issued: str) -> str:
        signed = f"{channel_id}/{file_id}/{expires}/{issued}".encode()
        return hmac.new(self._key, signed, hashlib.sha256).hexdigest()


def sniff(filename: str, declared: str | None) -> str | None:
    """Return a file's type: by its name as Discord does, else as declared."""
    guessed = mimetypes.guess_type(filename)[0]
    if guessed is None and declared and declared.count("/") == 1 and len(declared) <= 100 and declared.isprintable():
        guessed = declared
    if guessed is not None and guessed.startswith("text/"):
        return f"{guessed}; charset=utf-8"
    return guessed


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels, or None for what is no picture. Reads the header alone."""
    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG", "GIF", "WEBP")) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning):
        return None


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
