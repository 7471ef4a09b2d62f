"""Answering a turn again: its question, and where the reply goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.domain.people import Place, User
from bot.domain.reply.ports import ReplySink
from bot.domain.turn.ask import Ask
from bot.domain.turn.record import Turn

SinkFor = Callable[[Ask, int, tuple[int, ...]], ReplySink]
"""Opens the reply of a turn anew: the ask, the version's number, the messages that stand."""


def ask_of(turn: Turn, place: Place, by: User | None = None) -> Ask:
    """Ask again what a turn was asked, in the language of the one who asked.

    Their roles are known only where it is they who want it (``by``); anybody else pays for it.
    """
    own = by is not None and by.id == turn.asker_id
    roles = by.role_ids if by is not None and own else None
    return Ask(
        id=turn.id,
        mode=turn.mode,
        text=turn.prompt,
        user=User(id=turn.asker_id, name=turn.asker_name, role_ids=roles),
        place=replace(place, parent_id=turn.parent_id, locale=turn.locale),
        created_at=turn.created_at,
        source=turn.source,
        wish=turn.wish,
        payer=None if own else by,
    )
