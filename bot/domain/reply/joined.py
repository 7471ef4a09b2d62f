"""Pages → the text that they were laid out of, as well as can be told from what they show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.domain.page.pager import PAGE_LIMIT, Pager

_HEAD = re.compile(
    r"(?P<quote>>>> |> )?(?P<heading>#{1,3} )?(?P<marks>[*_~|`]{0,8}?)(?P<block>```[^\n`]*\n(?:> )?)?(?=[^*_~|`]|\Z)"
)
"""What may have been put in front of a page."""
_MARKS = re.compile(r"[*_~|`]*")
_ESCAPED = re.compile(r"(\d*)\\(?=[-*#>.])|\\(?=[^\n]*?-#)")
_ITEM = re.compile(r"(?:[*-]|\d+\.) ")
_INDENTED = re.compile(r"(?m)^(?:> )?( +|(?:[*-]|\d+\.) +)")
_ENDED_LIST = re.compile(r"\n((?:> )?) ?\n(?=(?:> )? *(?:[*-]|\d+\.) )")
_BETWEEN = ("\n\n", "\n", " ", "")
_MAX_INDENTS = 4


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
    for closing, tail in _ways(before, page):
        head = before[: len(before) - len(closing)]
        for between in _BETWEEN:
            if _pages(f"{head}{between}{tail}", limit) == [before, page]:
                return f"{text[: len(text) - len(closing)]}{between}{tail}"
    return f"{text}\n{page}"


def _ways(before: str, page: str) -> Iterator[tuple[str, str]]:
    """Give what may have been put behind the first page, and the rest of the second one without what was before it."""
    tried: set[tuple[str, str]] = set()
    for opening, marks, is_block in _openings(page):
        closing = _closing(before, marks, is_block=is_block)
        if closing is None:
            continue
        tail = page[len(opening) :]
        for way in ((closing, each) for each in _tails(before, tail)):
            if way not in tried:
                tried.add(way)
                yield way


def _openings(page: str) -> Iterator[tuple[str, str, bool]]:
    match = _HEAD.match(page)
    if match is None:
        found = _MARKS.match(page)
        marks = found[0] if found else ""
        yield from ((marks[:length], marks[:length], False) for length in range(min(len(marks), 8), -1, -1))
        return
    quote, heading, marks = match["quote"] or "", match["heading"] or "", match["marks"]
    if match["block"]:
        yield match[0], marks, True
    for before in dict.fromkeys((quote + heading, quote, "")):
        for length in range(len(marks), -1, -1):
            if before == quote + heading or not length:
                yield before + marks[:length], marks[:length], False


def _closing(before: str, marks: str, *, is_block: bool) -> str | None:
    """Take what ends these marks off a page's end; None where it does not end so."""
    ending = marks[::-1]
    if not before.endswith(ending):
        return None
    if not is_block:
        return ending
    match = re.search(r"\n[> ]*```\Z", before[: len(before) - len(ending)])
    return match[0] + ending if match else None


def _tails(before: str, tail: str) -> Iterator[str]:
    """Give what a page's text may have been before marks were escaped in it, or lines lost their indentation."""
    if match := _ESCAPED.match(tail):
        yield (match[1] or "") + tail[match.end() :]
    yield tail
    lines = list(_INDENTED.finditer(before))[-_MAX_INDENTS:]
    for width in dict.fromkeys(len(match[1]) for match in reversed(lines)):
        end = _ENDED_LIST.search(tail)
        inner, outer = (tail[: end.start()], tail[end.end() :]) if end else (tail, "")
        space = " " * width
        indented = re.sub(r"(?m)^((?:> )?)(?=[^\s])", rf"\g<1>{space}", inner)
        if not _ITEM.match(tail):
            indented = indented[len(space) :]
        yield f"{indented}\n{outer}" if end else indented


def _pages(text: str, limit: int) -> list[str]:
    pager = Pager(limit)
    pager.push(text)
    pager.end()
    return pager.pages
