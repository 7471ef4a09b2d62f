"""Messages that are taken away again, and refusals that stand, in memory."""

from __future__ import annotations

from bot.domain.turn.notice import PassingNotice, StandingRefusal
from bot.domain.turn.ports import MOST_REFUSALS
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


class FakeRefusalStore(FailingStore):
    """``RefusalStore`` in memory."""

    def __init__(self, *, most: int = MOST_REFUSALS) -> None:
        super().__init__()
        self.most = most
        self.kept: dict[int, StandingRefusal] = {}

    async def add(self, refusal: StandingRefusal) -> None:
        self._check_lock()
        self.kept[refusal.prompt_id] = refusal
        for prompt_id in sorted(self.kept, reverse=True)[self.most :]:
            del self.kept[prompt_id]

    async def of(self, message_ids: tuple[int, ...]) -> tuple[StandingRefusal, ...]:
        self._check()
        return tuple(one for one in self.kept.values() if {one.prompt_id, one.message_id} & {*message_ids})

    async def between(self, channel_id: int, first: int, last: int) -> tuple[StandingRefusal, ...]:
        self._check()
        found = [one for key, one in sorted(self.kept.items()) if first <= key <= last]
        return tuple(one for one in found if one.channel_id == channel_id)

    async def forget(self, message_ids: tuple[int, ...]) -> None:
        self._check_lock()
        self.kept = {key: one for key, one in self.kept.items() if one.message_id not in message_ids}
