"""A small bot, run as a process of its own, that does one of everything which the page must be able to show.

Its environment names the server: DISCORD_API_BASE and DISCORD_TOKEN.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import urllib.request

import discord
import yarl
from discord import app_commands, ui
from discord.gateway import DiscordWebSocket
from discord.http import Route
from PIL import Image

STEP_S = 0.15
STEPS = ("Once", "Once upon", "Once upon a **time**.", "Once upon a **time**.\n```python\nprint('fox')\n```")
STYLES = ("watercolour", "woodcut", "pixels")


class EditModal(ui.Modal, title="Edit the drawing"):
    """Asks for a text and a choice."""

    prompt: ui.Label[EditModal] = ui.Label(
        text="Prompt", description="What to draw", component=ui.TextInput(custom_id="prompt", default="a fox")
    )
    size: ui.Label[EditModal] = ui.Label(
        text="Size",
        component=ui.Select(
            custom_id="size",
            options=[discord.SelectOption(label=one, value=one) for one in ("512x512", "960x960")],
        ),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        prompt, size = self.prompt.component, self.size.component
        assert isinstance(prompt, ui.TextInput)
        assert isinstance(size, ui.Select)
        await interaction.response.send_message(f"Edited: {prompt.value}, {size.values[0]}")


class Card(ui.View):
    """A button that edits its message, one that opens a modal, one that never answers, and a select."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.button(label="Again", style=discord.ButtonStyle.primary, custom_id="again")
    async def again(self, interaction: discord.Interaction, button: ui.Button[Card]) -> None:
        await interaction.response.edit_message(content="Drawn again.")

    @ui.button(label="Edit", custom_id="edit")
    async def edit(self, interaction: discord.Interaction, button: ui.Button[Card]) -> None:
        await interaction.response.send_modal(EditModal())

    @ui.button(label="Broken", custom_id="broken")
    async def broken(self, interaction: discord.Interaction, button: ui.Button[Card]) -> None:
        """Never answer."""

    @ui.select(
        placeholder="Style",
        custom_id="style",
        options=[discord.SelectOption(label=one, value=one, description=f"As {one}") for one in STYLES],
    )
    async def style(self, interaction: discord.Interaction, select: ui.Select[Card]) -> None:
        await interaction.response.send_message(f"Style: {select.values[0]}", ephemeral=True)


class Panel(ui.LayoutView):
    """Components of the second kind."""

    box: ui.Container[Panel] = ui.Container(
        ui.Section("## Panel\nA **section**", accessory=ui.Button(label="Press", custom_id="press", disabled=True)),
        ui.Separator(),
        ui.TextDisplay("-# small print"),
        accent_colour=0xE8623D,
    )


class DemoBot(discord.Client):
    """Answers mentions by edits, or with a picture."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.default(), allowed_mentions=discord.AllowedMentions.none())
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        add_commands(self.tree)
        self.add_view(Card())
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        if message.author.bot or (message.guild is not None and self.user not in message.mentions):
            return
        if "draw" in message.content:
            await message.reply("Here is your fox.", file=picture(), view=Card())
            return
        async with message.channel.typing():
            await asyncio.sleep(STEP_S)
        reply = await message.reply(STEPS[0])
        for text in STEPS[1:]:
            await asyncio.sleep(STEP_S)
            await reply.edit(content=text)


def picture() -> discord.File:
    """Return a small PNG with words for those who can't see it."""
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (232, 98, 61)).save(out, "PNG")
    out.seek(0)
    return discord.File(out, "fox.png", description="a fox in the snow")


def add_commands(tree: app_commands.CommandTree[DemoBot]) -> None:
    """Declare the commands."""

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
        await interaction.followup.send(f"{prompt}, {style}, {steps}", file=picture(), view=Card(), ephemeral=private)

    @draw.autocomplete("style")
    async def styles(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=one.title(), value=one) for one in STYLES if current.lower() in one]

    @tree.command(description="A panel of components")
    async def panel(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(view=Panel())

    @tree.context_menu(name="Quote this")
    async def quote(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"> {message.content}", ephemeral=True)


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
