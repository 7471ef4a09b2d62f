"""A channel's history → the messages that the model gets, within the budget of the context window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.domain.chat.names import labels_of, speaker_name
from bot.domain.chat.shortening import shorten_middle
from bot.domain.history.messages import HistoryMessage, Kind
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.tokens import CountTokens, estimate_tokens
from bot.domain.page.graphemes import clip
from bot.domain.turn.ask import Reference

CEILING_TOKENS = 6_000
"""A prompt up to this long stays whole even where the budget is smaller: a slash command's option holds 6,000
characters (Discord's application command options, ``max_length``), which is this many tokens of Chinese."""

_MIN_REFERENCE_TOKENS = 16
_DRAWING_CHARS = 1_200
"""How much is told of a drawing: its prompt, shortened when it was kept, and the rest of its recipe."""


def build_prompt(
    history: Sequence[HistoryMessage],
    *,
    budget_messages: int,
    budget_tokens: int,
    referenced: Reference | None = None,
    ceiling_tokens: int = CEILING_TOKENS,
    count: CountTokens = estimate_tokens,
) -> tuple[PromptMessage, ...]:
    """Build the messages of a request; roles alternate, the first and the last are the user's.

    ``history`` is oldest first and ends with the prompt that is to be answered; ValueError where that is not a user's
    or is blank. Deleted and blank messages are left out. The window takes the newest exchanges that fit both budgets,
    a question and its answers together, and ends with the first that does not; messages that run up to the prompt
    without an answer go one by one. Tokens are estimates, by ``count``, speakers' names included.

    The prompt is always there: whole while it has at most ``max(budget_tokens, ceiling_tokens)``, else cut in its
    middle. ``referenced``, the message that the prompt replies to, comes first as context where the window does not
    have it, shortened to a quarter of the budget; it does not count as a message.
    """
    if not history or history[-1].role is not Role.USER or not history[-1].text.strip():
        raise ValueError("the history does not end with a user's prompt")
    prompt = history[-1]
    older = [one for one in history[:-1] if one.deleted_at is None and (one.text.strip() or one.kind is Kind.DRAWING)]
    left_tokens = budget_tokens - _cost(prompt, count)
    window = _window(older, budget_messages - 1, left_tokens, count)
    context = ""
    if referenced is not None and not _holds((*window, prompt), referenced):
        allowance = min(left_tokens, budget_tokens // 4)
        context = _context(referenced, allowance, count)
        if context:
            window = _window(older, budget_messages - 1, left_tokens - count(context) - 1, count)
    return _render((*window, prompt), context, max(budget_tokens, ceiling_tokens), count)


def _window(
    older: Sequence[HistoryMessage], budget_messages: int, budget_tokens: int, count: CountTokens
) -> tuple[HistoryMessage, ...]:
    """Take the newest messages before the prompt that fit, oldest first, the first of them a question."""
    taken: list[HistoryMessage] = []
    for unit in _units(older):
        budget_messages -= len(unit)
        budget_tokens -= sum(_cost(one, count) for one in unit)
        if budget_messages < 0 or budget_tokens < 0:
            break
        taken[:0] = unit
    return tuple(taken)


def _units(older: Sequence[HistoryMessage]) -> Iterator[tuple[HistoryMessage, ...]]:
    """Give what stays or goes together, newest first."""
    end = len(older)
    while end > 0 and older[end - 1].role is Role.USER:
        end -= 1
        yield (older[end],)
    while end > 0:
        answers = end
        while answers > 0 and older[answers - 1].role is Role.ASSISTANT:
            answers -= 1
        start = answers
        while start > 0 and older[start - 1].role is Role.USER:
            start -= 1
        if start == answers:
            return  # answers whose question is gone
        yield tuple(older[start:end])
        end = start


def _cost(message: HistoryMessage, count: CountTokens) -> int:
    """Estimate a message's tokens; one more for what joins or frames it."""
    return count(told(message)) + 1 + (_name_cost(message, count) if message.role is Role.USER else 0)


def _name_cost(message: HistoryMessage, count: CountTokens) -> int:
    return count(speaker_name(message.author_name)) + 3


def told(message: HistoryMessage) -> str:
    """Write a message as the model is told of it: of a drawing, when it was made and of what recipe."""
    if message.kind is not Kind.DRAWING or message.role is not Role.ASSISTANT:
        return message.text.strip()
    return drew(message.text, message.created_at)


def drew(recipe: str, at: datetime) -> str:
    """Say what was drawn, and when, so that the model takes it for what it has done."""
    drawn = clip(" ".join(recipe.split()), _DRAWING_CHARS)
    day = at.date().isoformat()
    return f"(I drew a picture on {day} and sent it: {drawn})" if drawn else f"(I drew a picture on {day} and sent it.)"


def _holds(window: Sequence[HistoryMessage], referenced: Reference) -> bool:
    """Tell whether the window has the message, or the whole of which it is a page."""
    text = referenced.text.strip()
    return any(
        one.id == referenced.id or (referenced.from_bot and one.role is Role.ASSISTANT and text in one.text)
        for one in window
    )


def _context(referenced: Reference, allowance_tokens: int, count: CountTokens) -> str:
    text = referenced.text.strip()
    author = "you, the assistant" if referenced.from_bot else speaker_name(referenced.author.name)
    head = f"[The last message replies to this earlier one by {author}:]\n"
    tail = "\n[End of the earlier message.]"
    room = allowance_tokens - count(head) - count(tail) - 1
    if not text or room < _MIN_REFERENCE_TOKENS:
        return ""
    return head + shorten_middle(text, room, count) + tail


def _render(
    window: Sequence[HistoryMessage], context: str, ceiling_tokens: int, count: CountTokens
) -> tuple[PromptMessage, ...]:
    labels = labels_of(window)
    rendered: list[tuple[Role, list[str]]] = []
    if context:
        rendered.append((Role.USER, [context]))
    for index, message in enumerate(window):
        said = told(message)
        label = labels.get(message.author_id, "") if message.role is Role.USER else ""
        if index == len(window) - 1:
            said = shorten_middle(said, ceiling_tokens - count(label), count)
        if not rendered or rendered[-1][0] is not message.role:
            rendered.append((message.role, []))
        rendered[-1][1].append(label + said)
    return tuple(PromptMessage(role=role, content="\n".join(parts)) for role, parts in rendered)
