"""Whole texts laid out as a reply lays out what comes in pieces."""

from __future__ import annotations

from bot.domain.page.pager import Page, Pager


def layout(text: str, *, limit: int = 2000, ended: bool = True) -> tuple[Page, ...]:
    """Lay out a whole text, or the beginning of one that has not ended."""
    return _laid_out(text, limit, ended=ended).layout


def paginate(text: str, *, limit: int = 2000) -> list[str]:
    """Return the texts of a whole text's pages."""
    return _laid_out(text, limit, ended=True).pages


def preview(text: str, *, limit: int = 2000) -> list[str]:
    """Return the texts of the pages of the beginning of a text."""
    return _laid_out(text, limit, ended=False).pages


def _laid_out(text: str, limit: int, *, ended: bool) -> Pager:
    pager = Pager(limit)
    pager.push(text)
    if ended:
        pager.end()
    return pager
