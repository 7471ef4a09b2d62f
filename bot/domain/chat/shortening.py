"""Texts that are too long for a prompt, cut between characters."""

from __future__ import annotations

from bot.domain.model.tokens import CountTokens, estimate_tokens
from bot.domain.page.graphemes import is_boundary

_GAP = "\n[…]\n"


def shorten_middle(text: str, budget_tokens: int, count: CountTokens = estimate_tokens) -> str:
    """Cut ``text`` in its middle, with a mark there, so that it has at most ``budget_tokens``, by estimate.

    The start and the end of a prompt say what is wanted; never less than a few characters of both remain.
    """
    if count(text) <= budget_tokens:
        return text
    room = max(8, budget_tokens - count(_GAP) - 2)
    head = _longest(text, room // 2, count)
    tail = _longest(text[::-1], room - room // 2, count)
    if head + tail >= len(text):
        return text
    while head > 0 and not is_boundary(text, head):
        head -= 1
    start = len(text) - tail
    while start < len(text) and not is_boundary(text, start):
        start += 1
    return text[:head].rstrip() + _GAP + text[start:].lstrip()


def end_of(text: str, budget_tokens: int, count: CountTokens = estimate_tokens) -> str:
    """Cut the beginning of ``text`` away, with a mark there, so that it has at most ``budget_tokens``, by estimate."""
    if count(text) <= budget_tokens:
        return text
    start = len(text) - _longest(text[::-1], max(8, budget_tokens - count(_GAP) - 1), count)
    while start < len(text) and not is_boundary(text, start):
        start += 1
    return _GAP.lstrip() + text[start:].lstrip()


def _longest(text: str, budget_tokens: int, count: CountTokens) -> int:
    """Find how long a beginning of ``text`` has at most ``budget_tokens``."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if count(text[:middle]) <= budget_tokens:
            low = middle
        else:
            high = middle - 1
    return low
