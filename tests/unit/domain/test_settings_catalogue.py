"""Every setting: what is in range is taken and reads back the same, everything else is refused with its range."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, fields
from typing import assert_never

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.domain.drawings import Size
from bot.domain.messages import Person
from bot.domain.scopes import Actor, Authority, Edit, Scope, Target
from bot.domain.setting_faults import FaultKind, SettingFault
from bot.domain.setting_kinds import (
    LONGEST_RAW_CHARS,
    SNOWFLAKE_MAX,
    Choice,
    Flag,
    Ids,
    Kind,
    Lowest,
    Measure,
    Number,
    Text,
    Value,
    Whole,
    WordList,
)
from bot.domain.setting_layers import Operator
from bot.domain.setting_rules import Wish, check_wish
from bot.domain.settings import BUILT_IN, CATALOGUE, Setting, Settings, parse_setting
from bot.presentation.settings_text import SettingWords

QUICK = settings(max_examples=25, deadline=None)
ENTRIES = list(CATALOGUE.values())
OPERATOR = Operator(defaults={}, available={})
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


def in_range(kind: Kind) -> st.SearchStrategy[Value]:
    """Make values that a kind takes."""
    match kind:
        case Flag():
            return st.booleans()
        case Whole():
            return st.integers(kind.low, kind.high)
        case Number():
            return st.floats(kind.low, kind.high, exclude_min=kind.above).map(lambda value: value + 0.0)
        case Text():
            line = TEXT.map(lambda text: text if kind.long else "".join(filter(str.isprintable, text)).strip())
            return line.map(
                lambda text: text[: kind.longest].strip() if not kind.long else text[: kind.longest]
            ).filter(lambda text: bool(text.strip()) or not kind.needed)
        case Choice():
            return st.sampled_from(kind.choices).map(kind.parse)
        case Measure():
            side = st.integers(kind.low, kind.high)
            return st.builds(lambda width, height: Size(width=width, height=height), side, side)
        case Ids():
            return st.lists(st.integers(1, SNOWFLAKE_MAX), max_size=kind.most, unique=True).map(tuple)
        case WordList():
            word = TEXT.map(lambda text: " ".join(text.split())[: kind.longest].strip()).filter(
                lambda word: bool(word) and not set(word) & set(",，、;；")
            )
            return st.lists(word, max_size=10, unique=True).map(tuple)
        case _:
            assert_never(kind)


def out_of_range(kind: Kind) -> list[str]:
    """Write what a kind refuses: around its edges, and what is of no kind at all."""
    nonsense = ["x" * (LONGEST_RAW_CHARS + 1)]
    match kind:
        case Flag():
            return [*nonsense, "", "maybe", "2", "onoff"]
        case Whole():
            edges = [str(kind.low - 1), str(kind.high + 1), str(-(10**30)), str(10**30)]
            return [*nonsense, *edges, "", "1.5", "one", "0x1", "1_0", "1e1", "--1", "nan", "1 0"]
        case Number():
            below = kind.low if kind.above else math.nextafter(kind.low, -math.inf)
            edges = [repr(each) for each in (below, math.nextafter(kind.high, math.inf), kind.high * 10, -1.0)]
            return [*nonsense, *edges, "", "nan", "inf", "-inf", "1e999", "0.5.5", "1_0", "0,5", "half", "0x1"]
        case Text():
            return [*nonsense, "x" * (kind.longest + 1), *(["", "  "] if kind.needed else [])] + (
                [] if kind.long else ["a\nb", "a\x07b", "a\u202eb"]
            )
        case Choice():
            return [*nonsense, "", "no such choice", kind.choices[0] + "x", " ".join(kind.choices[:2])]
        case Measure():
            low, high = kind.low - 1, kind.high + 1
            return [
                *nonsense,
                "",
                "640",
                f"{low}x640",
                f"640x{low}",
                f"{high}x640",
                f"640x{high}",
                "640x",
                "axb",
                "-64x64",
            ]
        case Ids():
            many = ",".join(map(str, range(1, kind.most + 2)))
            return [*nonsense, many, "0", "-1", "1.5", "word", str(SNOWFLAKE_MAX + 1), "<@5>", "5>", "<#5", "9" * 40]
        case WordList():
            return [*nonsense, ",".join(map(str, range(kind.most + 1))), "y" * (kind.longest + 1)]
        case _:
            assert_never(kind)


def allowed_target(entry: Setting) -> Target:
    return Target.guild(1) if Scope.GUILD in entry.scopes else Target.person(1)


BOSS = Actor(person=Person(id=1, name="Ann"), guild_id=1, manages_guild=True, is_operator=True)


def check(entry: Setting, raw: str) -> Edit | SettingFault:
    wish = Wish(target=allowed_target(entry), key=entry.key, raw=raw)
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
    assert list(CATALOGUE) == [each.name for each in fields(Settings)]
    assert Settings() == BUILT_IN
    with pytest.raises(FrozenInstanceError):
        BUILT_IN.mh_scale = 3  # type: ignore[misc]  # that is the test


def test_a_person_may_have_what_touches_nobody_else() -> None:
    own = {entry.key for entry in ENTRIES if Scope.PERSON in entry.scopes}
    assert own == {
        "language",
        "mh_model_name",
        "mh_output_size",
        "mh_ddim_steps",
        "mh_scale",
        "mh_add_prompt",
        "mh_controlnet_model",
    }


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        ("temperature", "０．８", 0.8),
        ("temperature", " 1e-1 ", 0.1),
        ("temperature", "+1.", 1.0),
        ("temperature", ".5", 0.5),
        ("mh_scale", "１２", 12),
        ("mh_output_size", "640 × 960", Size(width=640, height=960)),
        ("mh_output_size", "640*960", Size(width=640, height=960)),
        ("mh_output_size", "640X960", Size(width=640, height=960)),
        ("drawing_allowed", "开", True),
        ("drawing_allowed", "NO", False),
        ("language", "ZH-cn", "zh-CN"),
        ("provider", "Operator", ""),
        ("mh_controlnet_model", "OFF", ""),
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
