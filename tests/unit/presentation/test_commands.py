"""Whether Discord knows the commands as they are."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import discord
import pytest
from discord import app_commands
from discord.app_commands import TranslationContext, TranslationContextLocation, locale_str

from bot.presentation.commands import CommandTranslator, command_text, same_commands
from tests.fakes.words import worded, worded_in
from tests.unit.presentation.discord_objects import Offline

ASK: dict[str, Any] = {
    "name": "ask",
    "type": 1,
    "description": "Ask",
    "nsfw": False,
    "contexts": [0, 1],
    "default_member_permissions": None,
    "name_localizations": {"zh-CN": "问"},
    "options": [{"name": "prompt", "type": 3, "description": "What", "required": True, "min_length": 1}],
}


def told() -> dict[str, Any]:
    """The same as Discord tells it: with ids, defaults and nothing for what is empty."""
    remote = deepcopy(ASK)
    remote |= {"id": "1", "application_id": "2", "version": "3", "dm_permission": True, "integration_types": [0]}
    del remote["nsfw"]
    return remote


def test_what_discord_adds_or_leaves_out_is_no_change() -> None:
    assert same_commands([ASK], [told()])
    assert same_commands([{**ASK, "default_member_permissions": 8}], [{**told(), "default_member_permissions": "8"}])
    assert same_commands([], [])


def test_their_order_is_no_change() -> None:
    draw = {**ASK, "name": "draw"}
    assert same_commands([ASK, draw], [{**told(), "name": "draw"}, told()])


@pytest.mark.parametrize(
    "change",
    [
        {"description": "Ask something"},
        {"name": "query"},
        {"type": 3},
        {"nsfw": True},
        {"contexts": [0]},
        {"contexts": None},
        {"default_member_permissions": 8},
        {"name_localizations": {"zh-CN": "提问"}},
        {"name_localizations": {"zh-CN": "问", "zh-TW": "問"}},
        {"options": []},
        {"options": [*ASK["options"], {"name": "seed", "type": 4, "description": "Seed"}]},
        {"options": [{**ASK["options"][0], "required": False}]},
        {"options": [{**ASK["options"][0], "max_length": 100}]},
        {"options": [{**ASK["options"][0], "choices": [{"name": "a", "value": "a"}]}]},
    ],
    ids=str,
)
def test_a_change_is_seen(change: dict[str, Any]) -> None:
    assert not same_commands([{**ASK, **change}], [told()])


def test_a_command_more_or_less_is_a_change() -> None:
    assert not same_commands([ASK], [])
    assert not same_commands([], [told()])
    assert not same_commands([ASK], [told(), {**told(), "name": "old"}])


def test_what_was_taken_away_from_a_command_is_a_change() -> None:
    assert not same_commands([{**ASK, "name_localizations": {}}], [told()])
    assert not same_commands([ASK], [{**told(), "name_localizations": {"zh-CN": "问", "zh-TW": "問"}}])
    assert not same_commands([{**ASK, "options": []}], [told()])
    assert not same_commands([{k: v for k, v in ASK.items() if k != "options"}], [told()])
    assert not same_commands([ASK], [{**told(), "options": [{**ASK["options"][0], "max_length": 100}]}])
    assert same_commands([ASK], [{**told(), "options": [{**ASK["options"][0], "choices": [], "autocomplete": False}]}])


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        (discord.Locale.american_english, "en-US"),
        (discord.Locale.british_english, "en-US"),
        (discord.Locale.chinese, "zh-CN"),
        (discord.Locale.taiwan_chinese, "zh-CN"),
        (discord.Locale.german, None),
    ],
)
async def test_commands_have_their_words_in_every_language(locale: discord.Locale, language: str | None) -> None:
    tree = app_commands.CommandTree(Offline().client)
    text = command_text("command.draw.description")

    @tree.command(name="draw", description=text)
    async def draw(interaction: discord.Interaction) -> None:
        """Be a command."""

    assert str(text) == draw.description == worded("command.draw.description")
    context: Any = TranslationContext(TranslationContextLocation.command_description, draw)
    translator = CommandTranslator()
    found = await translator.translate(text, locale, context)
    assert found == (None if language is None else worded_in(language, "command.draw.description"))
    name = await translator.translate(locale_str("canny"), locale, context)
    assert name == (None if language is None else "canny"), "a technical name is the same everywhere"
