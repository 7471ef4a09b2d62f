"""``/settings``, for those who manage a server, and what is pressed in its panel."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str
from discord.ext import commands

from bot.client import FusionBot
from bot.domain.settings.scopes import Scope, Target
from bot.presentation.settings.ids import PREFIX
from bot.presentation.settings.panel import SettingsPanel
from bot.presentation.settings.typing.options import GivenChannel, PanelTyping, PlaceGiven, TargetError, choose_target

SCOPES = [
    Choice(name=locale_str("server"), value=Scope.GUILD.value),
    Choice(name=locale_str("category"), value=Scope.CATEGORY.value),
    Choice(name=locale_str("channel"), value=Scope.CHANNEL.value),
    Choice(name=locale_str("only me"), value=Scope.PERSON.value),
]
NAMES = {
    "key": locale_str("key"),
    "value": locale_str("value"),
    "scope": locale_str("scope"),
    "channel": locale_str("channel"),
}
KEY = locale_str("Which setting: choose one, or type a part of its name")
VALUE = locale_str("The value: choose one, or type any that fits")
SCOPE = locale_str("For this server, a category, a channel, or only for you; the server where you leave it out")
CHANNEL = locale_str("Which channel or category, where it is not this one")


# Manage Server is only declared here, and a server can override that: the panel checks it with every interaction.
@app_commands.default_permissions(manage_guild=True)
@app_commands.guild_only()
@app_commands.allowed_installs(guilds=True, users=False)
class SettingsCog(
    commands.GroupCog,
    group_name=locale_str("settings"),
    group_description=locale_str("How I work on this server"),
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

    @app_commands.command(name=locale_str("panel"), description=locale_str("See and change all settings"))
    async def panel(self, interaction: discord.Interaction) -> None:
        """Show the panel."""
        if (target := await self._target(interaction)) is not None:
            await self._panel.show(interaction, target)

    @app_commands.command(name=locale_str("show"), description=locale_str("What is set, and where it comes from"))
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

    @app_commands.command(name=locale_str("set"), description=locale_str("Change one setting"))
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

    @app_commands.command(name=locale_str("reset"), description=locale_str("Take a setting, or all, back"))
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

    @app_commands.command(name=locale_str("history"), description=locale_str("Who changed what, and undo it"))
    @app_commands.describe(key=KEY)
    @app_commands.rename(key=NAMES["key"])
    async def history(self, interaction: discord.Interaction, key: str = "") -> None:
        """Show the record of changes."""
        if (target := await self._target(interaction)) is not None:
            await self._panel.record(interaction, target, key)

    @app_commands.command(name=locale_str("export"), description=locale_str("All that is set here, as a JSON file"))
    async def export(self, interaction: discord.Interaction) -> None:
        """Hand out the settings as a file."""
        if (target := await self._target(interaction)) is not None:
            await self._panel.export(interaction, target)

    @app_commands.command(
        name=locale_str("import"), description=locale_str("Bring an exported file back; you see first what changes")
    )
    @app_commands.describe(file=locale_str("A JSON file that the export has made"))
    @app_commands.rename(file=locale_str("file"))
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
