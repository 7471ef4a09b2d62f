"""Settings in force: the narrowest value, at once after a change, and within the poll after another process's."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.domain.people import Place, User
from bot.domain.settings.catalogue import CATALOGUE
from bot.domain.settings.choices import Listening
from bot.domain.settings.document import KnownPlaces
from bot.domain.settings.scopes import Actor, Edit, Scope, StoredSettings, Target, targets_of
from bot.errors import StorageError
from bot.services.settings import cache as settings_cache
from bot.services.settings.cache import POLL_S
from bot.services.settings.service import SettingsService
from tests.fakes.changes import set_one
from tests.fakes.clock import START, FakeClock, settle
from tests.fakes.stores.settings import FakeSettingsStore

GONE = StorageError("the disk is gone")
GUILD, ROOM, ME = Target.guild(1), Target.channel(1, 5), Target.user(11)
HERE = Place(channel_id=5, guild_id=1, category_id=4)
ANN = User(id=11, name="Ann", role_ids=(70, 71))
BOSS = Actor(user=ANN, guild_id=1, manages_guild=True)
MEMBER = Actor(user=ANN, guild_id=1)
KNOWN = KnownPlaces(guild_id=1, categories=frozenset({4}), channels=frozenset({5}))


class SlowToLoad(FakeSettingsStore):
    """A store whose values wait while ``gate`` is shut; what they say is from before the wait."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()

    async def load(self, whose: Target) -> StoredSettings:
        found = await super().load(whose)
        await self.gate.wait()
        return found


class Gated(SlowToLoad):
    """A store whose every answer waits while ``gate`` is shut."""

    async def revision(self) -> int:
        found = await super().revision()
        await self.gate.wait()
        return found


def made(store: FakeSettingsStore, **defaults: object) -> SettingsService:
    return SettingsService(defaults, store, FakeClock())  # type: ignore[arg-type]  # values of settings


async def elsewhere(store: FakeSettingsStore, target: Target, key: str, value: str | None) -> None:
    """Change something as another process does."""
    await set_one(SettingsService({}, store, FakeClock()), target, key, value, BOSS)


async def test_values_come_from_the_narrowest_place() -> None:
    store = FakeSettingsStore()
    service = made(store, scale=2)
    assert (await service.in_force(HERE)).scale == 2
    for value, target in (("3", GUILD), ("4", Target.category(1, 4)), ("5", ROOM)):
        await set_one(service, target, "scale", value, BOSS)
        assert (await service.in_force(HERE)).scale == int(value), "at once after a change"
    await set_one(service, ME, "scale", "6", MEMBER)
    assert (await service.in_force(HERE, 11)).scale == 6
    assert (await service.in_force(HERE, 12)).scale == (await service.in_force(HERE)).scale == 5
    assert (await service.in_force(Place(channel_id=9), 11)).scale == 6
    assert (await service.in_force(Place(channel_id=9), 12)).scale == 2
    told = {each.key: each for each in await service.explain_at(*targets_of(HERE, 11))}
    assert list(told) == list(CATALOGUE)
    assert (told["scale"].scope, told["scale"].target, told["scale"].written) == (Scope.PERSON, ME, "6")
    assert told["top_p"].scope is Scope.BUILT_IN
    assert {each.key: each.scope for each in await service.explain_at(GUILD)}["scale"] is Scope.GUILD
    assert await service.set_at(ROOM) == {"scale": "5"}
    assert await service.set_at(Target.channel(1, 6)) == {}


async def test_asking_is_cheap() -> None:
    store = FakeSettingsStore()
    service = made(store)
    await asyncio.gather(*(service.in_force(Place(channel_id=each, guild_id=1), each) for each in range(20, 70)))
    assert store.polls == 1
    assert store.loads.count(GUILD) == 1, "fifty channels of a guild read it once"
    first = await service.in_force(HERE, 11)
    loads = len(store.loads)
    for _ in range(5):
        assert await service.in_force(HERE, 11) == first
    assert len(store.loads) == loads
    assert store.polls == 1
    await asyncio.sleep(POLL_S)
    assert await service.in_force(HERE, 11) == first, "a look that finds nothing new changes nothing"
    assert (store.polls, len(store.loads)) == (2, loads)


async def test_another_process_is_heard_within_the_poll() -> None:
    store = FakeSettingsStore()
    service = made(store)
    assert (await service.in_force(HERE, 11)).scale == 7
    await elsewhere(store, GUILD, "scale", "9")
    await asyncio.sleep(POLL_S)
    assert (await service.in_force(HERE, 11)).scale == 9
    await elsewhere(store, ME, "scale", "10")
    await asyncio.sleep(POLL_S)
    assert (await service.in_force(HERE, 11)).scale == 10
    assert POLL_S < 1


async def test_a_database_put_back_to_an_older_state_is_believed() -> None:
    store = FakeSettingsStore()
    service = made(store)
    for value in ("8", "9"):
        await set_one(service, GUILD, "scale", value, BOSS)
    assert (await service.in_force(HERE)).scale == 9
    store.values.clear()
    store.number = 0
    await asyncio.sleep(POLL_S)
    assert (await service.in_force(HERE)).scale == 7


async def test_what_was_being_read_before_a_change_is_read_again() -> None:
    store = Gated()
    service = made(store)
    await service.in_force(Place(channel_id=9, guild_id=2))
    store.gate.clear()
    early = asyncio.create_task(service.in_force(HERE))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert store.loads[-1] == GUILD
    await service.write([Edit(target=GUILD, key="scale", value="9")], BOSS)
    late = asyncio.create_task(service.in_force(HERE))
    await asyncio.sleep(0)
    store.gate.set()
    assert (await late).scale == 9
    assert (await early).scale == 9
    assert (await service.in_force(HERE)).scale == 9


async def test_nobody_else_needs_to_ask_for_a_reading_to_hear_of_a_change_made_meanwhile() -> None:
    store = SlowToLoad()
    service = made(store)
    store.gate.clear()
    early = asyncio.create_task(service.in_force(HERE))
    await settle()
    await service.write([Edit(target=GUILD, key="scale", value="9")], BOSS)
    store.gate.set()
    assert (await early).scale == 9
    assert store.loads == [GUILD, GUILD]


async def test_what_was_being_read_before_the_news_of_a_change_is_read_once_more() -> None:
    store = SlowToLoad()
    service = made(store)
    store.gate.clear()
    early = asyncio.create_task(service.in_force(HERE))
    await settle()
    await store.write((Edit(target=GUILD, key="scale", value="9"),), by=ANN, at=START, batch="elsewhere")
    await asyncio.sleep(POLL_S)
    other = asyncio.create_task(service.in_force(Place(channel_id=9, guild_id=2)))
    await settle()
    store.gate.set()
    assert (await early).scale == 9
    await other
    assert store.loads.count(GUILD) == 2


async def test_one_who_changes_settings_all_the_time_keeps_nobody_waiting() -> None:
    class Changing(FakeSettingsStore):
        async def load(self, whose: Target) -> StoredSettings:
            found = await super().load(whose)
            assert len(self.loads) < 10, "it is read for ever"
            await service.write([Edit(target=GUILD, key="scale", value=str(len(self.loads)))], BOSS)
            return found

    store = Changing()
    service = made(store)
    await service.in_force(HERE)
    assert len(store.loads) == 2
    await service.in_force(HERE)
    assert len(store.loads) > 2, "what was changed meanwhile is read when somebody asks next"


async def test_a_reading_that_stays_behind_the_news_is_not_repeated_for_ever() -> None:
    store = SlowToLoad()
    service = made(store)
    store.number = 5
    await service.in_force(Place(channel_id=9, guild_id=2))
    store.number = 4
    assert (await service.in_force(HERE)).scale == 7
    assert store.loads.count(GUILD) == 2


async def test_one_who_leaves_does_not_take_the_reading_with_them() -> None:
    store = Gated()
    service = made(store)
    store.gate.clear()
    leaving, staying = (asyncio.create_task(service.in_force(HERE)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait((leaving,))
    store.gate.set()
    assert (await staying).scale == 7
    assert store.polls == 1


async def test_without_the_database_the_last_known_values_hold(caplog: pytest.LogCaptureFixture) -> None:
    store = FakeSettingsStore()
    service = made(store)
    await set_one(service, GUILD, "scale", "9", BOSS)
    assert (await service.in_force(HERE)).scale == 9
    store.failing = GONE
    with caplog.at_level(logging.INFO, logger=settings_cache.__name__):
        for _ in range(3):
            await asyncio.sleep(POLL_S)
            assert (await service.in_force(HERE)).scale == 9
        with pytest.raises(StorageError):
            await service.in_force(Place(channel_id=5, guild_id=2))
        with pytest.raises(StorageError):
            await set_one(service, GUILD, "scale", "3", BOSS)
        assert (await service.in_force(HERE)).scale == 9, "also after a change that failed"
        store.failing = None
        await asyncio.sleep(POLL_S)
        assert (await service.in_force(HERE)).scale == 9
    told = [record.levelname for record in caplog.records if record.name == settings_cache.__name__]
    assert told == ["WARNING", "INFO"], "told once, and once when it is over"


async def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_cache, "MOST_KEPT", 8)
    service = made(FakeSettingsStore())
    for guild in range(1, 50):
        await service.in_force(Place(channel_id=5, guild_id=guild))
    assert len(service._cache._shelves) == 8


async def test_places_and_people_without_settings_of_their_own_share_one_result() -> None:
    store = FakeSettingsStore()
    service = made(store)
    elsewhere_in_it = Place(channel_id=6, guild_id=1, category_id=8)
    alone = Place(channel_id=9, guild_id=None)
    nothing = await service.in_force(HERE)
    assert await service.in_force(elsewhere_in_it) is nothing
    assert await service.in_force(alone, ME.id) is nothing
    await set_one(service, GUILD, "steps", "60", BOSS)
    the_guilds = await service.in_force(HERE)
    assert the_guilds.steps == 60
    for place in (HERE, elsewhere_in_it):
        assert await service.in_force(place, ME.id) is the_guilds
    await set_one(service, ROOM, "steps", "70", BOSS)
    assert (await service.in_force(HERE, ME.id)).steps == 70
    assert (await service.in_force(elsewhere_in_it, ME.id)).steps == 60


async def test_rows_of_other_versions_are_told_in_the_log_without_their_values(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = FakeSettingsStore()
    store.values[GUILD, "scale"] = "a secret thing"
    assert (await made(store).in_force(HERE)).scale == 7
    assert "scale" in caplog.text
    assert "secret" not in caplog.text


async def test_a_default_that_is_not_possible_here_is_passed_over_and_told(caplog: pytest.LogCaptureFixture) -> None:
    service = SettingsService(
        {"listening": Listening.ALL},
        FakeSettingsStore(),
        FakeClock(),
        available={"listening": frozenset({"addressed"})},
    )
    assert (await service.in_force(HERE)).listening is Listening.ADDRESSED
    assert "listening is passed over: what is set up allows addressed" in caplog.text
