"""Who sees what comes of an interaction: everybody there, or the user alone."""

from __future__ import annotations

import discord

PRIVATE = "fusion_bot.private"
"""Where an interaction carries whether its response is for the user alone, or may be."""
_UNTOLD = "fusion_bot.untold"
"""Where it carries that nobody told whether it is."""


def note_privacy(interaction: discord.Interaction, shown_alone: bool | None) -> None:
    """Note whether Discord shows the response to the user alone, whatever was asked for; None: that can't be told."""
    interaction.extras[PRIVATE] = shown_alone is not False
    if shown_alone is None:
        interaction.extras[_UNTOLD] = True


def interaction_is_private(interaction: discord.Interaction) -> bool:
    """Whether what comes of an interaction is kept as the user's alone: Discord says so, or the button stands so."""
    if PRIVATE in interaction.extras:
        return bool(interaction.extras[PRIVATE])
    return interaction.message is not None and interaction.message.flags.ephemeral


def is_seen_alone(interaction: discord.Interaction) -> bool:
    """Whether it is certain that nobody else sees what comes of an interaction."""
    return interaction_is_private(interaction) and _UNTOLD not in interaction.extras
