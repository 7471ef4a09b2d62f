"""The bytes of pictures: on disk from the moment they are made, so that what was paid for is never lost on its way."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from bot.domain.clock import Clock
from bot.domain.drawing.chunk import AFTER_HEADER, recipe_chunk
from bot.domain.picture.files import Drawing, KeptPicture, Picture, PictureFile, PictureFormat, PictureOnDisk
from bot.domain.picture.parameters import Recipe
from bot.domain.picture.ports import DrawingStore, PictureFiles
from bot.errors import StorageError, TakenOverError

logger = logging.getLogger(__name__)

TIDY_S = 3600.0
"""How often pictures that are kept long enough are looked for."""
UNDELIVERED = timedelta(days=1)
"""How long a picture is kept that never got to Discord, where delivered ones are not kept at all."""
ABANDONED = timedelta(minutes=10)
"""After this a file that nothing is known of belongs to no other process that is just about to make it known."""
_NAME = re.compile(r"(?P<turn>[0-9]{1,20})-[0-9]{1,3}\.(?:png|jpg|webp|gif)")
"""The name of a picture's file: its turn, its index, its format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDrawing:
    """A picture that was made: what is kept of it, and the file that is to be uploaded."""

    drawing: Drawing
    file: PictureFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How long pictures are kept: ``keep`` 0 is until they are delivered, ``most_bytes`` in all, the oldest go first.

    ``shared``: other processes keep theirs in the same folder; ``ours`` says in which guilds' places (None: outside of
    guilds) this process is the one that draws.
    """

    keep: timedelta = timedelta(days=7)
    most_bytes: int = 500 * 1024 * 1024
    shared: bool = False
    ours: Callable[[int | None], bool] = lambda _: True


class PictureKeeper:
    """Keeps pictures. A disk or a database that fails is logged, and the picture goes out all the same."""

    def __init__(self, files: PictureFiles, drawings: DrawingStore, clock: Clock, keeping: Keeping) -> None:
        self._files = files
        self._drawings = drawings
        self._clock = clock
        self._keeping = keeping
        self._kept: dict[str, PictureOnDisk] = {}
        """What is on disk, as far as this process knows, oldest first."""
        self._bytes = 0
        self._awaited: set[str] = set()
        """Files that are on their way to Discord."""

    async def keep(self, drawing: Drawing, picture: Picture) -> KeptDrawing:
        """Keep a picture with its recipe in it, and what is known of it; afterwards its bytes need not be held.

        A recipe goes into PNGs only. The bytes are not copied: they are written in front of and behind the recipe.
        """
        pieces: list[bytes | memoryview] = [picture.data]
        if picture.format is PictureFormat.PNG and not picture.reduced:
            data = memoryview(picture.data)
            pieces = [data[:AFTER_HEADER], _chunk(drawing), data[AFTER_HEADER:]]
        size_bytes = sum(map(len, pieces))
        name = f"{drawing.turn_id}-{drawing.index}.{picture.format.value}"
        self._awaited.add(name)
        try:
            path = await self._files.write(name, pieces)
        except OSError as error:
            logger.warning("a picture could not be kept on disk: %s", error.strerror or type(error).__name__)
            self._awaited.discard(name)
            file = PictureFile(
                picture=replace(picture, data=b"".join(pieces)), filename=drawing.filename, alt=drawing.prompt
            )
        else:
            now = self._clock.now().timestamp()
            self._note(PictureOnDisk(name=name, path=path, size_bytes=size_bytes, changed_at=now))
            drawing = replace(drawing, stored=name)
            kept = KeptPicture(path=path, reduced=picture.reduced)
            file = PictureFile(picture=kept, filename=drawing.filename, alt=drawing.prompt)
        try:
            await self._drawings.add(drawing)
        except (StorageError, TakenOverError) as error:
            logger.warning("what is known of a picture could not be kept: %s", error)
        await self._make_room()
        return KeptDrawing(drawing=drawing, file=file)

    @staticmethod
    def recipe_bytes(drawing: Drawing) -> int:
        """Tell how much longer a PNG gets by its recipe."""
        return len(_chunk(drawing))

    def delivered(self, made: Iterable[KeptDrawing], message_id: int) -> tuple[Drawing, ...]:
        """Return what to store of pictures that have got to Discord, in this message."""
        drawings = (replace(one.drawing, message_id=message_id) for one in made)
        return tuple(drawings if self._keeping.keep else (replace(one, stored=None) for one in drawings))

    async def settle(self, made: Iterable[KeptDrawing], *, delivered: bool) -> None:
        """Let go of pictures that are no longer on their way, once they are stored.

        Their files go if they are not kept any longer than until they are ``delivered``.
        """
        names = [one.drawing.stored for one in made if one.drawing.stored is not None]
        self._awaited.difference_update(names)
        if delivered and not self._keeping.keep:
            await self._delete(names)

    async def forget(self, turn_id: int) -> None:
        """Forget the pictures of a turn, their files too. Raises ``StorageError``."""
        await self._delete(await self._drawings.remove((turn_id,)))

    async def made(self, turn_id: int) -> tuple[KeptDrawing, ...]:
        """Find the pictures of a turn that were made, also those whose files are gone. Raises ``StorageError``."""
        # The path is where the file would be: what has got to Discord is not uploaded again.
        return tuple(_as_made(drawing, Path(drawing.stored or "")) for drawing in await self._known(turn_id))

    async def undelivered(self, turn_id: int) -> tuple[KeptDrawing, ...]:
        """Find the pictures of a turn that were made and never got to Discord. Raises ``StorageError``."""
        found: list[KeptDrawing] = []
        for drawing in await self._known(turn_id):
            known = self._kept.get(drawing.stored or "")
            if known is None or drawing.message_id is not None:
                continue
            found.append(_as_made(drawing, known.path))
            self._awaited.add(known.name)
        return tuple(found)

    async def _known(self, turn_id: int) -> tuple[Drawing, ...]:
        """Look up the drawings of a turn; none if the database fails and there is no file of it either."""
        try:
            return await self._drawings.by_turn(turn_id)
        except StorageError:
            if any(name.startswith(f"{turn_id}-") for name in self._kept):
                raise
            return ()

    async def reconcile(self) -> None:
        """Let the disk and the database agree after a start, before anything is drawn: either may have died first.

        Raises ``StorageError``.
        """
        if not await self._look():
            return
        rows = {drawing.stored: drawing for drawing in await self._drawings.stored() if drawing.stored is not None}
        oldest = self._clock.now().timestamp() - ABANDONED.total_seconds()
        unknown = [
            name
            for name, file in self._kept.items()
            if name not in rows and (not self._keeping.shared or file.changed_at < oldest)
        ]
        await self._delete(unknown)
        missing = {
            name: drawing.turn_id
            for name, drawing in rows.items()
            if name not in self._kept and self._keeping.ours(drawing.guild_id)
        }
        await self._drawings.released(missing)
        if unknown or missing:
            logger.info("%s kept pictures were unknown, %s were missing", len(unknown), len(missing))

    async def tidy(self) -> None:
        """Take away what is kept long enough. A failing database is logged."""
        if not await self._look():
            return
        keep = self._keeping.keep or UNDELIVERED
        oldest = (self._clock.now() - keep).timestamp()
        old = [name for name, file in self._kept.items() if file.changed_at < oldest and name not in self._awaited]
        await self._release(old)
        await self._make_room()

    async def keep_tidy(self) -> None:
        """Tidy once an hour, until cancelled."""
        while True:
            await self._clock.sleep(TIDY_S)
            await self.tidy()

    async def _look(self) -> bool:
        """See what is on disk; ``False`` where that can't be told."""
        try:
            files = await self._files.present()
        except OSError as error:
            logger.warning("the kept pictures can't be looked at: %s", error.strerror or type(error).__name__)
            return False
        self._kept = {}
        self._bytes = 0
        for file in files:
            if _NAME.fullmatch(file.name):  # whatever else is in the folder is somebody else's
                self._note(file)
        return True

    def _note(self, file: PictureOnDisk) -> None:
        self._drop(file.name)
        self._kept[file.name] = file
        self._bytes += file.size_bytes

    def _drop(self, name: str) -> None:
        known = self._kept.pop(name, None)
        if known is not None:
            self._bytes -= known.size_bytes

    async def _make_room(self) -> None:
        """Take the oldest away where there is more than is to be kept."""
        surplus = self._bytes - self._keeping.most_bytes
        going: list[str] = []
        for name, file in self._kept.items():
            if surplus <= 0:
                break
            if name not in self._awaited:
                going.append(name)
                surplus -= file.size_bytes
        await self._release(going)

    async def _release(self, names: list[str]) -> None:
        if not names:
            return
        # The files first: a row that names a file which is gone is put right by the next start, not the other way.
        await self._delete(names)
        turns = {name: int(match["turn"]) for name in names if (match := _NAME.fullmatch(name)) is not None}
        try:
            await self._drawings.released(turns)
        except StorageError as error:
            logger.warning("that pictures are kept no more could not be noted: %s", error)

    async def _delete(self, names: Iterable[str]) -> None:
        listed = tuple(names)
        for name in listed:
            self._drop(name)
        if listed:
            await asyncio.shield(self._files.delete(listed))


def _as_made(drawing: Drawing, path: Path) -> KeptDrawing:
    file = PictureFile(picture=KeptPicture(path=path), filename=drawing.filename, alt=drawing.prompt)
    return KeptDrawing(drawing=drawing, file=file)


def _chunk(drawing: Drawing) -> bytes:
    return recipe_chunk(Recipe(prompt=drawing.prompt, parameters=drawing.parameters))
