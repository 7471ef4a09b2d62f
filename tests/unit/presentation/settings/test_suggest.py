"""What is suggested for a command about settings."""

from __future__ import annotations

import pytest

from bot.domain.settings.catalogue import CATALOGUE
from bot.domain.settings.kinds import Choice, Flag, IdKind, Ids
from bot.domain.settings.layers import Operator
from bot.domain.settings.old_names import OLD_NAMES
from bot.domain.settings.scopes import Scope
from bot.presentation.settings.typing.values import EMPTY, suggest_keys, suggest_values
from bot.presentation.words.panel import PanelWords
from tests.fakes.words import worded, worded_in
from tests.unit.presentation.discord_objects import ADULT, CATEGORY, CHANNEL, GUILD, ROLE, Offline

ENGLISH, CHINESE = PanelWords("en-US"), PanelWords("zh-CN")
GUILDS = (Scope.GUILD,)


def keys(typed: str, words: PanelWords = ENGLISH, scopes: tuple[Scope, ...] = GUILDS) -> list[str]:
    return [choice.value for choice in suggest_keys(typed, words, scopes)]


FREE = Operator(defaults={"max_steps": 150, "max_megapixels": 39.0}, available={})


def values(key: str, typed: str = "", *, now: str | None = None, operator: Operator = FREE) -> list[str]:
    found = suggest_values(key, typed, ENGLISH, now=now, operator=operator, guild=None)
    return [choice.value for choice in found]


@pytest.mark.parametrize("words", [ENGLISH, CHINESE])
@pytest.mark.parametrize("key", CATALOGUE)
def test_every_setting_is_found_by_key_and_title(key: str, words: PanelWords) -> None:
    scopes = tuple(CATALOGUE[key].scopes)
    assert key in keys(f" {key.upper()} ", words, scopes)
    assert key in keys(words.settings.title(key), words, scopes)
    assert words.find_key(words.settings.title(key)) == words.find_key(key) == key


@pytest.mark.parametrize("words", [ENGLISH, CHINESE])
@pytest.mark.parametrize(("old", "new"), OLD_NAMES.items())
def test_names_of_earlier_versions_lead_to_those_of_today(old: str, new: str, words: PanelWords) -> None:
    typed = f" {old.upper()} "
    assert words.find_key(typed) == new
    assert keys(typed, words, tuple(CATALOGUE[new].scopes))[0] == new


def test_a_part_of_a_name_will_do_where_no_other_has_it() -> None:
    assert (ENGLISH.find_key("temper"), ENGLISH.find_key("ＴＯＰ_p")) == ("temperature", "top_p")
    begin = worded_in("zh-CN", "settings.title.forbidden_words")[:-1]
    assert CHINESE.find_key(begin) == "forbidden_words"
    assert ENGLISH.find_key(worded("settings.title.steps")) == "steps", "the whole title comes before others' parts"
    for unclear in ("max", "", " ", "all", "colour"):
        assert ENGLISH.find_key(unclear) is None


def test_what_begins_so_comes_first_and_at_most_25_come() -> None:
    assert keys("temp")[0] == "temperature"
    assert keys("s")[0] != "chat_model"
    assert len(keys("")) == 25
    assert keys("no such thing") == []
    assert set(keys("", scopes=(Scope.PERSON,))) == {
        key for key, entry in CATALOGUE.items() if Scope.PERSON in entry.scopes
    }
    everything = suggest_keys("", ENGLISH, GUILDS, with_all=True)
    assert everything[0].value == "all"
    assert len(everything) == 25


def test_an_empty_value_can_be_chosen_where_it_is_one() -> None:
    for key in ("persona", "chat_model", "channels_allowed", "forbidden_words"):
        assert EMPTY in values(key)
    for key in ("drawing_model", "temperature", "language", "max_size", "spoilers"):
        assert EMPTY not in values(key)
    (choice,) = suggest_values("roles_allowed", "", CHINESE, now=None, operator=FREE, guild=None)
    assert choice.name == f'"" ({worded_in("zh-CN", "settings.empty.roles_allowed")})'


@pytest.mark.parametrize("words", [ENGLISH, CHINESE])
@pytest.mark.parametrize("key", [key for key, entry in CATALOGUE.items() if not isinstance(entry.kind, Ids)])
def test_every_suggestion_is_a_value_and_fits(key: str, words: PanelWords) -> None:
    entry = CATALOGUE[key]
    found = suggest_values(key, "", words, now=entry.write(entry.default), operator=FREE, guild=None)
    assert len(found) <= 25
    assert len({choice.value for choice in found}) == len(found)
    for choice in found:
        entry.parse("" if choice.value == EMPTY else choice.value)
        assert 1 <= len(choice.name) <= 100
        assert 1 <= len(choice.value) <= 100
    if isinstance(entry.kind, Flag):
        assert {choice.value for choice in found} == {"on", "off"}
    if isinstance(entry.kind, Choice):
        assert {choice.value for choice in found} == set(entry.kind.choices)


def test_what_holds_now_and_what_is_typed_come_first() -> None:
    assert values("top_p", now="0.25")[0] == "0.25"
    assert values("top_p", "0.3", now="0.25") == ["0.3"]
    assert values("top_p", "8") == []
    assert values("size", "512X7") == ["512x768"]
    assert values("persona", now="x" * 101) == [EMPTY]
    assert values("steps", now="many") == values("steps"), "what can't be set is not suggested"
    strict = Operator(
        defaults={"person_calls_a_day": 50},
        available={"provider": frozenset({"operator"}), "chat_model": frozenset({"", "small", "large"})},
        ceilings={"max_new_tokens": 500},
    )
    assert values("provider", operator=strict) == ["operator"]
    assert values("chat_model", operator=strict) == [EMPTY, "large", "small"]
    assert values("max_new_tokens", operator=strict) == ["1", "500"]
    assert values("max_new_tokens", "501", operator=strict) == []
    assert values("max_steps", operator=strict) == ["60", "1"]
    assert values("person_calls_a_day", operator=strict) == ["10", "50"]


async def test_channels_and_roles_are_suggested_by_name_for_the_end_of_a_list() -> None:
    guild = Offline().guild

    def ids(key: str, typed: str) -> dict[str, str]:
        found = suggest_values(key, typed, ENGLISH, now=None, operator=FREE, guild=guild)
        return {choice.name: choice.value for choice in found}

    assert ids("channels_allowed", "#GEN") == {"#general": str(CHANNEL)}
    assert set(ids("channels_allowed", "").values()) == {EMPTY, str(CHANNEL), str(CATEGORY), str(ADULT)}
    assert ids("channels_allowed", f"{CHANNEL}, nig") == {f"{CHANNEL}, #night": f"{CHANNEL}, {ADULT}"}
    assert str(CHANNEL) not in ids("channels_allowed", f"{CHANNEL}, ").values()
    named = {"#general, #night": f"{CHANNEL}, {ADULT}"}
    assert ids("channels_allowed", "#general, nig") == named, "Discord leaves the name of what was chosen before"
    assert ids("channels_allowed", "nowhere, nig") == {}
    assert ids("roles_allowed", "paint") == {"@Painters": str(ROLE)}
    assert str(GUILD) not in ids("roles_allowed", "").values(), "@everyone is no role to choose"
    assert suggest_values("roles_allowed", "paint", ENGLISH, now=None, operator=FREE, guild=None) == []
    assert {entry.kind.names for entry in CATALOGUE.values() if isinstance(entry.kind, Ids)} == set(IdKind)
