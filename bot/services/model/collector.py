"""Gets the pictures of an answer and keeps them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.clock import Clock
from bot.domain.drawing.plan import DrawingCard, DrawPlan
from bot.domain.model.events import (
    PictureBytes,
    PictureUrl,
)
from bot.domain.picture.files import Drawing, Picture
from bot.domain.picture.ports import PictureSource
from bot.domain.turn.ask import Ask
from bot.errors import ErrorKind, ProviderError
from bot.services.model.answer import Answer
from bot.services.picture.keeper import PictureKeeper

REQUEST_BYTES: Final = 25 * 1024 * 1024
"""Discord's limit of a request where that of a file is not larger (discord.md, section "Limits")."""
REQUEST_HEAD_BYTES: Final = 64 * 1024
"""Room for what goes around the files of a request."""
SPOILER: Final = "SPOILER_"
"""What Discord's clients hide begin the names of files with (Discord documentation, Uploading Files)."""
_TELLING: Final = frozenset({ErrorKind.PICTURE_FETCH, ErrorKind.TOO_LARGE, ErrorKind.CANCELLED})
"""What went wrong with a picture, in a kind whose words fit a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commission:
    """What the pictures of an answer are to be, and what they show; ``changes`` another picture, whose recipe it has.

    ``estimate_s`` is how long such pictures took lately, in seconds, where that is known.
    """

    plan: DrawPlan
    prompt: str
    changes: bool = False
    estimate_s: float | None = None


class PictureCollector:
    """Downloads what an answer names, checks what it holds, and keeps each picture as soon as it is there."""

    def __init__(self, pictures: PictureSource, keeper: PictureKeeper, clock: Clock) -> None:
        self._pictures = pictures
        self._keeper = keeper
        self._clock = clock

    def begin(self, ask: Ask, answer: Answer, commission: Commission) -> None:
        """Let the answer tell what is to be said of its pictures, however it ends; their time runs from now."""
        started_at = self._clock.monotonic()

        def card() -> DrawingCard | None:
            if not answer.made:
                return None
            return DrawingCard(
                prompt=commission.prompt,
                pictures=answer.recipes,
                asker_id=ask.person.id,
                took_s=self._clock.monotonic() - started_at,
                plan=commission.plan,
                missing=max(0, len(commission.plan.pictures) - len(answer.made)),
            )

        answer.card = card

    async def collect(
        self,
        ask: Ask,
        found: Sequence[PictureUrl | PictureBytes],
        answer: Answer,
        commission: Commission,
        indexes: Sequence[int],
        *,
        started_at: float,
    ) -> ProviderError | None:
        """Get the pictures of a call, all at once since their addresses expire, and keep them; returns why the first
        that did not come did not.

        Each gets one of the ``indexes``, as long as there are any. Those that came before a fault are got too: they are
        made and paid for.
        """
        numbered = list(zip(indexes, found, strict=False))
        each = _room(ask.place.file_limit_bytes, max(len(numbered), len(commission.plan.pictures)))
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(
                    self._get(ask, event, answer, commission, index, limit_bytes=each, started_at=started_at)
                )
                for index, event in numbered
            ]
        return next((error for task in tasks if (error := task.result()) is not None), None)

    async def _get(
        self,
        ask: Ask,
        event: PictureUrl | PictureBytes,
        answer: Answer,
        commission: Commission,
        index: int,
        *,
        limit_bytes: int,
        started_at: float,
    ) -> ProviderError | None:
        """Get one picture and keep it as the answer's; returns why it did not come."""
        parameters = commission.plan.pictures[min(index, len(commission.plan.pictures) - 1)]
        drawing = Drawing(
            turn_id=ask.id,
            index=index,
            channel_id=ask.place.channel_id,
            message_id=None,
            prompt=commission.prompt,
            parameters=parameters,
            filename="",
            created_at=self._clock.now(),
            guild_id=ask.place.guild_id,
            asker_id=ask.person.id,
            spoiler=commission.plan.spoiler,
            private=commission.plan.private,
        )
        limit_bytes -= self._keeper.recipe_bytes(drawing)
        try:
            if isinstance(event, PictureUrl):
                picture = await self._pictures.fetch(event.url, limit_bytes=limit_bytes)
            else:
                picture = await self._pictures.accept(event.data, limit_bytes=limit_bytes)
        except ProviderError as error:
            # A network fault here is not the model's: its words would send people after the wrong thing.
            kind = error.kind if error.kind in _TELLING else ErrorKind.PICTURE_FETCH
            return ProviderError(kind, error.detail, status=error.status)
        hidden = SPOILER if drawing.spoiler else ""
        drawing = replace(
            drawing,
            filename=f"{hidden}drawing-{ask.id}-{index + 1}.{picture.format.value}",
            took_s=self._clock.monotonic() - started_at,
        )
        keeping = asyncio.create_task(self._keep(answer, drawing, picture), name=f"keep-{ask.id}-{index}")
        try:
            await asyncio.shield(keeping)
        except asyncio.CancelledError:
            # A picture that is there is part of the answer, whoever stops it in the same moment.
            await asyncio.wait((keeping,))
            raise
        return None

    async def _keep(self, answer: Answer, drawing: Drawing, picture: Picture) -> None:
        answer.made[drawing.index] = await self._keeper.keep(drawing, picture)


def _room(limit_bytes: int, pictures: int) -> int:
    """How many bytes each of several pictures may have, so that they go out in one request."""
    request_bytes = max(REQUEST_BYTES, limit_bytes) - REQUEST_HEAD_BYTES
    return min(limit_bytes, request_bytes // max(1, pictures))
