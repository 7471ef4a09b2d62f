"""Questions for tests, with as little said as a test wants."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.history.messages import HistoryMessage
from bot.domain.model.messages import Role
from bot.domain.model.request import Mode
from bot.domain.people import Place, User
from bot.domain.turn.ask import Ask, Reference
from tests.fakes.clock import START

ANN = User(id=11, name="Ann")
BOB = User(id=12, name="Bob")
ME = User(id=99, name="Fusion")
HERE = Place(channel_id=1000, guild_id=1)


def ask(ask_id: int = 5000, text: str = "hello", **changes: Any) -> Ask:
    """Make a question of Ann's; ``changes`` are fields of ``Ask``."""
    plain = Ask(id=ask_id, mode=Mode.CHAT, text=text, user=ANN, place=HERE, created_at=START)
    return replace(plain, **changes)


def said(message_id: int, text: str, *, user: User = ANN, channel_id: int = 1000, **changes: Any) -> HistoryMessage:
    """Make a line of history; the bot's own where ``person`` is ``ME``."""
    plain = HistoryMessage(
        id=message_id,
        channel_id=channel_id,
        guild_id=1,
        author_id=user.id,
        author_name=user.name,
        role=Role.ASSISTANT if user == ME else Role.USER,
        text=text,
        created_at=START,
    )
    return replace(plain, **changes)


def referred(message_id: int, text: str, *, user: User = BOB) -> Reference:
    """Make a message that a question replies to."""
    return Reference(id=message_id, author=user, text=text, from_bot=user == ME, created_at=START)
