"""The buttons, selects and forms of the settings panel."""

from __future__ import annotations

import discord
from discord.ext import commands

from bot.presentation.settings_panel import SettingsPanel
from bot.presentation.settings_panel_ids import PREFIX


class SettingsPanelCog(commands.Cog):
    """Hands presses to the panel. Each is known by its id alone, whenever and by whichever process it was made."""

    def __init__(self, panel: SettingsPanel) -> None:
        self._panel = panel

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Act on what is the panel's; leave every other interaction to its owner."""
        if interaction.type not in (discord.InteractionType.component, discord.InteractionType.modal_submit):
            return
        custom_id = str(interaction.data.get("custom_id", "")) if interaction.data is not None else ""
        if custom_id.startswith(PREFIX):
            await self._panel.press(interaction, custom_id)
