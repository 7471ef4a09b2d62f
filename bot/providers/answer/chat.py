"""Assembles the answers of chat completions."""

from __future__ import annotations

from bot.domain.model.events import (
    FinishReason,
    ModelEvent,
)
from bot.providers.answer.common import AnswerAssembler, thought
from bot.providers.answer.forms import names_picture
from bot.providers.answer.markup import MarkupGate
from bot.providers.answer.parts import DrawingPath, PictureReference
from bot.providers.answer.pictures import distinct_pictures, lone_url, may_become_lone_url


class ChatAssembler(AnswerAssembler):
    """Assembles an answer of chat completions: text as it comes, pictures taken out of it and given at the end.

    An answer that is nothing but a URL is a picture's where its path ends like one; any other URL is talk. ``base`` is
    the endpoint's URL, at which paths are looked for.
    """

    def __init__(self, *, base: str = "") -> None:
        super().__init__()
        self._base = base
        self._markup = MarkupGate()
        self._named: list[PictureReference] = []
        self._kept: str | None = ""  # the whole text, as long as it may become a lone URL

    def _note(self, part: PictureReference | DrawingPath) -> None:
        if isinstance(part, PictureReference):
            self._named.append(part)

    def _say(self, text: str) -> list[ModelEvent]:
        reasoning, text = self._think.feed(text)
        events = [*thought(reasoning), *self._retract()] if reasoning or self._think.retracts else []
        if self._kept is not None:
            self._kept += text
            if may_become_lone_url(self._kept):
                return events
            text, self._kept = self._kept, None
        shown = self._show(self._markup.feed(text))
        return [*events, *shown] if events else shown

    def _forget(self) -> None:
        self._markup = MarkupGate()
        self._kept = ""

    def _rest(self, *, well: bool) -> list[ModelEvent]:
        reasoning, text = self._think.feed(self._held_text())
        more_reasoning, more_text = self._think.end()
        if self._think.retracts:
            text = ""
        events = [*thought(reasoning + more_reasoning), *self._retract()]
        text += more_text
        if self._kept is not None:
            text, self._kept = self._kept + text, None
            url = lone_url(text)
            if well and url is not None and names_picture(url) and not self._named:
                self._named.append(PictureReference(url=url))
                text = ""
        text = self._markup.feed(text) + self._markup.end(well=well)
        return [*events, *self._show(text)]

    def end(self, *, done: bool) -> list[ModelEvent]:
        """Return the last events. Raises ``ProviderError`` where the answer is cut off or empty."""
        reason = self._close(done=done)
        events = self._rest(well=True)
        pictures = distinct_pictures([*self._named, *self._markup.references], base=self._base)
        if pictures and self._reason is None and not self._lost:
            reason = FinishReason.UNKNOWN  # what such models are asked for has come
        if not self._shown and not pictures:
            raise self._nothing(reason)
        return [*events, *pictures, *self._last(reason, pictures=len(pictures))]

    def abandon(self) -> list[ModelEvent]:
        """Return held text and pictures that may be shown; half of one, or a preview of one, is dropped."""
        events = self._rest(well=False)
        whole = [each for each in (*self._named, *self._markup.references) if not each.preview]
        return [*events, *distinct_pictures(whole, base=self._base)]
