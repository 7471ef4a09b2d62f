"""One call of the model, read into a reply."""

from __future__ import annotations

import asyncio
from typing import Final

from bot.domain.drawings import Denial, Picture
from bot.domain.events import (
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
from bot.domain.ports import Capabilities, ChatModel, Clock, ModelRequest, PictureSource, Reply
from bot.domain.replies import Ending, PictureFile
from bot.domain.turns import Ask, TurnState
from bot.errors import ErrorKind, ProviderError
from bot.services.records import Answer

MAX_PICTURES: Final = 10
"""Discord's limit of files in a message."""
_TELLING: Final = frozenset({ErrorKind.PICTURE_FETCH, ErrorKind.TOO_LARGE, ErrorKind.CANCELLED})
"""What went wrong with a picture, in a kind whose words fit a picture."""


class Conversation:
    """Asks the model and brings what it answers into the reply."""

    def __init__(self, model: ChatModel, pictures: PictureSource, clock: Clock) -> None:
        self._model = model
        self._pictures = pictures
        self._clock = clock

    @property
    def capabilities(self) -> Capabilities:
        """What the endpoint can do."""
        return self._model.capabilities

    async def ask(
        self, ask: Ask, request: ModelRequest, reply: Reply, answer: Answer, *, denial: Denial | None = None
    ) -> Ending | None:
        """Read one stream to its end; text is pushed as it comes, pictures are fetched when the answer is whole.

        Returns None where a drawing is wanted, none was made, and nothing speaks against making it: the same request
        may then go again with ``draw``. Where a ``denial`` speaks against it, that is how the reply ends.
        What came stands, whatever else failed: words without the picture in them, some pictures out of several,
        pictures of an answer that broke off; the ending's problem then says what is missing.
        """
        found: list[PictureUrl | PictureBytes] = []
        intent = False
        usage = Usage()
        terminal: Finish | Failure | None = None
        async with self._model.stream(request) as events:
            async for event in events:
                if answer.first_event_at is None:
                    answer.first_event_at = self._clock.monotonic()
                match event:
                    case TextDelta():
                        answer.parts.append(event.text)
                        reply.push(event.text)
                    case Progress():
                        reply.show_drawing()
                    case PictureUrl() | PictureBytes():
                        found.append(event)
                        if denial is None:
                            reply.show_drawing()
                    case DrawingIntent():
                        intent = True
                    case Usage():
                        usage = event
                    case ReasoningDelta():
                        pass
                    case Finish() | Failure():
                        terminal = event
        answer.usage += usage
        if (intent or found) and denial is not None and isinstance(terminal, Finish):
            return Ending(state=TurnState.COMPLETE, problem=denial)
        if intent and not found and isinstance(terminal, Finish):
            return None
        files, missing = await self._files(ask, found) if denial is None else ((), None)
        if files:
            answer.parameters = request.drawing
        failed = _fault(terminal, empty=not (found or answer.text.strip()))
        # Words that came whole are an answer, with or without the picture in them.
        if failed is None and not files and not answer.text.strip():
            failed = missing
        return Ending(
            state=TurnState.COMPLETE if failed is None else TurnState.FAILED,
            reason=terminal.reason if isinstance(terminal, Finish) else FinishReason.STOP,
            problem=failed or missing,
            pictures=files,
        )

    async def _files(
        self, ask: Ask, found: list[PictureUrl | PictureBytes]
    ) -> tuple[tuple[PictureFile, ...], ProviderError | None]:
        """Get the pictures, all at once since their addresses expire; those that came, and why the first other did not.

        Pictures that came before a fault are got too: they are made and paid for.
        """
        limit = ask.place.file_limit_bytes
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._get(event, limit)) for event in found[:MAX_PICTURES]]
        results = [task.result() for task in tasks]
        files = tuple(
            PictureFile(
                picture=result,
                filename=f"drawing-{ask.id}-{number}.{result.format.value}",
                alt=ask.text,
            )
            for number, result in enumerate(results, 1)
            if isinstance(result, Picture)
        )
        return files, next((result for result in results if isinstance(result, ProviderError)), None)

    async def _get(self, event: PictureUrl | PictureBytes, limit_bytes: int) -> Picture | ProviderError:
        try:
            if isinstance(event, PictureUrl):
                return await self._pictures.fetch(event.url, limit_bytes=limit_bytes)
            return await self._pictures.accept(event.data, limit_bytes=limit_bytes)
        except ProviderError as error:
            # A network fault here is not the model's: its words would send people after the wrong thing.
            kind = error.kind if error.kind in _TELLING else ErrorKind.PICTURE_FETCH
            return ProviderError(kind, error.detail, status=error.status)


def _fault(terminal: Finish | Failure | None, *, empty: bool) -> ProviderError | None:
    """Say what was wrong with an answer as a whole; None where it ended well and holds something."""
    if terminal is None:
        return ProviderError(ErrorKind.PROTOCOL, "no terminal event")
    if isinstance(terminal, Failure):
        return terminal.error
    if terminal.reason is FinishReason.FILTERED:
        return ProviderError(ErrorKind.CONTENT_FILTERED)
    return ProviderError(ErrorKind.EMPTY) if empty else None
