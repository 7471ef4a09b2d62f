"""Texts that are too long for a prompt, cut between characters."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.model.tokens import CountTokens, estimate_tokens
from bot.domain.page.graphemes import is_boundary

_GAP = "\n[…]\n"


def fitted(write: Callable[[int], str], budget_tokens: int, count: CountTokens = estimate_tokens) -> str:
    """Write a text that has at most ``budget_tokens`` with all that ``write`` puts around it.

    ``write`` is given how many tokens the text itself may have. What can't be shorter comes back as it is.
    """
    room = budget_tokens
    while (excess := count(written := write(room)) - budget_tokens) > 0 and room > 0:
        room -= excess
    return written


def shorten_middle(
    text: str,
    budget_tokens: int,
    count: CountTokens = estimate_tokens,
    *,
    guard: Callable[[str], str] = str,
) -> str:
    """Cut ``text`` in its middle, with a mark there, so that it has at most ``budget_tokens``, by estimate.

    The start and the end of a prompt say what is wanted; never less than a few characters of both remain. ``guard`` is
    laid on what remains, on each part: a cut makes new beginnings of lines.
    """
    if count(text) <= budget_tokens:
        return guard(text)
    room = max(8, budget_tokens - count(_GAP) - 2)
    head = _longest(text, room // 2, count)
    tail = _longest(text[::-1], room - room // 2, count)
    if head + tail >= len(text):
        return guard(text)
    while head > 0 and not is_boundary(text, head):
        head -= 1
    return guard(text[:head].rstrip()) + _GAP + guard(_from(text, len(text) - tail))


def start_of(text: str, budget_tokens: int, count: CountTokens = estimate_tokens) -> str:
    """Cut the end of ``text`` away, with an ellipsis there, so that it has at most ``budget_tokens``, by estimate."""
    if count(text) <= budget_tokens:
        return text
    end = _longest(text, max(0, budget_tokens - count("…")), count)
    while end > 0 and not is_boundary(text, end):
        end -= 1
    return text[:end].rstrip() + "…"


def end_of(
    text: str,
    budget_tokens: int,
    count: CountTokens = estimate_tokens,
    *,
    guard: Callable[[str], str] = str,
) -> str:
    """Cut the beginning of ``text`` away, with a mark there, so that it has at most ``budget_tokens``, by estimate.

    ``guard`` is laid on what remains.
    """
    if count(text) <= budget_tokens:
        return guard(text)
    tail = _longest(text[::-1], max(8, budget_tokens - count(_GAP) - 1), count)
    return _GAP.lstrip() + guard(_from(text, len(text) - tail))


def _from(text: str, start: int) -> str:
    """Return what begins between characters at ``start`` or behind it."""
    while start < len(text) and not is_boundary(text, start):
        start += 1
    return text[start:].lstrip()


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
