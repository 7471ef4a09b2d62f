"""Every page of the panel keeps within Discord's limits, in both languages, whatever is set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import discord
import pytest

from bot.domain.people import User
from bot.domain.settings.catalogue import CATALOGUE, Topic
from bot.domain.settings.document import DiffRow, ImportPlan
from bot.domain.settings.faults import FaultKind, SettingFault
from bot.domain.settings.kinds import Choice, Flag, Ids, Measure, Text, WordList
from bot.domain.settings.layers import Explained
from bot.domain.settings.scopes import Change, Scope, Target
from bot.presentation.settings.forms import FORM_CHARS, mark_of, setting_form
from bot.presentation.settings.ids import Act, Spot, parse_panel_id
from bot.presentation.settings.pages.audit_log import acts_of, render_audit_log
from bot.presentation.settings.pages.diff import render_changes, render_import
from bot.presentation.settings.pages.layout import Tone
from bot.presentation.settings.pages.outcome import Outcome
from bot.presentation.settings.pages.shown import LayerLine, PanelPage
from bot.presentation.settings.pages.topics import render_panel, settable, topics_of
from bot.presentation.words.panel import ONLY, PanelWords
from tests.fakes.words import worded, worded_in

LOCALES = ("en-US", "zh-CN")
LARGEST = 2**63 - 1
TARGETS = {
    Scope.GUILD: Target.guild(LARGEST),
    Scope.CATEGORY: Target.category(LARGEST, LARGEST - 1),
    Scope.CHANNEL: Target.channel(LARGEST, LARGEST - 2),
    Scope.PERSON: Target.user(LARGEST - 3),
}
HERE = TARGETS[Scope.GUILD]
MIXED = "**_狐~`|>#[](<@1> *" * 400
"""As much mark-up as there can be: escaping doubles it."""


def longest(key: str) -> str:
    """Write the longest value that a setting takes."""
    entry = CATALOGUE[key]
    match entry.kind:
        case Ids(most=most):
            return ", ".join(str(LARGEST - one) for one in range(most))
        case WordList(most=most, longest=each):
            return ", ".join(f"{one}{MIXED.replace(' ', '')}"[:each] for one in range(most))
        case Text(longest=most):
            return MIXED[:most].strip()
    return entry.write(entry.default)


def walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in components:
        yield one
        yield from walk(one.get("components", []))
        if one.get("accessory"):
            yield one["accessory"]


def check(view: discord.ui.LayoutView) -> list[dict[str, Any]]:
    """Hold a page against Discord's limits (Discord documentation, Component Reference)."""
    assert view.is_finished(), "the library is not to keep it"
    found = list(walk(view.to_components()))  # type: ignore[no-untyped-call]  # the library's
    assert len(found) <= 40
    assert sum(len(one["content"]) for one in found if one["type"] == 10) <= 4000
    assert all(one["content"].strip() for one in found if one["type"] == 10)
    ids = [one["custom_id"] for one in found if "custom_id" in one]
    assert len(set(ids)) == len(ids)
    assert all(len(one) <= 100 and parse_panel_id(one, LARGEST) is not None for one in ids)
    for one in found:
        assert len(one.get("label") or "") <= 80
        assert len(one.get("placeholder") or "") <= 150
        if one["type"] == 1:
            kinds = [each["type"] for each in one["components"]]
            assert kinds in ([3], [6], [8]) or (set(kinds) == {2} and len(kinds) <= 5)
        if one["type"] == 3:
            values = [option["value"] for option in one["options"]]
            assert 1 <= len(values) <= 25
            assert len(set(values)) == len(values)
            assert sum(bool(option.get("default")) for option in one["options"]) <= 1
            for option in one["options"]:
                assert 1 <= len(option["label"]) <= 100
                assert len(option["value"]) <= 100
                assert len(option.get("description") or "") <= 100
    return found


def texts(found: list[dict[str, Any]]) -> str:
    return "\n".join(one["content"] for one in found if one["type"] == 10)


def change(number: int, key: str, *, batch: str = "", old: str | None = None, new: str | None = None) -> Change:
    return Change(
        id=number,
        target=HERE,
        key=key,
        old=old,
        new=new,
        by=User(id=LARGEST, name="x"),
        changed_at=datetime(2026, 3, 1, tzinfo=UTC),
        batch=batch or f"{number:016x}",
    )


def shown(spot: Spot, *, lock: bool = False, said: str = "") -> PanelPage:
    """A page on which everything is as long as can be."""
    written = {key: longest(key) for key in CATALOGUE}
    explained = {
        key: Explained(
            key=key, value=entry.parse(written[key]), written=written[key], scope=spot.target.scope, target=spot.target
        )
        for key, entry in CATALOGUE.items()
    }
    return PanelPage(
        spot=spot,
        explained=explained,
        set_here=written,
        places=tuple((target, "x" * 100) for target in TARGETS.values()),
        lock=SettingFault(kind=FaultKind.NOT_ALLOWED, key=spot.key, target=spot.target) if lock else None,
        last=change(1, spot.key or "forbidden_words"),
        last_count=3,
        layers=tuple(LayerLine(place=f"<#{LARGEST}>", written=written.get(spot.key), holds=True) for _ in range(6)),
        known_ids=frozenset(range(LARGEST - 100, LARGEST + 1)),
        told=said,
        tone=Tone.DONE,
    )


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("scope", TARGETS)
async def test_every_topic_fits(scope: Scope, locale: str) -> None:
    for topic in topics_of(scope):
        spot = Spot(target=TARGETS[scope], topic=topic)
        found = check(render_panel(shown(spot, said=MIXED), PanelWords(locale)))
        offered = next(one for one in found if str(one.get("custom_id")).startswith("settings:setting:"))
        assert [option["value"] for option in offered["options"]] == list(settable(topic, scope))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("key", CATALOGUE)
async def test_every_setting_fits_and_can_be_changed(key: str, locale: str) -> None:
    words = PanelWords(locale)
    for scope in CATALOGUE[key].scopes:
        spot = Spot(target=TARGETS[scope]).at(key)
        found = check(render_panel(shown(spot, said=MIXED), words))
        acts = {str(one["custom_id"]).split(":")[1] for one in found if "custom_id" in one}
        assert acts & {"on", "choose", "list", "form"}
        assert {"open", "reset", "record", "undo"} <= acts
        locked = check(render_panel(shown(spot, lock=True), words))
        acts = {str(one["custom_id"]).split(":")[1] for one in locked if "custom_id" in one}
        assert not acts & {"on", "off", "choose", "list", "form", "reset"}


async def test_every_setting_stands_on_one_page_of_the_server_s() -> None:
    assert [key for topic in Topic for key in settable(topic, Scope.GUILD)] == list(CATALOGUE)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("key", CATALOGUE)
async def test_every_form_fits_and_holds_what_stands(key: str, locale: str) -> None:
    written = longest(key)
    modal = setting_form(Spot(target=HERE).at(key), written, PanelWords(locale), stands=written)
    if len(written) > FORM_CHARS:
        assert isinstance(CATALOGUE[key].kind, WordList)
        assert modal is None
        return
    assert modal is not None
    data = modal.to_dict()
    (label,) = data["components"]
    assert len(data["title"]) <= 45
    assert len(data["custom_id"]) <= 100
    assert len(label["label"]) <= 45
    assert 0 < len(label["description"]) <= 100
    assert label["component"].get("value", "") == written
    assert len(written) <= label["component"]["max_length"] <= 4000
    assert data["custom_id"].endswith(mark_of(written))
    assert mark_of(written) != mark_of(None)


async def test_a_form_counts_as_discord_s_client_does() -> None:
    assert setting_form(Spot(target=HERE).at("persona"), "🦊" * 2001, PanelWords("en-US"), stands=None) is None
    assert setting_form(Spot(target=HERE).at("persona"), "🦊" * 2000, PanelWords("en-US"), stands=None) is not None


async def test_choices_that_the_operator_has_not_made_possible_are_not_offered() -> None:
    fewer = replace(shown(Spot(target=HERE).at("provider")), offered=frozenset({"operator", "fusion"}))
    found = check(render_panel(fewer, PanelWords("en-US")))
    offered = next(one for one in found if str(one.get("custom_id")).startswith("settings:choose:"))
    assert [option["value"] for option in offered["options"]] == ["operator", "fusion"]


@pytest.mark.parametrize("locale", LOCALES)
async def test_what_the_operator_allows_is_said_and_nothing_else_is_offered(locale: str) -> None:
    words = PanelWords(locale)
    page = replace(shown(Spot(target=HERE).at("max_new_tokens")), most="500")
    assert worded_in(locale, "panel.at_most", most="500") in texts(check(render_panel(page, words)))
    models = frozenset({"", *(f"{MIXED[:60]}{number}" for number in range(40))})
    page = replace(shown(Spot(target=HERE).at("chat_model")), offered=models)
    assert words.say(ONLY, offered=words.settings.offered(models)) in texts(check(render_panel(page, words)))
    few = replace(shown(Spot(target=HERE).at("drawing_model")), offered=frozenset({"b", "a"}))
    found = check(render_panel(few, words))
    (offered,) = (one for one in found if str(one.get("custom_id")).startswith("settings:choose:"))
    assert [option["value"] for option in offered["options"]] == ["a", "b"]
    assert not any(str(one.get("custom_id")).startswith("settings:form:") for one in found)


async def test_what_is_drawn_within_a_ceiling_says_so() -> None:
    for key, ceilings in (("size", ("max_size", "max_megapixels")), ("steps", ("max_steps",))):
        page = shown(Spot(target=HERE).at(key))
        said = texts(check(render_panel(page, PanelWords("en-US"))))
        for each in ceilings:
            title, most = worded(f"settings.title.{each}"), page.explained[each].written
            assert worded("panel.ceiling_here", title=title, most=most) in said


async def test_a_value_that_is_no_longer_allowed_is_marked() -> None:
    lines = (LayerLine(place="here", written="gone", holds=False, barred=True),)
    page = replace(shown(Spot(target=HERE).at("chat_model")), layers=lines)
    assert worded("panel.barred", value="gone") in texts(check(render_panel(page, PanelWords("en-US"))))


@pytest.mark.parametrize(
    ("key", "most", "in_force", "offered"),
    [
        ("size", None, {"max_megapixels": 0.5}, {"512x512", "640x640", "512x768", "768x512"}),
        ("max_size", "640x640", {}, {"512x512", "640x640"}),
        ("max_size", "100x100", {}, set()),
    ],
    ids=["of the place", "of the operator", "none is small enough"],
)
async def test_sizes_that_are_too_large_are_not_offered(
    key: str, most: str | None, in_force: dict[str, float], offered: set[str]
) -> None:
    page = shown(Spot(target=HERE).at(key))
    explained = dict(page.explained)
    for each, value in in_force.items():
        explained[each] = replace(explained[each], value=value)
    found = check(render_panel(replace(page, explained=explained, most=most), PanelWords("en-US")))
    selects = [one for one in found if str(one.get("custom_id")).startswith("settings:choose:")]
    assert {option["value"] for one in selects for option in one["options"]} == offered
    assert any(str(one.get("custom_id")).startswith("settings:form:") for one in found)


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_long_record_fits_and_can_be_walked_through(locale: str) -> None:
    words = PanelWords(locale)
    keys = [*CATALOGUE, "a_key_of_a_newer_version"]
    changes = [
        change(number, keys[number % len(keys)], old=longest("forbidden_words"), new=longest("persona"))
        for number in range(60, 0, -1)
    ]
    batch = [
        change(number + 100, key, batch="b" * 16, old=longest(key), new=longest(key))
        for number, key in enumerate(CATALOGUE)
    ]
    acts = acts_of([*reversed(batch), *changes])
    for number in range(13):
        check(render_audit_log(Spot(target=HERE), acts, number, words, said=MIXED))
    last = check(render_audit_log(Spot(target=HERE), acts, 99, words))
    assert {one.get("disabled") for one in last if ":record:" in str(one.get("custom_id"))} == {True, False}


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_long_import_fits_and_every_row_is_on_a_page(locale: str) -> None:
    words = PanelWords(locale)
    rows = tuple(
        DiffRow(target=target, key=key, old=longest(key), new=None if number % 2 else longest(key))
        for target in (TARGETS[Scope.CHANNEL], HERE)
        for number, key in enumerate(CATALOGUE)
        if target.scope in CATALOGUE[key].scopes
    )
    plan = ImportPlan(last_change=LARGEST, rows=rows)
    mark = f"{LARGEST:x}.{'f' * 16}"
    pages = [
        check(render_import(Spot(target=HERE), plan, number, mark, "settings.json", words, said="x"))
        for number in range(-(-len(rows) // 9))
    ]
    text = "\n".join(one["content"] for page in pages for one in page if one["type"] == 10)
    for key in CATALOGUE:
        assert f"**{words.settings.title(key)}**" in text
    assert text.index(f"<#{TARGETS[Scope.CHANNEL].id}>") > text.index(words.settings.title("provider"))


async def test_what_a_command_has_done_fits() -> None:
    changes = tuple(change(number, key, new=longest(key)) for number, key in enumerate(CATALOGUE, 1))
    check(render_changes(Spot(target=HERE), Outcome(changes=changes), PanelWords("en-US")))
    found = check(render_changes(Spot(target=HERE), Outcome(said="no", tone=Tone.FAULT), PanelWords("en-US")))
    assert [one["custom_id"].split(":")[1] for one in found if "custom_id" in one] == [Act.OPEN.value]


async def test_every_kind_of_setting_has_its_own_way() -> None:
    ways: dict[type, set[str]] = {}
    for key, entry in CATALOGUE.items():
        found = check(render_panel(shown(Spot(target=HERE).at(key)), PanelWords("en-US")))
        acts = {str(one["custom_id"]).split(":")[1] for one in found if "custom_id" in one}
        ways.setdefault(type(entry.kind), acts & {"on", "off", "choose", "list", "form"})
    assert ways[Flag] == {"on", "off"}
    assert ways[Choice] == {"choose"}
    assert ways[Measure] == {"choose", "form"}
    assert ways[Ids] == {"form"}, "a hundred ids have no room in a select"
    assert ways[Text] == ways[WordList] == {"form"}
