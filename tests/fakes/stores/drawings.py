"""The drawings and their files in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.domain.picture.files import Drawing, PictureOnDisk
from bot.domain.picture.parameters import DrawingParameters
from bot.storage.schema.text import storable
from tests.fakes.clock import START
from tests.fakes.stores.base import FailingStore


class FakeDrawingStore(FailingStore):
    """``DrawingStore`` in memory; ``drawings`` holds all by (turn id, index)."""

    def __init__(self) -> None:
        super().__init__()
        self.drawings: dict[tuple[int, int], Drawing] = {}

    async def add(self, drawing: Drawing) -> None:
        self._check()
        self.drawings[drawing.turn_id, drawing.index] = replace(drawing, prompt=storable(drawing.prompt))

    async def by_message(self, message_id: int) -> tuple[Drawing, ...]:
        self._check()
        return tuple(drawing for _, drawing in sorted(self.drawings.items()) if drawing.message_id == message_id)

    async def by_turn(self, turn_id: int) -> tuple[Drawing, ...]:
        self._check()
        return tuple(drawing for (turn, _), drawing in sorted(self.drawings.items()) if turn == turn_id)

    async def took(self, like: DrawingParameters, *, since: datetime, limit: int) -> tuple[float, ...]:
        self._check()
        pixels = like.size.width * like.size.height
        newest = sorted(self.drawings.values(), key=lambda drawing: drawing.created_at, reverse=True)
        found = [
            drawing.took_s
            for drawing in newest
            if drawing.took_s is not None
            and drawing.created_at >= since
            and drawing.parameters.model == like.model
            and int(pixels * 0.75) <= drawing.parameters.size.width * drawing.parameters.size.height <= pixels * 1.25
            and int(like.steps * 0.75) <= drawing.parameters.steps <= int(like.steps * 1.25) + 1
        ]
        return tuple(found[:limit])

    async def models(self, *, asker_id: int, guild_id: int | None, limit: int) -> tuple[str, ...]:
        self._check()
        newest = sorted(self.drawings.values(), key=lambda drawing: drawing.created_at, reverse=True)
        named = [
            drawing.parameters.model
            for drawing in newest
            if drawing.asker_id == asker_id
            or (guild_id is not None and drawing.guild_id == guild_id and not drawing.private)
        ]
        return tuple(dict.fromkeys(named))[:limit]

    async def remove(self, turn_ids: tuple[int, ...]) -> tuple[str, ...]:
        self._check()
        gone = [self.drawings.pop(key) for key in sorted(self.drawings) if key[0] in turn_ids]
        return tuple(drawing.stored for drawing in gone if drawing.stored is not None)

    async def stored(self) -> tuple[Drawing, ...]:
        self._check()
        return tuple(drawing for _, drawing in sorted(self.drawings.items()) if drawing.stored is not None)

    async def released(self, names: Mapping[str, int]) -> None:
        self._check()
        for key, drawing in self.drawings.items():
            if drawing.stored is not None and names.get(drawing.stored) == drawing.turn_id:
                self.drawings[key] = replace(drawing, stored=None)


class FakePictureFiles:
    """``PictureFiles`` in memory; ``failing`` set to an error is what every write raises, as a full disk would.

    ``changed_at`` says when a file was written, in seconds since 1970, else it was just now, in the order of writing.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.failing: OSError | None = None
        self.changed_at: dict[str, float] = {}
        self._written: dict[str, int] = {}

    async def write(self, name: str, pieces: Sequence[bytes | memoryview]) -> Path:
        if self.failing is not None:
            raise self.failing
        self.files[name] = b"".join(pieces)
        self._written[name] = len(self._written)
        return Path("/pictures", name)

    async def present(self) -> tuple[PictureOnDisk, ...]:
        found = [
            PictureOnDisk(
                name=name,
                path=Path("/pictures", name),
                size_bytes=len(data),
                changed_at=self.changed_at.get(name, START.timestamp() + self._written.get(name, 0)),
            )
            for name, data in self.files.items()
        ]
        return tuple(sorted(found, key=lambda file: file.changed_at))

    async def delete(self, names: Iterable[str]) -> None:
        for name in names:
            self.files.pop(name, None)
