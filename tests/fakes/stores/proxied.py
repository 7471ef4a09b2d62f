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

    async def questions(self, message_ids: tuple[int, ...]) -> dict[int, int]:
        self._check()
        return {one: key for key, one in self._proxied().items() if one in message_ids}

    async def stand_ins(self, turn_ids: tuple[int, ...]) -> dict[int, int]:
        self._check()
        return {key: one for key, one in self._proxied().items() if key in turn_ids}

    def _proxied(self) -> dict[int, int]:
        turns = self._turns.turns.values()
        return {turn.id: turn.proxied_as for turn in turns if turn.proxied_as is not None}
