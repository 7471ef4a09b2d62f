"""The store of refusals that stand: in memory, on SQLite, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.turn.notice import StandingRefusal
from bot.domain.turn.ports import RefusalStore
from bot.storage.database.engine import Database
from bot.storage.notices.refusals import SqlRefusalStore
from tests.fakes.clock import START
from tests.fakes.stores.notices import FakeRefusalStore

REFUSAL = StandingRefusal(
    prompt_id=1 << 62, channel_id=1 << 60, message_id=(1 << 62) + 1, guild_id=None, created_at=START
)


@pytest.fixture
def make(stores_database: Database | None) -> Callable[[int], RefusalStore]:
    def made(most: int) -> RefusalStore:
        if stores_database is None:
            return FakeRefusalStore(most=most)
        return SqlRefusalStore(stores_database, most=most)

    return made


async def test_what_is_kept_is_found_by_its_message_until_it_is_forgotten(make: Callable[[int], RefusalStore]) -> None:
    store = make(10)
    other = replace(REFUSAL, prompt_id=5, message_id=6, guild_id=7)
    for refusal in (REFUSAL, other):
        await store.add(refusal)
    assert await store.of((REFUSAL.prompt_id, 4)) == (REFUSAL,)
    assert await store.of(()) == ()
    assert set(await store.of((5, REFUSAL.prompt_id))) == {REFUSAL, other}
    assert await store.of((6,)) == (other,), "by the message that says it too"
    await store.forget((6, 5))
    await store.forget((6, 5))
    assert await store.of((5, REFUSAL.prompt_id)) == (REFUSAL,)


async def test_of_one_message_the_newest_refusal_counts(make: Callable[[int], RefusalStore]) -> None:
    store = make(10)
    again = replace(REFUSAL, message_id=8, created_at=START + timedelta(seconds=5))
    for refusal in (REFUSAL, again):
        await store.add(refusal)
    assert await store.of((REFUSAL.prompt_id,)) == (again,)


async def test_the_oldest_beyond_the_bound_are_forgotten(make: Callable[[int], RefusalStore]) -> None:
    store = make(2)
    for number in (3, 1, 2, 4):
        await store.add(replace(REFUSAL, prompt_id=number, message_id=10 + number))
    assert {one.prompt_id for one in await store.of((1, 2, 3, 4))} == {3, 4}


async def test_those_of_a_part_of_a_channel_are_found(make: Callable[[int], RefusalStore]) -> None:
    store = make(10)
    for number, channel_id in ((3, 1), (1, 1), (2, 2), (4, 1), (5, 1)):
        await store.add(replace(REFUSAL, prompt_id=number, channel_id=channel_id, message_id=10 + number))
    assert [one.prompt_id for one in await store.between(1, 2, 4)] == [3, 4]
