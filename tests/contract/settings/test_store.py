"""The store of settings: values, the record, the number that tells of changes; in memory, on SQLite, on PostgreSQL."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import insert

from bot.domain.people import Place, User
from bot.domain.settings.document import KnownPlaces
from bot.domain.settings.faults import FaultKind, SettingsError
from bot.domain.settings.ports import SettingsStore
from bot.domain.settings.scopes import Actor, Change, Edit, StoredSetting, Target
from bot.services.settings.cache import POLL_S
from bot.services.settings.files import SettingsFiles
from bot.services.settings.service import SettingsService
from bot.storage.database.engine import Database, open_database
from bot.storage.schema import tables
from bot.storage.stores.settings import SqlSettingsStore
from tests.fakes.changes import set_one
from tests.fakes.clock import START
from tests.fakes.stores.settings import FakeSettingsStore

ROOT = Path(__file__).parents[3]
ANN = User(id=11, name="Ann")
GUILD, ROOM, GROUP, OTHER = Target.guild(1), Target.channel(1, 5), Target.category(1, 4), Target.guild(2)
MINE = Target.user(11)


@pytest.fixture
def store(stores_database: Database | None) -> SettingsStore:
    return FakeSettingsStore() if stores_database is None else SqlSettingsStore(stores_database)


def put(target: Target, key: str, value: str | None) -> Edit:
    return Edit(target=target, key=key, value=value)


async def write(store: SettingsStore, *edits: Edit, batch: str = "b", last_change: int | None = None) -> list[Change]:
    changes = await store.write(edits, by=ANN, at=START, batch=batch, last_change=last_change)
    assert changes is not None
    return list(changes)


async def values(store: SettingsStore, whose: Target) -> dict[tuple[Target, str], str]:
    return {(row.target, row.key): row.value for row in (await store.load(whose)).rows}


async def test_an_empty_store_knows_nothing(store: SettingsStore) -> None:
    kept = await store.load(GUILD)
    assert kept.rows == ()
    assert kept.last_change == 0
    assert kept.revision == await store.revision()
    assert await store.changes(GUILD, limit=10) == ()
    assert await store.batch(GUILD, "b") == ()
    assert await store.write((), by=ANN, at=START, batch="b") == ()


async def test_what_is_written_is_read(store: SettingsStore) -> None:
    text = "a\n“b” \U0001f98a 秒画 " + "x" * 4000
    before = await store.revision()
    changes = await write(store, put(GUILD, "persona", text), put(ROOM, "top_p", "0.5"), put(GROUP, "top_p", "0.6"))
    kept = await store.load(GUILD)
    assert set(kept.rows) == {
        StoredSetting(target=GUILD, key="persona", value=text),
        StoredSetting(target=ROOM, key="top_p", value="0.5"),
        StoredSetting(target=GROUP, key="top_p", value="0.6"),
    }
    assert kept.last_change == max(change.id for change in changes)
    assert kept.revision == await store.revision() > before
    assert [change.id for change in changes] == sorted({change.id for change in changes})
    first = changes[0]
    assert (first.target, first.key, first.old, first.new) == (GUILD, "persona", None, text)
    assert (first.by, first.changed_at, first.batch) == (ANN, START, "b")
    assert (await store.load(OTHER)).rows == ()


async def test_values_are_replaced_and_taken_away(store: SettingsStore) -> None:
    await write(store, put(GUILD, "top_p", "0.5"), put(GUILD, "scale", "9"))
    second = await write(store, put(GUILD, "top_p", "0.6"), put(GUILD, "scale", None), batch="c")
    assert [(change.key, change.old, change.new) for change in second] == [
        ("top_p", "0.5", "0.6"),
        ("scale", "9", None),
    ]
    assert await values(store, GUILD) == {(GUILD, "top_p"): "0.6"}


async def test_what_stands_so_already_makes_no_line(store: SettingsStore) -> None:
    await write(store, put(GUILD, "top_p", "0.5"))
    assert await write(store, put(GUILD, "top_p", "0.5"), put(GUILD, "scale", None)) == []
    assert len(await store.changes(GUILD, limit=10)) == 1


async def test_a_user_has_their_own(store: SettingsStore) -> None:
    await write(store, put(MINE, "language", "zh-CN"))
    await write(store, put(Target.user(12), "language", "en"), put(Target.user(12), "scale", "3"))
    assert await values(store, MINE) == {(MINE, "language"): "zh-CN"}
    assert [change.new for change in await store.changes(MINE, limit=10)] == ["zh-CN"]
    assert (await store.load(MINE)).last_change < (await store.load(Target.user(12))).last_change
    assert {change.new for change in await store.changes(Target.user(12), limit=10)} == {"en", "3"}


async def test_an_expectation_that_fails_stops_all(store: SettingsStore) -> None:
    await write(store, put(GUILD, "top_p", "0.5"))
    for expected, good in (("0.5", True), ("0.4", False), (None, False)):
        edit = Edit(target=GUILD, key="top_p", value="0.5", check=True, expected=expected)
        result = await store.write((put(GUILD, "scale", "9"), edit), by=ANN, at=START, batch="x")
        assert (result is not None) == good
        assert ((GUILD, "scale") in await values(store, GUILD)) == good
        await write(store, put(GUILD, "scale", None))
    absent = Edit(target=ROOM, key="top_p", value="1", check=True, expected=None)
    assert await store.write((absent,), by=ANN, at=START, batch="y") is not None


async def test_what_changed_meanwhile_stops_all(store: SettingsStore) -> None:
    await write(store, put(GUILD, "top_p", "0.5"))
    seen = (await store.load(GUILD)).last_change
    await write(store, put(OTHER, "top_p", "0.1"))
    await write(store, put(GUILD, "top_p", "0.6"), last_change=seen)
    edits = (put(GUILD, "top_p", "0.7"),)
    assert await store.write(edits, by=ANN, at=START, batch="z", last_change=seen) is None
    assert await values(store, GUILD) == {(GUILD, "top_p"): "0.6"}
    assert await store.write((put(Target.guild(3), "top_p", "1"),), by=ANN, at=START, batch="z", last_change=0)


async def test_another_guilds_place_is_not_touched(store: SettingsStore) -> None:
    await write(store, put(ROOM, "top_p", "0.5"))
    stolen = Target.channel(2, 5)
    for value in ("0.9", None):
        assert await store.write((put(stolen, "top_p", value),), by=ANN, at=START, batch="s") is None
    assert await store.write((put(stolen, "scale", "9"),), by=ANN, at=START, batch="s") is None
    assert await values(store, GUILD) == {(ROOM, "top_p"): "0.5"}
    # A category of the same number is another place: ids of both kinds are alike only here.
    await write(store, put(Target.category(2, 5), "top_p", "0.9"))


async def test_edits_that_do_not_belong_together_are_a_fault_of_the_caller(store: SettingsStore) -> None:
    for edits in (
        (put(GUILD, "top_p", "1"), put(OTHER, "top_p", "1")),
        (put(GUILD, "top_p", "1"), put(GUILD, "top_p", "0.5")),
        (put(GUILD, "top_p", "1"), put(MINE, "language", "en")),
    ):
        with pytest.raises(ValueError, match="at once"):
            await store.write(edits, by=ANN, at=START, batch="b")


async def test_the_record_is_paged_newest_first(store: SettingsStore) -> None:
    for number in range(1, 8):
        await write(store, put(GUILD, "scale", str(number)), batch=f"b{number}")
        await write(store, put(OTHER, "scale", str(number)), batch=f"b{number}")
    page = await store.changes(GUILD, limit=3)
    assert [change.new for change in page] == ["7", "6", "5"]
    older = await store.changes(GUILD, limit=100, before=page[-1].id)
    assert [change.new for change in older] == ["4", "3", "2", "1"]
    assert await store.changes(GUILD, limit=0) == ()
    assert await store.batch(GUILD, "b6") == (page[1],)
    assert [change.target for change in await store.batch(OTHER, "b6")] == [OTHER]


async def test_a_large_act_is_one(store: SettingsStore) -> None:
    edits = [put(Target.channel(1, 100 + each), "persona", f"p{each}") for each in range(700)]
    changes = await write(store, *edits)
    assert [change.new for change in changes] == [edit.value for edit in edits]
    assert len(await values(store, GUILD)) == 700


async def test_many_who_write_at_once_lose_nothing(store: SettingsStore) -> None:
    before = await store.revision()
    await asyncio.gather(
        *(write(store, put(GUILD, "scale", str(1 + each % 20)), batch=f"b{each}") for each in range(30))
    )
    record = await store.changes(GUILD, limit=100)
    for newer, older in pairwise(record):
        assert newer.old == older.new, "every change knows what it replaced"
    assert record[-1].old is None
    assert await values(store, GUILD) == {(GUILD, "scale"): record[0].new}
    assert await store.revision() > before


# --- two processes on one database --------------------------------------------------------------------------------


class Turned:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.at)

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, delay_s: float) -> None:
        self.at += delay_s


async def test_two_processes_see_each_others_changes(database: Database, database_kind: str) -> None:
    place = Place(channel_id=5, guild_id=1, category_id=4)
    by = Actor(user=ANN, guild_id=1, manages_guild=True)
    engine_url = database._engine.url
    async with open_database(engine_url.render_as_string(hide_password=False)) as second:
        clock = Turned()
        here = SettingsService({}, SqlSettingsStore(database), clock)
        there = SettingsService({}, SqlSettingsStore(second), clock)
        assert (await there.in_force(place)).scale == (await here.in_force(place)).scale == 7
        await set_one(here, GUILD, "scale", "9", by)
        assert (await here.in_force(place)).scale == 9, "at once in the process that changed it"
        clock.at += POLL_S
        assert (await there.in_force(place)).scale == 9
        await set_one(there, ROOM, "scale", "11", by)
        clock.at += POLL_S
        assert (await here.in_force(place)).scale == 11

        files = SettingsFiles(here, SqlSettingsStore(database))
        known = KnownPlaces(guild_id=1, categories=frozenset({4}), channels=frozenset({5}))
        plan = await files.plan_import(b'{"format": "fusion-bot settings", "version": 1}', known, by)
        assert {(row.key, row.old, row.new) for row in plan.rows} == {("scale", "9", None), ("scale", "11", None)}
        await set_one(there, GUILD, "top_p", "0.5", by)
        with pytest.raises(SettingsError) as refused:
            await files.apply_import(plan, by)
        assert refused.value.faults[0].kind is FaultKind.CHANGED_SINCE
        clock.at += POLL_S
        assert (await here.in_force(place)).scale == 11


OTHER_PROCESS = """
import asyncio, sys
from bot.clock import SystemClock
from bot.domain.people import User
from bot.domain.settings.scopes import Actor, Target
from bot.domain.settings.rules import SettingChange
from bot.services.settings.service import SettingsService
from bot.storage.schema import tables
from bot.storage.database.engine import open_database
from bot.storage.stores.settings import SqlSettingsStore

async def main():
    async with open_database(sys.argv[1]) as database:
        service = SettingsService({}, SqlSettingsStore(database), SystemClock())
        by = Actor(user=User(id=11, name="Ann"), guild_id=1, manages_guild=True)
        wish = SettingChange(target=Target.guild(1), key="scale", raw="9")
        await service.write(await service.check([wish], by), by)

asyncio.run(main())
"""


async def test_another_process_is_seen_too(database: Database) -> None:
    clock = Turned()
    here = SettingsService({}, SqlSettingsStore(database), clock)
    place = Place(channel_id=5, guild_id=1)
    assert (await here.in_force(place)).scale == 7
    url = database._engine.url.render_as_string(hide_password=False)
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", OTHER_PROCESS, url, cwd=ROOT)
    assert await other.wait() == 0
    clock.at += POLL_S
    assert (await here.in_force(place)).scale == 9


async def test_rows_of_a_newer_version_are_left_alone(database: Database) -> None:
    store = SqlSettingsStore(database)
    await write(store, put(GUILD, "top_p", "0.5"))
    row = {"scope": "planet", "scope_id": 1, "key": "x", "guild_id": 1, "value": "1", "updated_at": START}
    line = {"guild_id": 1, "scope": "planet", "scope_id": 1, "key": "x", "by_id": 1, "by_name": "x", "batch": "n"}
    async with database.write("pretend") as connection:
        await connection.execute(insert(tables.settings), [row])
        await connection.execute(insert(tables.setting_changes), [line | {"changed_at": START}])
    assert await values(store, GUILD) == {(GUILD, "top_p"): "0.5"}
    assert [change.key for change in await store.changes(GUILD, limit=9)] == ["top_p"]
