"""What a setting is changed with: a switch, a select, or a form, after its kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import discord

from bot.domain.drawing.recipes import KNOWN_SIZES
from bot.domain.page.pager import clip
from bot.domain.picture.parameters import Size
from bot.domain.settings.catalogue import CATALOGUE
from bot.domain.settings.kinds import Choice, Flag, IdKind, Ids, Measure, Text, WordList
from bot.presentation.settings.ids import Act, panel_id
from bot.presentation.settings.pages.layout import OPTIONS, Item, button, option, row, select
from bot.presentation.settings.pages.shown import PanelPage
from bot.presentation.words import panel as words_of
from bot.presentation.words.drawings import CardWords
from bot.presentation.words.panel import PanelWords
from bot.services.drawing.suggestions import KNOWN_MODELS

# Without media channels, which Discord's specification does not know yet: the command takes them.
_CHANNEL_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
    discord.ChannelType.category,
]


def render_control(shown: PanelPage, words: PanelWords) -> tuple[Item | None, ...]:
    """Make the rows that change the setting of a page."""
    spot, key = shown.spot, shown.spot.key
    entry = CATALOGUE[key]
    here = shown.set_here.get(key)
    change = button(Act.FORM, spot, words.say(words_of.CHANGE), "✏️", style=discord.ButtonStyle.primary)
    match entry.kind:
        case Flag():
            return (row(*_switches(shown, words)),)
        case Choice(choices=choices):
            offered = [one for one in choices if shown.offered is None or one in shown.offered]
            options = [option(words.settings.choice(key, one), one, chosen=one == here) for one in offered]
            return (row(select(Act.CHOOSE, spot, words.say(words_of.CHOOSE_VALUE), options[:OPTIONS])),)
        case Measure():
            other = button(Act.FORM, spot, words.say(words_of.OTHER), "✏️")
            return (row(select(Act.CHOOSE, spot, words.say(words_of.CHOOSE_VALUE), _sizes(here, words))), row(other))
        case Ids(names=names):
            ids = entry.parse(here) if here is not None else ()
            picker = _picker(shown, names, ids, words) if len(ids) <= OPTIONS else None
            return (row(picker),) if picker is not None else (row(change),)
        case Text() if key == "drawing_model":
            options = [option(name, name, chosen=name == here) for name in KNOWN_MODELS]
            other = button(Act.FORM, spot, words.say(words_of.OTHER), "✏️")
            return (row(select(Act.CHOOSE, spot, words.say(words_of.CHOOSE_VALUE), options)), row(other))
        case WordList() | _:
            return (row(change),)


def _switches(shown: PanelPage, words: PanelWords) -> Iterator[discord.ui.Button[Any]]:
    here = shown.set_here.get(shown.spot.key)
    for act, label, emoji in ((Act.ON, words_of.SWITCH_ON, "🟢"), (Act.OFF, words_of.SWITCH_OFF, "🔴")):
        chosen = here == act.value
        style = discord.ButtonStyle.primary if not chosen else discord.ButtonStyle.secondary
        yield button(act, shown.spot, words.say(label), emoji, style=style, disabled=chosen)


def _sizes(here: str | None, words: PanelWords) -> list[discord.SelectOption]:
    shapes = CardWords(words.locale)
    sizes: dict[str, Size] = {str(size): size for size in KNOWN_SIZES[:OPTIONS]}
    return [option(shapes.size(size), written, chosen=written == here) for written, size in sizes.items()]


def _picker(shown: PanelPage, names: IdKind, ids: tuple[int, ...], words: PanelWords) -> Item:
    known = [discord.Object(one) for one in ids if one in shown.known_ids]
    custom_id = panel_id(Act.LIST, shown.spot)
    if names is IdKind.CHANNELS:
        channels: discord.ui.ChannelSelect[Any] = discord.ui.ChannelSelect(
            custom_id=custom_id,
            channel_types=_CHANNEL_TYPES,
            placeholder=clip(words.say(words_of.CHOOSE_CHANNELS), 150),
            min_values=0,
            max_values=OPTIONS,
            default_values=[discord.SelectDefaultValue(id=one.id, type=_CHANNEL) for one in known],
        )
        return channels
    roles: discord.ui.RoleSelect[Any] = discord.ui.RoleSelect(
        custom_id=custom_id,
        placeholder=clip(words.say(words_of.CHOOSE_ROLES), 150),
        min_values=0,
        max_values=OPTIONS,
        default_values=[discord.SelectDefaultValue(id=one.id, type=_ROLE) for one in known],
    )
    return roles


_CHANNEL, _ROLE = discord.SelectDefaultValueType.channel, discord.SelectDefaultValueType.role
