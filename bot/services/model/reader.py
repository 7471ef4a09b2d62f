"""One call of the model, read into a reply."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.domain.clock import Clock
from bot.domain.drawing.denial import Denial
from bot.domain.drawing.plan import DrawingCard, DrawPlan
from bot.domain.model.events import (
    DrawingIntent,
    Failure,
    Finish,
    FinishReason,
    PictureBytes,
    PictureUrl,
    Progress,
    ReasoningDelta,
    TextDelta,
    Usage,
)
from bot.domain.model.ports import Capabilities
from bot.domain.model.request import ModelRequest
from bot.domain.picture.files import Drawing, Picture
from bot.domain.picture.parameters import MAX_PICTURES
from bot.domain.picture.ports import PictureSource
from bot.domain.reply.ending import Ending
from bot.domain.reply.ports import Reply
from bot.domain.turn.ask import Ask
from bot.domain.turn.record import TurnState
from bot.errors import ErrorKind, ProviderError
from bot.services.model.answer import Answer
from bot.services.model.registry import Models
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


@dataclass(slots=True, kw_only=True)
class Heard:
    """What one call of the model gave."""

    text: str = ""
    intent: bool = False
    found: list[PictureUrl | PictureBytes] = field(default_factory=list)
    terminal: Finish | Failure | None = None

    def fault(self, *, empty: bool) -> ProviderError | None:
        """Say what was wrong with the answer as a whole; None where it ended well and holds something."""
        if self.terminal is None:
            return ProviderError(ErrorKind.PROTOCOL, "no terminal event")
        if isinstance(self.terminal, Failure):
            return self.terminal.error
        if self.terminal.reason is FinishReason.FILTERED:
            return ProviderError(ErrorKind.CONTENT_FILTERED)
        return ProviderError(ErrorKind.EMPTY) if empty else None


class Conversation:
    """Asks the model and brings what it answers into the reply."""

    def __init__(self, model: Models, pictures: PictureSource, keeper: PictureKeeper, clock: Clock) -> None:
        self._model = model
        self._pictures = pictures
        self._keeper = keeper
        self._clock = clock

    def capabilities_for(self, provider: str) -> Capabilities:
        """Say what the endpoint can do that a place has chosen; empty is the operator's."""
        return self._model.of(provider).capabilities

    async def ask(
        self,
        ask: Ask,
        request: ModelRequest,
        reply: Reply,
        answer: Answer,
        commission: Commission,
        *,
        denial: Denial | None = None,
    ) -> Ending | None:
        """Read one stream to its end; text is pushed as it comes, pictures are fetched when the answer is whole.

        Returns None where a drawing is wanted, none was made, and nothing speaks against making it: the same request
        may then go again with ``draw``. Where a ``denial`` speaks against it, that is how the reply ends.
        What came stands, whatever else failed: words without the picture in them, some pictures out of several,
        pictures of an answer that broke off; the ending's problem then says what is missing.
        """
        started_at = self._clock.monotonic()
        self.begin(ask, answer, commission)
        heard = await self.listen(request, reply, answer, estimate_s=commission.estimate_s, shows=denial is None)
        if (heard.intent or heard.found) and denial is not None and isinstance(heard.terminal, Finish):
            return Ending(state=TurnState.COMPLETE, problem=denial)
        if heard.intent and not heard.found and isinstance(heard.terminal, Finish):
            return None
        missing: ProviderError | None = None
        if denial is None:
            indexes = range(MAX_PICTURES)
            missing = await self.collect(ask, heard, answer, commission, indexes, started_at=started_at)
        failed = heard.fault(empty=not (heard.found or answer.text.strip()))
        # Words that came whole are an answer, with or without the picture in them.
        if failed is None and not answer.made and not answer.text.strip():
            failed = missing
        return Ending(
            state=TurnState.COMPLETE if failed is None else TurnState.FAILED,
            reason=heard.terminal.reason if isinstance(heard.terminal, Finish) else FinishReason.STOP,
            problem=failed or missing,
            pictures=answer.files,
            card=answer.card(),
        )

    async def listen(
        self,
        request: ModelRequest,
        reply: Reply,
        answer: Answer,
        *,
        estimate_s: float | None = None,
        shows: bool = True,
        speaks: bool = True,
    ) -> Heard:
        """Read one stream to its end. ``shows``: that a picture is on its way is told; ``speaks``: text goes out."""
        heard = Heard()
        text: list[str] = []
        usage = Usage()
        answer.spending.begin_call()
        async with self._model.stream(request) as events:
            async for event in events:
                if answer.first_event_at is None:
                    answer.first_event_at = self._clock.monotonic()
                match event:
                    case TextDelta():
                        text.append(event.text)
                        if speaks:
                            answer.parts.append(event.text)
                            reply.push(event.text)
                    case Progress():
                        reply.show_drawing(estimate_s)
                    case PictureUrl() | PictureBytes():
                        heard.found.append(event)
                        if shows:
                            reply.show_drawing(estimate_s)
                    case DrawingIntent():
                        heard.intent = True
                    case Usage():
                        usage = event
                    case ReasoningDelta():
                        pass
                    case Finish() | Failure():
                        heard.terminal = event
        answer.usage += usage
        heard.text = "".join(text)
        return heard

    async def collect(
        self,
        ask: Ask,
        heard: Heard,
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
        found = list(zip(indexes, heard.found, strict=False))
        each = _room(ask.place.file_limit_bytes, max(len(found), len(commission.plan.pictures)))
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(
                    self._get(ask, event, answer, commission, index, limit_bytes=each, started_at=started_at)
                )
                for index, event in found
            ]
        return next((error for task in tasks if (error := task.result()) is not None), None)

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
