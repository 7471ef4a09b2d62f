"""What an import would change, as people read it before they decide, and what a command has changed."""

from __future__ import annotations

import discord

from bot.domain.page.foreign import literal
from bot.domain.settings.document import ImportPlan
from bot.domain.settings.scopes import Scope
from bot.presentation.settings.ids import Act, Spot
from bot.presentation.settings.pages.layout import Tone, button, line, page, row, text, told
from bot.presentation.settings.pages.outcome import Outcome
from bot.presentation.words import panel as words_of
from bot.presentation.words.panel import PanelWords

ROWS_A_PAGE = 9
_SCOPES = tuple(Scope)


def render_import(
    spot: Spot, plan: ImportPlan, number: int, mark: str, filename: str, words: PanelWords, *, said: str = ""
) -> discord.ui.LayoutView:
    """Draw a page of a diff, ``number`` from 0, with what decides on it; ``mark`` goes along in the buttons' ids."""
    pages = max(1, -(-len(plan.rows) // ROWS_A_PAGE))
    number = min(number, pages - 1)
    title = f"## 📥 {words.say(words_of.IMPORT_TITLE, name=literal(filename, 60))}"
    if not plan.rows:
        return page(text(title), text(words.say(words_of.IMPORT_NOTHING)))
    count = words.say(words_of.IMPORT_COUNT, count=str(len(plan.rows)))
    rows = sorted(plan.rows, key=lambda one: (_SCOPES.index(one.target.scope), one.target.id))
    shown = rows[number * ROWS_A_PAGE : (number + 1) * ROWS_A_PAGE]
    arrows = (
        button(
            Act.DIFF, spot, words.say(words_of.PREVIOUS), "◀️", arg=f"{max(0, number - 1)}.{mark}.p", disabled=not number
        ),
        button(
            Act.DIFF, spot, words.say(words_of.NEXT), "▶️", arg=f"{number + 1}.{mark}.n", disabled=number + 1 >= pages
        ),
    )
    return page(
        told(said, Tone.FAULT),
        text(title),
        text(count),
        line(),
        text("\n".join(map(words.change, shown))),
        line(),
        text(f"-# {words.say(words_of.PAGE, page=str(number + 1), pages=str(pages))}") if pages > 1 else None,
        discord.ui.File(f"attachment://{filename}"),
        row(
            button(
                Act.APPLY,
                spot,
                words.say(words_of.APPLY),
                "✅",
                arg=f"0.{mark}",
                style=discord.ButtonStyle.success,
            ),
            button(Act.CANCEL, spot, words.say(words_of.CANCEL), "✖️"),
            *(arrows if pages > 1 else ()),
        ),
    )


def render_changes(spot: Spot, outcome: Outcome, words: PanelWords) -> discord.ui.LayoutView:
    """Draw what was changed, or why nothing was, with a button that takes it back and one that leads to the panel."""
    batch = outcome.changes[0].batch if outcome.changes else ""
    return page(
        told(outcome.in_words(words), outcome.tone),
        row(
            button(Act.TAKE, spot, words.say(words_of.UNDO), "↩️", arg=batch) if batch else None,
            button(Act.OPEN, spot, words.say(words_of.THIS_SETTING if spot.key else words_of.ALL_SETTINGS), "⚙️"),
        ),
        tone=outcome.tone,
    )
