"""``/draw``."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.domain.turns import Mode
from bot.presentation.inbound import parse_command
from bot.presentation.replies import ReplyDesk
from bot.services.draw import DrawService


class DrawCog(commands.Cog):
    """Turns the command into turns of the drawing service."""

    def __init__(self, service: DrawService, desk: ReplyDesk) -> None:
        self._service = service
        self._desk = desk

    @app_commands.command(name=locale_str("draw"), description=locale_str("Draw a picture"))
    @app_commands.describe(prompt=locale_str("What the picture shows"))
    @app_commands.rename(prompt=locale_str("prompt"))
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def draw(self, interaction: discord.Interaction, prompt: app_commands.Range[str, 1, 2000]) -> None:
        """Draw what a person describes."""
        if await self._desk.acknowledge(interaction):
            ask = parse_command(interaction, Mode.DRAW, prompt)
            await self._service.draw(ask, self._desk.to_interaction(interaction, ask))
