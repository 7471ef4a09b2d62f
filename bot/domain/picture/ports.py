"""What the use cases need to fetch, store and find pictures.

Every method of a store raises ``StorageError`` when the database fails, and holds no session open when it returns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.domain.picture.files import Drawing, Picture, PictureOnDisk
from bot.domain.picture.parameters import DrawingParameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """For whom a picture is fetched: downloads are fair by askers and guilds.

    ``named``: a talk's text names it, which anybody may have made the model write. Such pictures have slots of their
    own, so that those that the endpoint made never wait for them, and no host's exceptions.
    """

    asker_id: int = 0
    guild_id: int | None = None
    named: bool = False


class PictureSource(Protocol):
    """Where pictures come from once the model has named or sent them."""

    async def fetch(self, url: str, *, limit_bytes: int, errand: Errand) -> Picture:
        """Download a picture and check that it is one, reduced to ``limit_bytes`` where it is larger.

        Raises ``ProviderError`` of kind ``picture_fetch``, ``picture_host``, ``picture_named``, ``picture_busy``,
        ``too_large``, ``network`` or a ``timeout_…``.
        """

    async def accept(self, data: bytes, *, limit_bytes: int, errand: Errand) -> Picture:
        """Check bytes that came inside the answer, in the same way."""


class DrawingStore(Protocol):
    """The pictures that were made: their recipes, and where their bytes are kept."""

    async def add(self, drawing: Drawing) -> None:
        """Keep a drawing; one that is there already (turn_id, index) is replaced."""

    async def by_message(self, message_id: int) -> tuple[Drawing, ...]:
        """Find the drawings of a Discord message, by index."""

    async def by_turn(self, turn_id: int) -> tuple[Drawing, ...]:
        """Find the drawings of a turn, by index."""

    async def took(self, like: DrawingParameters, *, since: datetime, limit: int) -> tuple[float, ...]:
        """Tell how long the newest drawings like this one took, in seconds: its model, nearly its pixels and steps."""

    async def models(self, *, asker_id: int, guild_id: int | None, limit: int) -> tuple[str, ...]:
        """Name the models that a user, or anyone in a guild, has drawn with lately, the latest first.

        What others drew for themselves alone is left out.
        """

    async def remove(self, turn_ids: tuple[int, ...]) -> tuple[str, ...]:
        """Forget the drawings of turns; returns the names of the files that held them. Idempotent."""

    async def stored(self) -> tuple[Drawing, ...]:
        """List the drawings whose bytes are kept."""

    async def released(self, names: Mapping[str, int]) -> None:
        """Note that the bytes are kept no more of these files, each with the turn that it is of."""


class PictureFiles(Protocol):
    """The bytes of pictures, each under a name. Raises ``OSError`` where the disk does not take them."""

    async def write(self, name: str, pieces: Sequence[bytes | memoryview]) -> Path:
        """Keep a file, whole or not at all, also where the machine goes down; one that is there is replaced."""

    async def present(self) -> tuple[PictureOnDisk, ...]:
        """List what is there, oldest first. What was never finished is taken away."""

    async def delete(self, names: Iterable[str]) -> None:
        """Take files away, as far as they are there. Never raises."""
