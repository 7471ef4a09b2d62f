"""What stands in the ids of a panel's components."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.settings.catalogue import CATALOGUE, Topic
from bot.domain.settings.old_names import OLD_NAMES
from bot.domain.settings.scopes import Scope, Target
from bot.presentation.settings.ids import Act, PanelId, Spot, panel_id, parse_panel_id, read_target, write_target

LARGEST = 2**63 - 1
TARGETS = (
    Target.guild(LARGEST),
    Target.category(LARGEST, LARGEST - 1),
    Target.channel(LARGEST, LARGEST - 2),
    Target.user(LARGEST - 3),
)
LONGEST_ARG = f"99999.{LARGEST:x}.{'f' * 16}.n"


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("act", Act)
def test_everything_reads_back_and_fits(act: Act, target: Target) -> None:
    for key in CATALOGUE:
        spot = Spot(target=target).at(key)
        written = panel_id(act, spot, "f" * 16)
        assert len(written) <= 100
        assert parse_panel_id(written, LARGEST) == PanelId(act=act, spot=spot, arg="f" * 16)
    for topic in Topic:
        spot = Spot(target=target, topic=topic)
        written = panel_id(act, spot, LONGEST_ARG)
        assert len(written) <= 100
        assert parse_panel_id(written, LARGEST) == PanelId(act=act, spot=spot, arg=LONGEST_ARG)


@pytest.mark.parametrize(
    "custom_id",
    [
        "",
        "settings:",
        "reply:retry:7",
        "settings:open:g2:model::",
        "settings:open:g1:nothing::",
        "settings:open:g1:model:nothing:",
        "settings:explode:g1:model::",
        "settings:open:g0:model::",
        "settings:open:x9223372036854775808:model::",
        "settings:open:p0:model::",
        "settings:open:z1:model::",
        "settings:open:g1:model::UPPER",
        "settings:open:g1:model::\n",
        "settings:open:g１:model::",
        "settings:open:g1:model::" + "0" * 49,
    ],
)
def test_what_is_none_of_the_panel_s_here_is_none(custom_id: str) -> None:
    assert parse_panel_id(custom_id, 1) is None


@pytest.mark.parametrize(("old", "new"), OLD_NAMES.items())
def test_a_panel_of_an_earlier_version_leads_to_the_setting_of_today(old: str, new: str) -> None:
    found = parse_panel_id(f"settings:form:g1:drawing:{old}:", 1)
    assert found == PanelId(act=Act.FORM, spot=Spot(target=Target.guild(1)).at(new))


@given(st.text(max_size=120), st.one_of(st.none(), st.integers(1, LARGEST)))
def test_whatever_comes_it_is_read_or_refused(custom_id: str, guild_id: int | None) -> None:
    for tried in (custom_id, f"settings:open:{custom_id}", f"settings:open:g1:model::{custom_id}"):
        found = parse_panel_id(tried, guild_id)
        assert found is None or panel_id(found.act, found.spot, found.arg) == tried


def test_targets_are_of_the_guild_in_which_they_are_named() -> None:
    assert read_target(write_target(Target.channel(1, 5)), 2) == Target.channel(2, 5)
    assert read_target("x5", None) is None
    assert read_target("p5", None) == Target.user(5)
    assert read_target("", 1) is None
    assert {write_target(target)[0] for target in TARGETS} == {"g", "c", "x", "p"}
    assert len(Scope) - len(TARGETS) == 2, "what is built in or the operator's has no target"
