"""Pictures as bytes and as files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from bot.domain.picture.parameters import DrawingParameters


class PictureFormat(StrEnum):
    """Formats that are known by their magic bytes; the value is the file extension."""

    PNG = "png"
    JPEG = "jpg"
    WEBP = "webp"
    GIF = "gif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Bytes that are a picture, checked. ``reduced`` says that it was made smaller to fit the place's file limit."""

    data: bytes
    format: PictureFormat
    width: int
    height: int
    reduced: bool = False

    def __repr__(self) -> str:
        return f"Picture({self.format}, {self.width}x{self.height}, {len(self.data)} bytes)"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPicture:
    """A picture on the bot's disk, whole and checked, to be uploaded from there."""

    path: Path
    reduced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureOnDisk:
    """A file of a picture, as a look at the disk shows it; ``changed_at`` is in seconds since 1970."""

    name: str
    path: Path
    size_bytes: int
    changed_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture as it is kept: the key is (``turn_id``, ``index``).

    ``message_id`` is None until Discord has it. ``stored`` is the name of the file that holds its bytes, while the bot
    keeps them. ``took_s`` is how long the endpoint took, in seconds, as far as that is known. ``private``: it is
    the asker's alone.
    """

    turn_id: int
    index: int
    channel_id: int
    message_id: int | None
    prompt: str
    parameters: DrawingParameters
    filename: str
    created_at: datetime
    guild_id: int | None = None
    asker_id: int = 0
    took_s: float | None = None
    stored: str | None = None
    spoiler: bool = False
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFile:
    """A picture to upload: ``alt`` is its alternative text (the prompt), untrusted and of any length.

    It is uploaded from the disk where it is kept there. ``filename`` says whether it is a spoiler, as Discord has it.
    """

    picture: Picture | KeptPicture
    filename: str
    alt: str
