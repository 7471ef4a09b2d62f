"""A channel's history → the messages that the model gets, within the budget of the context window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.domain.chat.exchanges import Line, in_exchanges
from bot.domain.chat.names import labels_of, speaker_name
from bot.domain.chat.notes import notes_for
from bot.domain.chat.shortening import shorten_middle
from bot.domain.history.messages import HistoryMessage
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.tokens import CountTokens, estimate_tokens
from bot.domain.turn.ask import Reference

CEILING_TOKENS = 6_000
"""A prompt up to this long stays whole even where the budget is smaller: a slash command's option holds 6,000
characters (Discord's application command options, ``max_length``), which is this many tokens of Chinese."""

_MIN_REFERENCE_TOKENS = 16


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
    or is blank. Deleted and blank messages are left out, and so are questions that are being answered at this moment.
    The window takes the newest exchanges that fit both budgets, a question and its answers together, and ends with the
    first that does not; messages that run up to the prompt without an answer go one by one. Tokens are estimates, by
    ``count``, speakers' names included.

    What was drawn is in a note behind the question, since a model copies its own words. Behind questions that were
    not answered is a note in the answer's place; it does not count as a message.

    The prompt is always there: whole while it has at most ``max(budget_tokens, ceiling_tokens)``, else cut in its
    middle. ``referenced``, the message that the prompt replies to, comes first as context where the window does not
    have it, shortened to a quarter of the budget; it does not count as a message.
    """
    if not history or history[-1].role is not Role.USER or not history[-1].text.strip():
        raise ValueError("the history does not end with a user's prompt")
    prompt = history[-1]
    notes = notes_for(message.text for message in history if message.role is Role.USER)
    older = in_exchanges(history[:-1], notes)
    asked = Line(message=prompt, words=prompt.text.strip())
    left_tokens = budget_tokens - _cost(asked, count)
    window = _window(older, budget_messages - 1, left_tokens, count)
    context = ""
    if referenced is not None and not _holds((*window, asked), referenced):
        allowance = min(left_tokens, budget_tokens // 4)
        context = _context(referenced, allowance, count)
        if context:
            window = _window(older, budget_messages - 1, left_tokens - count(context) - 1, count)
    return _render((*window, asked), context, max(budget_tokens, ceiling_tokens), count)


def _window(older: Sequence[Line], budget_messages: int, budget_tokens: int, count: CountTokens) -> tuple[Line, ...]:
    """Take the newest messages before the prompt that fit, oldest first, the first of them a question."""
    taken: list[Line] = []
    for unit in _units(older):
        budget_messages -= len(unit)
        budget_tokens -= sum(_cost(line, count) for line in unit)
        if budget_messages < 0 or budget_tokens < 0:
            break
        taken[:0] = unit
    return tuple(taken)


def _units(older: Sequence[Line]) -> Iterator[tuple[Line, ...]]:
    """Give what stays or goes together, newest first."""
    end = len(older)
    while end > 0 and older[end - 1].is_users:
        end -= 1
        yield (older[end],)
    while end > 0:
        if older[end - 1].closed:
            end -= 1
            yield (older[end],)
            continue
        answers = end
        while answers > 0 and not older[answers - 1].is_users:
            answers -= 1
        start = answers
        while start > 0 and older[start - 1].is_users and not older[start - 1].closed:
            start -= 1
        if start == answers:
            return  # answers whose question is gone
        yield tuple(older[start:end])
        end = start


def _cost(line: Line, count: CountTokens) -> int:
    """Estimate a line's tokens; one more for what joins or frames each part of it."""
    note = count(line.note) + 1 if line.note else 0
    name = _name_cost(line.message, count) if line.is_users else 0
    return count(line.words) + 1 + note + name


def _name_cost(message: HistoryMessage, count: CountTokens) -> int:
    return count(speaker_name(message.author_name)) + 3


def _holds(window: Sequence[Line], referenced: Reference) -> bool:
    """Tell whether the window has the message, or the whole of which it is a page."""
    text = referenced.text.strip()
    return any(
        line.message.id == referenced.id or (referenced.from_bot and not line.is_users and text in line.message.text)
        for line in window
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


def _render(window: Sequence[Line], context: str, ceiling_tokens: int, count: CountTokens) -> tuple[PromptMessage, ...]:
    labels = labels_of([line.message for line in window])
    rendered: list[tuple[Role, list[str]]] = []

    def say(role: Role, text: str) -> None:
        if not rendered or rendered[-1][0] is not role:
            rendered.append((role, []))
        rendered[-1][1].append(text)

    if context:
        say(Role.USER, context)
    for line, following in zip(window, (*window[1:], None), strict=True):
        label = labels.get(line.message.author_id, "") if line.is_users else ""
        words = line.words
        if following is None:
            words = shorten_middle(words, ceiling_tokens - count(label), count)
        if line.note and not line.closed:
            # With the question: in the last message it might be taken for a wish, and the picture be drawn again.
            question = next((parts for role, parts in reversed(rendered) if role is Role.USER), [])
            question.append(line.note)
        say(line.message.role, label + words)
        # Once for several in a row: a model copies what it sees again and again.
        if line.closed and following is not None and not following.closed:
            say(Role.ASSISTANT, line.note)
    return tuple(PromptMessage(role=role, content="\n".join(parts)) for role, parts in rendered)
