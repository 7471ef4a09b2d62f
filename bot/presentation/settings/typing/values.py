"""What is suggested while somebody types a command about settings: keys, and values that fit the key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import discord
from discord.app_commands import Choice as Suggestion

from bot.domain.drawing.recipes import KNOWN_SIZES
from bot.domain.page.foreign import one_line
from bot.domain.page.pager import clip
from bot.domain.settings.catalogue import CATALOGUE, Setting
from bot.domain.settings.kinds import Choice, Flag, Ids, Lowest, Measure, Number, Text, Whole, write_plain
from bot.domain.settings.layers import Operator
from bot.domain.settings.old_names import today
from bot.domain.settings.scopes import Scope
from bot.presentation.settings.typing.names import ids_for_names, named_ids
from bot.presentation.words import panel as words_of
from bot.presentation.words.drawings import CardWords
from bot.presentation.words.panel import PanelWords
from bot.services.drawing.suggestions import KNOWN_MODELS

SUGGESTIONS = 25
CHARS = 100
"""Discord's limits: choices in one answer, characters of a choice's name and of its value."""
ALL = "all"
EMPTY = '""'
"""How an empty value is typed: Discord takes nothing for neither an option's value nor a choice's."""
_NO_LIMIT_STEPS = (10, 50, 100, 500, 1000, 10_000, 100_000, 1_000_000)


def suggest_keys(
    typed: str, words: PanelWords, scopes: Iterable[Scope], *, with_all: bool = False
) -> list[Suggestion[str]]:
    """Suggest settings that can be set in one of the scopes, found by key and by title; those that begin so first."""
    wanted, allowed = today(typed.strip().casefold()), set(scopes)
    found: list[tuple[bool, Suggestion[str]]] = []
    if with_all and wanted in f"{ALL} {words.say(words_of.EVERYTHING)}".casefold():
        found.append((False, Suggestion(name=clip(words.say(words_of.EVERYTHING), CHARS), value=ALL)))
    for key, entry in CATALOGUE.items():
        title = words.settings.title(key)
        if not allowed.isdisjoint(entry.scopes) and wanted in f"{key} {title}".casefold():
            late = not (key.startswith(wanted) or title.casefold().startswith(wanted))
            found.append((late, Suggestion(name=clip(f"{title} ({key})", CHARS), value=key)))
    return [suggestion for _, suggestion in sorted(found, key=lambda each: each[0])][:SUGGESTIONS]


def suggest_values(
    key: str,
    typed: str,
    words: PanelWords,
    *,
    now: str | None,
    operator: Operator,
    guild: discord.Guild | None,
) -> list[Suggestion[str]]:
    """Suggest values for a setting: what is typed, what holds ``now``, and what there is to choose from.

    What the ``operator`` does not allow is left out.
    """
    entry = CATALOGUE[key]
    if isinstance(entry.kind, Ids):
        nothing = [] if typed.strip(' "“”') else [Suggestion(name=_name(entry, EMPTY, words), value=EMPTY)]
        return [*nothing, *_ids(entry.kind, typed, guild)][:SUGGESTIONS]
    found: dict[str, str] = {}
    known = _known(entry, words, operator)
    for value, name in (*_typed(entry, typed, words), *_now(entry, now, words), *known):
        if operator.allows(entry, "" if value == EMPTY else value):
            found.setdefault(value, name)
    wanted = typed.strip().casefold()
    fitting = [
        Suggestion(name=clip(name, CHARS), value=value)
        for value, name in found.items()
        if len(value) <= CHARS and value and wanted in f"{value} {name}".casefold()
    ]
    return fitting[:SUGGESTIONS]


def _typed(entry: Setting, typed: str, words: PanelWords) -> Iterator[tuple[str, str]]:
    """Suggest what is typed itself, where it is a value; it is shown as it would be kept."""
    if isinstance(entry.kind, Whole | Number | Measure) and typed.strip():
        try:
            written = entry.write(entry.parse(typed))
        except ValueError:
            return
        if typed.strip().casefold() in written.casefold():  # others would be filtered out by Discord's client
            yield written, _name(entry, written, words)


def _now(entry: Setting, now: str | None, words: PanelWords) -> Iterator[tuple[str, str]]:
    if now:
        yield now, words.say(words_of.AS_NOW, value=_name(entry, now, words))


def _known(entry: Setting, words: PanelWords, operator: Operator) -> Iterator[tuple[str, str]]:
    values: list[str] = []
    most = operator.most(entry)
    match entry.kind:
        case Flag():
            values = ["on", "off"]
        case Choice(choices=choices):
            values = list(choices)
        case Measure():
            shapes = CardWords(words.locale)
            yield from ((str(size), shapes.size(size)) for size in KNOWN_SIZES)
            return
        case Whole(low=low, high=high, lowest=lowest):
            steps = _NO_LIMIT_STEPS if lowest is Lowest.NO_LIMIT else ()
            values = [*map(str, (entry.default, low)), *map(str, steps), str(high if most is None else most)]
        case Number(low=number_low, high=number_high, above=above):
            values = [
                entry.write(entry.default),
                *([] if above else [write_plain(number_low)]),
                write_plain(number_high if most is None else most),
            ]
        case Text() if entry.key in operator.available:
            values = [name or EMPTY for name in sorted(operator.available[entry.key])]
        case _:
            values = list(KNOWN_MODELS) if entry.key == "drawing_model" else [entry.write(entry.default) or EMPTY]
    yield from ((value, _name(entry, value, words)) for value in values)


def _name(entry: Setting, written: str, words: PanelWords) -> str:
    meant = "" if written == EMPTY else written
    said = words.settings.written(entry.key, meant, shown_chars=CHARS, plain=True)
    shown = one_line(written)
    return said if said.casefold() == shown.casefold() else f"{shown} ({said})"


def _ids(kind: Ids, typed: str, guild: discord.Guild | None) -> Iterator[Suggestion[str]]:
    """Suggest channels or roles by name for the last part of a list; the parts before it stay."""
    before, _, wanted = re.sub("[，、]", ",", typed).rpartition(",")
    try:
        kept = list(map(str, kind.parse(ids_for_names(kind, before, guild))))
    except ValueError:
        return
    wanted = wanted.strip().lstrip("#@").casefold()
    for one, name in named_ids(kind, guild):
        value = ", ".join((*kept, str(one)))
        if (wanted in name.casefold() or wanted == str(one)) and str(one) not in kept and len(value) <= CHARS:
            yield Suggestion(name=clip(one_line(f"{before}, {name}" if kept else name), CHARS), value=value)
