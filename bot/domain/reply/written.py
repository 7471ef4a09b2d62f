"""What is shown of an answer → what the model wrote, as well as can be told."""

from __future__ import annotations

from bot.domain.page.display import Display
from bot.domain.page.pager import PAGE_LIMIT, Pager
from bot.domain.page.small import model_text
from bot.domain.reply.joined import join_pages

_FENCE = "```"


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
