"""A channel's history → the messages that the model gets, within the budget of the context window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.domain.chat.exchanges import Line, in_exchanges
from bot.domain.chat.frame import guarded, indented, under
from bot.domain.chat.names import names_of
from bot.domain.chat.notes import Notes, drew, notes_for
from bot.domain.chat.shortening import fitted, shorten_middle, start_of
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
    ``count``, speakers' names and the frame included.

    Where several speak, each message begins with its speaker's name. Nobody's words can pass for another's or for what
    the prompt itself says (see ``frame``).

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
    script = _Script((*older, asked), referenced, notes, count)
    left_tokens = budget_tokens - script.cost(asked)
    window = _window(older, budget_messages - 1, left_tokens, script)
    quote = ""
    if referenced is not None and not _holds((*window, asked), referenced):
        quote = script.quote(referenced, min(left_tokens, budget_tokens // 4))
        if quote:
            window = _window(older, budget_messages - 1, left_tokens - count(f"\n{quote}"), script)
    return script.write((*window, asked), quote, max(budget_tokens, ceiling_tokens))


def _window(older: Sequence[Line], budget_messages: int, budget_tokens: int, script: _Script) -> tuple[Line, ...]:
    """Take the newest messages before the prompt that fit, oldest first, the first of them a question."""
    taken: list[Line] = []
    for unit in _units(older):
        budget_messages -= len(unit)
        budget_tokens -= sum(map(script.cost, unit))
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


def _holds(window: Sequence[Line], referenced: Reference) -> bool:
    """Tell whether the window has the message, or the whole of which it is a page."""
    text = referenced.text.strip() if referenced.from_bot else ""
    return any(
        line.message.id == referenced.id or (text and not line.is_users and text in line.message.text)
        for line in window
    )


class _Script:
    """How the lines of a talk are written: under whose names, and what that costs in tokens."""

    def __init__(self, lines: Sequence[Line], referenced: Reference | None, notes: Notes, count: CountTokens) -> None:
        speakers = dict(_speaker(line) for line in lines if line.is_users)
        quoted = {} if referenced is None or referenced.from_bot else {referenced.author.id: referenced.author.name}
        self._names = names_of(speakers | {person: quoted[person] for person in quoted.keys() - speakers.keys()})
        self._labels = {person: f"{self._names[person]}: " for person in speakers} if len(speakers) > 1 else {}
        self._notes = notes
        self._count = count
        self._costs: dict[int, int] = {}
        self._guarded: dict[int, str] = {}

    def cost(self, line: Line) -> int:
        """Count a line's tokens, with its label if there may be any, its note, and what joins it to others."""
        known = self._costs.get(line.message.id)
        if known is None:
            note = self._count(f"\n{line.note}") if line.note else 0
            said = under(_label(line, self._labels), self._words(line))
            known = self._count(f"\n{said}") + note
            self._costs[line.message.id] = known
        return known

    def quote(self, referenced: Reference, allowance_tokens: int) -> str:
        """Write the message that the prompt replies to; empty if it says nothing, or hardly any of it fits."""
        notes, count = self._notes, self._count
        author = self._names.get(referenced.author.id, "")
        head = f"{notes.quotes_own if referenced.from_bot else notes.quotes.format(author=author)}\n"
        tail = f"\n{notes.end_of_quote}"
        room = allowance_tokens - count(head) - count(tail)
        if room < _MIN_REFERENCE_TOKENS:
            return ""
        text, note = referenced.text.strip(), ""
        if (drawn := referenced.drawn) is not None:
            at, most = referenced.created_at, room // 2 if text else room
            note = fitted(lambda room: indented(drew(start_of(drawn, room, count), at, notes)), most, count)
            room -= count(f"\n{note}")
        if text:
            text = fitted(lambda room: indented(shorten_middle(text, room, count, guard=guarded)), room, count)
        quote = head + "\n".join(filter(None, (text, note))) + tail
        return quote if (text or note) and count(quote) <= allowance_tokens else ""

    def write(self, window: Sequence[Line], quote: str, ceiling_tokens: int) -> tuple[PromptMessage, ...]:
        """Write the messages; the last line has at most so many tokens."""
        labels = self._labels if len({line.message.author_id for line in window if line.is_users}) > 1 else {}
        rendered: list[tuple[Role, list[str]]] = []

        def say(role: Role, text: str) -> None:
            if not rendered or rendered[-1][0] is not role:
                rendered.append((role, []))
            rendered[-1][1].append(text)

        if quote:
            say(Role.USER, quote)
        for line, following in zip(window, (*window[1:], None), strict=True):
            if line.note and not line.closed:
                # With the question: in the last message it might be taken for a wish, and the picture be drawn again.
                question = next((parts for role, parts in reversed(rendered) if role is Role.USER), [])
                question.append(line.note)
            label = _label(line, labels)
            if following is None:
                say(Role.USER, self._asked(label, line, ceiling_tokens))
            else:
                say(line.message.role, under(label, self._words(line)))
            # Once for several in a row: a model copies what it sees again and again.
            if line.closed and following is not None and not following.closed:
                say(Role.ASSISTANT, line.note)
        return tuple(PromptMessage(role=role, content="\n".join(parts)) for role, parts in rendered)

    def _words(self, line: Line) -> str:
        """Guard a line's words, once; those of lines that are too old to fit are never looked at."""
        words = self._guarded.get(line.message.id)
        if words is None:
            words = self._guarded[line.message.id] = guarded(line.words)
        return words

    def _asked(self, label: str, line: Line, ceiling_tokens: int) -> str:
        if self.cost(line) <= ceiling_tokens:
            return under(label, self._words(line))
        whole, count = line.message.text.strip(), self._count

        def within(room: int) -> str:
            return under(label, shorten_middle(whole, room, count, guard=guarded))

        return fitted(within, ceiling_tokens, count)


def _speaker(line: Line) -> tuple[int, str]:
    return line.message.author_id, line.message.author_name


def _label(line: Line, labels: Mapping[int, str]) -> str:
    return labels.get(line.message.author_id, "") if line.is_users else ""
