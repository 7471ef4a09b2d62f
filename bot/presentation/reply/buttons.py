"""Buttons as Discord shows them."""

from __future__ import annotations

import discord

from bot.domain.reply.controls import Action, Controls, custom_id
from bot.presentation.words.replies import Words

_EMOJI = {
    Action.STOP: "⏹️",
    Action.RETRY: "🔄",
    Action.CONTINUE: "⏩",
    Action.PREVIOUS: "◀️",
    Action.NEXT: "▶️",
    Action.DELETE: "🗑️",
    Action.DRAW: "🎨",
    Action.AGAIN: "🎲",
    Action.VARY: "🎚️",
    Action.EDIT: "✏️",
    Action.SIZE: "📐",
    Action.UPSCALE: "⬆️",
}
_SIGNS = frozenset({Action.PREVIOUS, Action.NEXT, Action.DELETE})
"""These are plain enough without words."""


def render_controls(controls: Controls, words: Words) -> discord.ui.View:
    """Draw the buttons of a reply.

    The view is finished from the start, so that the library does not keep it: what is pressed is known by its id alone,
    and answered wherever it was made (cogs/controls.py).
    """
    view = discord.ui.View(timeout=None)
    for action in controls.actions:
        view.add_item(
            discord.ui.Button(
                custom_id=custom_id(action, controls.turn_id),
                emoji=_EMOJI[action],
                label=None if action in _SIGNS else words.action(action, drawing=controls.drawing),
                style=discord.ButtonStyle.secondary,
                disabled=(action is Action.PREVIOUS and controls.version <= 1)
                or (action is Action.NEXT and controls.version >= controls.versions)
                or (action is Action.UPSCALE and not controls.larger),
            )
        )
        if action is Action.PREVIOUS:
            view.add_item(
                discord.ui.Button(
                    custom_id=f"reply:version:{controls.turn_id}",
                    label=f"{controls.version}/{controls.versions}",
                    style=discord.ButtonStyle.secondary,
                    disabled=True,
                )
            )
    view.stop()
    return view
