"""Assembles the answers of models that draw through chat completions."""

from __future__ import annotations

from typing import Final

from bot.domain.model.events import (
    FinishReason,
    ModelEvent,
    Progress,
)
from bot.providers.answer.common import AnswerAssembler, thought, undrawn
from bot.providers.answer.gates import ThinkGate
from bot.providers.answer.parts import DrawingPath, PictureReference
from bot.providers.answer.pictures import distinct_pictures, pictures_in

_PROGRESS_CHARS: Final = 300


class DrawingAssembler(AnswerAssembler):
    """Assembles a drawing of chat completions: text is looked through for pictures when it is complete."""

    def __init__(self) -> None:
        super().__init__()
        self._think = ThinkGate()
        self._named: list[str] = []
        self._text: list[str] = []
        self._line = ""

    def _note(self, part: PictureReference | DrawingPath) -> None:
        if isinstance(part, PictureReference):
            self._named.append(part.url)

    def _say(self, text: str) -> list[ModelEvent]:
        reasoning, text = self._think.feed(text)
        self._text.append(text)
        return [*thought(reasoning), *self._progress(text)]

    def _progress(self, text: str) -> list[ModelEvent]:
        """Give quoted lines out as progress, once they are complete: relays report so (``> 生成中 …``)."""
        events: list[ModelEvent] = []
        *lines, last = text.split("\n")
        for line in lines:
            line = (self._line + line).strip()
            self._line = ""
            words = line.lstrip("> ").strip()
            if line.startswith(">") and words and len(line) <= _PROGRESS_CHARS:
                events.append(Progress(text=words))
        # One character too many marks a line as too long for progress without keeping it.
        self._line = (self._line + last)[: _PROGRESS_CHARS + 1]
        return events

    def end(self, *, done: bool) -> list[ModelEvent]:
        """Return the last events. Raises ``ProviderError``: cut off, empty, or words and no picture."""
        reasoning, rest = self._think.end()
        text = "".join(self._text) + rest
        cut = self._reason is None and not done and not self._whole
        pictures = distinct_pictures([*self._named, *pictures_in(text, cut=cut)])
        # A picture that came whole was paid for and counts, however the answer ended.
        reason = FinishReason.UNKNOWN if cut and pictures else self._close(done=done)
        if pictures:
            return [*thought(reasoning), *pictures, *self._last(reason, pictures=len(pictures))]
        words = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">")).strip()
        if not words:
            raise self._nothing(reason)
        raise undrawn(words, reason)

    def abandon(self) -> list[ModelEvent]:
        """Return nothing: text of a drawing that broke off is no answer."""
        return []
