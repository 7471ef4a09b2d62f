"""Gets the pictures of an answer and keeps them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.domain.clock import Clock
from bot.domain.drawing.plan import Commission
from bot.domain.model.events import (
    PictureBytes,
    PictureUrl,
)
from bot.domain.picture.files import Drawing, Picture
from bot.domain.picture.ports import Errand, PictureSource
from bot.domain.turn.ask import Ask
from bot.errors import ErrorKind, ProviderError
from bot.services.model.answer import Answer
from bot.services.model.round import Round
from bot.services.picture.keeper import PictureKeeper

REQUEST_BYTES: Final = 25 * 1024 * 1024
"""Discord's limit of a request where that of a file is not larger (Discord documentation, Create Message)."""
REQUEST_HEAD_BYTES: Final = 64 * 1024
"""Room for what goes around the files of a request."""
SPOILER: Final = "SPOILER_"
"""What Discord's clients hide begin the names of files with (Discord documentation, Uploading Files)."""
_TELLING: Final = frozenset(
    {
        ErrorKind.PICTURE_FETCH,
        ErrorKind.PICTURE_HOST,
        ErrorKind.PICTURE_NAMED,
        ErrorKind.PICTURE_BUSY,
        ErrorKind.PICTURE_SLOW,
        ErrorKind.TOO_LARGE,
        ErrorKind.CANCELLED,
    }
)
"""What went wrong with a picture, in a kind whose words fit a picture."""


class PictureCollector:
    """Downloads what an answer names, checks what it holds, and keeps each picture as soon as it is there."""

    def __init__(self, pictures: PictureSource, keeper: PictureKeeper, clock: Clock) -> None:
        self._pictures = pictures
        self._keeper = keeper
        self._clock = clock

    async def collect(
        self, turn: Round, found: Sequence[PictureUrl | PictureBytes], indexes: Sequence[int], *, started_at: float
    ) -> ProviderError | None:
        """Get the pictures of a call, all at once since their addresses expire, and keep them as the answer's.

        Returns why the first that did not come did not. Each gets one of the ``indexes``, as long as there are any.
        Those that came before a fault are got too: they are made and paid for. ``started_at`` is when the call began,
        in monotonic seconds. Raises ``ValueError`` if the answer has no commission.
        """
        commission = turn.answer.commission
        if commission is None:
            raise ValueError("no pictures were asked for")
        numbered = list(zip(indexes, found, strict=False))
        each = _room(turn.ask.place.file_limit_bytes, max(len(numbered), len(commission.plan.pictures)))
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._get(turn, self._drawing(turn.ask, commission, index), event, each, started_at))
                for index, event in numbered
            ]
        return next((error for task in tasks if (error := task.result()) is not None), None)

    async def _get(
        self, turn: Round, drawing: Drawing, event: PictureUrl | PictureBytes, limit_bytes: int, started_at: float
    ) -> ProviderError | None:
        """Fetch one picture, name it and keep it as the answer's; returns why it did not come."""
        ask = turn.ask
        named = isinstance(event, PictureUrl) and event.named
        errand = Errand(asker_id=(ask.payer or ask.user).id, guild_id=ask.place.guild_id, named=named)
        try:
            picture = await self._fetch(event, errand, limit_bytes - self._keeper.recipe_bytes(drawing))
        except ProviderError as error:
            # A network fault here is not the model's: its words would send people after the wrong thing.
            kind = error.kind if error.kind in _TELLING else ErrorKind.PICTURE_FETCH
            return ProviderError(kind, error.detail, status=error.status)
        hidden = SPOILER if drawing.spoiler else ""
        drawing = replace(
            drawing,
            filename=f"{hidden}drawing-{drawing.turn_id}-{drawing.index + 1}.{picture.format.value}",
            took_s=self._clock.monotonic() - started_at,
        )
        name = f"keep-{drawing.turn_id}-{drawing.index}"
        keeping = asyncio.create_task(self._keep(turn.answer, drawing, picture), name=name)
        try:
            await asyncio.shield(keeping)
        except asyncio.CancelledError:
            # A picture that is there is part of the answer, whoever stops it in the same moment.
            await asyncio.wait((keeping,))
            raise
        return None

    async def _fetch(self, event: PictureUrl | PictureBytes, errand: Errand, limit_bytes: int) -> Picture:
        if isinstance(event, PictureBytes):
            return await self._pictures.accept(event.data, limit_bytes=limit_bytes, errand=errand)
        try:
            return await self._pictures.fetch(event.url, limit_bytes=limit_bytes, errand=errand)
        except ProviderError as error:
            if not event.thumbnail or error.kind is ErrorKind.CANCELLED:
                raise
            try:
                return await self._pictures.fetch(event.thumbnail, limit_bytes=limit_bytes, errand=errand)
            except ProviderError:
                raise error from None

    async def _keep(self, answer: Answer, drawing: Drawing, picture: Picture) -> None:
        answer.made[drawing.index] = await self._keeper.keep(drawing, picture)

    def _drawing(self, ask: Ask, commission: Commission, index: int) -> Drawing:
        """Describe the picture of this index, before there is one."""
        plan = commission.plan
        return Drawing(
            turn_id=ask.id,
            index=index,
            channel_id=ask.place.channel_id,
            message_id=None,
            prompt=commission.prompt,
            parameters=plan.pictures[min(index, len(plan.pictures) - 1)],
            filename="",
            created_at=self._clock.now(),
            guild_id=ask.place.guild_id,
            asker_id=ask.user.id,
            spoiler=plan.spoiler,
            private=plan.private or ask.only_for is not None,
        )


def _room(limit_bytes: int, pictures: int) -> int:
    """How many bytes each of several pictures may have, so that they go out in one request."""
    request_bytes = max(REQUEST_BYTES, limit_bytes) - REQUEST_HEAD_BYTES
    return min(limit_bytes, request_bytes // max(1, pictures))
