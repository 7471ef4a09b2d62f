"""A small bot, run as a process of its own, that does one of everything which the page must be able to show.

Its environment names the server: DISCORD_API_BASE and DISCORD_TOKEN.
"""

from __future__ import annotations

import asyncio
import json
import os
import urllib.request
from typing import Literal

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.browser.demo import cards

STEP_S = 0.15
STEPS = ("Once", "Once upon", "Once upon a **time**.", "Once upon a **time**.\n```python\nprint('fox')\n```")


class DemoBot(discord.Client):
    """Answers mentions by edits, or with a picture."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.default(), allowed_mentions=discord.AllowedMentions.none())
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        add_commands(self.tree)
        add_shows(self.tree)
        for view in (cards.Card(), cards.Buttons(), cards.Selects()):
            self.add_view(view)
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        if message.author.bot or (message.guild is not None and self.user not in message.mentions):
            return
        if "draw" in message.content:
            await message.reply("Here is your fox.", file=cards.picture(), view=cards.Card())
            return
        async with message.channel.typing():
            await asyncio.sleep(STEP_S)
        reply = await message.reply(STEPS[0])
        for text in STEPS[1:]:
            await asyncio.sleep(STEP_S)
            await reply.edit(content=text)


def add_commands(tree: app_commands.CommandTree[DemoBot]) -> None:
    """Declare the commands that take something."""

    @tree.command(description="Draw a picture")
    @app_commands.describe(prompt="What to draw", style="How it looks", steps="How many steps", private="Only for you")
    async def draw(
        interaction: discord.Interaction,
        prompt: str,
        style: str = "plain",
        steps: app_commands.Range[int, 5, 150] = 50,
        private: bool = False,
    ) -> None:
        await interaction.response.defer(ephemeral=private, thinking=True)
        await asyncio.sleep(STEP_S)
        await interaction.followup.send(
            f"{prompt}, {style}, {steps}", file=cards.picture(), view=cards.Card(), ephemeral=private
        )

    @draw.autocomplete("style")
    async def styles(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        if current == "never":
            await asyncio.Event().wait()
        return [app_commands.Choice(name=one.title(), value=one) for one in cards.STYLES if current.lower() in one]

    @tree.command(description="One option of each type")
    async def options(
        interaction: discord.Interaction,
        text: app_commands.Range[str, 3, 10],
        number: app_commands.Range[float, 0, 1] | None = None,
        choice: Literal["small", "large"] | None = None,
        user: discord.User | None = None,
        channel: discord.TextChannel | None = None,
        role: discord.Role | None = None,
        file: discord.Attachment | None = None,
    ) -> None:
        given = (text, number, choice, user, channel, role, file and file.filename)
        await interaction.response.send_message(" | ".join(str(one) for one in given))

    settings = app_commands.Group(name="settings", description="Settings")
    guild = app_commands.Group(name="guild", description="Of the server", parent=settings)

    @settings.command(name="show", description="Show them")
    async def show(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("All settings", ephemeral=True)

    @guild.command(name="set", description="Change one")
    async def change(interaction: discord.Interaction, name: str, value: bool) -> None:
        await interaction.response.send_message(f"{name} is {value}")

    tree.add_command(settings)

    @tree.command(description="For those who run the server")
    @app_commands.default_permissions(manage_guild=True)
    async def govern(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Governed.")

    @tree.context_menu(name="Quote this")
    async def quote(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"> {message.content}", ephemeral=True)

    @tree.context_menu(name="Greet")
    async def greet(interaction: discord.Interaction, user: discord.User) -> None:
        await interaction.response.send_message(f"Hello, {user.display_name}!", ephemeral=True)


def add_shows(tree: app_commands.CommandTree[DemoBot]) -> None:
    """Declare the commands that show something."""

    @tree.command(description="A panel of components")
    async def panel(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(view=cards.Panel(), files=cards.panel_files())

    @tree.command(description="A button of every style")
    async def buttons(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Press one.", view=cards.Buttons())

    @tree.command(description="A select of every kind")
    async def selects(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Choose.", view=cards.Selects())

    @tree.command(description="An embed with all its parts")
    async def embed(interaction: discord.Interaction) -> None:
        files = [cards.picture(f"{name}.png", None, (160, 120), n) for n, name in enumerate(("mark", "large", "small"))]
        await interaction.response.send_message(embed=cards.rich_embed(), files=files)

    @tree.command(description="Pictures side by side, one of them hidden, and two files")
    async def gallery(interaction: discord.Interaction, count: app_commands.Range[int, 1, 8]) -> None:
        shown = [cards.picture(f"{n}.png", f"picture {n}", colour=n, spoiler=n == 2) for n in range(1, count + 1)]
        files = [cards.text_file("fox.py", cards.SCRIPT), cards.text_file("SPOILER_end.txt", "They lived on.")]
        await interaction.response.send_message("Look.", files=[*shown, *files])

    @tree.command(description="A form with a field of each kind")
    async def questions(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(cards.Questions())

    @tree.command(description="A form that takes a file")
    async def upload(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(cards.Upload())


def main() -> None:
    """Log in and stay."""
    base = os.environ["DISCORD_API_BASE"]
    with urllib.request.urlopen(f"{base}/gateway") as answer:
        gateway = json.load(answer)["url"]
    Route.BASE = base
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
    DemoBot().run(os.environ["DISCORD_TOKEN"], log_handler=None)


if __name__ == "__main__":
    main()
