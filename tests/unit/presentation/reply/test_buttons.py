"""Buttons as people see them."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.domain.reply.controls import Action, Controls, PressRefusal, parse_custom_id
from bot.presentation.reply.buttons import render_controls
from bot.presentation.words.replies import Words

LARGEST = 2**63 - 1
LABELLED = (Action.STOP, Action.RETRY, Action.CONTINUE)


def buttons(controls: Controls, locale: str = "en-US") -> list[discord.ui.Button[Any]]:
    found = render_controls(controls, Words(locale)).children
    buttons = [item for item in found if isinstance(item, discord.ui.Button)]
    assert len(buttons) == len(found)
    return buttons


def every(version: int = 2, versions: int = 3, turn_id: int = LARGEST) -> Controls:
    return Controls(turn_id=turn_id, actions=tuple(Action), version=version, versions=versions)


async def test_every_button_is_known_by_its_action_and_turn() -> None:
    ids = [str(button.custom_id) for button in buttons(every(turn_id=5))]
    assert len(set(ids)) == len(ids) == len(Action) + 1
    assert [parse_custom_id(known) for known in ids if parse_custom_id(known)] == [(action, 5) for action in Action]
    # The one that tells the version is not to be pressed.
    assert [button.disabled for button in buttons(every()) if parse_custom_id(str(button.custom_id)) is None] == [True]


async def test_all_that_discord_limits_is_within_its_limits() -> None:
    for locale in ("en-US", "zh-CN"):
        for button in buttons(every(version=10**6, versions=10**6), locale):
            assert len(str(button.custom_id)) <= 100
            assert len(button.label or "") <= 80
            assert button.label or button.emoji
    rows = render_controls(every(), Words("en-US")).to_components()
    assert all(len(row["components"]) <= 5 for row in rows)


@pytest.mark.parametrize("action", LABELLED)
async def test_labels_are_in_the_reader_s_language(action: Action) -> None:
    (english,) = buttons(Controls(turn_id=5, actions=(action,)), "en-US")
    (chinese,) = buttons(Controls(turn_id=5, actions=(action,)), "zh-CN")
    assert english.label == Words("en-US").action(action)
    assert chinese.label != english.label
    assert "\u4e00" <= str(chinese.label)[0] <= "\u9fff"
    assert english.custom_id == chinese.custom_id
    assert english.emoji == chinese.emoji


@pytest.mark.parametrize(("version", "disabled"), [(1, [True, False]), (2, [False, False]), (3, [False, True])])
async def test_the_ends_of_the_versions_can_not_be_passed(version: int, disabled: list[bool]) -> None:
    controls = Controls(turn_id=5, actions=(Action.PREVIOUS, Action.NEXT), version=version, versions=3)
    back, shown, forth = buttons(controls)
    assert [back.disabled, forth.disabled] == disabled
    assert shown.label == f"{version}/3"


async def test_the_library_is_not_to_keep_the_view() -> None:
    assert render_controls(every(), Words("en-US")).is_finished()


@pytest.mark.parametrize("refusal", PressRefusal)
def test_every_refusal_of_a_press_has_words_in_both_languages(refusal: PressRefusal) -> None:
    english, chinese = Words("en-US").press_refusal(refusal), Words("zh-CN").press_refusal(refusal)
    assert english
    assert chinese != english
