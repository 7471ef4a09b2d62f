"""The lines of turns: a channel's up to a question, with the answers to those before it, and all of a question's."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.domain.chat.exchanges import late_answers
from bot.domain.history.messages import HistoryMessage
from bot.domain.history.parts import merged
from bot.domain.history.ports import HistoryStore
from bot.domain.history.readers import Reader
from bot.domain.turn.record import Turn

LATE_ANSWERS: Final = 8
"""As many answers are looked up, the newest, that came after the question; more were never under way at once."""


async def read_lines(
    history: HistoryStore, channel_id: int, *, limit: int, up_to: int, reader: Reader, whole: bool = False
) -> tuple[HistoryMessage, ...]:
    """Read the newest lines of a channel up to a question that the ``reader`` may read. Raises ``StorageError``.

    An answer to a question before it may have begun after it, if both were asked at once: it comes too, in front of
    the question, beyond ``limit``. Questions in several messages are one line each; what was written behind the last
    question of it is read if that is to be ``whole``.
    """
    lines = await history.recent(channel_id, limit=limit, up_to=up_to, reader=reader)
    found = [await history.get(channel_id, answer) for answer in late_answers(lines, up_to)[-LATE_ANSWERS:]]
    answers = [line for line in found if line is not None and reader.may_read(line)]
    # In a thread of its own a question is the first line, and its further messages are in the thread's channel.
    started = up_to != channel_id and any(line.id == channel_id and line.asked for line in lines)
    elsewhere = [*((channel_id,) if started else ()), *((up_to,) if whole else ())]
    parts = [part for each in elsewhere for part in await history.parts(each) if reader.may_read(part)]
    return merged((*parts, *lines[:-1], *answers, *lines[-1:]))


async def forget_question(history: HistoryStore, turn: Turn, *, deleted_at: datetime) -> None:
    """Take a turn's question out of the history, wherever it is kept. Raises ``StorageError``.

    A thread that grew from the answer has it too, before its starter: the thread's id is the first page's. Its further
    messages go with the one that asked.
    """
    for part in await history.parts(turn.id):
        await history.delete(part.channel_id, (part.id,), deleted_at=deleted_at)
    for channel_id in (turn.channel_id, *turn.reply_ids[:1]):
        await history.delete(channel_id, (turn.id,), deleted_at=deleted_at)
