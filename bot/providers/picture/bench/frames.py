"""What the bot and the process at the bench say to each other: a head of fixed length, then as many bytes as it says.

Neither side takes the other's word for a length, a kind or a format.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct
from typing import Any, Final

from bot.domain.picture.files import PictureFormat
from bot.errors import ErrorKind

MOST_DETAIL_BYTES: Final = 200
_REQUEST: Final = Struct(">4sIIIH")
_ANSWER: Final = Struct(">4sBBBBI")
REQUEST_BYTES: Final = _REQUEST.size
ANSWER_BYTES: Final = _ANSWER.size
_REQUEST_MAGIC: Final = b"look"
_ANSWER_MAGIC: Final = b"seen"
_FORMATS: Final = tuple(PictureFormat)
_KINDS: Final = (ErrorKind.PICTURE_FETCH, ErrorKind.TOO_LARGE)
"""What the process may say of a picture. All else is the bot's to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """``length`` bytes that claim to be a picture follow; it may take ``cpu_s`` seconds of CPU time."""

    length: int
    limit_bytes: int
    max_pixels: int
    cpu_s: int

    def pack(self) -> bytes:
        """Write the head."""
        return _REQUEST.pack(_REQUEST_MAGIC, self.length, min(self.limit_bytes, 2**32 - 1), self.max_pixels, self.cpu_s)

    @classmethod
    def unpack(cls, head: bytes) -> Request:
        """Read the head. Raises ``ValueError``."""
        magic, length, limit_bytes, max_pixels, cpu_s = _unpacked(_REQUEST, head)
        if magic != _REQUEST_MAGIC:
            raise ValueError("not a request")
        return cls(length=length, limit_bytes=limit_bytes, max_pixels=max_pixels, cpu_s=cpu_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``length`` bytes follow: a picture of this format or, if there is a ``kind``, why there is none, for the log.

    ``last``: the process ends after it.
    """

    length: int
    kind: ErrorKind | None = None
    format: PictureFormat = PictureFormat.PNG
    reduced: bool = False
    last: bool = False

    def pack(self) -> bytes:
        """Write the head."""
        kind = 0 if self.kind is None else 1 + _KINDS.index(self.kind)
        return _ANSWER.pack(_ANSWER_MAGIC, kind, _FORMATS.index(self.format), self.reduced, self.last, self.length)

    @classmethod
    def unpack(cls, head: bytes, *, limit_bytes: int) -> Answer:
        """Read the head. Raises ``ValueError`` if it is none, or promises more than ``limit_bytes`` allows."""
        magic, kind, form, reduced, last, length = _unpacked(_ANSWER, head)
        if magic != _ANSWER_MAGIC or kind > len(_KINDS) or form >= len(_FORMATS) or max(reduced, last) > 1:
            raise ValueError("not an answer")
        if length > (MOST_DETAIL_BYTES if kind else limit_bytes):
            raise ValueError("too long an answer")
        return cls(
            length=length,
            kind=_KINDS[kind - 1] if kind else None,
            format=_FORMATS[form],
            reduced=bool(reduced),
            last=bool(last),
        )


def _unpacked(form: Struct, head: bytes) -> tuple[Any, ...]:
    if len(head) != form.size:
        raise ValueError("a head that breaks off")
    return form.unpack(head)
