"""The feed: bounded, coalesced, and never held up by a reader."""

from __future__ import annotations

import asyncio
from typing import Any

from sandbox.backstage.feed import KEPT, Feed


class Counter:
    """An item that counts."""

    def __init__(self, item_id: str) -> None:
        self.id = item_id
        self.count = 0

    def whole(self) -> dict[str, Any]:
        return {"id": self.id, "whole": True, "count": self.count}

    def live(self) -> dict[str, Any]:
        return {"count": self.count}


def test_a_new_reader_finds_all_that_is_kept() -> None:
    feed = Feed(kept=2)
    feed.set_state("bot", lambda: "up")
    for name in "abc":
        feed.put(Counter(name))
    frame = feed.open_reader().take()
    assert [one["id"] for one in frame["put"]] == ["b", "c"]
    assert frame["state"] == {"bot": "up"}
    assert "set" not in frame


def test_many_changes_are_told_as_one() -> None:
    feed, item = Feed(), Counter("a")
    feed.put(item)
    reader = feed.open_reader()
    reader.take()
    for _ in range(1000):
        item.count += 1
        feed.touch(item)
    assert reader.take() == {"set": [{"id": "a", "count": 1000}]}
    assert reader.take() == {}


def test_an_item_that_is_new_and_changes_is_told_whole_once() -> None:
    feed, item = Feed(), Counter("a")
    reader = feed.open_reader()
    feed.put(item)
    item.count = 5
    feed.touch(item)
    assert reader.take() == {"put": [{"id": "a", "whole": True, "count": 5}]}


def test_what_waits_for_a_slow_reader_is_bounded() -> None:
    feed = Feed()
    reader = feed.open_reader()
    for number in range(10 * KEPT):
        feed.put(Counter(f"i{number}"))
    assert len(reader._items) <= 2 * KEPT + 1
    put = reader.take()["put"]
    assert [one["id"] for one in put] == [f"i{number}" for number in range(9 * KEPT, 10 * KEPT)]


def test_changes_of_what_is_gone_are_not_told() -> None:
    feed, old = Feed(kept=1), Counter("old")
    feed.put(old)
    feed.put(Counter("new"))
    reader = feed.open_reader()
    reader.take()
    feed.touch(old)
    assert reader.take() == {}


def test_clearing_is_told_before_what_comes_after() -> None:
    feed = Feed()
    feed.put(Counter("a"))
    reader = feed.open_reader()
    feed.clear()
    feed.put(Counter("b"))
    assert reader.take() == {"clear": True, "put": [{"id": "b", "whole": True, "count": 0}]}


async def test_a_reader_waits_for_news_and_hears_nothing_once_closed() -> None:
    feed = Feed()
    reader = feed.open_reader()
    waiting = asyncio.create_task(reader.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    feed.set_state("x", lambda: 1)
    await waiting
    reader.take()
    reader.close()
    feed.set_state("x", lambda: 2)
    assert reader.take() == {}
