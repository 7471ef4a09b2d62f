"""``/settings``, for those who manage a server, and what is pressed in its panel."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import Choice
from discord.ext import commands

from bot.client import FusionBot
from bot.domain.settings.scopes import Scope, Target
from bot.presentation.commands import command_text
from bot.presentation.settings.ids import PREFIX
from bot.presentation.settings.panel import SettingsPanel
from bot.presentation.settings.typing.options import GivenChannel, PanelTyping, PlaceGiven, TargetError, choose_target

SCOPES = [
    Choice(name=command_text("command.settings.options.scope.choice.server"), value=Scope.GUILD.value),
    Choice(name=command_text("command.settings.options.scope.choice.category"), value=Scope.CATEGORY.value),
    Choice(name=command_text("command.settings.options.scope.choice.channel"), value=Scope.CHANNEL.value),
    Choice(name=command_text("command.settings.options.scope.choice.person"), value=Scope.PERSON.value),
]
NAMES = {
    "key": command_text("command.settings.options.key.name"),
    "value": command_text("command.settings.options.value.name"),
    "scope": command_text("command.settings.options.scope.name"),
    "channel": command_text("command.settings.options.channel.name"),
}
KEY = command_text("command.settings.options.key.description")
VALUE = command_text("command.settings.options.value.description")
SCOPE = command_text("command.settings.options.scope.description")
CHANNEL = command_text("command.settings.options.channel.description")


# Manage Server is only declared here, and a server can override that: the panel checks it with every interaction.
@app_commands.default_permissions(manage_guild=True)
@app_commands.guild_only()
@app_commands.allowed_installs(guilds=True, users=False)
class SettingsCog(
    commands.GroupCog,
    group_name=command_text("command.settings.name"),
    group_description=command_text("command.settings.description"),
):
    """Turns commands about a server's settings into calls of the panel."""

    def __init__(self, panel: SettingsPanel, typing: PanelTyping) -> None:
        self._panel = panel
        self._typing = typing

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Act on presses of the panel, each known by its id alone; leave every other interaction to its owner."""
        if interaction.type not in (discord.InteractionType.component, discord.InteractionType.modal_submit):
            return
        custom_id = str(interaction.data.get("custom_id", "")) if interaction.data is not None else ""
        if custom_id.startswith(PREFIX):
            await self._panel.press(interaction, custom_id)

    @app_commands.command(
        name=command_text("command.settings.panel.name"), description=command_text("command.settings.panel.description")
    )
    async def panel(self, interaction: discord.Interaction) -> None:
        """Show the panel."""
        if (target := await self._target(interaction)) is not None:
            await self._panel.show(interaction, target)

    @app_commands.command(
        name=command_text("command.settings.show.name"), description=command_text("command.settings.show.description")
    )
    @app_commands.describe(key=KEY, scope=SCOPE, channel=CHANNEL)
    @app_commands.rename(key=NAMES["key"], scope=NAMES["scope"], channel=NAMES["channel"])
    @app_commands.choices(scope=SCOPES)
    async def show(
        self,
        interaction: discord.Interaction,
        key: str = "",
        scope: str | None = None,
        channel: PlaceGiven | None = None,
    ) -> None:
        """Show the settings of a place, or one of them."""
        if (target := await self._target(interaction, scope, channel)) is not None:
            await self._panel.show(interaction, target, key)

    @app_commands.command(
        name=command_text("command.settings.set.name"), description=command_text("command.settings.set.description")
    )
    @app_commands.describe(key=KEY, value=VALUE, scope=SCOPE, channel=CHANNEL)
    @app_commands.rename(**NAMES)
    @app_commands.choices(scope=SCOPES)
    async def set_value(
        self,
        interaction: discord.Interaction,
        key: str,
        value: str,
        scope: str | None = None,
        channel: PlaceGiven | None = None,
    ) -> None:
        """Set one value."""
        if (target := await self._target(interaction, scope, channel)) is not None:
            await self._panel.set(interaction, target, key, value)

    @app_commands.command(
        name=command_text("command.settings.reset.name"), description=command_text("command.settings.reset.description")
    )
    @app_commands.describe(key=KEY, scope=SCOPE, channel=CHANNEL)
    @app_commands.rename(key=NAMES["key"], scope=NAMES["scope"], channel=NAMES["channel"])
    @app_commands.choices(scope=SCOPES)
    async def reset(
        self,
        interaction: discord.Interaction,
        key: str,
        scope: str | None = None,
        channel: PlaceGiven | None = None,
    ) -> None:
        """Take one value away, or all, so that what is further up holds."""
        if (target := await self._target(interaction, scope, channel)) is not None:
            await self._panel.reset(interaction, target, key)

    @app_commands.command(
        name=command_text("command.settings.history.name"),
        description=command_text("command.settings.history.description"),
    )
    @app_commands.describe(key=KEY)
    @app_commands.rename(key=NAMES["key"])
    async def history(self, interaction: discord.Interaction, key: str = "") -> None:
        """Show the audit log of changes."""
        if (target := await self._target(interaction)) is not None:
            await self._panel.show_audit_log(interaction, target, key)

    @app_commands.command(
        name=command_text("command.settings.export.name"),
        description=command_text("command.settings.export.description"),
    )
    async def export(self, interaction: discord.Interaction) -> None:
        """Hand out the settings as a file."""
        if (target := await self._target(interaction)) is not None:
            await self._panel.export(interaction, target)

    @app_commands.command(
        name=command_text("command.settings.import.name"),
        description=command_text("command.settings.import.description"),
    )
    @app_commands.describe(file=command_text("command.settings.import.file.description"))
    @app_commands.rename(file=command_text("command.settings.import.file.name"))
    async def import_(self, interaction: discord.Interaction, file: discord.Attachment) -> None:
        """Show what a file would change."""
        if (target := await self._target(interaction)) is not None:
            await self._panel.upload(interaction, target, file)

    @show.autocomplete("key")
    @set_value.autocomplete("key")
    @history.autocomplete("key")
    async def suggest_keys(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        """Suggest settings."""
        return await self._typing.keys(interaction, typed)

    @reset.autocomplete("key")
    async def suggest_set_keys(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        """Suggest settings, and everything."""
        return await self._typing.keys(interaction, typed, with_all=True)

    @set_value.autocomplete("value")
    async def suggest_values(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        """Suggest values for the setting that is chosen."""
        return await self._typing.values(interaction, typed)

    async def _target(
        self, interaction: discord.Interaction, scope: str | None = None, channel: GivenChannel = None
    ) -> Target | None:
        try:
            return choose_target(interaction, scope, channel)
        except TargetError as error:
            await self._panel.refuse(interaction, error.template)
            return None


async def setup(bot: FusionBot) -> None:
    """Add the cog; discord.py calls this when it loads the file."""
    services = bot.services
    await bot.add_cog(SettingsCog(services.panel, services.panel_typing))
