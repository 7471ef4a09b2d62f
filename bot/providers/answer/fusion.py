"""Parts to events: the text as it comes, what must be held back held back, and one good end or an error."""

from __future__ import annotations

from typing import Final

from bot.domain.model.events import (
    DrawingIntent,
    FinishReason,
    ModelEvent,
    PictureUrl,
)
from bot.errors import ErrorKind, ProviderError
from bot.providers.answer.common import AnswerAssembler, thought, undrawn
from bot.providers.answer.gates import SentinelGate
from bot.providers.answer.parts import DrawingPath, PictureReference
from bot.providers.answer.pictures import lone_url, may_become_lone_url

_HEAD_CHARS: Final = 400


class FusionAssembler(AnswerAssembler):
    """Assembles an answer of the fusion endpoint.

    ``draw`` is the ``output_img`` that was sent. ``only_picture`` says that nothing but a picture is wanted: text is
    then kept back, since it can only be the picture's URL or the reason why there is none.
    """

    def __init__(self, *, draw: bool, only_picture: bool) -> None:
        super().__init__()
        self._draw = draw
        self._only_picture = self._draws = only_picture
        self._gate = SentinelGate()
        self._path: bool | None = None
        self._kept: list[str] = []
        self._keeping = True
        self._head = ""

    def _note(self, part: PictureReference | DrawingPath) -> None:
        if isinstance(part, DrawingPath):
            self._path = self._path or part.taken
            self._draws = self._only_picture or bool(self._path)

    def _say(self, text: str) -> list[ModelEvent]:
        reasoning, text = self._think.feed(text)
        if not reasoning and not self._think.retracts:
            return self._answer(text)
        return [*thought(reasoning), *self._retract(), *self._answer(text)]

    def _answer(self, text: str) -> list[ModelEvent]:
        if not self._keeping and not self._path:
            return self._tell(self._gate.feed(text))
        if text:
            self._kept.append(text)
        # Until an answer can't be a lone URL any more it may yet turn out to be the picture's.
        if self._path or self._only_picture or may_become_lone_url("".join(self._kept)):
            return []
        return self._let_go()

    def _forget(self) -> None:
        self._gate = SentinelGate()
        self._kept.clear()
        self._keeping = True
        self._head = ""

    def _let_go(self) -> list[ModelEvent]:
        text = "".join(self._kept)
        self._kept.clear()
        self._keeping = False
        return self._tell(self._gate.feed(text))

    def _tell(self, text: str) -> list[ModelEvent]:
        if len(self._head) < _HEAD_CHARS:
            self._head = (self._head + text)[:_HEAD_CHARS]
        return self._show(text)

    def end(self, *, done: bool) -> list[ModelEvent]:
        """Return the last events. Raises ``ProviderError``: cut off, empty, or a drawing that failed."""
        reason = self._close(done=done)
        events = self._rest()
        if self._path or self._only_picture:
            return [*events, *self._drawn("".join(self._kept), reason)]
        if self._keeping:
            events += self._let_go()
        if self._gate.intent and not self._draw:
            return [*events, DrawingIntent(), *self._last(FinishReason.STOP)]
        events += self._tell(self._gate.end())
        if not self._shown:
            if self._gate.met:
                raise ProviderError(ErrorKind.DRAWING_FAILED, "the endpoint recognised a drawing and made none")
            raise self._nothing(reason)
        return [*events, *self._last(reason)]

    def _rest(self) -> list[ModelEvent]:
        """Take what was held back before it was looked at."""
        events = self._say(self._held_text())
        reasoning, text = self._think.end()
        return [*events, *thought(reasoning), *self._retract(), *self._answer(text)]

    def _drawn(self, text: str, reason: FinishReason) -> list[ModelEvent]:
        """End an answer of the drawing path: the picture's URL, or a sentence that says why there is none."""
        if not self._draw:
            # A picture came although none was asked for: it is the intent that counts.
            return [DrawingIntent(), *self._last(FinishReason.STOP)]
        url = None if self._shown or self._path is False else lone_url(text)
        if url is not None:
            return [PictureUrl(url=url), *self._last(reason, pictures=1)]
        gate = SentinelGate()
        sentence = (self._head + self._gate.end() + gate.feed(text) + gate.end()).strip()
        if not sentence and reason is not FinishReason.FILTERED:
            raise ProviderError(ErrorKind.DRAWING_FAILED, "neither a picture nor a sentence came")
        error = undrawn(sentence, reason)
        if self._shown:
            error.sentence = ""  # it stands there already
        raise error

    def abandon(self) -> list[ModelEvent]:
        """Return held text that may be shown: an unfinished sentinel or drawing is not."""
        events = self._rest()
        if self._path or self._only_picture or not self._kept:
            return events
        return [*events, *self._let_go()]
