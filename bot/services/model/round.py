"""One answer to a turn while it is worked on."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from bot.domain.reply.ending import Ending
from bot.domain.reply.ports import Reply
from bot.domain.settings.in_force import InForce
from bot.domain.turn.ask import Ask
from bot.services.model.answer import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What is asked, under which settings, the reply that it goes into and the answer that grows.

    The settings are those that the turn was admitted under: nothing that answers it looks them up again.
    """

    ask: Ask
    settings: InForce
    reply: Reply
    answer: Answer


Answerer = Callable[[Round], Coroutine[Any, Any, Ending]]
"""Answers a turn: pushes into the reply, fills the answer, and returns how the reply ends."""
