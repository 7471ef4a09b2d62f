"""Whole texts laid out as a reply lays out what comes in pieces."""

from __future__ import annotations

from bot.domain.page.pager import Page, Pager


def layout(text: str, *, limit: int = 2000) -> tuple[Page, ...]:
    """Lay out a whole text."""
    return _laid_out(text, limit).layout


def paginate(text: str, *, limit: int = 2000) -> list[str]:
    """Return the texts of a whole text's pages."""
    return _laid_out(text, limit).pages


def _laid_out(text: str, limit: int) -> Pager:
    pager = Pager(limit)
    pager.push(text)
    return pager
