"""The store of messages that are taken away again: in memory, on SQLite, on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.turn.notice import PassingNotice
from bot.domain.turn.ports import NoticeStore
from bot.storage.database.engine import Database
from bot.storage.notices.store import SqlNoticeStore
from tests.fakes.clock import START
from tests.fakes.stores.notices import FakeNoticeStore

NOTICE = PassingNotice(channel_id=1 << 60, message_id=(1 << 62) + 1, delete_at=START)


@pytest.fixture
def store(stores_database: Database | None) -> NoticeStore:
    return FakeNoticeStore() if stores_database is None else SqlNoticeStore(stores_database)


async def test_what_is_kept_comes_back_oldest_first_until_it_is_removed(store: NoticeStore) -> None:
    later = replace(NOTICE, channel_id=5, delete_at=START + timedelta(minutes=1, microseconds=3))
    for notice in (later, NOTICE):
        await store.add(notice)
    assert await store.oldest(limit=10) == (NOTICE, later)
    assert await store.oldest(limit=1) == (NOTICE,)
    await store.remove(NOTICE)
    await store.remove(NOTICE)
    assert await store.oldest(limit=10) == (later,)


async def test_one_that_is_kept_again_has_the_new_time(store: NoticeStore) -> None:
    again = replace(NOTICE, delete_at=START + timedelta(hours=1))
    await store.add(NOTICE)
    await store.add(again)
    assert await store.oldest(limit=10) == (again,)
