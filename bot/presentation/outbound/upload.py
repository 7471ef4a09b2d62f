"""The files of a message."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import discord

from bot.domain.page.foreign import one_line
from bot.domain.page.pager import clip


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file of a message: its bytes, or where they are on disk; ``alt`` is its alternative text, of any length."""

    data: bytes | Path
    filename: str
    alt: str = ""

    def __repr__(self) -> str:
        size = "from disk" if isinstance(self.data, Path) else f"{len(self.data)} bytes"
        return f"Upload({self.filename!r}, {size})"


ALT_LIMIT_CHARS = 1024
"""Discord's limit for an attachment's description."""


def to_file(file: Upload) -> discord.File:
    """Make a file of the library's, which reads from the disk as it uploads what is there. Raises ``OSError``."""
    source = io.BytesIO(file.data) if isinstance(file.data, bytes) else file.data
    return discord.File(source, filename=file.filename, description=clip(one_line(file.alt), ALT_LIMIT_CHARS))
