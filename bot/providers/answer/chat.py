"""Assembles the answers of chat completions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urljoin, urlsplit

from bot.domain.model.events import (
    FinishReason,
    ModelEvent,
    PictureBytes,
    PictureUrl,
)
from bot.providers.answer.common import AnswerAssembler, thought
from bot.providers.answer.forms import names_picture
from bot.providers.answer.markup import MarkupGate
from bot.providers.answer.parts import DrawingPath, PictureReference
from bot.providers.answer.payload import is_inside
from bot.providers.answer.pictures import distinct_pictures, lone_url, may_become_lone_url

_PORTS: Final = {"http": 80, "https": 443}
MOST: Final = 4
"""How many addresses a text may name that are fetched; as many as a drawing may have pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InText:
    """Which pictures are fetched that a talk's text names: anybody may have had the model write their addresses.

    ``hosts`` are pairs of name and port; None: any host, as far as it is public. What is not fetched stays in the text,
    as a link.
    """

    hosts: frozenset[tuple[str, int]] | None = None
    most: int = MOST

    def allows(self, url: str, *, base: str) -> bool:
        """Whether an address, or a path at the endpoint's URL ``base``, may be fetched."""
        if self.hosts is None:
            return True
        try:
            parts = urlsplit(urljoin(base, url))
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            return False
        return ((parts.hostname or "").rstrip("."), port) in self.hosts


class ChatAssembler(AnswerAssembler):
    """Assembles an answer of chat completions: text as it comes, pictures taken out of it and given at the end.

    An answer that is nothing but a URL is a picture's where its path ends like one; any other URL is talk. ``base`` is
    the endpoint's URL, at which paths are looked for. ``in_text`` says which addresses are fetched that the text names,
    unless it is known that pictures were ``ordered``.
    """

    def __init__(self, *, base: str = "", in_text: InText | None = None, ordered: bool = False) -> None:
        super().__init__()
        self._base = base
        self._in_text = InText() if in_text is None else in_text
        self._ordered = ordered
        self._markup = MarkupGate(takes=self._takes)
        self._given: list[PictureReference] = []
        """Beside the text."""
        self._kept: str | None = ""  # the whole text, as long as it may become a lone URL

    def _note(self, part: PictureReference | DrawingPath) -> None:
        if isinstance(part, PictureReference):
            self._given.append(part)

    def _takes(self, picture: PictureReference) -> bool:
        """Whether a picture that the text names is one to be fetched."""
        fetched = sum(not (each.preview or is_inside(each.url)) for each in self._markup.references)
        allowed = self._ordered or self._in_text.allows(picture.url, base=self._base)
        return allowed and fetched < self._in_text.most

    def _pictures(self, *, well: bool) -> list[PictureUrl | PictureBytes]:
        """Return the pictures so far; of an answer that broke off, no preview."""
        named = [replace(each, named=True) for each in self._markup.references]
        found = [each for each in (*self._given, *named) if well or not each.preview]
        return distinct_pictures(found, base=self._base, ordered=self._ordered)

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
        self._markup = MarkupGate(takes=self._takes)
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
            if well and url is not None and names_picture(url) and not self._given:
                picture = PictureReference(url=url)
                if self._takes(picture):
                    self._markup.references.append(picture)
                    text = ""
        text = self._markup.feed(text) + self._markup.end(well=well)
        return [*events, *self._show(text)]

    def end(self, *, done: bool) -> list[ModelEvent]:
        """Return the last events. Raises ``ProviderError`` where the answer is cut off or empty."""
        reason = self._close(done=done)
        events = self._rest(well=True)
        pictures = self._pictures(well=True)
        if pictures and self._reason is None and not self._lost:
            reason = FinishReason.UNKNOWN  # what such models are asked for has come
        if not self._shown and not pictures:
            raise self._nothing(reason)
        return [*events, *pictures, *self._last(reason, pictures=len(pictures))]

    def abandon(self) -> list[ModelEvent]:
        """Return held text and pictures that may be shown; half of one, or a preview of one, is dropped."""
        events = self._rest(well=False)
        return [*events, *self._pictures(well=False)]
