"""Places in memory: those that are gone, and how far the others were compared with Discord."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.history.removals import Comparison, Removal, Scope
from bot.domain.history.retention import Purged
from tests.fakes.stores.base import FailingStore
from tests.fakes.stores.drawings import FakeDrawingStore
from tests.fakes.stores.history import FakeHistoryStore
from tests.fakes.stores.turns import FakeTurnStore


class FakeComparisonStore(FailingStore):
    """``ComparisonStore`` over the history in memory."""

    def __init__(self, history: FakeHistoryStore) -> None:
        super().__init__()
        self._history = history
        self.compared: dict[int, Comparison] = {}

    async def channels(self, *, after: int, limit: int) -> tuple[tuple[int, int], ...]:
        self._check()
        newest: dict[int, int] = {}
        for line in self._history.messages.values():
            if line.deleted_at is None and line.only_for is None and line.channel_id > after:
                newest[line.channel_id] = max(line.id, newest.get(line.channel_id, 0))
        return tuple(sorted(newest.items())[:limit])

    async def comparison(self, channel_id: int) -> Comparison | None:
        self._check()
        return self.compared.get(channel_id)

    async def note(self, comparison: Comparison) -> None:
        self._check_lock()
        self.compared[comparison.channel_id] = comparison


@dataclass(slots=True)
class FakeRemovalStore:
    """``RemovalStore`` over the stores in memory; ``settings`` are the guilds that have any."""

    history: FakeHistoryStore
    turns: FakeTurnStore
    drawings: FakeDrawingStore
    removals: dict[tuple[Scope, int], Removal] = field(default_factory=dict)
    settings: set[int] = field(default_factory=set)
    without_settings: list[tuple[Scope, int]] = field(default_factory=list)

    async def note(self, removal: Removal) -> None:
        self.removals.setdefault((removal.scope, removal.id), removal)

    async def pending(self) -> tuple[Removal, ...]:
        return tuple(sorted(self.removals.values(), key=lambda removal: (removal.gone_at, removal.id)))

    async def done(self, removal: Removal) -> None:
        self.removals.pop((removal.scope, removal.id), None)

    async def threads(self, removal: Removal) -> tuple[int, ...]:
        of_guild = [turn for turn in self.turns.turns.values() if turn.guild_id == removal.guild_id]
        found = {turn.channel_id for turn in of_guild if turn.parent_id == removal.id != turn.channel_id}
        return tuple(sorted(found))

    async def purge_channel(self, removal: Removal, *, limit: int) -> Purged:
        going = [turn.id for turn in self.turns.turns.values() if turn.channel_id == removal.id][:limit]
        drawn = [key for key, one in self.drawings.drawings.items() if one.channel_id == removal.id]
        of_turns = tuple(going) or tuple({turn for turn, _ in drawn})
        standing = len(self.drawings.drawings)
        files = await self.drawings.remove(of_turns)
        for key in [key for key, line in self.history.messages.items() if line.part_of in going]:
            del self.history.messages[key]
        for turn_id in going:
            del self.turns.turns[turn_id]
            for key in [key for key in self.turns.kept_versions if key[0] == turn_id]:
                del self.turns.kept_versions[key]
        lines = [key for key in sorted(self.history.messages) if key[0] == removal.id][:limit]
        for key in lines:
            del self.history.messages[key]
        gone = standing - len(self.drawings.drawings)
        return Purged(messages=len(lines), turns=len(going), drawings=gone, files=files)

    async def forget_settings(self, removal: Removal) -> None:
        self.settings.discard(removal.id)
        self.without_settings.append((removal.scope, removal.id))

    async def guilds(self, *, after: int, limit: int) -> tuple[int, ...]:
        kept = {line.guild_id for line in self.history.messages.values() if line.only_for is None}
        kept |= {turn.guild_id for turn in self.turns.turns.values() if turn.only_for is None}
        ids = {guild for guild in kept | self.settings if guild is not None and guild > after}
        return tuple(sorted(ids)[:limit])
