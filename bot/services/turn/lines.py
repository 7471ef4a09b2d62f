"""A channel's lines up to a question, with the answers that came to those before it."""

from __future__ import annotations

from typing import Final

from bot.domain.chat.exchanges import late_answers
from bot.domain.history.messages import HistoryMessage
from bot.domain.history.ports import HistoryStore
from bot.domain.history.readers import Reader

LATE_ANSWERS: Final = 8
"""As many answers are looked up, the newest, that came after the question; more were never under way at once."""


async def read_lines(
    history: HistoryStore, channel_id: int, *, limit: int, up_to: int, reader: Reader
) -> tuple[HistoryMessage, ...]:
    """Read the newest lines of a channel up to a question that the ``reader`` may read. Raises ``StorageError``.

    An answer to a question before it may have begun after it, if both were asked at once: it comes too, in front of
    the question, beyond ``limit``.
    """
    lines = await history.recent(channel_id, limit=limit, up_to=up_to, reader=reader)
    found = [await history.get(channel_id, answer) for answer in late_answers(lines, up_to)[-LATE_ANSWERS:]]
    answers = [line for line in found if line is not None and reader.may_read(line)]
    return (*lines[:-1], *answers, *lines[-1:]) if answers else lines
