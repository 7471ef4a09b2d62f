"""Forgetting over the stores in memory."""

from __future__ import annotations

from datetime import datetime

from bot.domain.history.retention import Purged
from tests.fakes.stores.drawings import FakeDrawingStore
from tests.fakes.stores.history import FakeHistoryStore
from tests.fakes.stores.notices import FakeRefusalStore
from tests.fakes.stores.turns import FakeTurnStore


class FakeRetentionStore:
    """``RetentionStore`` over the stores in memory. ``failing`` set to an error makes every method raise it.

    ``limits`` are those of the steps that were asked for.
    """

    def __init__(
        self,
        history: FakeHistoryStore,
        turns: FakeTurnStore,
        drawings: FakeDrawingStore,
        refusals: FakeRefusalStore | None = None,
    ) -> None:
        self._refusals = refusals or FakeRefusalStore()
        self._history = history
        self._turns = turns
        self._drawings = drawings
        self.failing: Exception | None = None
        self.limits: list[int] = []

    async def guilds(self, *, after: int, limit: int) -> tuple[int, ...]:
        self._check()
        kept = {line.guild_id for line in self._history.messages.values()}
        kept |= {turn.guild_id for turn in self._turns.turns.values()}
        kept |= {drawing.guild_id for drawing in self._drawings.drawings.values()}
        kept |= {refusal.guild_id for refusal in self._refusals.kept.values()}
        return tuple(sorted(guild_id for guild_id in kept if guild_id is not None and guild_id > after)[:limit])

    async def purge(self, guild_id: int | None, *, before: datetime, limit: int) -> Purged:
        self._check()
        self.limits.append(limit)
        at_rest = {turn.id for turn in self._turns.turns.values() if turn.state.final or turn.updated_at < before}
        turns = [
            turn
            for turn in sorted(self._turns.turns.values(), key=lambda turn: turn.created_at)
            if turn.guild_id == guild_id and turn.created_at < before and turn.id in at_rest
        ][:limit]
        drawn = [
            drawing
            for drawing in sorted(self._drawings.drawings.values(), key=lambda drawing: drawing.created_at)
            if drawing.guild_id == guild_id and drawing.created_at < before
            if drawing.turn_id not in self._turns.turns
        ][:limit]
        going = tuple({turn.id for turn in turns} or {drawing.turn_id for drawing in drawn})
        standing = len(self._drawings.drawings)
        files = await self._drawings.remove(going)
        for turn in turns:
            del self._turns.turns[turn.id]
            for key in [key for key in self._turns.kept_versions if key[0] == turn.id]:
                del self._turns.kept_versions[key]
        old = [
            key
            for key, line in sorted(self._history.messages.items(), key=lambda item: item[1].created_at)
            if line.guild_id == guild_id and line.created_at < before
        ][:limit]
        for key in old:
            del self._history.messages[key]
        said = [
            key
            for key, one in sorted(self._refusals.kept.items(), key=lambda item: item[1].created_at)
            if one.guild_id == guild_id and one.created_at < before
        ][:limit]
        for prompt_id in said:
            del self._refusals.kept[prompt_id]
        return Purged(
            messages=len(old) + len(said),
            turns=len(turns),
            drawings=standing - len(self._drawings.drawings),
            files=files,
        )

    def _check(self) -> None:
        if self.failing is not None:
            raise self.failing
