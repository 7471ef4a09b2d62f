"""Messages that are taken away again, in memory."""

from __future__ import annotations

from bot.domain.turn.notice import PassingNotice
from tests.fakes.stores.base import FailingStore


class FakeNoticeStore(FailingStore):
    """``NoticeStore`` in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[int, int], PassingNotice] = {}

    async def add(self, notice: PassingNotice) -> None:
        self._check_lock()
        self.kept[notice.channel_id, notice.message_id] = notice

    async def oldest(self, *, limit: int) -> tuple[PassingNotice, ...]:
        self._check()
        found = sorted(self.kept.values(), key=lambda each: (each.delete_at, each.channel_id, each.message_id))
        return tuple(found[:limit])

    async def remove(self, notice: PassingNotice) -> None:
        self._check_lock()
        self.kept.pop((notice.channel_id, notice.message_id), None)
