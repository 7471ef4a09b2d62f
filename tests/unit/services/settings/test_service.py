"""Settings are changed with their record, taken back, exported and imported."""

from __future__ import annotations

import logging

import pytest

from bot.domain.people import Place, User
from bot.domain.settings.document import KnownPlaces
from bot.domain.settings.faults import FaultKind, SettingsError
from bot.domain.settings.rules import SettingChange
from bot.domain.settings.scopes import Actor, Target
from bot.errors import StorageError
from bot.services.settings.files import SettingsFiles
from bot.services.settings.service import SettingsService
from tests.fakes.changes import set_many, set_one
from tests.fakes.clock import FakeClock
from tests.fakes.stores.settings import FakeSettingsStore

GONE = StorageError("the disk is gone")
GUILD, ROOM, ME = Target.guild(1), Target.channel(1, 5), Target.user(11)
HERE = Place(channel_id=5, guild_id=1, category_id=4)
ANN = User(id=11, name="Ann", role_ids=(70, 71))
BOSS = Actor(user=ANN, guild_id=1, manages_guild=True)
MEMBER = Actor(user=ANN, guild_id=1)
KNOWN = KnownPlaces(guild_id=1, categories=frozenset({4}), channels=frozenset({5}))


def made(store: FakeSettingsStore, **defaults: object) -> SettingsService:
    return SettingsService(defaults, store, FakeClock())  # type: ignore[arg-type]  # values of settings


async def elsewhere(store: FakeSettingsStore, target: Target, key: str, value: str | None) -> None:
    """Change something as another process does."""
    await set_one(SettingsService({}, store, FakeClock()), target, key, value, BOSS)


# --- changing -----------------------------------------------------------------------------------------------------


async def test_a_change_leaves_a_line(caplog: pytest.LogCaptureFixture) -> None:
    store = FakeSettingsStore()
    service = made(store)
    with caplog.at_level(logging.INFO):
        change = await set_one(service, GUILD, "persona", "a secret pirate", BOSS)
    assert change is not None
    assert (change.old, change.new, change.by.id, change.by.name) == (None, "a secret pirate", 11, "Ann")
    assert change.changed_at == FakeClock().now()
    assert await set_one(service, GUILD, "persona", "a secret pirate", BOSS) is None
    assert await service.history(GUILD) == (change,)
    assert "persona of guild 1" in caplog.text
    assert "pirate" not in caplog.text


async def test_whoever_may_not_is_refused_here_too() -> None:
    store = FakeSettingsStore()
    service = made(store)
    for target, by, kind in (
        (GUILD, MEMBER, FaultKind.NOT_ALLOWED),
        (Target.guild(2), BOSS, FaultKind.NOT_YOURS),
        (Target.user(12), BOSS, FaultKind.NOT_YOURS),
    ):
        with pytest.raises(SettingsError) as refused:
            await set_one(service, target, "scale", "9", by)
        assert refused.value.faults[0].kind is kind
    assert store.values == {}


async def test_a_role_may_be_named_that_changes_settings() -> None:
    store = FakeSettingsStore()
    service = made(store)
    await set_one(service, GUILD, "manager_roles", "71", BOSS)
    assert await set_one(service, ROOM, "scale", "9", MEMBER)
    with pytest.raises(SettingsError):
        await set_one(service, GUILD, "manager_roles", "70, 71", MEMBER)
    with pytest.raises(SettingsError):
        await set_one(service, ROOM, "scale", "8", Actor(user=User(id=12, name="Bo", role_ids=(70,)), guild_id=1))
    await set_one(service, GUILD, "manager_roles", None, BOSS)
    with pytest.raises(SettingsError):
        await set_one(service, ROOM, "scale", "8", MEMBER)


async def test_several_are_changed_together_or_not_at_all() -> None:
    store = FakeSettingsStore()
    service = made(store)
    wishes = [SettingChange(target=GUILD, key="scale", raw="9"), SettingChange(target=ROOM, key="top_p", raw="9")]
    with pytest.raises(SettingsError):
        await set_many(service, wishes, BOSS)
    assert store.values == {}
    changes = await set_many(service, [wishes[0], SettingChange(target=ROOM, key="top_p", raw="0.9")], BOSS)
    assert len({change.batch for change in changes}) == 1
    assert len(changes) == 2
    assert await set_many(service, [], BOSS) == ()


# --- back ---------------------------------------------------------------------------------------------------------


async def test_a_change_is_taken_back_and_that_too() -> None:
    service = made(FakeSettingsStore())
    for value in ("8", "9"):
        await set_one(service, GUILD, "scale", value, BOSS)
    newest = (await service.history(GUILD, limit=1))[0]
    (undone,) = await service.undo(GUILD, newest.batch, BOSS)
    assert (undone.old, undone.new) == ("9", "8")
    await service.undo(GUILD, undone.batch, BOSS)
    assert (await service.in_force(HERE)).scale == 9
    assert len(await service.history(GUILD)) == 4


async def test_what_has_changed_since_is_not_taken_back() -> None:
    service = made(FakeSettingsStore())
    first = await set_one(service, GUILD, "scale", "8", BOSS)
    assert first is not None
    await set_one(service, GUILD, "scale", "9", BOSS)
    with pytest.raises(SettingsError) as refused:
        await service.undo(GUILD, first.batch, BOSS)
    fault = refused.value.faults[0]
    assert (fault.kind, fault.key, fault.limit) == (FaultKind.CHANGED_SINCE, "scale", "9")
    assert (await service.in_force(HERE)).scale == 9


async def test_an_act_is_taken_back_whole() -> None:
    store = FakeSettingsStore()
    service = made(store)
    wishes = [SettingChange(target=GUILD, key="scale", raw="9"), SettingChange(target=ROOM, key="top_p", raw="0.9")]
    act = (await set_many(service, wishes, BOSS))[0].batch
    assert len(await service.undo(GUILD, act, BOSS)) == 2
    assert store.values == {}
    again = (await set_many(service, wishes, BOSS))[0].batch
    await set_one(service, ROOM, "top_p", "0.8", BOSS)
    with pytest.raises(SettingsError) as refused:
        await service.undo(GUILD, again, BOSS)
    assert refused.value.faults[0].kind is FaultKind.CHANGED_SINCE
    assert store.values == {(GUILD, "scale"): "9", (ROOM, "top_p"): "0.8"}


async def test_taking_back_needs_the_rights_and_a_record() -> None:
    service = made(FakeSettingsStore())
    change = await set_one(service, GUILD, "scale", "8", BOSS)
    assert change is not None
    for whose, batch, by, kind in (
        (GUILD, change.batch, MEMBER, FaultKind.NOT_ALLOWED),
        (Target.guild(2), change.batch, BOSS, FaultKind.UNKNOWN_CHANGE),
        (GUILD, "no such act", BOSS, FaultKind.UNKNOWN_CHANGE),
    ):
        with pytest.raises(SettingsError) as refused:
            await service.undo(whose, batch, by)
        assert refused.value.faults[0].kind is kind


# --- files --------------------------------------------------------------------------------------------------------


async def test_an_export_puts_everything_back() -> None:
    store = FakeSettingsStore()
    service = made(store)
    files = SettingsFiles(service, store)
    await set_many(
        service,
        [SettingChange(target=GUILD, key="scale", raw="9"), SettingChange(target=ROOM, key="persona", raw="A\nb")],
        BOSS,
    )
    before = dict(store.values)
    data = await files.export(KNOWN)
    assert (await files.plan_import(data, KNOWN, BOSS)).rows == ()
    await set_many(
        service,
        [
            SettingChange(target=GUILD, key="scale", raw=None),
            SettingChange(target=ROOM, key="persona", raw="other"),
            SettingChange(target=ROOM, key="top_p", raw="1"),
        ],
        BOSS,
    )
    plan = await files.plan_import(data, KNOWN, BOSS)
    assert {(row.key, row.old, row.new) for row in plan.rows} == {
        ("scale", None, "9"),
        ("persona", "other", "A\nb"),
        ("top_p", "1", None),
    }
    changes = await files.apply_import(plan, BOSS)
    assert store.values == before
    assert len({change.batch for change in changes}) == 1
    assert (await service.in_force(HERE)).scale == 9
    await service.undo(GUILD, changes[0].batch, BOSS)
    assert store.values[ROOM, "persona"] == "other"


def file(guild: str) -> bytes:
    return b'{"format": "fusion-bot settings", "version": 1, "guild": {' + guild.encode() + b"}}"


async def test_a_file_is_checked_whole() -> None:
    store = FakeSettingsStore()
    files = SettingsFiles(made(store, max_steps=40), store)
    bad = file('"scale": "99", "no_such": "1", "max_steps": "41", "cost_per_picture": "1", "top_p": "1"')
    with pytest.raises(SettingsError) as refused:
        await files.plan_import(bad, KNOWN, BOSS)
    assert [fault.kind for fault in refused.value.faults] == [
        FaultKind.BAD_VALUE,
        FaultKind.UNKNOWN_KEY,
        FaultKind.BEYOND_CEILING,
        FaultKind.OPERATOR_ONLY,
    ]
    plan = await files.plan_import(file('"scale": " ０9 "'), KNOWN, BOSS)
    assert [(row.key, row.new) for row in plan.rows] == [("scale", "9")]
    with pytest.raises(SettingsError):
        await files.plan_import(file('"scale": "9"'), KNOWN, MEMBER)
    with pytest.raises(SettingsError):
        await files.apply_import(plan, MEMBER)
    assert store.values == {}


async def test_a_file_of_an_earlier_version_says_the_same_as_what_is_set_under_new_names() -> None:
    store = FakeSettingsStore()
    files = SettingsFiles(made(store), store)
    store.values |= {(GUILD, "scale"): "9", (GUILD, "top_p"): "0.5"}
    assert (await files.plan_import(file('"mh_scale": "9", "top_p": "0.5"'), KNOWN, BOSS)).rows == ()
    plan = await files.plan_import(file('"mh_scale": "8"'), KNOWN, BOSS)
    assert {(row.key, row.old, row.new) for row in plan.rows} == {("scale", "9", "8"), ("top_p", "0.5", None)}
    with pytest.raises(SettingsError) as refused:
        await files.plan_import(file('"mh_scale": "99", "mh_no_such": "1"'), KNOWN, BOSS)
    assert [(fault.kind, fault.key) for fault in refused.value.faults] == [
        (FaultKind.BAD_VALUE, "scale"),
        (FaultKind.UNKNOWN_KEY, "mh_no_such"),
    ]


async def test_what_only_the_operator_sets_stays_where_the_file_is_silent() -> None:
    store = FakeSettingsStore()
    files = SettingsFiles(made(store), store)
    store.values |= {(GUILD, "cost_per_picture"): "1", (GUILD, "scale"): "9"}
    plan = await files.plan_import(file(""), KNOWN, BOSS)
    assert [row.key for row in plan.rows] == ["scale"]
    with pytest.raises(SettingsError) as refused:
        await files.plan_import(file(""), KNOWN, MEMBER)
    assert refused.value.faults[0].kind is FaultKind.NOT_ALLOWED


async def test_a_plan_that_is_out_of_date_is_refused() -> None:
    store = FakeSettingsStore()
    service = made(store)
    files = SettingsFiles(service, store)
    plan = await files.plan_import(file('"scale": "9"'), KNOWN, BOSS)
    await elsewhere(store, GUILD, "top_p", "1")
    with pytest.raises(SettingsError) as refused:
        await files.apply_import(plan, BOSS)
    assert refused.value.faults[0].kind is FaultKind.CHANGED_SINCE
    assert store.values == {(GUILD, "top_p"): "1"}
    await files.apply_import(await files.plan_import(file('"scale": "9"'), KNOWN, BOSS), BOSS)
    assert store.values == {(GUILD, "scale"): "9"}
