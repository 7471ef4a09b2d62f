"""The store of what proxies said again for people: in memory, on SQLite, on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.history.ports import HistoryStore
from bot.domain.turn.ports import ProxyStore, TurnStore
from bot.storage.database.engine import Database
from bot.storage.stores.proxied import SqlProxyStore
from tests.contract.samples import prompt_of, turn
from tests.fakes.stores.history import FakeHistoryStore
from tests.fakes.stores.proxied import FakeProxyStore
from tests.fakes.stores.turns import FakeTurnStore

ASKED = turn(1)


@pytest.fixture
async def store(stores_database: Database | None, history: HistoryStore, turns: TurnStore) -> ProxyStore:
    await turns.create(ASKED, prompt_of(ASKED))
    if stores_database is not None:
        return SqlProxyStore(stores_database)
    assert isinstance(history, FakeHistoryStore)
    assert isinstance(turns, FakeTurnStore)
    return FakeProxyStore(history, turns)


async def test_a_proxy_s_message_stands_for_a_question_by_the_name_that_it_has(
    store: ProxyStore, history: HistoryStore
) -> None:
    grown = replace(prompt_of(ASKED), channel_id=ASKED.id)
    elsewhere = replace(prompt_of(ASKED), channel_id=777)
    for line in (grown, elsewhere):
        await history.append(line)
    for _ in range(2):
        await store.add(50, ASKED, author_name="Luna")
    for known in ((50, 51), (ASKED.id, 51), (50, ASKED.id)):
        assert await store.stand_ins(known) == {ASKED.id: 50}
    assert await store.stand_ins((51,)) == await store.stand_ins(()) == {}
    kept = [await history.get(channel, ASKED.id) for channel in (ASKED.channel_id, ASKED.id, 777)]
    names = [one.author_name for one in kept if one is not None]
    assert names == ["Luna", "Luna", elsewhere.author_name]


async def test_of_two_messages_for_one_question_the_newer_counts(store: ProxyStore) -> None:
    for message in (50, 51):
        await store.add(message, ASKED, author_name="Luna")
    assert await store.stand_ins((50, 51)) == {ASKED.id: 51}


async def test_of_a_turn_that_is_not_kept_nothing_is(store: ProxyStore) -> None:
    await store.add(50, turn(2), author_name="Luna")
    assert await store.stand_ins((50,)) == {}


async def test_a_turn_knows_by_which_message_it_is_asked(store: ProxyStore, turns: TurnStore) -> None:
    await store.add(50, ASKED, author_name="Luna")
    kept = await turns.get(ASKED.id)
    assert kept is not None
    assert (kept.proxied_as, kept.asked_by, ASKED.asked_by) == (50, 50, ASKED.id)
