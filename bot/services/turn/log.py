"""The one line that is logged of a turn: ids, times and counts, never what was said."""

from __future__ import annotations

import logging

from bot.domain.reply.ending import Ending
from bot.domain.reply.ports import Reply
from bot.domain.turn.ask import Ask
from bot.errors import ProviderError
from bot.services.model.answer import Answer

logger = logging.getLogger(__name__)


def log_turn(
    ask: Ask, reply: Reply, answer: Answer, ending: Ending, *, started_at: float, took_s: float, delivered: bool
) -> None:
    """Log how a turn went; ``started_at`` is of the same clock as the times in the answer and the reply."""

    def after(at: float | None) -> str:
        return "-" if at is None else f"{at - started_at:.3f}s"

    problem = ending.problem
    logger.info(
        "turn %s %s %s%s: guild=%s channel=%s version=%s first_event=%s first_shown=%s total=%.3fs requests=%s "
        "pages=%s pictures=%s tokens=%s+%s delivered=%s",
        ask.id,
        ask.mode.value,
        ending.state.value,
        f" ({problem.kind.value if isinstance(problem, ProviderError) else problem.value})" if problem else "",
        ask.place.guild_id,
        ask.place.channel_id,
        answer.version,
        after(answer.first_event_at),
        after(reply.first_shown_at),
        took_s,
        reply.edits,
        len(reply.message_ids),
        len(ending.pictures),
        answer.usage.prompt_tokens,
        answer.usage.completion_tokens,
        delivered,
    )
