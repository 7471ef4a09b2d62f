"""What the endpoints' words for the end of an answer mean."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.model.events import FinishReason

_WELL: Final = frozenset(
    {"stop", "eos", "eos_token", "end", "end_turn", "stop_sequence", "stop_token", "finish", "finished", "complete",
     "completed", "done", "normal", "tool_calls", "tool_call", "tool_use", "function_call"}
)  # fmt: skip
_BY_WORDS: Final = (
    (re.compile(r"filter|sensitiv|safety|prohibited|block_?list|\bspii\b|recitation|moderation|censor|refus"),
     FinishReason.FILTERED),
    (re.compile(r"length|max_?(\w+_)?tokens?|token_?limit|context"), FinishReason.LENGTH),
    (re.compile(r"error|abort|cancel|insufficient|interrupt|time_?(d_)?out|time_?limit|overload|unavailable|disconnect"),
     FinishReason.CUT),
)  # fmt: skip
"""Others that servers have: `model_context_window_exceeded`, `insufficient_system_resource`, `PROHIBITED_CONTENT`."""


def read_reason(word: str) -> FinishReason:
    """Say what a finish reason in small letters means; ``UNKNOWN`` for one that says nothing."""
    if word in _WELL:
        return FinishReason.STOP
    return next((reason for pattern, reason in _BY_WORDS if pattern.search(word)), FinishReason.UNKNOWN)
