"""Every setting: what is in range is taken and reads back the same, everything else is refused with its range."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.domain.people import User
from bot.domain.picture.parameters import Size
from bot.domain.settings.catalogue import BUILT_IN, CATALOGUE, Setting, Settings, parse_setting
from bot.domain.settings.faults import FaultKind, SettingFault
from bot.domain.settings.kinds import Lowest, Value, Whole
from bot.domain.settings.layers import Operator
from bot.domain.settings.old_names import OLD_NAMES, today
from bot.domain.settings.rules import SettingChange, check_wish
from bot.domain.settings.scopes import Actor, Authority, Edit, Scope, Target
from bot.presentation.words.settings import SettingWords
from tests.fakes.setting_values import in_range, out_of_range

QUICK = settings(max_examples=25, deadline=None)
ENTRIES = list(CATALOGUE.values())
OPERATOR = Operator(defaults={"max_steps": 150, "max_megapixels": 39.0}, available={})
"""One that has raised every ceiling that is built in."""


def allowed_target(entry: Setting) -> Target:
    return Target.guild(1) if Scope.GUILD in entry.scopes else Target.user(1)


BOSS = Actor(user=User(id=1, name="Ann"), guild_id=1, manages_guild=True, is_operator=True)


def check(entry: Setting, raw: str) -> Edit | SettingFault:
    wish = SettingChange(target=allowed_target(entry), key=entry.key, raw=raw)
    return check_wish(wish, OPERATOR, BOSS, has_manager_role=False)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
@QUICK
@given(data=st.data())
def test_what_is_in_range_is_taken_and_reads_back(entry: Setting, data: st.DataObject) -> None:
    value = data.draw(in_range(entry.kind))
    written = entry.write(value)
    parsed = entry.parse(written)
    assert parsed == value
    assert type(parsed) is type(entry.default)
    assert entry.write(parsed) == written, "what is written is the same each time"
    assert check(entry, written) == Edit(target=allowed_target(entry), key=entry.key, value=written)
    assert Settings(**{entry.key: parsed}) == Settings(**{entry.key: value})  # type: ignore[arg-type]  # by key


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
def test_all_else_is_refused_with_its_range_in_both_languages(entry: Setting) -> None:
    for raw in out_of_range(entry.kind):
        with pytest.raises(ValueError, match=r"^must be ") as refused:
            entry.parse(raw)
        assert entry.kind.range in str(refused.value)
        assert len(str(refused.value)) < 400
        fault = check(entry, raw)
        assert isinstance(fault, SettingFault), raw
        assert fault.kind is FaultKind.BAD_VALUE
        for words in (SettingWords("en-US"), SettingWords("zh-CN")):
            assert words.range(entry.key) in words.fault(fault)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
@QUICK
@given(raw=st.text())
def test_whatever_is_written_is_taken_canonically_or_refused(entry: Setting, raw: str) -> None:
    try:
        value = entry.parse(raw)
    except ValueError:
        return
    assert entry.parse(entry.write(value)) == value


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
def test_the_entry_is_whole(entry: Setting) -> None:
    assert getattr(Settings(), entry.key) == entry.default == entry.parse(entry.write(entry.default))
    assert entry.scopes <= {Scope.GUILD, Scope.CATEGORY, Scope.CHANNEL, Scope.PERSON}
    assert Scope.GUILD in entry.scopes
    if isinstance(entry.kind, Whole) and entry.kind.lowest is Lowest.NO_LIMIT:
        assert entry.kind.low == 0
    if entry.authority is Authority.OPERATOR:
        assert Scope.PERSON not in entry.scopes


def test_the_catalogue_is_the_settings() -> None:
    assert [*CATALOGUE, "chosen"] == [each.name for each in fields(Settings)]
    assert Settings() == BUILT_IN
    with pytest.raises(FrozenInstanceError):
        BUILT_IN.scale = 3  # type: ignore[misc]  # that is the test


def test_a_user_may_have_what_touches_nobody_else() -> None:
    own = {entry.key for entry in ENTRIES if Scope.PERSON in entry.scopes}
    assert own == {
        "language",
        "ping",
        "drawing_model",
        "size",
        "steps",
        "scale",
        "enhance",
        "control",
    }


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        ("temperature", "０．８", 0.8),
        ("temperature", " 1e-1 ", 0.1),
        ("temperature", "+1.", 1.0),
        ("temperature", ".5", 0.5),
        ("scale", "１２", 12),
        ("size", "640 × 960", Size(width=640, height=960)),
        ("size", "640*960", Size(width=640, height=960)),
        ("size", "640X960", Size(width=640, height=960)),
        ("drawing_allowed", "开", True),
        ("drawing_allowed", "NO", False),
        ("language", "ZH-cn", "zh-CN"),
        ("provider", "Operator", ""),
        ("control", "OFF", ""),
        ("channels_allowed", "<#5>，6 <#5>\n7", (5, 6, 7)),
        ("roles_allowed", "<@&5>, 6", (5, 6)),
        ("roles_allowed", "", ()),
        ("forbidden_words", "a  b，c、d；e\nf,,a b", ("a b", "c", "d", "e", "f")),
        ("persona", "a\0b\ud800\nc", "ab\nc"),
        ("chat_model", "  m/x:1  ", "m/x:1"),
    ],
)
def test_what_people_write_is_understood(key: str, raw: str, value: Value) -> None:
    assert parse_setting(key, raw) == value


LIGATURES = ", ".join("\ufdfa" * 59 + chr(0x4E00 + number) for number in range(20))
"""Each of these words unfolds to more than a thousand characters."""


def test_a_list_of_words_that_unfold_without_end_is_read_and_not_set_any_more() -> None:
    entry = CATALOGUE["forbidden_words"]
    assert len(entry.parse(LIGATURES)) == 20
    fault = check(entry, LIGATURES)
    assert isinstance(fault, SettingFault)
    assert fault.kind is FaultKind.BAD_VALUE
    longest = ", ".join(f"{'一' * 56}{number:04}" for number in range(200))
    assert isinstance(check(entry, longest), Edit)


def test_kinds_of_ids_are_not_confused() -> None:
    for key, raw in (("channels_allowed", "<@&5>"), ("roles_allowed", "<#5>")):
        with pytest.raises(ValueError, match="must be"):
            parse_setting(key, raw)


def test_an_unknown_key_is_no_setting() -> None:
    with pytest.raises(KeyError):
        parse_setting("no_such", "1")


@QUICK
@given(value=st.floats(0, 2, exclude_min=True))
def test_numbers_are_written_so_that_nothing_is_lost(value: float) -> None:
    assume(value > 0)
    assert parse_setting("temperature", CATALOGUE["temperature"].write(value)) == value


def test_old_names_lead_to_settings_and_are_none_themselves() -> None:
    assert set(OLD_NAMES.values()) <= set(CATALOGUE)
    assert OLD_NAMES.keys().isdisjoint(CATALOGUE)
    assert [today(name) for name in ("mh_scale", "scale", "no_such")] == ["scale", "scale", "no_such"]
    assert not any(key.startswith("mh_") for key in CATALOGUE), "what Miaohua calls them is for the wire"
