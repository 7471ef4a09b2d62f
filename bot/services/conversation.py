"""One call of the model, read into a reply."""

from __future__ import annotations

from bot.domain.drawings import DrawingDenial
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
from bot.domain.ports import ChatModel, Clock, ModelRequest, PictureSource, Reply
from bot.domain.replies import Ending, PictureFile
from bot.domain.turns import Ask, TurnState
from bot.errors import ErrorKind, ProviderError
from bot.services.runner import Answer

MAX_PICTURES = 10
"""Discord's limit of files in a message."""


class Conversation:
    """Asks the model and brings what it answers into the reply."""

    def __init__(self, model: ChatModel, pictures: PictureSource, clock: Clock) -> None:
        self._model = model
        self._pictures = pictures
        self._clock = clock

    async def ask(
        self, ask: Ask, request: ModelRequest, reply: Reply, answer: Answer, *, denial: DrawingDenial | None = None
    ) -> Ending | None:
        """Read one stream to its end; text is pushed as it comes, pictures are fetched when the answer is whole.

        Returns None where a drawing is wanted, none was made, and nothing speaks against making it: the same request
        may then go again with ``draw``. Where a ``denial`` speaks against it, that is how the reply ends.
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
        if terminal is None:
            return _failed(ProviderError(ErrorKind.PROTOCOL, "no terminal event"))
        if isinstance(terminal, Failure):
            return _failed(terminal.error)
        if (intent or found) and denial is not None:
            return Ending(state=TurnState.COMPLETE, problem=denial)
        if found:
            return await self._deliver(ask, request, found, answer)
        if intent:
            return None
        if terminal.reason is FinishReason.FILTERED:
            return _failed(ProviderError(ErrorKind.CONTENT_FILTERED))
        if not answer.text.strip():
            return _failed(ProviderError(ErrorKind.EMPTY))
        return Ending(state=TurnState.COMPLETE, reason=terminal.reason)

    async def _deliver(
        self, ask: Ask, request: ModelRequest, found: list[PictureUrl | PictureBytes], answer: Answer
    ) -> Ending:
        limit = ask.place.file_limit_bytes
        files: list[PictureFile] = []
        for index, event in enumerate(found[:MAX_PICTURES]):
            if isinstance(event, PictureUrl):
                picture = await self._pictures.fetch(event.url, limit_bytes=limit)
            else:
                picture = await self._pictures.accept(event.data, limit_bytes=limit)
            name = f"drawing-{ask.id}-{index + 1}.{picture.format.value}"
            files.append(PictureFile(picture=picture, filename=name, alt=ask.text))
        answer.parameters = request.drawing
        return Ending(state=TurnState.COMPLETE, pictures=tuple(files))


def _failed(error: ProviderError) -> Ending:
    return Ending(state=TurnState.FAILED, problem=error)
