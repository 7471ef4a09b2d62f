"""What is shown of a model's text: mended for Discord, and no line of it like one of the bot's own."""

from __future__ import annotations

from bot.domain.page.joined import join_pages
from bot.domain.page.mends.mender import Mender
from bot.domain.page.pager import PAGE_LIMIT, Pager
from bot.domain.page.small import ModelLines, model_text

_FENCE = "```"


class Display:
    """Turns a text that comes in pieces into what is shown of it; what can't be told yet is held back."""

    def __init__(self) -> None:
        self._mender = Mender()
        self._lines = ModelLines()

    def push(self, delta: str) -> str:
        """Take the next piece; returns what is shown next."""
        return self._lines.push(self._mender.push(delta))

    def finish(self) -> str:
        """Take the text to end here; returns what is shown of what was held back. Nothing may be pushed after that."""
        return self._lines.push(self._mender.finish())

    @property
    def taken_chars(self) -> int:
        """How much of the text what was returned so far stands for."""
        return self._mender.taken_chars

    def source_chars(self, shown_chars: int) -> int:
        """Tell how much of the text the first ``shown_chars`` of what was returned stand for."""
        return self._mender.source_chars(self._lines.source_chars(shown_chars))

    def growing(self, most_chars: int) -> tuple[str, int]:
        """Show a table that is held back, as far as it has room in so many characters; empty if there is none.

        Returns how much of the text stands with it, too.
        """
        return self._mender.growing(most_chars)


def written_text(shown: str, kept: str, *, grows: bool = False) -> str:
    """Read back what a model wrote from what is ``shown`` of it, and from what was ``kept`` of its beginning.

    Where more is shown than was kept, the rest is what is shown: how it was written can't be told any more. A block of
    code that is closed at the very end of what ``grows`` counts as open: every page closes what is open there.
    """
    display = Display()
    of_kept = f"{display.push(kept)}{display.finish()}"
    if _begins(of_kept, shown):
        return kept
    if (rest := _rest(shown, of_kept)) is not None:
        written = kept + model_text(shown)[len(model_text(shown[: len(shown) - len(rest)])) :]
    else:
        written = model_text(shown)
    if not grows:
        return written
    open_ended = written.rstrip().removesuffix(_FENCE).rstrip()
    if _squeezed(open_ended) == _squeezed(written) or _squeezed(_laid_out(open_ended)) != _squeezed(shown):
        return written
    return kept if open_ended == kept.rstrip() else open_ended


def _laid_out(text: str) -> str:
    """Show the beginning of an answer, whose last page closes what is open there."""
    pager = Pager(PAGE_LIMIT)
    display = Display()
    pager.push(f"{display.push(text)}{display.finish()}")
    return join_pages([page.text for page in pager.layout])


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _begins(text: str, beginning: str) -> bool:
    """Whether a text begins with another one, whatever white space was lost on its way."""
    return _rest(text, beginning) is not None


def _rest(text: str, beginning: str) -> str | None:
    at = 0
    for char in beginning:
        if char.isspace():
            continue
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text) or text[at] != char:
            return None
        at += 1
    for char in beginning[len(beginning.rstrip()) :]:
        at += text[at : at + 1] == char  # else a line would break twice
    return text[at:]
