"""The audit log of settings, as users read it: each act with who and when, and a button that takes it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import discord

from bot.domain.settings.scopes import Change
from bot.presentation.settings.ids import Act, Spot
from bot.presentation.settings.pages.layout import Item, Tone, button, line, page, row, text, told
from bot.presentation.words import panel as words_of
from bot.presentation.words.panel import PanelWords

ACTS_A_PAGE = 5
LINES_AN_ACT = 3
LOGGED_CHARS = 40
LOGGED_CHANGES = 500
"""How far back the audit log is shown."""


class Standing(StrEnum):
    """What has become of an act."""

    STANDS = "stands"
    TAKEN_BACK = "taken_back"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedAct:
    """The changes that were made at once; ``count`` are all of them, ``changes`` those that are asked for."""

    batch: str
    changes: tuple[Change, ...]
    count: int
    standing: Standing


def acts_of(changes: Sequence[Change], key: str = "") -> tuple[LoggedAct, ...]:
    """Gather changes, newest first, into acts, and say what has become of each.

    With a key only the acts that changed that setting. An act stands while nothing of it was changed again; it was
    taken back where the next change of everything in it restored what was there before.
    """
    next_of: dict[int, Change] = {}
    newest: dict[tuple[object, str], Change] = {}
    for change in changes:
        place = (change.target, change.key)
        if place in newest:
            next_of[change.id] = newest[place]
        newest[place] = change
    acts: dict[str, list[Change]] = {}
    for change in changes:
        acts.setdefault(change.batch, []).append(change)
    return tuple(
        LoggedAct(
            batch=batch,
            changes=tuple(change for change in reversed(made) if not key or change.key == key),
            count=len(made),
            standing=_standing(made, next_of),
        )
        for batch, made in acts.items()
        if not key or any(change.key == key for change in made)
    )


def _standing(made: Sequence[Change], next_of: Mapping[int, Change]) -> Standing:
    later = [(change, next_of.get(change.id)) for change in made]
    if all(after is None for _, after in later):
        return Standing.STANDS
    if all(after is not None and (after.new, after.old) == (change.old, change.new) for change, after in later):
        return Standing.TAKEN_BACK
    return Standing.REPLACED


def render_audit_log(
    spot: Spot, acts: Sequence[LoggedAct], number: int, words: PanelWords, *, said: str = "", tone: Tone = Tone.PLAIN
) -> discord.ui.LayoutView:
    """Draw a page of the audit log, ``number`` from 0; one beyond the end is the last."""
    pages = max(1, -(-len(acts) // ACTS_A_PAGE))
    number = min(number, pages - 1)
    title = (
        words.say(words_of.HISTORY_OF, title=words.settings.title(spot.key))
        if spot.key
        else words.say(words_of.HISTORY_TITLE)
    )
    items: list[Item] = [text(f"## 🕘 {title}")]
    shown = acts[number * ACTS_A_PAGE : (number + 1) * ACTS_A_PAGE]
    for act in shown:
        items += [line(), _section(act, spot, number, words)]
    if not shown:
        items.append(text(words.say(words_of.HISTORY_EMPTY)))
    if pages > 1:
        items.append(text(f"-# {words.say(words_of.PAGE, page=str(number + 1), pages=str(pages))}"))
    back = words.say(words_of.BACK if spot.key else words_of.ALL_SETTINGS)
    newer = button(
        Act.AUDIT_LOG, spot, words.say(words_of.NEWER), "◀️", arg=f"{max(0, number - 1)}.n", disabled=number == 0
    )
    older = button(Act.AUDIT_LOG, spot, words.say(words_of.OLDER), "▶️", arg=number + 1, disabled=number + 1 >= pages)
    return page(
        told(said, tone),
        *items,
        row(button(Act.OPEN, spot, back, "⬅️"), *((newer, older) if pages > 1 else ())),
        tone=tone,
    )


def _section(act: LoggedAct, spot: Spot, number: int, words: PanelWords) -> Item:
    first = act.changes[0]
    head = words.say(words_of.ACT_LINE, when=f"<t:{int(first.changed_at.timestamp())}:f>", user=f"<@{first.by.id}>")
    lines = [words.change(change, shown_chars=LOGGED_CHARS) for change in act.changes[:LINES_AN_ACT]]
    if act.standing is Standing.TAKEN_BACK:
        lines = [f"~~{one}~~" for one in lines]
    rest = act.count - min(len(act.changes), LINES_AN_ACT)
    if rest:
        lines.append(f"-# {words.say(words_of.MORE, count=str(rest))}")
    return discord.ui.Section(
        text("\n".join((f"-# {head}", *lines)), 720), accessory=_take_back(act, spot, number, words)
    )


def _take_back(act: LoggedAct, spot: Spot, number: int, words: PanelWords) -> discord.ui.Button[Any]:
    if act.standing is Standing.STANDS:
        many = words.say(words_of.UNDO_MANY, count=str(act.count))
        label = words.say(words_of.UNDO) if act.count == 1 else many
    else:
        label = words.say(words_of.UNDONE if act.standing is Standing.TAKEN_BACK else words_of.REPLACED)
    stands = act.standing is Standing.STANDS
    return button(Act.REVERT, spot, label, "↩️" if stands else None, arg=f"{number}.{act.batch}", disabled=not stands)
