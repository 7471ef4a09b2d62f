"""Every setting, range, value and fault has its words in both languages."""

from __future__ import annotations

import re

import pytest

from bot.domain.settings.catalogue import CATALOGUE, Topic
from bot.domain.settings.faults import FaultKind, SettingFault
from bot.domain.settings.kinds import Choice, IdKind, Ids
from bot.domain.settings.scopes import Scope, Target
from bot.presentation.words.settings import SettingWords
from bot.presentation.words.titles import CHOICES, HELP, TITLES
from tests.fakes.words import worded, worded_in

ENGLISH, CHINESE = SettingWords("en-US"), SettingWords("zh-CN")
HERE = Target.channel(1, 2)


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= each <= "\u9fff" for each in text)


def numbers(text: str) -> list[str]:
    return re.findall(r"[\d.]*\d", text)


def test_the_words_are_of_the_settings_there_are() -> None:
    assert list(TITLES) == list(HELP) == list(CATALOGUE)
    assert set(CHOICES) == {key for key, entry in CATALOGUE.items() if isinstance(entry.kind, Choice)}
    assert (
        len({ENGLISH.title(key) for key in CATALOGUE}) == len({CHINESE.title(key) for key in CATALOGUE}) == len(TITLES)
    )


@pytest.mark.parametrize("key", CATALOGUE)
def test_every_setting_has_its_words(key: str) -> None:
    entry = CATALOGUE[key]
    assert is_chinese(CHINESE.help(key))
    assert is_chinese(CHINESE.title(key)) or CHINESE.title(key) == ENGLISH.title(key) == "Top-p"
    assert not is_chinese(ENGLISH.title(key) + ENGLISH.help(key) + ENGLISH.range(key))
    assert len(ENGLISH.title(key)) <= 45, "a modal's title and a label have room for 45"
    assert len(ENGLISH.help(key)) <= 100, "a choice's description has room for 100"
    assert len(CHINESE.help(key)) <= 100
    if not isinstance(entry.kind, Choice):
        assert is_chinese(CHINESE.range(key))
        if not isinstance(entry.kind, Ids) and key != "forbidden_words":
            assert numbers(ENGLISH.range(key)) == numbers(CHINESE.range(key)) == numbers(entry.kind.range)
    else:
        for choice in entry.kind.choices:
            assert choice in CHINESE.range(key)
            assert (choice not in CHOICES[key]) == (key == "control" and choice != "off")
    for words in (ENGLISH, CHINESE):
        assert words.value(key, entry.default).strip()
        assert "{" not in words.range(key) + words.value(key, entry.default)


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_topics_and_scopes_have_names(words: SettingWords) -> None:
    assert len({words.topic(topic) for topic in Topic}) == len(Topic)
    assert len({words.scope(scope) for scope in Scope}) == len(Scope)
    assert words.place(HERE) == "<#2>"
    assert words.place(Target.guild(1)) == words.scope(Scope.GUILD)


@pytest.mark.parametrize("kind", FaultKind)
def test_every_fault_has_its_words(kind: FaultKind) -> None:
    fault = SettingFault(kind=kind, key="max_steps", target=HERE, given="**9**", limit="7")
    english, chinese = ENGLISH.fault(fault), CHINESE.fault(fault)
    assert is_chinese(chinese)
    assert not is_chinese(english)
    assert "{" not in english + chinese
    for part in ("7", r"\*\*9\*\*", "<#2>", ENGLISH.range("max_steps")):
        assert (part in english) == (part.replace(ENGLISH.range("max_steps"), CHINESE.range("max_steps")) in chinese)
    assert "**9**" not in english


def test_a_fault_about_what_is_unknown_has_words_too() -> None:
    assert "no\\_such" in ENGLISH.fault(SettingFault(kind=FaultKind.UNKNOWN_KEY, key="no_such"))
    assert ENGLISH.fault(SettingFault(kind=FaultKind.CHANGED_SINCE)) != ENGLISH.fault(
        SettingFault(kind=FaultKind.CHANGED_SINCE, key="max_steps", limit="7")
    )


def test_values_are_told_as_people_say_them() -> None:
    assert ENGLISH.value("channels_allowed", ()) == worded("settings.empty.channels_allowed")
    assert ENGLISH.value("roles_allowed", ()) == worded("settings.empty.roles_allowed")
    assert ENGLISH.value("channels_refused", ()) == worded("settings.value.none")
    assert CHINESE.value("chat_model", "") == worded_in("zh-CN", "settings.empty.chat_model")
    assert ENGLISH.value("person_calls_a_day", 0) == worded("settings.lowest.no_limit")
    assert CHINESE.value("seed", -1) == worded_in("zh-CN", "settings.lowest.random")
    assert ENGLISH.value("channels_allowed", (5, 6)) == "<#5> <#6>"
    assert ENGLISH.value("roles_refused", (5,)) == "<@&5>"
    assert ENGLISH.value("drawing_allowed", True) == worded("settings.value.on")
    assert CHINESE.value("drawing_allowed", False) == worded_in("zh-CN", "settings.value.off")
    assert ENGLISH.value("control", "canny") == "canny"
    assert ENGLISH.value("provider", "") == worded("settings.choice.provider.operator")
    assert ENGLISH.value("temperature", 1.0) == "1"
    assert ENGLISH.value("persona", "a *pirate*\n" + "x" * 500).startswith(r"a \*pirate\* xxx")
    assert len(ENGLISH.value("persona", "x" * 4000)) <= 100
    many = ENGLISH.value("roles_allowed", tuple(range(10**17, 10**17 + 100)))
    assert len(many) <= 402
    assert many.endswith("> …")


def test_kept_values_of_other_versions_can_be_told() -> None:
    assert ENGLISH.written("max_steps", None) == worded("settings.value.nothing")
    assert ENGLISH.written("max_steps", "9000") == "9000"
    assert ENGLISH.written("no_such", "*x*") == r"\*x\*"
    assert ENGLISH.written("person_calls_a_day", "0") == worded("settings.lowest.no_limit")


def test_what_people_wrote_is_text_in_the_bot_s_line() -> None:
    persona = "a\n@everyone `b`\x00\u202e <@1> <t:0:R>"
    assert ENGLISH.written("persona", persona) == r"a \@everyone \`b\` \<\@1\> \<t\:0\:R\>"
    assert ENGLISH.written("persona", persona, plain=True) == "a @everyone `b` <@1> <t:0:R>"
    assert Ids(names=IdKind.ROLES).parse("<@&7>") == (7,)
