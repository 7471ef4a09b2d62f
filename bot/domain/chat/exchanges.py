"""Who was answered: a channel's lines in the order in which a model understands them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.chat.notes import Notes, drawing_in, words_of
from bot.domain.history.messages import Asked, HistoryMessage
from bot.domain.model.messages import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A message as the prompt has it: its words, and a note of what was drawn with them.

    ``closed``: it is a question to which no answer will come, and the note says that.
    """

    message: HistoryMessage
    words: str
    note: str = ""
    closed: bool = False

    @property
    def is_users(self) -> bool:
        """Whether a user said it."""
        return self.message.role is Role.USER


def in_exchanges(messages: Sequence[HistoryMessage], notes: Notes) -> list[Line]:
    """Put each answer behind its question, and tell apart what was not answered.

    Of two questions that were asked at once, both answers come after both. A question that is being answered at this
    moment is left out: the model would answer it a second time. One that ended without an answer is closed. Messages
    that are deleted or say nothing are left out.
    """
    lines = [line for message in messages if message.deleted_at is None and (line := _told(message, notes)) is not None]
    questions = {line.message.id for line in lines if line.is_users}
    answers: dict[int | None, list[Line]] = {}
    for line in lines:
        if not line.is_users and line.message.reply_to in questions:
            answers.setdefault(line.message.reply_to, []).append(line)
    ordered: list[Line] = []
    for number, line in enumerate(lines):
        if not line.is_users:
            if line.message.reply_to not in questions:
                ordered.append(line)
            continue
        found = answers.get(line.message.id, [])
        following = lines[number + 1] if number + 1 < len(lines) else None
        if found or _answers_what_is_before(following, questions):
            ordered += (line, *found)
        elif line.message.asked is Asked.ENDED:
            ordered.append(Line(message=line.message, words=line.words, note=notes.no_answer, closed=True))
        elif line.message.asked is None:
            ordered.append(line)
    return ordered


def late_answers(messages: Iterable[HistoryMessage], up_to: int) -> tuple[int, ...]:
    """Name the replies to these questions that began after the message ``up_to``: they are not among the messages."""
    return tuple(
        message.answer_id
        for message in messages
        if message.id != up_to and message.asked and message.answer_id is not None and message.answer_id > up_to
    )


def _told(message: HistoryMessage, notes: Notes) -> Line | None:
    words, note = words_of(message), drawing_in(message, notes)
    if not words and not note:
        return None
    return Line(message=message, words=words or notes.here, note=note)


def _answers_what_is_before(line: Line | None, questions: set[int]) -> bool:
    """Whether a line answers the one before it: an answer that none of the questions is named in."""
    return line is not None and not line.is_users and line.message.reply_to not in questions
