"""What was kept before a word was forbidden, or never passed the rules, is not sent with later questions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.domain.chat.notes import drawing_in, words_of
from bot.domain.history.messages import HistoryMessage, Kind
from bot.domain.model.messages import Role
from bot.domain.people import User
from bot.domain.turn.ask import Reference
from bot.domain.turn.forbidden import has_forbidden_word

MOST_KNOWN: Final = 10_000
"""Texts, each with a list of words, that are known to hold none of them, or one: a number for each is kept."""


class WordFilter:
    """Leaves out what holds a forbidden word. A text is read once for a list, and others have their turn after each."""

    def __init__(self) -> None:
        self._known: dict[int, bool] = {}

    async def holds(self, text: str, words: tuple[str, ...]) -> bool:
        """Whether a text holds a forbidden word."""
        return bool(words) and await self._holds(text, words, hash(words))

    async def lines(
        self, lines: Sequence[HistoryMessage], words: tuple[str, ...], *, asked: int | None
    ) -> tuple[HistoryMessage, ...]:
        """Return the lines of a talk that may be sent; a question that is left out takes its answers with it.

        That of ``asked``, whose words were admitted, stays. What a name or a drawing's prompt holds is taken out of the
        line.
        """
        if not words:
            return tuple(lines)
        listed = hash(words)
        kept: list[HistoryMessage] = []
        gone: set[int | None] = set()
        for line in lines:
            if line.role is Role.USER and line.id != asked and await self._is_out(line, words, listed):
                gone.add(line.id)
            else:
                kept.append(await self._clean(line, words, listed))
        return tuple(line for line in kept if line.role is Role.USER or line.reply_to not in gone)

    async def reference(self, reference: Reference | None, words: tuple[str, ...]) -> Reference | None:
        """Return the message that a question replies to if it may be sent. What the bot said is nobody's words."""
        if reference is None or not words:
            return reference
        if not reference.from_bot and await self.holds(reference.text, words):
            return None
        if await self.holds(reference.author.name, words):
            return replace(reference, author=User(id=reference.author.id, name=""))
        return reference

    async def _is_out(self, line: HistoryMessage, words: tuple[str, ...], listed: int) -> bool:
        # A line that an edit gave a forbidden word is kept without its words.
        return not line.text.strip() or await self._holds(line.text, words, listed)

    async def _clean(self, line: HistoryMessage, words: tuple[str, ...], listed: int) -> HistoryMessage:
        if line.role is Role.USER:
            named = await self._holds(line.author_name, words, listed)
            return replace(line, author_name="") if named else line
        drawn = drawing_in(line)
        if not drawn or not await self._holds(drawn, words, listed):
            return line
        # That a picture was drawn is still told, where that is all there is to tell.
        text = "" if line.kind is Kind.DRAWING else words_of(line)
        return replace(line, text=text, drawn="")

    async def _holds(self, text: str, words: tuple[str, ...], listed: int) -> bool:
        key = hash((text, listed))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = has_forbidden_word(text, words)
            if len(self._known) > MOST_KNOWN:
                del self._known[next(iter(self._known))]
            await asyncio.sleep(0)
        return known
