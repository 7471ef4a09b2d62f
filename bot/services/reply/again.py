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


def place_of(turn: Turn) -> Place:
    """Tell where a turn was asked, as far as that is kept.

    To where a user carried the bot along, and to what that user alone sees, nothing leads but an interaction's token.
    """
    return Place(channel_id=turn.channel_id, guild_id=turn.guild_id, by_token_only=turn.only_for is not None)


def ask_of(turn: Turn, place: Place, by: User | None = None, *, alone: bool = False) -> Ask:
    """Ask again what a turn was asked, in the language of the one who asked.

    Their roles are known only where it is they who want it (``by``); anybody else pays for it. ``alone``: they alone
    see the answer.
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
        private=turn.private or alone,
        alone=alone,
        own=turn.only_for is not None,
    )
