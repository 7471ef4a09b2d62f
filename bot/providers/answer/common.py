"""What all assemblers share."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import Final

from bot.domain.model.events import (
    Finish,
    FinishReason,
    ModelEvent,
    ReasoningDelta,
    Retraction,
    TextDelta,
    Usage,
)
from bot.errors import ErrorKind, ProviderError
from bot.providers.answer.gates import Cleaner, Unseen
from bot.providers.answer.parts import (
    DrawingPath,
    Fault,
    Lost,
    Other,
    Part,
    PictureReference,
    Piece,
    Stopped,
    Whole,
)
from bot.providers.answer.reasoning import ThinkGate
from bot.providers.http.failures import sentence_error
from bot.providers.http.transport import Patience

_log: Final = logging.getLogger(__name__)
_WORD: Final = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
_SAYING_LITTLE: Final = frozenset({None, FinishReason.UNKNOWN, FinishReason.STOP})


class AnswerAssembler:
    """What the assemblers of both endpoints have in common: parts sorted, how the answer ended."""

    _draws = False
    """Whether a picture is due, which may be long in coming after words."""

    def __init__(self) -> None:
        self._unseen = Unseen()
        self._cleaner = Cleaner()
        self._think = ThinkGate()
        self._usage: Usage | None = None
        self._reason: FinishReason | None = None
        self._whole = False
        self._shown = False
        self._heard = False  # anything at all
        self._begun = False  # a word, a thought or a picture
        self._thought = False
        self._unfinished = False  # the last piece said that there is no finish reason yet
        self._again = False  # something of the answer came after a finish reason
        self._beside = False  # the last finish reason came with a piece of the answer
        self._lost = False
        self._other: str | None = None  # the index of the answer, if it is not the first

    @property
    def patience(self) -> Patience:
        """How long to wait for more: for the first word as for the first byte, long after a doubtful end."""
        if self._reason is not None:
            return Patience.LINGERING if self._beside or not self._begun else Patience.SETTLED
        return Patience.IDLE if self._begun and not self._draws else Patience.BEGINNING

    @property
    def complete(self) -> bool:
        """Whether the endpoint has said that the answer is whole, and said nothing more after that."""
        return self._reason is not None and not self._again

    def feed(self, part: Part) -> list[ModelEvent]:
        """Take a part; return the events that are certain by now."""
        self._heard = True
        if self._other is not None:
            return self._feed_other(part)
        match part:
            case Piece():
                self._unfinished = part.unfinished
                if not part.text:
                    return []
                self._begun = True
                if self._reason is not None:
                    self._again = True
                return self._say(self._cleaner.feed(self._unseen.piece(part.text)))
            case Whole():
                if not part.text:
                    return []
                self._whole = True
                if text := self._unseen.whole(part.text):
                    self._goes_on()
                return self._say(self._cleaner.feed(text))
            case ReasoningDelta():
                if not part.text:
                    return []
                self._goes_on()
                self._thought = True
                return [part]
            case Usage():
                self._usage = part
            case Stopped():
                self._stop(part)
            case Fault():
                raise part.error
            case PictureReference() | DrawingPath():
                if isinstance(part, PictureReference):
                    self._goes_on()
                self._note(part)
            case Lost():
                self._lost = True
            case Other():
                if not self._begun:
                    self._other = part.index
                    return self._feed_other(part)
        return []

    def _feed_other(self, part: Part) -> list[ModelEvent]:
        """Take a part while the answer is not the first of several: nothing of others."""
        if isinstance(part, Other):
            if part.index != self._other:
                return []
            part = part.part
        elif isinstance(part, (Piece, Whole, ReasoningDelta, Stopped, PictureReference)):
            return []
        index, self._other = self._other, None
        events = self.feed(part)
        self._other = index
        return events

    def _goes_on(self) -> None:
        """Note that something of the answer has come."""
        self._begun = True
        if self._reason is not None:
            self._again = True

    def _stop(self, part: Stopped) -> None:
        if part.reason is FinishReason.UNKNOWN and self._reason is not FinishReason.UNKNOWN:
            _log.info("unknown finish reason: %s", part.word if _WORD.fullmatch(part.word) else "(not a word)")
        self._beside = not part.alone
        if self._reason in _SAYING_LITTLE or part.reason not in _SAYING_LITTLE:
            self._reason = part.reason

    def _say(self, text: str) -> list[ModelEvent]:
        raise NotImplementedError

    def _note(self, part: PictureReference | DrawingPath) -> None:
        """Take what is not text; an endpoint that has no such part ignores it."""

    def _retract(self) -> list[ModelEvent]:
        """Take back what was shown, if that was reasoning."""
        if not self._think.retracts:
            return []
        self._think.retracts = False
        self._forget()
        shown, self._shown = self._shown, False
        return [Retraction()] if shown else []

    def _forget(self) -> None:
        """Drop what was held back or found in text that turned out to be reasoning."""

    def _show(self, text: str) -> list[ModelEvent]:
        if not text:
            return []
        self._shown = self._shown or bool(text.strip())
        return [TextDelta(text=text)]

    def _held_text(self) -> str:
        """Return the text that was held back before it was looked at, at the end of the answer."""
        return self._cleaner.feed(self._unseen.end()) + self._cleaner.end()

    def _close(self, *, done: bool) -> FinishReason:
        """Tell how the answer ended. Raises ``ProviderError`` of kind ``truncated`` if nothing said that it did.

        An end marker is an end; but where the pieces have a finish reason that is empty, and it stays so, the answer
        broke off (endpoints.md, section 3).
        """
        if self._reason is None and not done and not self._whole:
            if self._usage is not None and not self._begun:
                return FinishReason.UNKNOWN
            raise ProviderError(ErrorKind.TRUNCATED, "the answer ended without saying so")
        broken = self._lost or (self._reason is None and self._unfinished and not self._whole)
        if broken and self._reason in _SAYING_LITTLE:
            return FinishReason.CUT
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
        if self._lost or self._reason is FinishReason.CUT:
            return ProviderError(ErrorKind.TRUNCATED, "the answer broke off before a word of it")
        if self._thought or self._think.thought:
            long = reason is FinishReason.LENGTH
            kind = ErrorKind.THOUGHT_TOO_LONG if long else ErrorKind.ONLY_THOUGHT
            return ProviderError(kind, f"only reasoning came (finish reason {reason})")
        bare = not self._heard
        return ProviderError(ErrorKind.EMPTY, f"the answer is empty (finish reason {reason})", bare=bare)


def undrawn(sentence: str, reason: FinishReason) -> ProviderError:
    """Make the error of a drawing that became words; the finish reason may say more than they do."""
    filtered = reason is FinishReason.FILTERED
    return sentence_error(sentence, ErrorKind.CONTENT_FILTERED if filtered else ErrorKind.DRAWING_FAILED)


def thought(text: str) -> list[ModelEvent]:
    return [ReasoningDelta(text=text)] if text else []
