"""The form of one setting: filled in with what stands there, and read back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import discord

from bot.domain.page.pager import clip
from bot.domain.settings.catalogue import CATALOGUE
from bot.domain.settings.kinds import Ids, Text, WordList
from bot.presentation.inbound.inputs import inputs_of
from bot.presentation.settings.ids import Act, Spot, panel_id
from bot.presentation.words.panel import PanelWords

FIELD = "value"
FORM_CHARS = 4000
"""Discord's limit for a text input; it counts as JavaScript does, in UTF-16."""
LINE_CHARS = 100
LABEL_CHARS, HELP_CHARS = 45, 100


def setting_form(spot: Spot, written: str, words: PanelWords, *, stands: str | None) -> discord.ui.Modal | None:
    """Make the form for a setting; None where what is written is longer than a form can hold.

    ``stands`` is what is set at the target itself: its mark goes along, so that it is seen when somebody else has
    changed it meanwhile.
    """
    if len(written.encode("utf-16-le")) // 2 > FORM_CHARS:
        return None
    kind = CATALOGUE[spot.key].kind
    long = isinstance(kind, Ids | WordList) or (isinstance(kind, Text) and kind.long)
    longest = FORM_CHARS if long else kind.longest if isinstance(kind, Text) else LINE_CHARS
    title = clip(words.settings.title(spot.key), LABEL_CHARS)
    modal = discord.ui.Modal(title=title, custom_id=panel_id(Act.FILLED, spot, mark_of(stands)))
    field: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=FIELD,
        style=discord.TextStyle.paragraph if long else discord.TextStyle.short,
        default=written or None,
        max_length=longest,
        required=False,
    )
    range_ = clip(words.settings.range(spot.key), HELP_CHARS)
    modal.add_item(discord.ui.Label(text=title, description=range_, component=field))
    modal.stop()
    return modal


def mark_of(written: str | None) -> str:
    """Write a short mark of what is set somewhere, which differs for another value and for none."""
    return "none" if written is None else hashlib.sha256(written.encode()).hexdigest()[:16]


def value_typed(interaction: discord.Interaction) -> str | None:
    """Read what somebody filled in; untrusted. None where the form has no such field."""
    for one in inputs_of(interaction):
        if one.get("custom_id") == FIELD and isinstance(one.get("value"), str):
            return str(one["value"])
    return None


def values_chosen(interaction: discord.Interaction) -> tuple[str, ...]:
    """Read what somebody chose in a select; untrusted."""
    data: Mapping[str, Any] = interaction.data or {}
    values = data.get("values")
    return tuple(str(value) for value in values) if isinstance(values, list) else ()
