"""The pages of the settings panel: a topic with its settings, and one setting with all that there is to know of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import discord

from bot.domain.page.pager import clip
from bot.domain.settings.catalogue import CATALOGUE, Topic
from bot.domain.settings.kinds import Text
from bot.domain.settings.scopes import Scope
from bot.presentation.settings.ids import Act, write_target
from bot.presentation.settings.pages.controls import render_control
from bot.presentation.settings.pages.layout import Item, button, line, option, page, row, select, text, told
from bot.presentation.settings.pages.shown import PanelPage
from bot.presentation.words import panel as words_of
from bot.presentation.words.panel import PanelWords

HERE, ABOVE = "🔵", "⚪"
HOLDS, PASSED_OVER = "✅", "▫️"
_EMOJI: Mapping[Topic, str] = {
    Topic.MODEL: "🧠",
    Topic.REPLIES: "💬",
    Topic.DRAWING: "🎨",
    Topic.PERMISSIONS: "🛡️",
    Topic.QUOTAS: "📊",
}
_PLACES: Mapping[Scope, str] = {Scope.GUILD: "🏠", Scope.CATEGORY: "📁", Scope.CHANNEL: "📍", Scope.PERSON: "👤"}
_CEILINGS: Mapping[str, tuple[str, ...]] = {"size": ("max_size", "max_megapixels"), "steps": ("max_steps",)}
"""The settings within which another one is drawn."""
LONG_CHARS = 700
"""How much of a text is shown on its own page."""


def settable(topic: Topic, scope: Scope) -> tuple[str, ...]:
    """List the settings of a topic that can be set in a scope."""
    return tuple(key for key, entry in CATALOGUE.items() if entry.topic is topic and scope in entry.scopes)


def topics_of(scope: Scope) -> tuple[Topic, ...]:
    """List the topics that have settings in a scope."""
    return tuple(topic for topic in Topic if settable(topic, scope))


def render_panel(shown: PanelPage, words: PanelWords) -> discord.ui.LayoutView:
    """Draw a page of the panel."""
    return _setting_page(shown, words) if shown.spot.key else _topic_page(shown, words)


def _topic_page(shown: PanelPage, words: PanelWords) -> discord.ui.LayoutView:
    spot, scope = shown.spot, shown.spot.target.scope
    keys = settable(spot.topic, scope)
    lines = [
        words.say(
            words_of.VALUE_LINE,
            sign=HERE if key in shown.set_here else ABOVE,
            title=words.settings.title(key),
            value=words.value(shown.explained[key]),
            origin=words.origin(shown.explained[key]),
        )
        for key in keys
    ]
    settings = [
        option(
            words.settings.title(key),
            key,
            help_=words.plain_value(shown.explained[key], 100),
            emoji=HERE if key in shown.set_here else ABOVE,
        )
        for key in keys
    ]
    topics = [
        option(words.settings.topic(topic), topic.value, emoji=_EMOJI[topic], chosen=topic is spot.topic)
        for topic in topics_of(scope)
    ]
    return page(
        *_head(shown, words),
        text("\n".join(lines)),
        line(),
        row(select(Act.TOPIC, spot, words.say(words_of.CHOOSE_TOPIC), topics)),
        row(select(Act.SETTING, spot, words.say(words_of.CHOOSE_SETTING), settings)),
        _place_row(shown, words),
        row(_undo(shown, words), button(Act.AUDIT_LOG, spot, words.say(words_of.HISTORY), "🕘", arg=0)),
        tone=shown.tone,
    )


def _setting_page(shown: PanelPage, words: PanelWords) -> discord.ui.LayoutView:
    spot, key = shown.spot, shown.spot.key
    explained = shown.explained[key]
    now = words.say(words_of.NOW, value=words.value(explained, shown_chars=LONG_CHARS), origin=words.origin(explained))
    facts = "\n".join(f"-# {fact}" for fact in _facts(shown, words))
    layers = [
        words.say(
            words_of.LAYER,
            sign=HOLDS if layer.holds else PASSED_OVER,
            place=layer.place,
            value=words.say(words_of.BARRED, value=words.written(key, layer.written))
            if layer.barred
            else words.written(key, layer.written),
        )
        for layer in shown.layers
    ]
    head = f"### {_EMOJI[spot.topic]} {words.settings.title(key)}\n{words.settings.help(key)}"
    controls = () if shown.lock is not None else render_control(shown, words)
    return page(
        told(shown.told, shown.tone),
        text(f"{head}\n{now}\n{facts}"),
        line(),
        text("\n".join(layers)),
        line(),
        text(f"🔒 {words.settings.fault(shown.lock)}") if shown.lock is not None else None,
        *controls,
        _place_row(shown, words),
        row(
            button(Act.OPEN, spot.at(""), words.say(words_of.BACK), "⬅️"),
            None
            if shown.lock is not None
            else button(Act.RESET, spot, words.say(words_of.RESET), "♻️", disabled=key not in shown.set_here),
            _undo(shown, words),
            button(Act.AUDIT_LOG, spot, words.say(words_of.HISTORY), "🕘", arg=0),
        ),
        tone=shown.tone,
    )


def _facts(shown: PanelPage, words: PanelWords) -> Iterator[str]:
    """Say what a setting takes, and what the operator allows of that."""
    key = shown.spot.key
    yield f"{words.say(words_of.TAKES, range=words.settings.range(key))} `{key}`"
    if shown.most is not None:
        yield words.say(words_of.AT_MOST, most=words.written(key, shown.most))
    for ceiling in _CEILINGS.get(key, ()):
        most = words.value(shown.explained[ceiling])
        yield words.say(words_of.CEILING_HERE, title=words.settings.title(ceiling), most=most)
    if shown.offered is not None and isinstance(CATALOGUE[key].kind, Text):
        yield words.say(words_of.ONLY, offered=words.settings.offered(shown.offered))


def _head(shown: PanelPage, words: PanelWords) -> tuple[Item | None, ...]:
    personal = shown.spot.target.scope is Scope.PERSON
    title = words.say(words_of.TITLE_OWN if personal else words_of.TITLE)
    about = (
        words.say(words_of.FOR_YOU)
        if personal
        else words.say(words_of.FOR_PLACE, place=words.settings.place(shown.spot.target))
    )
    topic = words.settings.topic(shown.spot.topic)
    return (
        told(shown.told, shown.tone),
        text(f"## ⚙️ {title}\n-# {about}\n### {_EMOJI[shown.spot.topic]} {topic}"),
    )


def _place_row(shown: PanelPage, words: PanelWords) -> Item | None:
    spot = shown.spot
    entry = CATALOGUE.get(spot.key)
    places = [
        option(
            words.place_label(target, name),
            write_target(target),
            emoji=_PLACES[target.scope],
            chosen=target == spot.target,
        )
        for target, name in shown.places
        if entry is None or target.scope in entry.scopes
    ]
    if len(places) < 2:
        return None
    return row(select(Act.PLACE, spot, words.say(words_of.CHOOSE_PLACE), places))


def _undo(shown: PanelPage, words: PanelWords) -> discord.ui.Button[Any] | None:
    last = shown.last
    if last is None:
        return None
    label = (
        words.say(words_of.UNDO_WHAT, title=clip(words.label(last.key), 60))
        if shown.last_count == 1
        else words.say(words_of.UNDO_MANY, count=str(shown.last_count))
    )
    return button(Act.UNDO, shown.spot, label, "↩️", arg=last.batch)
