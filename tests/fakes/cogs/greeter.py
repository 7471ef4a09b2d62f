"""A cog without commands or listeners."""

from __future__ import annotations

from discord.ext import commands


class Greeter(commands.Cog):
    """Does nothing."""


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Greeter())
