"""What a setting is changed with: a switch, a select, or a form, after its kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import discord

from bot.domain.drawing.recipes import ANY_SIZE, sizes_within
from bot.domain.page.pager import clip
from bot.domain.picture.parameters import Size
from bot.domain.settings.catalogue import BUILT_IN, CATALOGUE, parse_setting
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
            sizes = _sizes(shown, words)
            other = button(Act.FORM, spot, words.say(words_of.OTHER if sizes else words_of.CHANGE), "✏️")
            chosen = select(Act.CHOOSE, spot, words.say(words_of.CHOOSE_VALUE), sizes) if sizes else None
            return (row(chosen), row(other))
        case Ids(names=names):
            ids = entry.parse(here) if here is not None else ()
            picker = _picker(shown, names, ids, words) if len(ids) <= OPTIONS else None
            return (row(picker),) if picker is not None else (row(change),)
        case Text() if models := _models(shown):
            options = [option(name, name, chosen=name == here) for name in models[:OPTIONS]]
            # All that can be chosen is there, unless it is the empty name, or there are too many.
            whole = shown.offered is not None and shown.offered == {each.value for each in options}
            typed = None if whole else button(Act.FORM, spot, words.say(words_of.OTHER), "✏️")
            return (row(select(Act.CHOOSE, spot, words.say(words_of.CHOOSE_VALUE), options)), row(typed))
        case WordList() | _:
            return (row(change),)


def _switches(shown: PanelPage, words: PanelWords) -> Iterator[discord.ui.Button[Any]]:
    here = shown.set_here.get(shown.spot.key)
    for act, label, emoji in ((Act.ON, words_of.SWITCH_ON, "🟢"), (Act.OFF, words_of.SWITCH_OFF, "🔴")):
        chosen = here == act.value
        style = discord.ButtonStyle.primary if not chosen else discord.ButtonStyle.secondary
        yield button(act, shown.spot, words.say(label), emoji, style=style, disabled=chosen)


def _models(shown: PanelPage) -> list[str]:
    """List the models to choose from: what the operator allows, else those that are known."""
    if shown.offered is not None:
        return sorted(filter(None, shown.offered))
    return list(KNOWN_MODELS) if shown.spot.key == "drawing_model" else []


def _sizes(shown: PanelPage, words: PanelWords) -> list[discord.SelectOption]:
    """List the known sizes that may be chosen: a ceiling within the operator's, a picture's size within the place's."""
    shapes = CardWords(words.locale)
    here = shown.set_here.get(shown.spot.key)
    ceiling = ANY_SIZE
    if shown.spot.key == "size":
        in_force = {key: shown.explained[key].value for key in ("max_size", "max_megapixels")}
        ceiling = replace(BUILT_IN, **in_force).size_ceiling  # type: ignore[arg-type]  # values of their kinds
    elif shown.most is not None:
        ceiling = replace(ANY_SIZE, sides=parse_setting("size", shown.most))
    sizes: dict[str, Size] = {str(size): size for size in sizes_within(ceiling)[:OPTIONS]}
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
