"""Assembles the answers of models that draw through chat completions."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.domain.model.events import (
    FinishReason,
    ModelEvent,
    Progress,
)
from bot.providers.answer.common import AnswerAssembler, thought, undrawn
from bot.providers.answer.markup import MarkupGate
from bot.providers.answer.parts import DrawingPath, PictureReference
from bot.providers.answer.pictures import distinct_pictures, pictures_in_rest

_PROGRESS_CHARS: Final = 300
_TRUST: Final = {"![": 0, "[![": 0, "<img": 1, "<a": 1}
"""Which pictures come first, by how they begin; base64 comes last."""


class DrawingAssembler(AnswerAssembler):
    """Assembles a drawing of chat completions: text is looked through for pictures, also in code.

    ``base`` is the endpoint's URL, at which paths are looked for.
    """

    _draws = True

    def __init__(self, *, base: str = "") -> None:
        super().__init__()
        self._base = base
        self._markup = MarkupGate(code=True)
        self._given: list[PictureReference] = []
        self._text: list[str] = []
        self._line = ""

    def _note(self, part: PictureReference | DrawingPath) -> None:
        if isinstance(part, PictureReference):
            self._given.append(part)

    def _say(self, text: str) -> list[ModelEvent]:
        reasoning, text = self._think.feed(text)
        if self._think.retracts:
            self._think.retracts = False
            self._take_back()
        self._text.append(self._markup.feed(text))
        return [*thought(reasoning), *self._progress(text)]

    def _take_back(self) -> None:
        """Forget the text so far, and the pictures in it: it was reasoning."""
        self._text.clear()
        self._markup = MarkupGate(code=True)

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
        held = self._say(self._held_text())
        reasoning, rest = self._think.end()
        if self._think.retracts:
            self._take_back()
        cut = self._reason is None and not done and not self._whole
        text = "".join([*self._text, self._markup.feed(rest), self._markup.end(well=not cut)])
        pictures = distinct_pictures([*self._given, *self._in_text(text, cut=cut)], base=self._base, ordered=True)
        # A picture that came whole was paid for and counts, however the answer ended.
        reason = self._reason or FinishReason.UNKNOWN if pictures else self._close(done=done)
        if pictures:
            return [*held, *thought(reasoning), *pictures, *self._last(reason, pictures=len(pictures))]
        words = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">")).strip()
        if not words:
            raise self._nothing(reason)
        raise undrawn(words, reason)

    def _in_text(self, rest: str, *, cut: bool) -> list[PictureReference]:
        """List the pictures in the text, the most trusted form first; ``rest`` is what the gate left of it."""
        taken = zip(self._markup.openers, self._markup.references, strict=True)
        found = [reference for _, reference in sorted(taken, key=lambda each: _TRUST.get(each[0], len(_TRUST)))]
        return [replace(each, named=True) for each in found or pictures_in_rest(rest, cut=cut)]

    def abandon(self) -> list[ModelEvent]:
        """Return the pictures that came whole, which were paid for; text of a drawing that broke off is no answer."""
        self._say(self._held_text())
        text = "".join([*self._text, self._markup.end(well=False)])
        whole = [each for each in (*self._given, *self._in_text(text, cut=True)) if not each.preview]
        return [*distinct_pictures(whole, base=self._base, ordered=True)]
