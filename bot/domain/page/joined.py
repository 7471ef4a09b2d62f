"""Pages → the text that they were laid out of, as well as can be told from what they show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.domain.page.pager import PAGE_LIMIT, Pager

_CLOSED = re.compile(r"(?:\n?(?:`{3,}|~{3,})|[*_~|]{1,6})\Z")
"""What may have been put behind a page to balance it."""
_OPENED = re.compile(r"\A(?:>>> |> )?(?:(?:`{3,}|~{3,})[^\n]*\n|[*_~|]{1,6})?(?:\\(?=[^\n]*?-#))?")
"""What may have been put in front of one."""
_BETWEEN = ("\n\n", "\n", " ", "")


def join_pages(pages: Sequence[str], *, limit: int = PAGE_LIMIT) -> str:
    """Return a text that is laid out as these pages; where none is found, their texts, one below the other."""
    text = ""
    before = ""
    for page in pages:
        text = _joined(text, before, page, limit) if text else page
        before = page
    return text


def _joined(text: str, before: str, page: str, limit: int) -> str:
    """Put a page behind a text that ends with the page ``before``."""
    for closing, opening, between in _ways(before, page):
        head, tail = before.removesuffix(closing), page.removeprefix(opening)
        if _pages(f"{head}{between}{tail}", limit) == [before, page]:
            return f"{text.removesuffix(closing)}{between}{tail}"
    return f"{text}\n{page}"


def _ways(before: str, page: str) -> Iterator[tuple[str, str, str]]:
    closed, opened = _CLOSED.search(before), _OPENED.search(page)
    closings = dict.fromkeys((closed[0] if closed else "", ""))
    openings = dict.fromkeys((opened[0] if opened else "", ""))
    for closing in closings:
        for opening in openings:
            if bool(closing) == bool(opening.removesuffix("\\")) or opening.startswith(">"):
                for between in _BETWEEN:
                    yield closing, opening, between


def _pages(text: str, limit: int) -> list[str]:
    pager = Pager(limit)
    pager.push(text)
    return pager.pages
