"""What all assemblers share."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.model.events import (
    Finish,
    FinishReason,
    ModelEvent,
    ReasoningDelta,
    TextDelta,
    Usage,
)
from bot.errors import ErrorKind, ProviderError
from bot.providers.answer.gates import Cleaner, Unseen
from bot.providers.answer.parts import DrawingPath, Fault, Part, PictureReference, Piece, Stopped, Whole
from bot.providers.http.failures import sentence_error


class AnswerAssembler:
    """What the assemblers of both endpoints have in common: parts sorted, how the answer ended."""

    def __init__(self) -> None:
        self._unseen = Unseen()
        self._cleaner = Cleaner()
        self._usage: Usage | None = None
        self._reason: FinishReason | None = None
        self._whole = False
        self._shown = False

    @property
    def complete(self) -> bool:
        """Whether the endpoint has said that the answer is whole."""
        return self._reason is not None

    def feed(self, part: Part) -> list[ModelEvent]:
        """Take a part; return the events that are certain by now."""
        match part:
            case Piece():
                return self._say(self._cleaner.feed(self._unseen.piece(part.text)))
            case Whole():
                self._whole = self._whole or bool(part.text)
                return self._say(self._cleaner.feed(self._unseen.whole(part.text)))
            case ReasoningDelta():
                return [part] if part.text else []
            case Usage():
                self._usage = part
            case Stopped():
                self._reason = part.reason
            case Fault():
                raise part.error
            case PictureReference() | DrawingPath():
                self._note(part)
        return []

    def _say(self, text: str) -> list[ModelEvent]:
        raise NotImplementedError

    def _note(self, part: PictureReference | DrawingPath) -> None:
        """Take what is not text; an endpoint that has no such part ignores it."""

    def _show(self, text: str) -> list[ModelEvent]:
        if not text:
            return []
        self._shown = self._shown or bool(text.strip())
        return [TextDelta(text=text)]

    def _close(self, *, done: bool) -> FinishReason:
        """Tell how the answer ended. Raises ``ProviderError`` of kind ``truncated`` where nothing said that it did."""
        if self._reason is None and not done and not self._whole:
            raise ProviderError(ErrorKind.TRUNCATED, "the answer ended without saying so")
        return self._reason or FinishReason.UNKNOWN

    def _last(self, reason: FinishReason, *, pictures: int = 0) -> list[ModelEvent]:
        usage = self._usage
        if pictures:
            usage = replace(usage or Usage(), pictures=pictures)
        return [*([usage] if usage else []), Finish(reason=reason)]

    def _nothing(self, reason: FinishReason) -> ProviderError:
        """Make the error of an answer that holds nothing to show."""
        if reason is FinishReason.FILTERED:
            return ProviderError(ErrorKind.CONTENT_FILTERED, "the endpoint filtered the answer")
        return ProviderError(ErrorKind.EMPTY, f"the answer is empty (finish reason {reason})")


def undrawn(sentence: str, reason: FinishReason) -> ProviderError:
    """Make the error of a drawing that became words; the finish reason may say more than they do."""
    filtered = reason is FinishReason.FILTERED
    return sentence_error(sentence, ErrorKind.CONTENT_FILTERED if filtered else ErrorKind.DRAWING_FAILED)


def thought(text: str) -> list[ModelEvent]:
    return [ReasoningDelta(text=text)] if text else []
