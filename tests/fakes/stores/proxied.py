"""What proxies said again for people, in memory."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.turn.record import Turn
from tests.fakes.stores.base import FailingStore
from tests.fakes.stores.history import FakeHistoryStore
from tests.fakes.stores.turns import FakeTurnStore


class FakeProxyStore(FailingStore):
    """``ProxyStore`` over the stores in memory."""

    def __init__(self, history: FakeHistoryStore, turns: FakeTurnStore) -> None:
        super().__init__()
        self._history = history
        self._turns = turns

    async def add(self, message_id: int, turn: Turn, *, author_name: str) -> None:
        self._check_lock()
        if turn.id not in self._turns.turns:
            return
        self._turns.turns[turn.id] = replace(self._turns.turns[turn.id], proxied_as=message_id)
        for key in ((turn.channel_id, turn.id), (turn.id, turn.id)):
            if key in self._history.messages:
                self._history.messages[key] = replace(self._history.messages[key], author_name=author_name)

    async def stand_ins(self, message_ids: tuple[int, ...]) -> dict[int, int]:
        self._check()
        proxied = {turn.id: turn.proxied_as for turn in self._turns.turns.values() if turn.proxied_as is not None}
        return {key: one for key, one in proxied.items() if {key, one} & {*message_ids}}
