"""Attachments: a bounded store of files, and signed addresses that expire as Discord's do."""

from __future__ import annotations

import hashlib
import hmac
import mimetypes
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import quote

from PIL import Image, UnidentifiedImageError

from sandbox.discord.protocol import limits
from sandbox.discord.state.records import Attachment


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
