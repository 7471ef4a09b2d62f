"""The store of what is learnt of models: in memory, on SQLite, on PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.domain.model.calibration import Known, ModelName
from bot.domain.model.ports import CalibrationStore
from bot.storage.database.engine import Database
from bot.storage.stores.calibrations import SqlCalibrationStore
from tests.fakes.clock import START
from tests.fakes.stores.calibrations import FakeCalibrationStore

FUSION, LOCAL = ModelName(provider="fusion"), ModelName(provider="chat_completions", model="local")
LATIN, THAI = Known(value=0.8, doubt=0.125), Known(value=2.5, doubt=0.0625)
MANY = 100


@pytest.fixture
def store(stores_database: Database | None) -> CalibrationStore:
    return FakeCalibrationStore() if stores_database is None else SqlCalibrationStore(stores_database)


async def test_nothing_is_known_at_first(store: CalibrationStore) -> None:
    assert await store.load() == {}


async def test_what_is_kept_comes_back(store: CalibrationStore) -> None:
    await store.keep({FUSION: {"latin": LATIN, "thai": THAI}, LOCAL: {"thai": LATIN}}, at=START, most_models=MANY)
    assert await store.load() == {FUSION: {"latin": LATIN, "thai": THAI}, LOCAL: {"thai": LATIN}}


async def test_a_term_replaces_the_one_before_and_leaves_the_others(store: CalibrationStore) -> None:
    await store.keep({FUSION: {"latin": LATIN, "thai": LATIN}}, at=START, most_models=MANY)
    await store.keep({FUSION: {"thai": THAI}}, at=START, most_models=MANY)
    assert await store.load() == {FUSION: {"latin": LATIN, "thai": THAI}}


async def test_nothing_to_keep_changes_nothing(store: CalibrationStore) -> None:
    await store.keep({FUSION: {"latin": LATIN}}, at=START, most_models=MANY)
    await store.keep({}, at=START, most_models=MANY)
    assert await store.load() == {FUSION: {"latin": LATIN}}


async def test_beyond_so_many_models_the_oldest_go(store: CalibrationStore) -> None:
    names = [ModelName(provider="chat_completions", model=f"m{number}") for number in range(6)]
    for number, name in enumerate(names):
        at = START + timedelta(hours=number)
        await store.keep({name: {"latin": LATIN, "thai": THAI}}, at=at, most_models=3)
    await store.keep({names[3]: {"thai": LATIN}}, at=START + timedelta(hours=9), most_models=3)
    assert set(await store.load()) == set(names[3:])
    await store.keep({FUSION: {"latin": LATIN}}, at=START + timedelta(hours=10), most_models=3)
    assert set(await store.load()) == {names[3], names[5], FUSION}


async def test_a_name_may_have_any_letters(store: CalibrationStore) -> None:
    await store.keep(
        {ModelName(provider="fusion", model="小\u6a21型 🦊" * 10): {"latin": LATIN}}, at=START, most_models=MANY
    )
    assert [name.model for name in await store.load()] == ["小模型 🦊" * 10]


async def test_several_processes_keep_at_once(store: CalibrationStore) -> None:
    both = {FUSION: {"latin": LATIN, "thai": THAI}, LOCAL: {"latin": THAI}}
    await asyncio.gather(*(store.keep(both, at=START, most_models=MANY) for _ in range(8)))
    assert await store.load() == both
