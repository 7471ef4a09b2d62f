"""What all pages about settings are made of."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import discord

from bot.domain.page.pager import clip
from bot.presentation.settings.ids import Act, Spot, panel_id

Item = discord.ui.Item[Any]
TOLD_CHARS = 800
"""How much is said of what was done last; a page has room for 4,000 characters."""
OPTIONS = 25
"""Discord's limit for a select menu."""


class Tone(IntEnum):
    """The colour at the edge of a page."""

    PLAIN = 0x5865F2
    DONE = 0x2E8B57
    FAULT = 0xC8372D


_SIGNS = {Tone.PLAIN: "ℹ️", Tone.DONE: "✅", Tone.FAULT: "⚠️"}


def page(*items: Item | None, tone: Tone = Tone.PLAIN) -> discord.ui.LayoutView:
    """Put a page together.

    It is finished from the start, so that the library does not keep it: what is pressed is known by its id alone.
    """
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.Container(*(item for item in items if item is not None), accent_colour=int(tone)))
    view.stop()
    return view


def text(content: str, longest: int = 3000) -> discord.ui.TextDisplay[Any]:
    """Show words."""
    return discord.ui.TextDisplay(clip(content, longest))


def line() -> discord.ui.Separator[Any]:
    """Draw a line between two parts."""
    return discord.ui.Separator()


def told(words: str, tone: Tone) -> discord.ui.TextDisplay[Any] | None:
    """Say what was done last, or why it was not."""
    if not words:
        return None
    return text(f"{_SIGNS[tone]} {words}", TOLD_CHARS)


def row(*items: Item | None) -> discord.ui.ActionRow[Any] | None:
    """Put buttons, or a select, side by side; None where there are none."""
    found = [item for item in items if item is not None]
    return discord.ui.ActionRow(*found) if found else None


def button(
    act: Act,
    spot: Spot,
    label: str,
    emoji: str | None = None,
    *,
    arg: str | int = "",
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    disabled: bool = False,
) -> discord.ui.Button[Any]:
    """Make a button."""
    return discord.ui.Button(
        custom_id=panel_id(act, spot, arg), label=clip(label, 80), emoji=emoji, style=style, disabled=disabled
    )


def select(act: Act, spot: Spot, placeholder: str, options: list[discord.SelectOption]) -> discord.ui.Select[Any]:
    """Make a select of one option."""
    return discord.ui.Select(custom_id=panel_id(act, spot), placeholder=clip(placeholder, 150), options=options)


def option(
    label: str, value: str, *, help_: str = "", emoji: str | None = None, chosen: bool = False
) -> discord.SelectOption:
    """Make an option of a select."""
    return discord.SelectOption(
        label=clip(label, 100) or value, value=value, description=clip(help_, 100) or None, emoji=emoji, default=chosen
    )
