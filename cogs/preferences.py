"""``/preferences``: what somebody sets for themselves alone; nobody needs a permission for that."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import Choice
from discord.ext import commands

from bot.client import FusionBot
from bot.domain.settings.scopes import Scope, Target
from bot.presentation.commands import command_text
from bot.presentation.settings.panel import SettingsPanel
from bot.presentation.settings.typing.options import PanelTyping

KEY = command_text("command.preferences.options.key.description")


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class PreferencesCog(
    commands.GroupCog,
    group_name=command_text("command.preferences.name"),
    group_description=command_text("command.preferences.description"),
):
    """Turns commands about a user's own settings into calls of the panel."""

    def __init__(self, panel: SettingsPanel, typing: PanelTyping) -> None:
        self._panel = panel
        self._typing = typing

    @app_commands.command(
        name=command_text("command.preferences.panel.name"),
        description=command_text("command.preferences.panel.description"),
    )
    async def panel(self, interaction: discord.Interaction) -> None:
        """Show the panel."""
        await self._panel.show(interaction, Target.user(interaction.user.id))

    @app_commands.command(
        name=command_text("command.preferences.set.name"),
        description=command_text("command.preferences.set.description"),
    )
    @app_commands.describe(key=KEY, value=command_text("command.preferences.options.value.description"))
    @app_commands.rename(
        key=command_text("command.preferences.options.key.name"),
        value=command_text("command.preferences.options.value.name"),
    )
    async def set_value(self, interaction: discord.Interaction, key: str, value: str) -> None:
        """Set one value."""
        await self._panel.set(interaction, Target.user(interaction.user.id), key, value)

    @app_commands.command(
        name=command_text("command.preferences.reset.name"),
        description=command_text("command.preferences.reset.description"),
    )
    @app_commands.describe(key=KEY)
    @app_commands.rename(key=command_text("command.preferences.options.key.name"))
    async def reset(self, interaction: discord.Interaction, key: str) -> None:
        """Take one value away, or all."""
        await self._panel.reset(interaction, Target.user(interaction.user.id), key)

    @app_commands.command(
        name=command_text("command.preferences.history.name"),
        description=command_text("command.preferences.history.description"),
    )
    async def history(self, interaction: discord.Interaction) -> None:
        """Show the record of one's own changes."""
        await self._panel.show_audit_log(interaction, Target.user(interaction.user.id))

    @set_value.autocomplete("key")
    async def suggest_keys(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        """Suggest settings that are a user's own."""
        return await self._typing.keys(interaction, typed, scopes=(Scope.PERSON,))

    @reset.autocomplete("key")
    async def suggest_set_keys(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        """Suggest the same, and everything."""
        return await self._typing.keys(interaction, typed, scopes=(Scope.PERSON,), with_all=True)

    @set_value.autocomplete("value")
    async def suggest_values(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        """Suggest values for the setting that is chosen."""
        return await self._typing.values(interaction, typed, scope=Scope.PERSON)


async def setup(bot: FusionBot) -> None:
    """Add the cog; discord.py calls this when it loads the file."""
    services = bot.services
    await bot.add_cog(PreferencesCog(services.panel, services.panel_typing))
