"""Pictures looked at where one is: no process, no waiting."""

from __future__ import annotations

from collections.abc import Hashable

from bot.domain.picture.files import Picture
from bot.providers.picture.check import check_picture
from bot.providers.picture.worker import Source


class InlineWorkshop:
    """Fulfils ``PictureChecker``; remembers for whom it looked at pictures."""

    def __init__(self) -> None:
        self.askers: list[tuple[Hashable, Hashable]] = []
        self.left = False

    async def check(
        self, source: Source, *, limit_bytes: int, guild: Hashable = None, asker: Hashable = None
    ) -> Picture:
        """Look at a picture at once."""
        self.askers.append((guild, asker))
        data = b"".join([bytes(piece) async for piece in source.pieces()])
        return check_picture(data, limit_bytes=limit_bytes)

    def leave(self) -> None:
        """Remember it."""
        self.left = True
